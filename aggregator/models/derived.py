"""Columns that say what others say, in another form: `spelling` makes it, the database compares it and sorts by it.

No database makes this form by itself, so it is made wherever a row is saved. `tests/models/test_derived.py` tries all
ways that there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model)


class DerivedField(models.CharField):
    """What `by` makes of the text in the column `of`, to its first `max_length` characters. Nobody sets it."""

    def __init__(self, *args: Any, of: str = "", by: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.of, self.by = of, by
        super().__init__(*args, **{"editable": False, "default": "", **kwargs})

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            models.signals.pre_save.connect(self._follow_a_fixture, sender=cls)

    def deconstruct(self) -> Any:
        """As a plain column: a migration that writes names says itself what is derived from them."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.by(getattr(model_instance, self.of))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value

    def _follow_a_fixture(self, instance: models.Model, raw: bool, **kwargs: Any) -> None:
        """What `loaddata` saves is saved as it stands there, and an old fixture lacks the column."""
        if raw:
            self.pre_save(instance, add=False)


def derived_from(model: type[models.Model], names: Collection[str]) -> Iterator[DerivedField]:
    """The columns of a model that must be saved with these, as they are derived from them."""
    for field in model._meta.concrete_fields:
        if isinstance(field, DerivedField) and field.of in names:
            yield field


def with_derived(model: type[models.Model], names: Iterable[str]) -> list[str]:
    """These columns' names, and those of all that is derived from them."""
    names = list(names)
    return [*names, *(field.name for field in derived_from(model, names) if field.name not in names)]


class DerivingQuerySet(models.QuerySet[_Row]):
    """Changes that reach many rows at once, and what is derived from them."""

    def update(self, **values: Any) -> int:
        """As Django's. What others are derived from can only be set to a text: no database could tell their form."""
        for field in list(derived_from(self.model, values)):
            text = values[field.of]
            if not isinstance(text, str):
                raise TypeError(f"{field.of} must be set to a text, as {field.name} is derived from it.")
            values[field.name] = field.by(text)[: field.max_length]
        return super().update(**values)

    def bulk_create(self, objs: Iterable[_Row], *args: Any, **kwargs: Any) -> list[_Row]:
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = with_derived(self.model, kwargs["update_fields"])
        return super().bulk_create(objs, *args, **kwargs)


class DerivingRow(models.Model):
    """A row that has derived columns. They are saved with those that they are derived from."""

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """As `save` calls it, which knows by then what of the row is saved, also if it was read in part."""
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = frozenset(with_derived(type(self), kwargs["update_fields"]))
        super().save_base(*args, **kwargs)
