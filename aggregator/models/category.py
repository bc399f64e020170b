"""Categories: the shelves that feeds stand on."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from .derived import DerivedField, DerivingQuerySet, DerivingRow
from .spelling import MAX_CASELESS_FACTOR, caseless, plain

MAX_NAME_CHARACTERS = 80


class CategoryQuerySet(DerivingQuerySet["Category"]):
    def named(self, name: str) -> CategoryQuerySet:
        """The category of this name, in upper or lower case."""
        return self.filter(caseless_name=caseless(name))


class Category(DerivingRow):
    """A shelf of feeds; the pages' navigation."""

    name = models.CharField(max_length=MAX_NAME_CHARACTERS)
    caseless_name = DerivedField(of="name", by=caseless, max_length=MAX_CASELESS_FACTOR * MAX_NAME_CHARACTERS)
    plain_name = DerivedField(of="name", by=plain, max_length=MAX_NAME_CHARACTERS)
    slug = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0, help_text="Smaller numbers come first.")

    source_count: int = 0
    """No column: how many feeds stand in it, as `counted_categories` reads it."""

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ("position", "plain_name", "caseless_name")
        verbose_name_plural = "categories"
        constraints = (
            models.UniqueConstraint(fields=["caseless_name"], name="category_caseless_name_once"),
            models.UniqueConstraint(fields=["slug"], name="category_slug_once"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])
