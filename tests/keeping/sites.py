"""Sites that are backed up and restored, as they are to whoever looks: their rows, and what they do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connections
from django.db.utils import ConnectionHandler
from django.utils import timezone

from aggregator.keeping.progress import Progress
from aggregator.models import Entry, FeedDay, FeedMemory, FormerSlug, Look, SiteState
from notifications.models import DeliverySum, PushSubscription
from tests.factories import NOW, make_category, make_entry, make_feed, make_rule

SILENT = Progress(lambda _: None)
SET_RIGHT = {"aggregator.SiteState", "aggregator.SearchState", "sessions.Session"}
"""Kinds of rows that a restore changes."""


def fill() -> Entry:
    """Rows of most kinds: a fold, a device with wishes, words of many scripts, and what only one database bears."""
    python = make_category("Питон")
    FormerSlug.objects.create(slug="python", category=python)
    blog = make_feed("Ökologie", category=python, skip_hours=[1, 2], lease="0" * 31 + "1")
    post = make_entry(blog, "Post 🎈 “quoted”", content_html="<p>שלום\n\t</p>" * 200, announced_at=NOW)
    make_entry(make_feed("Planet"), "Copy", duplicate_of=post, announced_at=NOW)
    make_rule(blog, "казино")
    user = get_user_model().objects.create_superuser("ann", password="a pass of three words")
    device = PushSubscription.objects.create(user=user, endpoint="https://push.example/1", endpoint_hash="1" * 64)
    device.categories.add(python)
    Session.objects.create(session_key="s", session_data="x", expire_date=timezone.now() + timedelta(days=1))
    SiteState.objects.touch(NOW)
    DeliverySum.objects.create(day=NOW.date(), service="push.example", state="accepted", count=3)
    FeedDay.objects.add([Look(blog.pk, NOW, brought=True, posts=1, delay_seconds=(90,), has_moved=True)])
    FeedMemory.objects.keep({blog.pk: ("text", {"items": 2, "entries": [post.pk]})})
    make_entry(blog, "Deleted").delete()
    return post


def all_rows(database: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    """All rows of the site, or of a database in a file, by kinds and in the order of their keys."""
    if database is None:
        return _rows("default")
    connections["looked_at"] = opened(database)
    try:
        return _rows("looked_at")
    finally:
        connections["looked_at"].close()
        del connections["looked_at"]


def opened(database: Path) -> Any:
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(database)}
    return ConnectionHandler({"default": {}, "looked_at": engine})["looked_at"]


def _rows(alias: str) -> dict[str, list[dict[str, Any]]]:
    kinds = [kind for kind in apps.get_models(include_auto_created=True) if not kind._meta.proxy]
    return {kind._meta.label: list(kind._base_manager.using(alias).order_by("pk").values()) for kind in kinds}


def but(rows: dict[str, list[dict[str, Any]]], *changed: str) -> dict[str, list[dict[str, Any]]]:
    """Without kinds that differ, and without leases."""
    kept = {kind: list(map(dict, found)) for kind, found in rows.items() if kind not in {*SET_RIGHT, *changed}}
    for feed in kept.get("aggregator.Feed", []):
        feed.pop("lease")
        feed.pop("next_poll_at")
    return kept
