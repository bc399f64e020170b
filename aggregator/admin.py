"""Where Django looks for the curators' desk. Its pages stand in `desk`."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin

from aggregator.desk.entries import CategoryAdmin, EntryAdmin, FeedAdmin

__all__ = ["CategoryAdmin", "EntryAdmin", "FeedAdmin"]

admin.site.site_header = f"{settings.SITE_NAME} · curators"
admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "What the planet shows"
