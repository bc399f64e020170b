"""A feed that died may live on elsewhere: it is looked for, politely, and only proposed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from aggregator.curating import deciding
from aggregator.curating.adding import FeedRefused
from aggregator.ingest.errors import AddressRefused, ConnectionFailed, HttpStatus, IngestError, NameNotFound, NotAFeed
from aggregator.ingest.types import FeedLink
from aggregator.models import Entry, Feed
from aggregator.polling import conductor as polling
from aggregator.polling.conductor import poll
from aggregator.polling.rediscovery import is_due
from tests.documents import atom
from tests.factories import NOW, make_entry, make_feed
from tests.polls import clock, poll_one
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
LIVE = Answer(atom("Walks", [("Walk 1", NOW - timedelta(days=1))]))
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def naming(*addresses: str) -> Answer:
    links = "".join(f'<link rel="alternate" type="application/atom+xml" href="{address}">' for address in addresses)
    page = f"<!doctype html><html><head><title>Walks</title>{links}</head><body>Hello</body></html>"
    return Answer(page.encode(), headers={"Content-Type": "text/html"})


def missing_feed(server: FeedServer, **fields: object) -> Feed:
    """A blog whose feed has been missing for eight days; its site is the server's root."""
    since = NOW - timedelta(days=8)
    return make_feed(
        url=server.url("/feed"), **{"site_url": server.url("/"), "failing_since": since, "failure_count": 8, **fields}
    )


@pytest.fixture
def proposed(feed_server: FeedServer) -> Feed:
    feed_server.add("/", naming("/feed", "/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    return poll_one(missing_feed(feed_server)).feed


# -- proposing -------------------------------------------------------------------------------------------------------


def test_a_missing_feed_is_found_on_its_site_and_proposed(proposed: Feed, feed_server: FeedServer) -> None:
    assert proposed.proposed_url == feed_server.url("/atom.xml")
    assert feed_server.paths() == ["/feed", "/", "/atom.xml"]


def test_a_proposal_switches_nothing_and_stores_nothing(proposed: Feed, feed_server: FeedServer) -> None:
    assert (proposed.url, proposed.last_error_kind) == (feed_server.url("/feed"), "http")
    assert not Entry.objects.exists()


def test_a_look_is_made_once_and_not_at_every_poll(proposed: Feed, feed_server: FeedServer) -> None:
    poll_one(proposed, NOW + timedelta(days=5))
    assert feed_server.paths()[3:] == ["/feed"]


def test_the_monthly_probe_looks_again(feed_server: FeedServer) -> None:
    looked = {"state": "gone", "looked_at": NOW - MONTH, "failing_since": NOW - 3 * MONTH}
    feed_server.add("/", naming("/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    feed = poll_one(missing_feed(feed_server, **looked)).feed
    assert (feed.state, feed.proposed_url) == ("gone", feed_server.url("/atom.xml"))


def test_a_feed_that_is_gone_by_its_servers_word_is_looked_for_at_once(feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(status=410))
    feed_server.add("/", naming("/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    feed = poll_one(missing_feed(feed_server, failing_since=None, failure_count=0)).feed
    assert (feed.state, feed.proposed_url) == ("gone", feed_server.url("/atom.xml"))


def test_a_web_page_in_the_feeds_place_leads_to_a_proposal_at_once(feed_server: FeedServer) -> None:
    feed_server.add("/feed", naming("/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    feed = poll_one(missing_feed(feed_server, failing_since=None, failure_count=0)).feed
    assert (feed.last_error_kind, feed.proposed_url) == ("not_a_feed", feed_server.url("/atom.xml"))
    assert feed_server.paths() == ["/feed", "/atom.xml"]


@pytest.mark.parametrize(
    ("at", "dead"),
    [("/", Answer(status=404)), ("/", Answer(b"<rss")), ("/feed", Answer(b"<!doctype html><title>Hello</title>"))],
)
def test_the_next_feed_that_a_page_names_is_tried_when_the_first_is_none(
    feed_server: FeedServer, at: str, dead: Answer
) -> None:
    feed_server.add(at, naming("/first", "/atom.xml"))
    feed_server.add("/first", dead)
    feed_server.add("/atom.xml", LIVE)
    assert poll_one(missing_feed(feed_server)).feed.proposed_url == feed_server.url("/atom.xml")


def test_three_feeds_that_a_page_names_are_tried(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/1", "/2", "/3", "/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    assert poll_one(missing_feed(feed_server)).feed.proposed_url == ""
    assert feed_server.paths() == ["/feed", "/", "/1", "/2", "/3"]


def test_a_site_that_is_a_feed_itself_is_proposed(feed_server: FeedServer) -> None:
    feed_server.add("/", LIVE)
    assert poll_one(missing_feed(feed_server)).feed.proposed_url == feed_server.url("/")


def test_a_site_that_moved_is_followed(feed_server: FeedServer) -> None:
    feed_server.add("/", Answer.redirect("/new/"))
    feed_server.add("/new/", naming("atom.xml"))
    feed_server.add("/new/atom.xml", LIVE)
    assert poll_one(missing_feed(feed_server)).feed.proposed_url == feed_server.url("/new/atom.xml")


def test_a_feed_that_has_been_missing_for_some_days_is_not_looked_for_yet(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/atom.xml"))
    poll_one(missing_feed(feed_server, failing_since=NOW - timedelta(days=6)))
    assert feed_server.paths() == ["/feed"]


# -- not proposing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "candidate"),
    [
        (Answer(status=404), LIVE),
        (Answer(b"<!doctype html><title>Parked</title>"), LIVE),
        (naming("/feed"), LIVE),
        (naming("/atom.xml"), Answer(status=404)),
        (naming("/atom.xml"), naming("/other")),
        (naming("/atom.xml"), Answer(b"<rss")),
        (naming("http://10.0.0.1/feed"), LIVE),
        (naming("file:///etc/passwd"), LIVE),
        (Answer.redirect("http://10.0.0.1/"), LIVE),
    ],
    ids=["dead", "parked", "the-same", "dead-feed", "no-feed", "torn-feed", "private", "file", "to-private"],
)
def test_nothing_is_proposed_where_no_feed_can_be_read(
    feed_server: FeedServer, site: Answer, candidate: Answer
) -> None:
    feed_server.add("/", site)
    feed_server.add("/atom.xml", candidate)
    feed = poll_one(missing_feed(feed_server)).feed
    assert (feed.proposed_url, feed.looked_at, feed.failure_count) == ("", NOW, 9)


def test_a_feed_that_is_ours_already_is_not_proposed(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/atom.xml"))
    make_feed(url=feed_server.add("/atom.xml", LIVE))
    assert poll_one(missing_feed(feed_server)).feed.proposed_url == ""
    assert "/atom.xml" not in feed_server.paths()


def test_what_a_curator_dismissed_is_not_proposed_again(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/atom.xml"))
    dismissed = feed_server.add("/atom.xml", LIVE)
    assert poll_one(missing_feed(feed_server, dismissed_url=dismissed)).feed.proposed_url == ""


def test_another_address_is_proposed_though_one_was_dismissed(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/new.xml"))
    feed_server.add("/new.xml", LIVE)
    feed = poll_one(missing_feed(feed_server, dismissed_url=feed_server.url("/atom.xml"))).feed
    assert feed.proposed_url == feed_server.url("/new.xml")


def test_a_later_look_that_finds_nothing_takes_the_proposal_back(proposed: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/atom.xml", Answer(status=404))
    assert poll_one(proposed, NOW + MONTH).feed.proposed_url == ""


def test_a_feed_that_answers_again_needs_no_proposal(proposed: Feed, feed_server: FeedServer) -> None:
    feed_server.add("/feed", LIVE)
    assert poll_one(proposed, NOW + timedelta(days=1)).feed.proposed_url == ""


def test_a_new_feed_is_discovered_and_not_proposed(feed_server: FeedServer) -> None:
    feed_server.add("/feed", naming("/nothing"))
    feed = poll_one(missing_feed(feed_server, state="pending", last_ok_at=None)).feed
    assert (feed.looked_at, feed.proposed_url) == (None, "")


# -- when ------------------------------------------------------------------------------------------------------------

LONG_AGO = {"failing_since": NOW - 2 * WEEK}
PAGE = NotAFeed(what="a web page", links=(FeedLink("https://blog.example/atom.xml"),))


@pytest.mark.parametrize(
    ("error", "fields", "expected"),
    [
        (HttpStatus(status=404), LONG_AGO, True),
        (HttpStatus(status=404), {}, False),
        (HttpStatus(status=410), {}, True),
        (HttpStatus(status=500), LONG_AGO, False),
        (HttpStatus(status=403), LONG_AGO, False),
        (NotAFeed(what="a web page"), LONG_AGO, True),
        (NotAFeed(what="a web page"), {}, False),
        (PAGE, {}, True),
        (ConnectionFailed(host="h", reason="r"), LONG_AGO, False),
        (NameNotFound(host="blog.example"), LONG_AGO, False),
        (NameNotFound(host="blog.example"), {**LONG_AGO, "site_url": "https://ada.example/"}, True),
        (AddressRefused(host="blog.example", reason="r"), LONG_AGO, False),
        (AddressRefused(host="blog.example", reason="r"), {**LONG_AGO, "site_url": "https://ada.example/"}, True),
        (PAGE, {"looked_at": NOW - timedelta(hours=20)}, False),
        (PAGE, {"looked_at": NOW - timedelta(hours=30)}, True),
        (PAGE, {**LONG_AGO, "looked_at": NOW - WEEK}, False),
        (HttpStatus(status=410), {"state": "gone", "failing_since": NOW - MONTH, "looked_at": NOW - MONTH}, True),
        (PAGE, {"state": "paused"}, False),
        (PAGE, {"last_ok_at": None, "state": "pending"}, False),
    ],
)
def test_when_a_feed_is_looked_for(error: IngestError, fields: dict[str, object], expected: bool) -> None:
    feed = make_feed(url="https://blog.example/feed", **{"site_url": "https://blog.example/", **fields})
    assert is_due(feed, error, NOW) is expected


# -- politeness ------------------------------------------------------------------------------------------------------


def test_nobody_else_asks_the_host_before_a_look_has_ended(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    missing_feed(feed_server)
    make_feed(url=feed_server.add("/neighbor", LIVE))
    poll(Feed.objects.all(), clock=clock())
    assert feed_server.paths() == ["/feed", "/", "/atom.xml", "/neighbor"]


def test_a_site_that_asks_for_rest_gets_it_for_all_its_feeds(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    elsewhere.add("/", Answer(status=429, headers={"Retry-After": "86400"}))
    neighbor = make_feed(url=elsewhere.url("/feed"))
    poll_one(missing_feed(feed_server, site_url=elsewhere.url("/")))
    neighbor.refresh_from_db()
    assert (neighbor.next_poll_at, neighbor.rests_until) == (NOW + timedelta(days=1),) * 2


def test_a_site_that_leads_to_a_host_which_asks_for_rest_silences_none_of_its_own(
    feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    there = elsewhere.add("/", Answer(status=429, headers={"Retry-After": "86400"}))
    feed_server.add("/", Answer(status=302, headers={"Location": there}))
    neighbor = make_feed(url=feed_server.url("/neighbor"))
    poll_one(missing_feed(feed_server))
    neighbor.refresh_from_db()
    assert (len(elsewhere.requests), neighbor.rests_until) == (1, None)


def test_a_site_that_rests_is_not_looked_at(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    make_feed(
        url=elsewhere.url("/feed"),
        rests_until=NOW + timedelta(hours=1),
        resting_host=elsewhere.host,
        next_poll_at=NOW + timedelta(hours=1),
    )
    poll_one(missing_feed(feed_server, site_url=elsewhere.url("/")))
    assert elsewhere.requests == []


def test_a_look_says_who_asks(proposed: Feed, feed_server: FeedServer) -> None:
    assert {seen.headers["user-agent"] for seen in feed_server.requests} == {"Orrery/0.1.0 (+http://testserver)"}


def test_no_transaction_is_open_while_a_site_is_asked(
    feed_server: FeedServer, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_at: list[bool] = []
    begin = polling.Rediscovery._ask

    def note(self: polling.Rediscovery, look: object) -> None:
        open_at.append(connection.in_atomic_block)
        begin(self, look)  # type: ignore[arg-type]

    monkeypatch.setattr(polling.Rediscovery, "_ask", note)
    feed_server.add("/", naming("/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    poll_one(missing_feed(feed_server))
    assert open_at == [False, False]


def test_a_worker_that_loses_the_feed_while_it_looks_stores_nothing(feed_server: FeedServer) -> None:
    feed_server.add("/", naming("/atom.xml"))
    feed_server.add("/atom.xml", LIVE)
    feed = missing_feed(feed_server)
    run = polling.Poll(Feed.objects.all(), seconds=60, on_outcome=None, clock=lambda: NOW)
    fetch = run._rediscovery._fetch

    def steal(key: int, request: object) -> None:
        Feed.objects.update(lease=None)
        fetch(key, request)  # type: ignore[arg-type]

    run._rediscovery._fetch = steal
    with run:
        report = run.run()
    assert (report.polled, report.busy) == (0, 1)
    feed.refresh_from_db()
    assert (feed.proposed_url, feed.looked_at) == ("", None)


# -- deciding --------------------------------------------------------------------------------------------------------


def test_a_proposed_address_is_used_on_a_curators_word(proposed: Feed, feed_server: FeedServer) -> None:
    entry = make_entry(proposed)
    deciding.use_proposed(proposed, NOW)
    feed = poll_one(proposed, NOW + timedelta(hours=1)).feed
    assert (feed.url, feed.failure_count, feed.proposed_url) == (feed_server.url("/atom.xml"), 0, "")
    assert set(feed.entries.values_list("title", flat=True)) == {entry.title, "Walk 1"}


def test_a_feed_that_is_gone_comes_back_at_the_proposed_address(proposed: Feed) -> None:
    Feed.objects.update(state=Feed.State.GONE, next_poll_at=NOW + MONTH)
    deciding.use_proposed(proposed, NOW)
    proposed.refresh_from_db()
    assert proposed.next_poll_at == NOW
    assert poll_one(proposed, NOW + timedelta(hours=1)).feed.state == "active"


def test_a_proposed_address_that_was_added_meanwhile_is_refused(proposed: Feed) -> None:
    make_feed("The other one", url=proposed.proposed_url)
    with pytest.raises(FeedRefused, match="is here already: The other one"):
        deciding.use_proposed(proposed, NOW)


def test_a_proposal_that_went_meanwhile_is_refused_in_a_sentence(proposed: Feed) -> None:
    Feed.objects.update(proposed_url="")
    with pytest.raises(FeedRefused, match="No address is proposed any more"):
        deciding.use_proposed(proposed, NOW)


def test_a_proposal_that_is_dismissed_stays_dismissed(proposed: Feed) -> None:
    deciding.dismiss_proposed(proposed)
    feed = poll_one(proposed, NOW + MONTH).feed
    assert feed.proposed_url == ""
