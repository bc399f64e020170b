"""Categories: the shelves that feeds stand on."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from .visible import PUBLIC_STATES


class CategoryQuerySet(models.QuerySet["Category"]):
    def in_use(self) -> CategoryQuerySet:
        """Categories with at least one feed that readers can see, in the curators' order."""
        return self.filter(feeds__state__in=PUBLIC_STATES).distinct()


class Category(models.Model):
    """A shelf of feeds; the pages' navigation."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0, help_text="Smaller numbers come first.")

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ("position", "name")
        verbose_name_plural = "categories"
        constraints = (
            models.UniqueConstraint(fields=["name"], name="category_name_once"),
            models.UniqueConstraint(fields=["slug"], name="category_slug_once"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])
