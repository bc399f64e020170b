from __future__ import annotations

import pytest

from aggregator.curating.entries import hide, unhide
from aggregator.models import Entry, SiteState
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db


def version() -> int:
    return SiteState.objects.current().version


def test_hiding_takes_entries_out_of_lists_and_counts() -> None:
    feed, before = make_feed(), version()
    hidden, shown = make_entry(feed), make_entry(feed, days_ago=2)
    assert hide(Entry.objects.filter(pk=hidden.pk), NOW) == 1
    feed.refresh_from_db()
    assert list(Entry.objects.listed()) == [shown]
    assert (feed.entry_count, feed.newest_at) == (1, shown.timeline_at)
    assert version() == before + 1


def test_unhiding_brings_an_entry_back() -> None:
    feed = make_feed()
    entry = make_entry(feed, is_hidden=True)
    assert unhide(Entry.objects.filter(is_hidden=True), NOW) == 1
    feed.refresh_from_db()
    assert list(Entry.objects.listed()) == [entry]
    assert feed.entry_count == 1


def test_hiding_what_is_hidden_changes_nothing() -> None:
    entry, before = make_entry(is_hidden=True), version()
    assert hide(Entry.objects.filter(pk=entry.pk), NOW) == 0
    assert version() == before
