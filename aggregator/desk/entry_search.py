"""The search box above the list of posts: it takes what the public search takes, and finds in all posts of the list."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from aggregator.ingest.post_keys import link_key
from aggregator.models import Entry, EntryQuerySet, Feed
from aggregator.search.deadline import TooSlow
from aggregator.search.finding import find
from aggregator.search.index_rows import among
from aggregator.search.query import QueryError, parse

HELP = (
    "Looks through titles, texts, authors and tags of all posts, or for a post's link. Also: “side by side”, -not, "
    "title:word, author:, source:, category:, tag:, before:2026-05 and after:2026."
)
MAX_FOUND = 500
"""The newest ten pages of what matches; a filter leads to older ones."""
ENOUGH = 100
"""Of what takes long to find."""
_SCHEMES = ("http://", "https://")


def found_in(request: HttpRequest, entries: QuerySet[Entry], text: str) -> QuerySet[Entry]:
    """Those of the entries that a text looks for. Who asked is told why there are none, or not all."""
    if not text.strip():
        return entries
    if linked := _linked(entries, text.strip()):
        return linked
    try:
        found = find(
            parse(text), cast("EntryQuerySet", entries), limit=MAX_FOUND, feeds=Feed.objects.all(), enough=ENOUGH
        )
    except (QueryError, TooSlow) as error:
        messages.warning(request, str(error))
        return entries.none()
    for sentence in found.unknown:
        messages.warning(request, sentence)
    if found.is_more:
        count = len(found.entry_ids)
        told = f"These are the newest {count:,} of the posts that match. Choose a day, or write before:, to see others."
        messages.info(request, told)
    return entries.filter(pk__in=among(found.entry_ids)) if found.entry_ids else entries.none()


def _linked(entries: QuerySet[Entry], text: str) -> QuerySet[Entry] | None:
    """Those with a link, if the text is one and some have it."""
    if not text.lower().startswith(_SCHEMES) or len(text.split()) > 1:
        return None
    key = link_key(text)
    found = entries.filter(link_key=key, link_key__gt="") if key else entries.none()
    return found if found.exists() else None
