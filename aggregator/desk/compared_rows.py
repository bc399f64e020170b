"""Rows of forms whose page may be older than they are: some changed since, some are gone, others came."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet, BaseModelFormSet

from .comparing import ComparedForm

Rows: Any = BaseModelFormSet
RowsOfOne: Any = BaseInlineFormSet
"""As Django's, of whose insides its types know nothing."""
KEY = "id"
"""All of our rows are known by it."""


class ComparedRows(Rows):
    """A set of `ComparedForm`s. A row that is gone is left out; if somebody wrote something of it, that is asked."""

    may_be_anew = False
    """Whether what was written of a row that is gone may become another."""

    # -- finding the rows ------------------------------------------------------------------------------------------

    def initial_form_count(self) -> int:
        """Never more than are read, whatever number was sent."""
        count: int = super().initial_form_count()
        return max(0, min(count, self.absolute_max)) if self.is_bound else count

    def get_queryset(self) -> Any:
        """The rows in the order of their forms, as Django's admin pairs them. For a gone one stands an empty one."""
        return self._rows[0] if self.is_bound else super().get_queryset()

    @property
    def came(self) -> list[Any]:
        """Rows that are here, and weren't on the page that was sent."""
        return self._rows[1] if self.is_bound else []

    @cached_property
    def _rows(self) -> tuple[list[Any], list[Any]]:
        known = {str(row.pk): row for row in super().get_queryset()}
        sent = [self.data.get(f"{self.add_prefix(index)}-{KEY}", "") for index in range(self.initial_form_count())]
        return [known.get(key) or self.model() for key in sent], [row for key, row in known.items() if key not in sent]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)
        if self.is_bound and i < self.initial_form_count() and form.instance.pk is None:
            self._say_gone(form)
        return form

    def _say_gone(self, form: ComparedForm) -> None:
        form.is_gone = form.empty_permitted = True
        form.may_be_anew = self.may_be_anew
        for name, field in form.fields.items():
            field.show_hidden_initial = name in form.base_fields and not field.disabled
        form.fields[KEY] = forms.CharField(required=False, widget=forms.HiddenInput)  # it may be sent again

    # -- what is saved ---------------------------------------------------------------------------------------------

    def _should_delete_form(self, form: Any) -> bool:
        return form.is_to_be_deleted if form.instance.pk else bool(super()._should_delete_form(form))

    def save_new_objects(self, commit: bool = True) -> Any:
        """And those that were gone, and are wanted anew."""
        super().save_new_objects(commit)
        self.new_objects += [self.save_new(form, commit) for form in self.initial_forms if form.is_anew]
        return self.new_objects

    # -- what others did -------------------------------------------------------------------------------------------

    def kept(self) -> list[str]:
        """What others changed, deleted and added since the page was opened, and what stays so: a few words for each."""
        if not self.is_bound:
            return []
        changed = [words for form in self.initial_forms for words in form.kept()]
        gone = [f"“{form.row_shown}” was deleted" for form in self.initial_forms if form.is_dropped]
        return [*changed, *gone, *(f"“{row}” was added" for row in self.came)]


class ListedRows(ComparedRows):
    """The rows of a list, where none is added."""

    def total_form_count(self) -> int:
        return self.initial_form_count() if self.is_bound else int(super().total_form_count())


class ComparedInlineRows(ComparedRows, RowsOfOne):
    """Rows that belong to another one. What was written of one that is gone can be added anew."""

    may_be_anew = True
