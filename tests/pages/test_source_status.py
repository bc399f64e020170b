"""The status page of a source: what anybody may know of how reading it goes, in general words, and nothing more."""

from __future__ import annotations

import html
import re
from contextlib import ExitStack
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aggregator.ingest.errors import AddressRefused, HttpStatus, NameNotFound, NotAFeed, TimedOut
from aggregator.ingest.types import FeedLink, Skipped
from aggregator.models import Entry, Feed, FeedDay, FeedMemory, Look, SiteState
from aggregator.pages import in_turn, source_status
from aggregator.storing.feed_row import store_failure
from tests.factories import make_entry, make_feed, make_rule
from tests.stores import (
    POLICY,
    lease,
    make_document,
    make_item,
    make_response,
    new_feed,
    store_document,
    store_unchanged,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
"""The page tells of the days until today."""
TODAY = NOW.date()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def get(feed: Feed, **headers: str) -> HttpResponse:
    return Client().get(f"/source/{feed.slug}/status/", **headers)


def page_of(feed: Feed) -> str:
    response = get(feed)
    assert response.status_code == 200
    return response.content.decode()


def words_of(feed: Feed) -> str:
    """The page as it is read, in one line."""
    return " ".join(html.unescape(re.sub("<[^>]*>", "", page_of(feed))).split())


def read(feed: Feed, *items: object, now=NOW, **fields: object) -> Feed:
    store_document(lease(feed), make_response(feed), make_document(*items, **fields), now=now)
    feed.refresh_from_db()
    return feed


def fail(feed: Feed, error: object, *hours: float) -> Feed:
    for hour in hours:
        feed.refresh_from_db()
        store_failure(lease(feed), error, now=NOW + hour * HOUR, policy=POLICY)
    feed.refresh_from_db()
    return feed


# -- whose page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_of_a_feed_that_readers_may_not_know_of_there_is_none(state: str) -> None:
    assert get(make_feed(state=state)).status_code == 404


def test_unknown_there_is_none_and_nobody_can_post_to_it() -> None:
    assert Client().get("/source/nobody/status/").status_code == 404
    assert Client().post(f"/source/{make_feed().slug}/status/").status_code == 405


def test_posts_of_guests_have_no_feed_to_read() -> None:
    feed = make_feed("Guests", site_url="")
    Feed.objects.filter(pk=feed.pk).update(url="", host="")
    feed.refresh_from_db()
    assert "There is no feed to read" in words_of(feed)
    assert "Last look" not in words_of(feed)


def test_a_site_of_before_knows_when_it_looked_and_counts_from_now_on() -> None:
    feed = make_feed(last_ok_at=NOW - HOUR, last_polled_at=NOW - HOUR)
    FeedMemory.objects.create(feed=feed, text="", met=None)
    words = words_of(feed)
    assert "None counted yet: counting begins with the next look." in words
    assert "is told as soon as something in it changes" in words
    store_unchanged(lease(feed), make_response(feed, status=304), now=NOW)
    assert f"Counted since {TODAY:%d %b %Y}" in words_of(feed)


# -- in words ---------------------------------------------------------------------------------------------------------


def test_a_healthy_source_says_so() -> None:
    feed = read(make_feed(), make_item("one", published_at=NOW - HOUR))
    words = words_of(feed)
    assert "All is well: it is read and shown." in words
    assert "It had 1 post; 1 of them is shown here." in words
    assert "it answered with its feed" in words


def test_what_became_of_the_posts_of_the_last_document() -> None:
    feed = make_feed()
    make_rule(feed, "dropped")
    read(make_feed(), make_item("copy"))
    items = [make_item(name) for name in ("shown", "held", "hidden", "dropped")]
    read(feed, make_item("copy", guid="urn:c"), *items, skipped=Skipped(empty=2))
    Entry.objects.filter(guid="urn:held").update(is_held=True)
    Entry.objects.filter(guid="urn:hidden").update(is_hidden=True)
    words = words_of(feed)
    assert "It had 7 posts; 1 of them is shown here." in words
    for said in ("1 shown", "1 folded", "1 waiting for a curator", "1 left out", "1 hidden", "2 not taken"):
        assert said in words
    assert "2 items had neither text nor link" in words


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimedOut(host="h", limit_seconds=9), "its server didn’t finish its answer in time"),
        (HttpStatus(status=503), "its server wasn’t available just then (503)"),
        (HttpStatus(status=502), "its server reported a fault of its own (502)"),
        (HttpStatus(status=418), "its server answered with an error (418)"),
        (HttpStatus(status=403, is_challenge=True), "its server forbade us to read the feed (403)"),
    ],
)
def test_what_the_server_answered(error: object, said: str) -> None:
    assert said in words_of(fail(make_feed(), error, 0))


def test_a_failure_is_a_blip_and_many_are_not() -> None:
    error = TimedOut(host="h", limit_seconds=9)
    feed = fail(make_feed(), error, -40)
    assert "The last look failed. That happens to every server" in words_of(feed)
    feed = fail(feed, error, -39, -37, -10)
    assert "It can’t be read just now. We go on trying" in words_of(feed)


def test_when_it_is_looked_at_next_or_why_not() -> None:
    due = {"next_poll_at": NOW + 5 * HOUR, "last_polled_at": NOW}
    assert "it is due" in words_of(make_feed(next_poll_at=NOW - HOUR))
    assert "None, as long as it is paused." in words_of(make_feed(state="paused", **due))
    gone = words_of(make_feed(state="gone", **due))
    assert "as it is gone: about once a month." in gone
    assert "How often" not in gone
    resting = make_feed(rests_until=NOW + 5 * HOUR, **due)
    assert "Its server asked to be left alone; not before" in words_of(resting)
    assert "Just now." in words_of(lease(make_feed(**due)))


def test_how_often_and_when_not() -> None:
    words = words_of(make_feed(interval_seconds=7200, skip_hours=[0, 1, 2, 5], skip_days=[5, 6]))
    assert "About once in 2 hours" in words
    assert "Not in the hours 0 to 2, 5 (UTC) and on Saturday, Sunday, as it asks." in words
    assert "as it asks" not in words_of(make_feed(skip_hours=list(range(24))))


def test_a_move_that_was_followed_is_told_and_one_that_is_proposed_without_its_address() -> None:
    feed = make_feed()
    store_unchanged(lease(feed), make_response(feed, permanent_url=f"{feed.url}/new"), now=NOW)
    assert "we followed its permanent redirect" in words_of(feed)
    proposed = make_feed(proposed_url="https://secret.example/?token=hush")
    assert "The feed seems to have moved." in words_of(proposed)
    assert "secret.example" not in page_of(proposed)


# -- nothing private --------------------------------------------------------------------------------------------------


def test_the_page_of_a_source_with_held_spam_has_none_of_the_spams_words() -> None:
    feed = make_feed("A blog")
    spam = [make_item(f"casino-{n}", title=f"Casino {n}", excerpt="jackpot", author="Spammer") for n in range(9)]
    read(feed, make_item("one", days_ago=0), make_item("dropped-viagra"), *spam)
    Entry.objects.filter(guid__contains="casino").update(is_held=True, excerpt="jackpot")
    Entry.objects.filter(guid__contains="viagra").update(is_hidden=True)
    Feed.objects.filter(pk=feed.pk).update(held_count=9, held_reason="its posts lead to casino.example")
    make_rule(feed, "poker")
    page = page_of(feed).lower()
    assert "9 of its posts wait for a curator" in words_of(feed)
    for word in ("casino", "jackpot", "spammer", "viagra", "poker"):
        assert word not in page


def test_no_address_of_an_error_is_told() -> None:
    secret = "https://intern.example:8443/?token=hush"
    feed = fail(make_feed(), NotAFeed(what="a web page", links=(FeedLink(secret),)), 0)
    assert "hush" in feed.last_error
    page = page_of(feed)
    assert "its server answered with something that is no feed" in page
    assert "hush" not in page
    assert "intern.example" not in page


def test_whether_our_resolver_knows_an_inside_name_is_not_told() -> None:
    """A feed can lead anywhere: its owner would learn which names our network has."""
    known = AddressRefused(host="wiki.corp.example", reason="it leads to 10.1.2.3, outside", is_looked_up=True)
    told = []
    for error in (known, NameNotFound(host="wiki.corp.example")):
        feed = make_feed("The same", slug="same", url="https://blog.example/feed", site_url="https://blog.example/")
        fail(feed, error, -72, -71, -70, 0)
        Feed.objects.filter(pk=feed.pk).update(next_poll_at=NOW + DAY)
        page = page_of(feed)
        told.append(page + Client().get("/why/?url=blog.example/x").content.decode())
        feed.delete()
    assert told[0] == told[1]
    assert "corp" not in told[0]


def test_a_hostile_name_is_text() -> None:
    feed = make_feed('<script>x</script>"\u202e' + "x" * 200)
    page = page_of(feed)
    assert "<script>x" not in page
    assert "&lt;script&gt;" in page


# -- what can be mended -----------------------------------------------------------------------------------------------


def test_what_can_be_mended_of_a_document() -> None:
    feed = make_feed(language="")
    items = [make_item("one", days_ago=None), make_item("two", url="")]
    read(feed, *items, is_mended=True, charset_flaw="bytes", byte_count=3 * 2**20, language="")
    words = words_of(feed)
    for said in (
        "Posts without a date that can be understood: 1 of 2.",
        "Posts without a link: 1 of 2.",
        "no valid XML or JSON",
        "letters that don’t exist in the encoding",
        "The feed is large: 3.0 MiB.",
        "doesn’t say in which language",
    ):
        assert said in words


def test_a_server_without_validators_and_one_that_ignores_them() -> None:
    without = make_feed(etag="", last_modified="")
    assert "neither an ETag nor a Last-Modified date" in words_of(without)
    ignoring = make_feed(etag='"e"')
    for _ in range(5):
        store_unchanged(lease(ignoring), make_response(ignoring), now=NOW)
    assert "sends the whole feed each time" in words_of(ignoring)
    store_unchanged(lease(ignoring), make_response(ignoring, status=304), now=NOW)
    assert "sends the whole feed each time" not in words_of(ignoring)


def test_beginnings_of_posts_are_told_from_whole_ones() -> None:
    feed, whole = make_feed(), make_feed()
    for _ in range(4):
        make_entry(feed, content_html="<p>It began so …</p>")
        make_entry(whole, content_html=f"<p>{'It began so. ' * 500}…</p>")
    assert "only the beginnings of posts" in words_of(feed)
    assert "only the beginnings of posts" not in words_of(whole)


# -- charts -----------------------------------------------------------------------------------------------------------


class _Names(HTMLParser):
    """What each drawing that stands for something is called by, and which ids there are."""

    def __init__(self) -> None:
        super().__init__()
        self.named_by: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if has.get("id"):
            self.ids.append(str(has["id"]))
        if tag == "svg" and has.get("role") == "img" and "aria-labelledby" in has:
            self.named_by += str(has["aria-labelledby"]).split()


def counted(feed: Feed, days_ago: int, **counts: object) -> None:
    FeedDay.objects.add([Look(feed.pk, NOW - days_ago * DAY, **counts)])


def test_each_chart_has_a_name_and_its_numbers_as_words_and_as_a_table() -> None:
    feed = make_feed(posts_by_month={f"{TODAY:%Y-%m}": 7})
    counted(feed, 3, brought=True, posts=2, delay_seconds=(7200, 3600))
    counted(feed, 1, failed=True, trouble="timeout")
    counted(feed, 0, put_off=True, trouble="http")
    page = page_of(feed)
    names = _Names()
    names.feed(page)
    assert len(names.named_by) == 6
    assert set(names.named_by) <= set(names.ids)
    assert len(names.ids) == len(set(names.ids))
    words = words_of(feed)
    assert "1 brought something new, 0 nothing new, 1 failed, 1 put off" in words
    assert "1 day without a look" in words
    assert "7 in all; the highest bar stands for 7." in words
    assert "<td>1</td><td>0</td><td>0</td><td>0</td><td>2</td><td>90 minutes</td><td>2 hours</td>" in page
    assert " style=" not in page


def test_days_of_a_clock_that_is_ahead_are_not_drawn() -> None:
    feed = make_feed()
    counted(feed, -3, failed=True)
    assert "None counted yet" in words_of(feed)
    counted(feed, 0, unchanged=True)
    assert "1 look from" in words_of(feed)


def test_huge_numbers_stay_within_the_drawing() -> None:
    feed = make_feed(posts_by_month={f"{TODAY:%Y-%m}": 10**12})
    FeedDay.objects.add([Look(feed.pk, NOW, brought=True, posts=1, delay_seconds=(2**31 - 1,))])
    FeedDay.objects.filter(feed=feed).update(unchanged=2**31 - 1, failed=2**31 - 1)
    paths = re.findall(r' d="([^"]*)"', page_of(feed))
    drawn = [int(number) for path in paths for number in re.findall(r"\d+", path)]
    assert drawn
    assert max(drawn) <= 600


# -- what it costs ----------------------------------------------------------------------------------------------------


def test_seven_queries_beside_the_navigation_are_enough() -> None:
    feed = read(make_feed(), *(make_item(f"{n}") for n in range(30)))
    for days in range(70):
        counted(feed, days, unchanged=True)
    with CaptureQueriesContext(connection) as queries:
        get(feed)
    assert len([query for query in queries if "aggregator_category" not in query["sql"]]) <= 7


def test_who_has_the_page_is_told_so_until_the_next_look() -> None:
    feed = make_feed(next_poll_at=NOW + DAY)
    SiteState.objects.touch(NOW)
    first = get(feed)
    assert first["Cache-Control"] == "no-cache"
    with CaptureQueriesContext(connection) as queries:
        again = get(feed, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again["ETag"], len(queries)) == (304, first["ETag"], 2)
    store_unchanged(lease(feed), make_response(feed, status=304), now=NOW)
    assert get(feed, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_who_has_the_page_hears_of_a_rest_that_began_with_another_feed_of_the_host() -> None:
    feed = make_feed(next_poll_at=NOW + DAY)
    first = get(feed)
    Feed.objects.filter(pk=feed.pk).update(rests_until=NOW + 2 * DAY)
    again = get(feed, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 200
    assert "Its server asked to be left alone; not before" in again.content.decode()


def test_a_rest_that_is_over_before_the_next_look_is_no_reason_for_it() -> None:
    feed = make_feed(next_poll_at=NOW + 5 * HOUR, rests_until=NOW + HOUR)
    assert "left alone" not in words_of(feed)


def test_who_comes_while_others_get_theirs_is_asked_to_come_again_and_nobody_keeps_that(
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed = make_feed(next_poll_at=NOW + DAY)
    first = get(feed)
    with ExitStack() as stack:
        for _ in range(in_turn.AT_ONCE):
            stack.enter_context(source_status._in_turn.taken())
        refused = get(feed)
        has_it = get(feed, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (refused.status_code, refused["Retry-After"], refused["Cache-Control"]) == (503, "2", "no-store")
    assert "ETag" not in refused
    assert "Please try again in a few seconds." in refused.content.decode()
    assert has_it.status_code == 304, "that costs next to nothing"
    assert [record for record in caplog.records if record.name == "django.request"] == []
    assert get(feed).status_code == 200, "the places are free again"


def test_no_cookie_and_nothing_of_who_asks() -> None:
    response = get(make_feed())
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


# -- ways to it -------------------------------------------------------------------------------------------------------


@pytest.fixture
def long_failing() -> Feed:
    return fail(make_feed(), TimedOut(host="h", limit_seconds=9), -60, -59, -57, -20)


def test_the_sources_own_page_says_since_which_day_it_cannot_be_read(long_failing: Feed) -> None:
    page = Client().get(long_failing.get_absolute_url()).content.decode()
    day = (NOW - 60 * HOUR).date()
    assert f"been able to read this blog’s feed since {day:%d %b %Y}; we go on trying." in page
    store_unchanged(lease(long_failing), make_response(long_failing, status=304), now=NOW)
    assert "we go on trying" not in Client().get(long_failing.get_absolute_url()).content.decode()


def test_source_and_post_lead_to_it_and_guests_do_not() -> None:
    feed = new_feed()
    read(feed, make_item("one"))
    way = f'href="/source/{feed.slug}/status/"'
    assert way in Client().get(feed.get_absolute_url()).content.decode()
    assert way in Client().get(Entry.objects.get().get_absolute_url()).content.decode()
    Feed.objects.filter(pk=feed.pk).update(url="", host="")
    SiteState.objects.touch(NOW)
    assert way not in Client().get(feed.get_absolute_url()).content.decode()


def test_the_charts_tell_of_sixty_days() -> None:
    feed = make_feed()
    for days in (59, 60):
        counted(feed, days, unchanged=True)
    assert "1 look from" in words_of(feed)
    assert source_status.first_day(TODAY) == TODAY - 59 * DAY
