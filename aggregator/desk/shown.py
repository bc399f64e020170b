"""What a page showed of a row whose button is pressed, so that nobody decides by what isn't so any more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

NAME = "shown"
"""Of the field that is sent with a button."""


def shown(row: Model, names: Iterable[str]) -> str:
    """These columns of a row, as a page sends them along with a button."""
    return urlencode([(name, str(getattr(row, name))) for name in names])


def changed_since(row: Model, names: Iterable[str], sent: str) -> list[str]:
    """Those of these columns that are not as the page showed them. What it didn't send counts as unchanged."""
    known = dict(parse_qsl(sent, keep_blank_values=True))
    return [name for name in names if name in known and known[name] != str(getattr(row, name))]


def in_words(row: Any, names: Iterable[str]) -> str:
    """How these columns are now: "state: paused, category: Friends"."""
    return ", ".join(_in_words(row, name) for name in names)


def _in_words(row: Any, name: str) -> str:
    field = row._meta.get_field(name)
    display = getattr(row, f"get_{field.name}_display", None)
    value = display() if display else getattr(row, field.name)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return f"{field.verbose_name}: {'none' if value in (None, '') else value}"


def gone(request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> HttpResponse:
    """Where somebody goes, and reads why, whose button was for a row that is not there any more."""
    opts = model_admin.opts
    messages.warning(
        request, f"This {opts.verbose_name} is not here any more: it was deleted since you opened its page."
    )
    name = f"{opts.app_label}_{opts.model_name}_changelist" if model_admin.has_view_permission(request) else "index"
    return redirect(f"admin:{name}")
