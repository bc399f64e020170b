"""A field whose page may be older than the row: what it showed, what was sent, and what the row has now.

Django's `show_hidden_initial` sends along what a field showed. It comes from a browser, which is fine, as it only tells
what somebody changed. A form that was sent without it counts as one that showed the row of now.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from .given import is_key

MAX_NAMED = 5
"""Rows that a sentence names of a field that takes many."""


class ManyAsOne(forms.HiddenInput):
    """Several keys in one field: Django takes at most a thousand fields of a form."""

    def format_value(self, value: Any) -> str:
        return ",".join(str(key) for key in value or ())

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [key for key in data.get(name, "").split(",") if key]


class ComparedField(BoundField):
    """A field as it was shown, as it was sent, and as the row has it now."""

    field: Any
    form: Any
    """A `ComparedForm`, which knows whose word counts."""

    @property
    def is_compared(self) -> bool:
        """Whether the page showed it, so that it was sent twice: as it was, and as it was left."""
        return self.form.is_bound and self.field.show_hidden_initial

    @property
    def takes_many(self) -> bool:
        return isinstance(self.field, forms.ModelMultipleChoiceField)

    @property
    def hidden(self) -> forms.Widget:
        return ManyAsOne() if self.takes_many else self.field.hidden_widget()

    @cached_property
    def sent(self) -> Any:
        return super().data

    @cached_property
    def now(self) -> Any:
        """What the row has, as if it had been sent; of many only what the page could offer."""
        if self.takes_many:
            return [str(key) for key in self.field.prepare_value(self.initial or ()) if str(key) in self.offered]
        if isinstance(self.field, forms.MultiValueField):
            return self.field.widget.decompress(self.initial)
        return self.field.prepare_value(self.initial)

    @cached_property
    def offered(self) -> set[str]:
        """Those keys of many that the row has and the page offers: the others can't be taken away on it."""
        keys = self.field.prepare_value(self.initial or ())
        found = self.field.queryset.filter(pk__in=list(keys)) if keys else ()
        return {str(row.pk) for row in found}

    @property
    def not_offered(self) -> list[Any]:
        """The rows of the others."""
        return [row for row in self.initial or () if str(row.pk) not in self.offered]

    @cached_property
    def shown(self) -> Any:
        """What the page showed, as if it had been sent."""
        if self.hidden.value_omitted_from_data(self.form.data, self.form.files, self.html_initial_name):
            return self.now
        return self.hidden.value_from_datadict(self.form.data, self.form.files, self.html_initial_name)

    @cached_property
    def was_changed(self) -> bool:
        """Whether somebody wrote something else than the page showed."""
        return self._differ(self.shown, self.sent)

    @cached_property
    def has_moved(self) -> bool:
        """Whether the row has something else by now than the page showed."""
        return self._differ(self.now, self.shown)

    @cached_property
    def differs(self) -> bool:
        """Whether the row has something else than was sent."""
        return self._differ(self.now, self.sent)

    def _differ(self, one: Any, other: Any) -> bool:
        return self.field.has_changed(self.read(one), other)

    def read(self, value: Any) -> Any:
        """As the field compares: what fields of keys and of several parts compare is what was sent."""
        if isinstance(self.field, (forms.ModelChoiceField, forms.MultiValueField)):
            return value
        try:
            return self.field.to_python(value)
        except ValidationError:
            return value

    # -- what Django asks of a field -------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """What is saved if all goes well: what was changed here, else what the row has."""
        if not self.is_compared or self.form.is_gone:
            return self.sent
        if self.takes_many:
            removed = set(self.shown) - set(self.sent)
            return [*(key for key in self.now if key not in removed), *(set(self.sent) - set(self.shown) - {*self.now})]
        return self.sent if self.form.parts[self.name].is_mine else self.now

    def _has_changed(self) -> bool:
        if not self.is_compared:
            return bool(self.field.has_changed(self.initial, self.sent))
        return self.was_changed if self.form.is_gone else self._differ(self.now, self.data)

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        """Beside it, hidden, what it shows; after a question that is what the row has by now."""
        if not only_initial:
            return super().as_widget(widget, attrs)
        value = self.now if self.takes_many else self.field.prepare_value(self.initial)
        marks = {"id": self.html_initial_id} if self.auto_id else {}
        return self.hidden.render(self.html_initial_name, value, marks, self.form.renderer)

    def in_words(self, value: Any) -> str:
        """A value as people call it."""
        field = self.field
        if isinstance(field, forms.ModelChoiceField):
            keys = value if self.takes_many else [key for key in (value,) if key]
            rows: Any = field.queryset
            names = [str(row) for row in rows.filter(pk__in=[key for key in keys if is_key(key)])]
            more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
            return ", ".join(names[:MAX_NAMED]) + more or "none"
        if isinstance(field, forms.BooleanField):
            return "ticked" if field.to_python(value) else "not ticked"
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(choices).get(value, value))
        parts = value if isinstance(value, (list, tuple)) else [value]
        return " ".join(str(part) for part in parts if part not in (None, "")) or "nothing"
