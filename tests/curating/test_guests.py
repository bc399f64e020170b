"""Posts of guests, added one by one to a source that has no address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aggregator.curating import feeds
from aggregator.curating.guests import GuestPost, GuestRefused, add_post, look_at
from aggregator.diagnosis import diagnose
from aggregator.models import Entry, Feed, RemovedSource, SiteState
from aggregator.polling import one_page
from aggregator.polling.conductor import poll
from aggregator.signals import entries_added
from tests.at_once import together
from tests.commands.running import run
from tests.factories import NOW, make_feed, make_rule
from tests.servers import Answer, FeedServer
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db
PAGE = b"""<!doctype html><html><head><title>Walks</title><meta name=author content="Ada">
<meta property="article:published_time" content="2026-06-23T10:00:00Z">
<meta name=description content="Along the river &amp; back."></head></html>"""
POST = GuestPost(
    "https://ada.example/walks", "A walk", "Ada", NOW - timedelta(hours=5), "Along the <river> & back.", "Ada’s notes"
)


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The entries of which the aggregator told the world."""
    ids: list[int] = []

    def hear(sender: object, entry_ids: list[int], **kwargs: object) -> None:
        ids.extend(entry_ids)

    entries_added.connect(hear)
    yield ids
    entries_added.disconnect(hear)


# -- looking ---------------------------------------------------------------------------------------------------------


def test_the_page_of_a_post_says_what_it_is(feed_server: FeedServer) -> None:
    url = feed_server.add("/walks", Answer(PAGE, headers={"Content-Type": "text/html"}))
    found = look_at(f"{url}#top", NOW)
    assert (found.url, found.title, found.author, found.excerpt) == (url, "Walks", "Ada", "Along the river & back.")
    assert (found.published_at, found.site_name) == (NOW - timedelta(hours=26), "127.0.0.1")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://169.254.169.254/latest", "not asked"),
        ("http://10.0.0.1/", "not asked"),
        ("ftp://ada.example/", "http"),
        ("", "address"),
    ],
)
def test_what_must_not_be_asked_is_refused(address: str, told: str) -> None:
    with pytest.raises(GuestRefused, match=told):
        look_at(address, NOW)


def test_a_redirect_to_what_must_not_be_asked_is_refused(feed_server: FeedServer) -> None:
    url = feed_server.add("/", Answer.redirect("http://169.254.169.254/"))
    with pytest.raises(GuestRefused, match="169"):
        look_at(url, NOW)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(status=404), "404"),
        (Answer(b"\x89PNG", headers={"Content-Type": "image/png"}), "image/png"),
        (Answer(b"x" * (5 * 2**20), headers={"Content-Type": "text/html"}), "large"),
    ],
)
def test_what_is_no_page_is_refused_in_words(feed_server: FeedServer, answer: Answer, told: str) -> None:
    with pytest.raises(GuestRefused, match=told):
        look_at(feed_server.add("/", answer), NOW)


def test_a_server_that_says_nothing_is_given_up(feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_page, "PAGE_SECONDS", 0.2)
    url = feed_server.add("/", Answer(PAGE, headers={"Content-Type": "text/html"}, delay_seconds=60))
    with pytest.raises(GuestRefused, match="seconds"):
        look_at(url, NOW)


def test_a_server_that_asks_for_rest_is_left_alone(feed_server: FeedServer) -> None:
    make_feed(resting_host=feed_server.host, rests_until=NOW + timedelta(hours=1))
    with pytest.raises(GuestRefused, match="left alone until"):
        look_at(feed_server.add("/", Answer(PAGE)), NOW)
    assert feed_server.paths() == []


def test_a_removed_place_is_refused_also_behind_a_redirect(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    spam = elsewhere.add("/spam", Answer(PAGE, headers={"Content-Type": "text/html"}))
    RemovedSource.objects.create(host=elsewhere.host, path="/spam/", reason="Casino spam")
    with pytest.raises(GuestRefused, match="Casino spam"):
        look_at(feed_server.add("/", Answer.redirect(spam)), NOW)


# -- adding ----------------------------------------------------------------------------------------------------------


def test_a_post_is_shown_and_announced_like_others(
    told: list[int], client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    before = SiteState.objects.current().version
    with django_capture_on_commit_callbacks(execute=True):
        entry = add_post(POST, NOW)
    assert told == [entry.pk]
    assert Entry.objects.unannounced().listed().get() == entry
    assert SiteState.objects.current().version > before
    front = client.get("/").content.decode()
    assert 'href="https://ada.example/walks"' in front
    assert "Along the &lt;river&gt; &amp; back." in front
    assert "Ada’s notes" in front
    assert entry.feed.title == "Guests"


def test_all_go_to_one_source_and_each_once() -> None:
    first = add_post(POST, NOW)
    other = add_post(GuestPost("https://bo.example/", "Other"), NOW)
    assert first.feed == other.feed
    with pytest.raises(GuestRefused, match="added before: “A walk”"):
        add_post(POST, NOW)
    assert Entry.objects.count() == 2
    assert Feed.objects.get().entry_count == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_added_at_once_makes_one_source() -> None:
    results = together(lambda number: add_post(GuestPost(f"https://{number}.example/", f"Post {number}"), NOW))
    assert [type(result) for result in results] == [Entry] * 4
    assert (Feed.objects.count(), Entry.objects.count()) == (1, 4)


def test_an_old_post_is_no_news() -> None:
    old = GuestPost("https://ada.example/old", "Old", published_at=NOW - timedelta(days=30))
    assert not Entry.objects.unannounced().filter(pk=add_post(old, NOW).pk).exists()


def test_of_a_post_that_a_blog_brought_too_the_blogs_own_is_shown() -> None:
    guest = add_post(POST, NOW)
    html = f"<p>Along the &lt;river&gt; &amp; back. {'And then home, the long way round. ' * 9}</p>"
    item = make_item("walk", url=POST.url, title="A walk", content_html=html)
    store_items(make_feed(url="https://ada.example/feed"), item)
    guest.refresh_from_db()
    assert [entry.feed.host for entry in Entry.objects.listed()] == ["ada.example"]
    assert guest.duplicate_of or guest.held_for


def test_rules_of_the_source_count() -> None:
    add_post(GuestPost("https://bo.example/", "Other"), NOW)
    make_rule(Feed.objects.get(), "walk")
    assert add_post(POST, NOW).is_filtered


def test_a_rejected_source_takes_nothing() -> None:
    add_post(POST, NOW)
    feeds.reject(Feed.objects.all(), NOW)
    assert not RemovedSource.objects.exists(), "it has no place"
    with pytest.raises(GuestRefused, match="resume it first"):
        add_post(GuestPost("https://bo.example/", "Other"), NOW)
    feeds.resume(Feed.objects.all(), NOW)
    assert add_post(GuestPost("https://bo.example/", "Other"), NOW).feed.state == "active"


# -- a source without an address -------------------------------------------------------------------------------------


def test_it_is_never_polled(feed_server: FeedServer) -> None:
    add_post(POST, NOW)
    source = Feed.objects.get()
    long_after = NOW + timedelta(days=400)
    assert (source.is_polled, Feed.objects.due(long_after).exists(), Feed.objects.make_due(long_after)) == (
        False,
        False,
        0,
    )
    poll(Feed.objects.all(), seconds=5)
    source.refresh_from_db()
    assert (source.last_polled_at, source.failure_count, source.lease) == (None, 0, None)


def test_it_is_in_no_list_of_feeds(client: Client) -> None:
    add_post(POST, NOW)
    make_feed(url="https://bo.example/feed.xml")
    for listed in (run("export_opml"), client.get("/opml.xml").content.decode()):
        assert "https://bo.example/feed.xml" in listed
        assert "Guests" not in listed


@pytest.mark.parametrize(
    "path",
    ["/", "/sources/", "/source/guests/", "/source/guests/atom.xml", "/rss20.xml", "/feed.json", "/post/{}/"],
)
def test_pages_make_sense_without_an_address(client: Client, path: str) -> None:
    entry = add_post(POST, NOW)
    answer = client.get(path.format(entry.pk))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'href=""' not in text
    assert '://"' not in text
    assert ":///" not in text


def test_nobody_is_asked_whether_the_source_of_guests_is_theirs(client: Client) -> None:
    blog = make_feed()
    add_post(POST, NOW)
    pages = [client.get(url).content.decode() for url in (blog.get_absolute_url(), "/source/guests/")]
    assert ["Is this your blog?" in html for html in pages] == [True, False]


def test_its_status_is_told_in_words() -> None:
    add_post(POST, NOW)
    source = Feed.objects.get()
    assert "add one by one" in diagnose(source, NOW + timedelta(days=400)).summary
    assert "Guests <no address>" in run("feed_status")
