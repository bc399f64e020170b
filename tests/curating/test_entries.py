from __future__ import annotations

import pytest

from aggregator.curating.entries import choose, choose_no_more, hide, unhide
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
    assert version() > before


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


def test_choosing_a_copy_counts_anew_and_is_undone() -> None:
    planet, ada = make_feed(), make_feed()
    original = make_entry(planet, link_key="one link", days_ago=2)
    copy = make_entry(ada, link_key="one link", duplicate_of=original)
    before = version()
    assert choose(Entry.objects.filter(pk=copy.pk), NOW) == 1
    ada.refresh_from_db()
    assert (list(Entry.objects.listed()), ada.entry_count) == ([copy], 1)
    assert version() > before
    assert choose_no_more(Entry.objects.filter(pk=copy.pk), NOW) == 1
    ada.refresh_from_db()
    assert (list(Entry.objects.listed()), ada.entry_count) == ([original], 0)


def test_choosing_what_is_chosen_changes_nothing() -> None:
    entry, before = make_entry(is_original=True), version()
    assert choose(Entry.objects.filter(pk=entry.pk), NOW) == 0
    assert version() == before


def test_a_feed_in_doubt_is_not_accepted_because_a_post_that_was_held_for_another_is_shown() -> None:
    feed = make_feed(is_drifting=True, held_reason="it looks like another")
    held = make_entry(feed, is_held=True, held_for=make_entry())
    assert unhide(Entry.objects.filter(pk=held.pk), NOW) == 1
    feed.refresh_from_db()
    assert feed.is_drifting
