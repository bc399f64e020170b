"""Forms whose page may be older than the row: they save what was changed in them, and leave what others changed.

A field that was sent as it was shown is left as the row has it. Where two people changed the same, nothing is saved:
the form shows both, and asks which one shall stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.template.loader import render_to_string

from .compared_field import ComparedField

MINE, THEIRS = "mine", "theirs"
"""Answers to the question which one shall stay; it was asked and not answered if the browser sends neither."""
GONE = "It is not here any more: it was deleted since this page was opened. Choose another."


@dataclass(slots=True)
class Part:
    """Fields that only make sense together, often one alone: whose word counts for them."""

    name: str
    """Of the field that a question stands beside; empty: of all."""
    answer: str | None
    """To the question which one shall stay; None if it wasn't asked."""
    was_changed: bool
    has_moved: bool
    differs: bool

    @property
    def is_mine(self) -> bool:
        return self.was_changed and self.answer != THEIRS

    @property
    def is_met(self) -> bool:
        """Whether others changed it to something else, and nobody has said yet which one shall stay."""
        return self.is_mine and self.differs and (self.has_moved or self.answer == "")


class ComparedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of one row that saves what was changed in it, and never undoes unseen what others did meanwhile."""

    bound_field_class = ComparedField
    is_one = False
    """Whether its fields only make sense together: then what two people changed in any of them meets."""
    is_gone = False
    """Whether its row isn't there any more, which a set of rows finds out (`compared_rows`)."""
    may_be_anew = False
    """Whether what was written of a row that is gone may become another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row_now = copy(self.instance)
        for field in self.fields.values():
            field.show_hidden_initial = self.instance.pk is not None and not field.disabled
            if isinstance(field, forms.ModelChoiceField):
                field.error_messages["invalid_choice"] = GONE

    # -- whose word counts -----------------------------------------------------------------------------------------

    @property
    def compared(self) -> list[ComparedField]:
        return [bound for bound in self if isinstance(bound, ComparedField) and bound.is_compared]

    @cached_property
    def parts(self) -> dict[str, Part]:
        """By the names of their fields."""
        fields = self.compared
        if not self.is_one:
            return {bound.name: self._part([bound], bound.name) for bound in fields}
        return dict.fromkeys((bound.name for bound in fields), self._part(fields, ""))

    def _part(self, fields: Sequence[ComparedField], name: str) -> Part:
        return Part(
            name=name,
            answer=self.data.get(self._answer_name(name)),
            was_changed=self.is_marked_for_deletion or any(bound.was_changed for bound in fields),
            has_moved=any(bound.has_moved for bound in fields if not bound.takes_many),  # of many, each counts alone
            differs=self.is_marked_for_deletion or any(bound.differs for bound in fields),
        )

    def _answer_name(self, name: str) -> str:
        return f"stays-{self.add_prefix(name or 'row')}"

    @property
    def is_marked_for_deletion(self) -> bool:
        return DELETION_FIELD_NAME in self.fields and self.add_prefix(DELETION_FIELD_NAME) in self.data

    @property
    def is_to_be_deleted(self) -> bool:
        """Whether it is marked, and nobody is to be asked whether its row shall stay."""
        return self.is_marked_for_deletion and all(part.is_mine and not part.is_met for part in self.parts.values())

    # -- a row that is gone ----------------------------------------------------------------------------------------

    @cached_property
    def is_dropped(self) -> bool:
        """Whether its row is gone, and nothing that was written of it is to be kept."""
        was_changed = any(bound.was_changed for bound in self.compared) and not self.is_marked_for_deletion
        is_let_go = not self.may_be_anew or self._answer_for_gone == THEIRS
        return self.is_gone and (is_let_go or not was_changed)

    @property
    def is_anew(self) -> bool:
        """Whether its row is gone, and what was written is to make another."""
        return self.is_gone and not self.is_dropped and self._answer_for_gone == MINE

    @property
    def _answer_for_gone(self) -> str:
        return str(self.data.get(self._answer_name(""), ""))

    # -- what Django asks of a form --------------------------------------------------------------------------------

    def has_changed(self) -> bool:
        return not self.is_dropped and super().has_changed()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.is_gone:
            if not self.is_anew:
                self.add_error(None, self._ask("", "gone", mine=str(self.row_sent)))
            return data
        for part in {id(part): part for part in self.parts.values() if part.is_met}.values():
            self.add_error(part.name or None, self._question(part))
        for bound in self.compared:
            if bound.takes_many and bound.name in data:
                data[bound.name] = [*data[bound.name], *bound.not_offered]
        return data

    def _question(self, part: Part) -> str:
        if part.name:
            bound: Any = self[part.name]
            return self._ask(part.name, "field", theirs=bound.in_words(bound.now), mine=bound.in_words(bound.sent))
        kind = "deletion" if self.is_marked_for_deletion else "row"
        return self._ask("", kind, theirs=str(self.row_now), mine=str(self.row_sent))

    def _ask(self, name: str, kind: str, *, mine: str, theirs: str = "") -> str:
        """The question what shall be saved, as HTML that stands where errors do."""
        facts = {"name": self._answer_name(name), "kind": kind, "theirs": theirs, "mine": mine}
        return render_to_string("admin/both_changed.html", facts)

    @property
    def row_sent(self) -> Model:
        """The row as the form has it (unsaved)."""
        return self._row((bound, bound.sent) for bound in self.compared)

    @property
    def row_shown(self) -> Model:
        """The row as the page showed it (unsaved)."""
        return self._row((bound, bound.shown) for bound in self.compared)

    def _row(self, values: Iterable[tuple[ComparedField, Any]]) -> Model:
        row = copy(self.row_now)
        for bound, value in values:
            if not isinstance(bound.field, forms.ModelChoiceField):
                setattr(row, bound.name, bound.read(value))
        return row

    @property
    def fields_to_save(self) -> list[str]:
        """The row's columns that were changed here."""
        columns = {field.name for field in self._meta.model._meta.concrete_fields}
        return [name for name in self.changed_data if name in columns]

    def save(self, commit: bool = True) -> Any:
        if not commit or self.instance.pk is None:
            return super().save(commit)
        row = super().save(commit=False)
        row.save(update_fields=self.fields_to_save)
        self.save_m2m()
        return row

    # -- what others did -------------------------------------------------------------------------------------------

    def kept(self) -> list[str]:
        """What others changed since the page was opened, and what stays so: a few words for each."""
        if not self.is_bound or self.is_gone:
            return []
        if self.is_one:
            part = next(iter(self.parts.values()), None)
            is_kept = part is not None and part.has_moved and not part.is_mine
            return [f"“{self.row_shown}” is “{self.row_now}” now"] if is_kept else []
        moved = [bound for bound in self.compared if bound.has_moved]
        return [self._kept(bound) for bound in moved if bound.takes_many or not self.parts[bound.name].is_mine]

    def _kept(self, bound: ComparedField) -> str:
        return f"{str(bound.label).lower()}: {bound.in_words(bound.data)}"
