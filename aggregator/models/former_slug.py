"""Slugs that categories had before: people have subscribed to those addresses."""

from __future__ import annotations

from django.db import models

from .category import Category


class FormerSlugQuerySet(models.QuerySet["FormerSlug"]):
    def note(self, before: str, category: Category) -> None:
        """The saved category had the slug `before`, or none. Its slug of now leads to no other category any more."""
        self.filter(slug=category.slug).delete()
        if before and before != category.slug:
            self.update_or_create(slug=before, defaults={"category": category})


class FormerSlug(models.Model):
    """Leads to the category that had it last. It counts for as long as no category has it."""

    slug = models.SlugField(max_length=80, unique=True)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="former_slugs")

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug
