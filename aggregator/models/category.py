"""Categories: the shelves that feeds stand on."""

from __future__ import annotations

from django.db import models
from django.urls import reverse


class Category(models.Model):
    """A shelf of feeds; the pages' navigation."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0, help_text="Smaller numbers come first.")

    source_count: int = 0
    """No column: how many feeds stand in it, as `counted_categories` reads it."""

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
