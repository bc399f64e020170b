"""Who may see which rows in the admin, and links that are links only for them: nobody is led to a page that refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html


def may_see(request: HttpRequest, model: type[Model]) -> bool:
    """Whether the desk shows the pages of this model's rows to who asks."""
    return admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request)


def link_for(request: HttpRequest, row: Model, words: str, *, at: str = "") -> str:
    """The words, as a link to the page of the row (and a place on it) for who may see it."""
    if not may_see(request, type(row)):
        return words
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}{}">{}</a>', address, at, words)


@dataclass(frozen=True)
class Linked:
    """A column, or a field to read, that names the row to which a foreign key leads. Django links it for everybody."""

    name: str
    request: HttpRequest

    def __call__(self, row: Any) -> str:
        other = getattr(row, self.name)
        return link_for(self.request, other, str(other)) if other else "-"

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def short_description(self) -> str:
        return self.name.replace("_", " ")
