from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from aggregator.curating import feeds as curating
from aggregator.curating.feeds import FeedRefused, UnknownFeed
from aggregator.exchange.opml import Outline
from aggregator.models import Category, Entry, Feed, FeedQuerySet, SiteState
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db


def all_of(*feeds: Feed) -> FeedQuerySet:
    return Feed.objects.filter(pk__in=[feed.pk for feed in feeds])


def version() -> int:
    return SiteState.objects.current().version


# -- adding ----------------------------------------------------------------------------------------------------------


def test_a_new_feed_is_pending_and_due() -> None:
    feed, is_new = curating.add_feed("https://blog.example/feed.xml")
    feed.refresh_from_db()
    assert (is_new, feed.state, feed.host) == (True, "pending", "blog.example")
    assert Feed.objects.due(feed.created_at + timedelta(seconds=1)).get() == feed


SPELLINGS = [
    "https://blog.example/feed.xml",
    "HTTPS://Blog.Example/feed.xml",
    "https://blog.example:443/feed.xml",
    "https://blog.example./feed.xml",
    "https://blog.example/feed.xml#top",
    "http://blog.example/feed.xml",
    "http://blog.example:80/feed.xml",
    "blog.example/feed.xml",
    "feed://blog.example/feed.xml",
    "feed:https://blog.example/feed.xml",
    "  https://blog.example/feed.xml\n",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_feed_in_another_spelling_is_the_same_feed(spelling: str) -> None:
    first, _ = curating.add_feed("https://blog.example/feed.xml")
    again, is_new = curating.add_feed(spelling)
    assert (again, is_new) == (first, False)


def test_an_https_address_finds_the_feed_that_was_added_with_http() -> None:
    first, _ = curating.add_feed("http://blog.example/feed.xml")
    assert curating.add_feed("https://blog.example/feed.xml") == (first, False)


def test_two_paths_of_a_host_are_two_feeds() -> None:
    curating.add_feed("https://blog.example/a.xml")
    assert curating.add_feed("https://blog.example/b.xml")[1]


REFUSED = [
    "",
    "file:///etc/passwd",
    "ftp://blog.example/feed",
    "javascript:alert(1)",
    "https://user:secret@blog.example/feed",
    "http://10.0.0.1/feed",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fc00::1]/feed",
    "http://[::ffff:10.0.0.1]/",
    "http://167772161/",
    "https://",
    "https://blog.example/" + 2000 * "a",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_must_not_be_asked_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(FeedRefused, match=r"\.$|@ sign\.$"):
        curating.add_feed(address)
    assert not Feed.objects.exists()


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(FeedRefused) as refusal:
        curating.add_feed("https://user:secret@blog.example/feed")
    assert "secret" not in str(refusal.value)


def test_a_known_feed_stays_as_it_is() -> None:
    known = make_feed("The old title", url="https://blog.example/feed")
    curating.add_feed("https://blog.example/feed", title="Another title", category="Another")
    known.refresh_from_db()
    assert (known.title, known.category) == ("The old title", None)


def test_a_feed_that_was_turned_down_is_known_when_it_is_added_again() -> None:
    make_feed(url="https://blog.example/feed", state=Feed.State.REJECTED)
    feed, is_new = curating.add_feed("https://blog.example/feed")
    assert (feed.state, is_new) == ("rejected", False)


def test_a_site_address_that_is_no_web_address_is_left_out() -> None:
    feed, _ = curating.add_feed("https://blog.example/feed", site_url="javascript:alert(1)")
    assert feed.site_url == ""


def test_a_title_becomes_one_line() -> None:
    feed, _ = curating.add_feed("https://blog.example/feed", title="A\x00 title\n of  two lines" + 400 * "x")
    assert feed.title.startswith("A title of two lines")
    assert len(feed.title) <= 300


def test_adding_a_pending_feed_leaves_the_pages_as_they_are() -> None:
    before = version()
    curating.add_feed("https://blog.example/feed", category="New")
    assert version() == before


# -- categories ------------------------------------------------------------------------------------------------------


def test_a_category_is_made_on_demand() -> None:
    feed, _ = curating.add_feed("https://blog.example/feed", category="Web frameworks")
    assert (feed.category.name, feed.category.slug) == ("Web frameworks", "web-frameworks")


def test_a_category_is_found_in_whatever_case() -> None:
    python = make_category("Python")
    assert curating.category_named("python") == python


def test_categories_with_one_slug_get_two() -> None:
    slugs = {curating.category_named(name).slug for name in ("C", "C++", "C#")}
    assert slugs == {"c", "c-2", "c-3"}


def test_a_category_without_latin_letters_has_a_slug() -> None:
    assert curating.category_named("日本").slug == "category"


def test_a_blank_category_is_none() -> None:
    assert curating.category_named(" \x00 ") is None
    assert not Category.objects.exists()


# -- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_gets_a_line_for_each_entry_in_its_order() -> None:
    make_feed("Known", url="https://known.example/feed")
    urls = ["https://new.example/feed", "http://known.example/feed", "http://10.0.0.1/", "https://new.example/feed"]
    report = curating.add_many(Outline(url=url) for url in urls)
    assert [(line.url, line.kind) for line in report.lines] == list(
        zip(urls, ["added", "known", "refused", "known"], strict=True)
    )
    assert report.summary == "1 added, 2 already here, 1 refused."


def test_a_list_entry_brings_its_title_site_and_category() -> None:
    entry = Outline(url="https://a.example/feed", title="A", site_url="https://a.example/", category="Friends")
    feed = curating.add_many([entry]).added[0]
    assert (feed.title, feed.site_url, feed.category.name) == ("A", "https://a.example/", "Friends")


def test_a_chosen_category_goes_before_the_lists_own() -> None:
    feed = curating.add_many([Outline(url="https://a.example/feed", category="Theirs")], category="Ours").added[0]
    assert feed.category.name == "Ours"
    assert not Category.objects.filter(name="Theirs").exists()


def test_an_address_in_a_report_cannot_steer_a_terminal() -> None:
    [line] = curating.add_many([Outline(url="http://10.0.0.1/\x1b[2J\nnext")]).lines
    assert "\x1b" not in line.url
    assert "\n" not in line.url


def test_a_list_that_breaks_off_adds_nothing() -> None:
    def broken() -> Iterator[Outline]:
        yield Outline(url="https://a.example/feed")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        curating.add_many(broken())
    assert not Feed.objects.exists()


def test_a_double_that_its_first_poll_found_is_dropped() -> None:
    double = make_feed(state=Feed.State.PENDING, last_error_kind="already_listed")
    failing = make_feed(state=Feed.State.PENDING, last_error_kind="dns")
    active = make_feed(last_error_kind="already_listed")
    assert curating.drop_doubles([double.pk, failing.pk, active.pk]) == [double]
    assert set(Feed.objects.all()) == {failing, active}


# -- naming ----------------------------------------------------------------------------------------------------------


def test_feeds_are_named_by_id_or_address() -> None:
    one, two = make_feed(), make_feed(url="https://two.example/feed")
    assert set(curating.feeds_named([str(one.pk), "http://TWO.example/feed"])) == {one, two}


@pytest.mark.parametrize("name", ["99999", "9" * 40, "https://nobody.example/", "file:///x", "²"])
def test_an_unknown_name_is_told(name: str) -> None:
    make_feed()
    with pytest.raises(UnknownFeed):
        curating.feeds_named([name])


# -- deciding --------------------------------------------------------------------------------------------------------


def test_pausing_stops_polls_and_raises_the_version() -> None:
    feed, before = make_feed(), version()
    assert curating.pause(all_of(feed), NOW) == 1
    assert not Feed.objects.due(NOW).exists()
    assert version() == before + 1


def test_pausing_counts_the_entries_anew() -> None:
    feed = make_feed()
    make_entry(feed)
    curating.pause(all_of(feed), NOW)
    feed.refresh_from_db()
    assert feed.entry_count == 1


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_a_feed_that_readers_do_not_know_is_not_paused_into_their_sight(state: str) -> None:
    feed = make_feed(state=state)
    assert curating.pause(all_of(feed), NOW) == 0
    assert not Feed.objects.public().exists()


@pytest.mark.parametrize("state", ["paused", "gone", "rejected"])
def test_resuming_makes_a_stopped_feed_active_and_due(state: str) -> None:
    feed = make_feed(state=state, next_poll_at=NOW + timedelta(days=9), failure_count=7, last_error="No.")
    assert curating.resume(all_of(feed), NOW) == 1
    feed.refresh_from_db()
    assert (feed.state, feed.next_poll_at, feed.failure_count, feed.last_error) == ("active", NOW, 0, "")


def test_resuming_leaves_an_active_feed_alone() -> None:
    feed, before = make_feed(next_poll_at=NOW + timedelta(days=9)), version()
    assert curating.resume(all_of(feed), NOW) == 0
    assert version() == before


def test_a_feed_that_is_turned_down_is_not_shown() -> None:
    feed, before = make_feed(), version()
    assert curating.reject(all_of(feed), NOW) == 1
    assert not Feed.objects.public().exists()
    assert version() == before + 1


def test_setting_a_category_raises_the_version() -> None:
    feeds, before = [make_feed(), make_feed()], version()
    shelf = make_category("Shelf")
    assert curating.set_category(all_of(*feeds), shelf, NOW) == 2
    assert shelf.feeds.count() == 2
    assert version() == before + 1


def test_hiding_takes_entries_out_of_lists_and_counts() -> None:
    feed, before = make_feed(), version()
    hidden, shown = make_entry(feed), make_entry(feed, days_ago=2)
    assert curating.hide(Entry.objects.filter(pk=hidden.pk), NOW) == 1
    feed.refresh_from_db()
    assert list(Entry.objects.listed()) == [shown]
    assert (feed.entry_count, feed.newest_at) == (1, shown.timeline_at)
    assert version() == before + 1


def test_unhiding_brings_an_entry_back() -> None:
    feed = make_feed()
    entry = make_entry(feed, is_hidden=True)
    assert curating.unhide(Entry.objects.filter(is_hidden=True), NOW) == 1
    feed.refresh_from_db()
    assert list(Entry.objects.listed()) == [entry]
    assert feed.entry_count == 1


def test_hiding_what_is_hidden_changes_nothing() -> None:
    entry, before = make_entry(is_hidden=True), version()
    assert curating.hide(Entry.objects.filter(pk=entry.pk), NOW) == 0
    assert version() == before


def test_a_new_address_is_due_and_forgets_the_old_validators() -> None:
    feed = make_feed(next_poll_at=NOW + timedelta(days=9))
    Feed.objects.update(etag='"1"', body_hash="x", lease=uuid.uuid4())
    feed.url = "https://moved.example/feed"
    curating.revise(feed, ["url"], NOW)
    feed.refresh_from_db()
    assert (feed.host, feed.etag, feed.body_hash) == ("moved.example", "", "")
    assert (feed.lease, feed.next_poll_at) == (None, NOW)


def test_a_feed_that_is_gone_lives_on_at_a_new_address_without_the_errors_of_the_old_one() -> None:
    trouble = {"failure_count": 9, "failing_since": NOW, "last_error_kind": "http", "last_error": "Gone (410)."}
    feed = make_feed(state=Feed.State.GONE, **trouble)
    feed.url = "https://moved.example/feed"
    curating.revise(feed, ["url"], NOW)
    feed.refresh_from_db()
    assert (feed.state, feed.failure_count, feed.failing_since) == (Feed.State.ACTIVE, 0, None)
    assert (feed.last_error_kind, feed.last_error) == ("", "")


def test_revising_leaves_what_a_poll_wrote_meanwhile() -> None:
    feed = make_feed()
    Feed.objects.update(etag='"new"', entry_count=7)
    feed.title = "A better title"
    curating.revise(feed, ["title"], NOW)
    feed.refresh_from_db()
    assert (feed.title, feed.etag, feed.entry_count) == ("A better title", '"new"', 7)


def test_an_emptied_title_is_the_feeds_own_again() -> None:
    feed = make_feed("Ours", reported_title="Theirs")
    feed.title = ""
    curating.revise(feed, ["title"], NOW)
    feed.refresh_from_db()
    assert feed.title == "Theirs"


def test_deleting_a_feed_raises_the_version() -> None:
    entry, before = make_entry(), version()
    curating.delete(all_of(entry.feed), NOW)
    assert not Entry.objects.exists()
    assert version() == before + 1
