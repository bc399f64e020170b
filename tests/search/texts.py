"""Entries that search knows."""

from __future__ import annotations

from aggregator.models import Entry, EntryText
from aggregator.search.entry_terms import terms_of_entry
from aggregator.search.terms import VERSION
from tests.factories import make_entry


def make_text(entry: Entry) -> Entry:
    """Store what an entry is found by; its content must be words without markup."""
    terms = terms_of_entry(
        title=entry.title,
        author=entry.author,
        tags=entry.tags,
        text=entry.content_html,
        feed_id=entry.feed_id,
        shown_at=entry.timeline_at,
    )
    EntryText.objects.update_or_create(entry=entry, defaults={"version": VERSION, "terms": terms})
    return entry


def known_entry(title: str = "", text: str = "", **fields: object) -> Entry:
    """An entry of these words, which search knows."""
    return make_text(make_entry(title=title, content_html=text, **fields))
