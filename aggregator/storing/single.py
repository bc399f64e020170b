"""One post that nobody polled becomes a row, as those that polls bring do: judged, folded, counted and announced."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aggregator.filtering.judging import apply_rules
from aggregator.folding.fold import fold
from aggregator.folding.locks import lock_posts
from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed, SiteState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.tagging import tag_entries
from aggregator.signals import entries_added

from .authoring import save_authors
from .following import new_entry


def store_post(feed: Feed, item: Item, now: datetime) -> Entry:
    """The entry of a post that is new to the feed, whose row the caller has locked. Within a `site_change`."""
    entry = new_entry(feed, item, now, (), is_first_poll=False)
    with site_change():
        apply_rules({feed.pk: [entry]}, now)
        entry.save(force_insert=True)
        lock_posts([entry.pk], drafts=[entry])
        feed.note_shown(now)
        feed.save(update_fields=["shown_version", "shown_changed_at"])
        folded = fold([entry.pk], now)
        tag_entries([entry], known=folded.moved_ids & {entry.pk})
        refresh_counts([feed])
        save_authors([(entry, item)])
        SiteState.objects.touch(now)
        transaction.on_commit(lambda: entries_added.send_robust(sender=Feed, entry_ids=[entry.pk]), robust=True)
    entry.refresh_from_db()
    return entry
