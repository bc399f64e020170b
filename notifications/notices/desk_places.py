"""Where at the desk something is decided."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from aggregator.models import Feed, Submission
from notifications.models import Kind


def place_of(kind: str, row_id: int) -> str:
    """The page of a proposal or a feed; the desk itself, if it has none for such."""
    model = Submission if kind == Kind.PROPOSALS else Feed
    return page(model, "change", row_id) if admin.site.is_registered(model) else reverse("admin:index")


def page(model: type[Model], name: str, *args: int) -> str:
    """A page of the admin about a model that it has pages for."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def may_read(request: HttpRequest, model: type[Model]) -> bool:
    """Whether the desk has pages for these rows, and the person may see them."""
    return admin.site.is_registered(model) and admin.site.get_model_admin(model).has_view_permission(request)
