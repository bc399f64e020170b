"""A source that was removed stays away, whoever brings it again and by whatever name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.curating import deciding
from aggregator.curating.adding import FeedRefused, add_feed
from aggregator.curating.feeds import delete_feeds, reject, resume
from aggregator.curating.lists import add_many, add_some
from aggregator.exchange.opml import Outline
from aggregator.models import Entry, Feed, RemovedSource
from tests.commands.running import refusal, run
from tests.documents import atom
from tests.factories import NOW, make_feed
from tests.polls import pending, poll_one
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
SPAM = "Casino spam"
LIVE = Answer(atom("Walks", [("Walk 1", NOW - timedelta(days=1))]))


def removed(url: str = "https://spam.example/feed.xml") -> Feed:
    feed = make_feed(url=url, site_url=f"{url.rpartition('/')[0]}/")
    reject(Feed.objects.filter(pk=feed.pk), NOW, reason=SPAM)
    feed.refresh_from_db()
    return feed


@pytest.mark.parametrize("url", ["https://spam.example/feed.xml", "http://blog.spam.example/other", "spam.example"])
def test_what_was_rejected_is_refused_with_its_reason(url: str) -> None:
    removed()
    with pytest.raises(FeedRefused, match=r"^spam.example was removed from this site on .*: Casino spam\.$"):
        add_feed(url)
    assert Feed.objects.count() == 1


def test_lists_refuse_it_line_by_line() -> None:
    removed()
    make_feed(url="https://here.example/feed")
    urls = ["https://spam.example/2.xml", "https://here.example/feed", "https://new.example/"]
    lines = add_many(map(Outline, urls)).lines
    assert [line.kind for line in lines] == ["refused", "known", "added"]
    assert SPAM in lines[0].text


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("import_opml", '<opml version="2.0"><body><outline xmlUrl="https://spam.example/2.xml"/></body></opml>'),
        ("import_planet", "[Planet]\nname = Planet\n[https://spam.example/2.xml]\nname = Two\n"),
    ],
)
def test_both_imports_refuse_it_and_name_the_reason(tmp_path: Path, command: str, text: str) -> None:
    removed()
    file = tmp_path / "list"
    file.write_text(text)
    assert SPAM in run(command, str(file), "--no-poll")
    assert Feed.objects.count() == 1


def test_of_a_long_list_a_hundred_are_asked_about_at_once() -> None:
    removed()
    lists = [[Outline(f"https://{n}.sub.spam.example/{n}/a/feed.xml") for n in range(count)] for count in (2, 100)]
    asked = []
    for some in lists:
        with CaptureQueriesContext(connection) as queries:
            assert {line.kind for line in add_some(some)} == {"refused"}
        asked.append(sum('FROM "aggregator_removedsource"' in query["sql"] for query in queries))
    assert asked == [1, 1]


def test_a_feed_that_is_here_stays_known_though_its_host_was_removed_later() -> None:
    feed = make_feed(url="https://spam.example/good.xml")
    RemovedSource.objects.create(host="spam.example")
    assert add_feed(feed.url) == (feed, False)


def test_a_command_names_the_reason() -> None:
    removed()
    told, _ = refusal("add_feed", "https://spam.example/feed.xml", "--no-poll")
    assert SPAM in told


def test_what_was_deleted_with_a_reason_stays_away_and_without_one_it_may_come() -> None:
    for host, reason in (("spam.example", SPAM), ("free.example", "")):
        feed = make_feed(url=f"https://{host}/feed")
        delete_feeds(Feed.objects.filter(pk=feed.pk), NOW, reason=reason)
    assert add_feed("https://free.example/feed")[1]
    with pytest.raises(FeedRefused, match=SPAM):
        add_feed("https://spam.example/feed")


def test_to_resume_a_rejected_feed_gives_its_place_back() -> None:
    feed = removed()
    resume(Feed.objects.filter(pk=feed.pk), NOW)
    assert add_feed("https://spam.example/other.xml")[1]


def test_of_a_host_with_other_blogs_only_its_own_part_is_removed() -> None:
    """Whatever site the feed claims."""
    make_feed(url="https://many.example/bob/feed.xml")
    feed = make_feed(url="https://many.example/alice/feed.xml", site_url="https://many.example/")
    reject(Feed.objects.filter(pk=feed.pk), NOW, reason=SPAM)
    assert add_feed("https://many.example/carol/feed.xml")[1]
    with pytest.raises(FeedRefused, match=r"many\.example/alice was removed"):
        add_feed("https://many.example/alice/other.xml")


def test_a_second_rejection_keeps_the_reason_of_the_first() -> None:
    feed = removed()
    resume(Feed.objects.filter(pk=feed.pk), NOW)
    RemovedSource.objects.create(host="spam.example", reason=SPAM)
    reject(Feed.objects.filter(pk=feed.pk), NOW)
    assert RemovedSource.objects.get().reason == SPAM


def test_where_the_whole_place_is_others_too_nothing_is_noted() -> None:
    make_feed(url="https://many.example/?feed=bob"), make_feed(url="https://carol.few.example/feed.xml")
    for url in ("https://many.example/?feed=alice", "https://few.example/feed.xml"):
        feed = make_feed(url=url, site_url=url.partition("?")[0])
        reject(Feed.objects.filter(pk=feed.pk), NOW, reason=SPAM)
    assert [row.place for row in RemovedSource.objects.all()] == ["few.example/feed.xml"]
    assert add_feed("https://many.example/?feed=dan")[1]


# -- what polls find -------------------------------------------------------------------------------------------------


@pytest.fixture
def spam(elsewhere: FeedServer) -> str:
    """The address of a feed whose place was removed, and that answers well."""
    url = elsewhere.add("/feed", LIVE)
    RemovedSource.objects.create(host=elsewhere.host, path="/feed/", reason=SPAM)
    return url


def test_a_page_that_names_it_is_refused(feed_server: FeedServer, elsewhere: FeedServer, spam: str) -> None:
    page = f'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="{spam}"></head></html>'
    feed = poll_one(pending(feed_server.add("/", Answer(page.encode())))).feed
    assert (feed.state, feed.last_error_kind, SPAM in feed.last_error) == ("pending", "removed", True)
    assert elsewhere.paths() == [], "nothing is even asked"


@pytest.mark.parametrize("status", [301, 302])
def test_a_redirect_to_it_brings_nothing(feed_server: FeedServer, spam: str, status: int) -> None:
    new = poll_one(pending(feed_server.add("/feed", Answer.redirect(spam, status=status)))).feed
    assert (new.last_error_kind, Entry.objects.count()) == ("removed", 0)


@pytest.mark.parametrize("posts", ["Walk 1", "Win at cards"])
def test_an_established_feed_does_not_move_there(
    feed_server: FeedServer, elsewhere: FeedServer, spam: str, posts: str
) -> None:
    feed = poll_one(make_feed(url=feed_server.add("/feed", LIVE)), NOW - timedelta(days=3)).feed
    elsewhere.add("/feed", Answer(atom("Walks", [(posts, NOW - timedelta(days=1))])))
    feed_server.add("/feed", Answer.redirect(spam, status=301))
    for hours in (0, 12, 25, 49):
        feed = poll_one(feed, NOW + timedelta(hours=hours)).feed
    assert (feed.url, [entry.title for entry in Entry.objects.all()]) == (feed_server.url("/feed"), ["Walk 1"])
    assert feed.last_error_kind == ("" if posts == "Walk 1" else "removed"), "the same bytes aren't even read"


def test_a_feed_that_stays_in_a_removed_place_is_led_about_in_it(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", LIVE))
    RemovedSource.objects.create(host=feed_server.host, reason=SPAM)
    feed_server.add("/feed.xml", LIVE)
    feed_server.add("/feed", Answer.redirect(feed_server.url("/feed.xml"), status=301))
    feed = poll_one(feed).feed
    assert (feed.last_error_kind, feed.url, Entry.objects.count()) == ("", feed_server.url("/feed.xml"), 1)


def test_it_is_not_proposed_for_a_feed_that_died(feed_server: FeedServer, spam: str) -> None:
    page = f'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="{spam}"></head></html>'
    feed = make_feed(
        url=feed_server.add("/feed", Answer(status=410)), site_url=feed_server.add("/", Answer(page.encode()))
    )
    assert poll_one(feed).feed.proposed_url == ""


def test_a_proposal_of_before_is_refused(spam: str) -> None:
    feed = make_feed(proposed_url=spam)
    with pytest.raises(FeedRefused, match=SPAM):
        deciding.use_proposed(feed, NOW)
