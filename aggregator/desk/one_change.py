"""A form that is sent is one change of the site, with all that hangs on it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from aggregator.models import site_change


class InOneChange(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a form saves, and what it leads to, is one transaction: its last statement raises the site's version."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":  # reading needs no transaction
            return super().changeform_view(request, *args, **kwargs)
        with site_change():
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super().delete_view(request, *args, **kwargs)
        with site_change():
            return super().delete_view(request, *args, **kwargs)
