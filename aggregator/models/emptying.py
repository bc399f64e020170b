"""The text of entries goes, what they are known by stays: so no poll takes them for new ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from .author import EntryAuthor
from .enclosure import Enclosure
from .entry import Entry
from .sql import save_each
from .tagging import untag

_TEXTLESS = {"content_html": "", "excerpt": "", "source_title": "", "source_url": "", "tags": []}
"""What goes. Title, author, link, ids, dates and the digests of the text stay: by them a feed's items are told."""


def excerpt_key(excerpt: str) -> UUID:
    """The same for equal excerpts: a post that came under another id and link is known by how it begins."""
    return UUID(bytes=sha256(excerpt.encode("utf-8", "replace")).digest()[:16])


def empty(entry_ids: Iterable[int], now: datetime) -> int:
    """Let the text of these entries go, and what stands beside it; nobody is told of them any more. How many it were.

    Call it in a transaction, under the locks of their posts.
    """
    rows = list(Entry.objects.kept().filter(pk__in=list(entry_ids)).only("pk", "excerpt").order_by("pk"))
    for row in rows:
        row.excerpt_key = excerpt_key(row.excerpt) if row.excerpt else None
    save_each(rows, ["excerpt_key"])
    ids = [row.pk for row in rows]
    Enclosure.objects.filter(entry__in=ids).delete()
    untag(ids)
    EntryAuthor.objects.filter(entry__in=ids).let_go()
    announced_at = Coalesce("announced_at", F("first_seen_at"))
    Entry.objects.filter(pk__in=ids).update(emptied_at=now, announced_at=announced_at, **_TEXTLESS)
    return len(rows)


def empty_again(entry: Entry) -> None:
    """The same for an emptied entry that has followed its feed (unsaved)."""
    entry.excerpt_key = excerpt_key(entry.excerpt) if entry.excerpt else entry.excerpt_key
    for name, nothing in _TEXTLESS.items():
        setattr(entry, name, nothing)
