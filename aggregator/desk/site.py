"""The desk as a whole: in which order its first page has what there is, and what was done lately."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

OWN_APPS = ("aggregator", "notifications")
"""What curators come for stands before accounts and whatever else is installed."""


class DeskSite(AdminSite):
    """Django's admin, with our own lists first."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        places = {label: place for place, label in enumerate(OWN_APPS)}
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(places)))

    def get_log_entries(self, request: HttpRequest) -> Any:
        """The last ones first, by their ids: Django would sort all that a person ever did by its moment."""
        return super().get_log_entries(request).order_by("-pk")
