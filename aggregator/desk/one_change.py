"""A form that is sent is one change of the site, with all that hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from aggregator.models import site_change


def in_one_change(view: Callable[..., Any], request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
    """The view's answer. What a form saves is one transaction then; reading needs none."""
    with site_change() if request.method == "POST" else nullcontext():
        return view(request, *args, **kwargs)


class InOneChange(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a form saves, and what it leads to, is one transaction: its last statement raises the site's version."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return in_one_change(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return in_one_change(super().delete_view, request, *args, **kwargs)
