"""Where Django looks for the admin's pages, which are in `desk`. Importing them registers them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin

from aggregator.desk.authors import AuthorAdmin
from aggregator.desk.categories import CategoryAdmin
from aggregator.desk.entries import EntryAdmin
from aggregator.desk.feeds import FeedAdmin
from aggregator.desk.people import AccountAdmin, CuratorGroupAdmin
from aggregator.desk.removing import RemovedSourceAdmin
from aggregator.desk.submissions import SubmissionAdmin
from aggregator.desk.tags import TagAdmin

__all__ = [
    "AccountAdmin",
    "AuthorAdmin",
    "CategoryAdmin",
    "CuratorGroupAdmin",
    "EntryAdmin",
    "FeedAdmin",
    "RemovedSourceAdmin",
    "SubmissionAdmin",
    "TagAdmin",
]

admin.site.site_header = f"{settings.SITE_NAME} · curators"
admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "What the planet shows"
