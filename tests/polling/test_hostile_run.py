"""A web of servers that hurt, and fifty sound blogs among them: one poll, and every blog has its posts."""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from aggregator.ingest import guard
from aggregator.models import Entry, Feed
from tests.certificates import Authority
from tests.curators import FEED, FEEDS, log_in
from tests.documents import rss
from tests.factories import NOW, make_entry, make_feed
from tests.hostile import MAX_BYTES, SECONDS, SERVERS, Hostile
from tests.hostile_documents import DOCUMENTS
from tests.outline import Page
from tests.polls import outcomes_of
from tests.servers import Answer, FeedServer, Raw

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.no_cover]
BLOGS = [f"Blog {number}" for number in range(50)]
POSTS = [(f"Post {number}", NOW - timedelta(hours=number)) for number in range(1, 6)]
LIMITS = {
    "FETCH_ALLOWED_NETWORKS": (ip_network("127.0.2.0/23"),),
    "FETCH_TIMEOUT_SECONDS": SECONDS,
    "FETCH_MAX_BYTES": MAX_BYTES,
}


@dataclass(frozen=True, slots=True)
class Run:
    """The web after one poll."""

    feeds: Mapping[str, Feed]
    """By name."""
    polls: int
    inside: FeedServer
    """Answers within this machine, where no feed may lead."""


class Web:
    """Servers, each on an address of its own, and the rows of their feeds."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self._known, self._unknown = Authority(folder), Authority(folder)
        self._count = 0
        self.inside = stack.enter_context(FeedServer("127.0.4.1"))
        self.trusted = self._known.trusted()
        self.feeds: dict[str, Feed] = {}

    def add(
        self, name: str, answer: Answer | Raw, more: Mapping[str, Answer | Raw] | None = None, tls: str = ""
    ) -> None:
        self._count += 1
        host = f"127.0.{2 + self._count // 200}.{1 + self._count % 200}"
        server = self._stack.enter_context(FeedServer(host, ssl_context=self._certificate(host, tls)))
        for path, each in (more or {}).items():
            server.add(path, self._pointed(each))
        self.list(name, server.add("/feed", self._pointed(answer)))

    def _certificate(self, host: str, fault: str) -> ssl.SSLContext | None:
        match fault:
            case "nobody":
                return self._unknown.server_context(host)
            case "expired":
                return self._known.server_context(host, days_left=-1)
            case "another name":
                return self._known.server_context("blog.example")
        return None

    def list(self, name: str, address: str) -> None:
        """A feed that was read before, and has an entry from then."""
        url = address.replace("{port}", str(self.inside.port))
        self.feeds[name] = make_feed(name, url=url, newest_at=NOW - timedelta(days=9))
        make_entry(self.feeds[name], f"Old post of {name}", days_ago=9)

    def _pointed(self, answer: Answer | Raw) -> Answer | Raw:
        """With the port of the server inside, where the answer leads there."""
        if isinstance(answer, Raw):
            return answer
        port = str(self.inside.port)
        headers = {name: value.replace("{port}", port) for name, value in answer.headers.items()}
        return dataclasses.replace(answer, headers=headers, body=answer.body.replace(b"{port}", port.encode()))

    def add_hostile(self, name: str, hostile: Hostile) -> None:
        if hostile.address:
            self.list(name, hostile.address)
        else:
            self.add(name, hostile.answer, hostile.more, hostile.tls)


@pytest.fixture(scope="module")
def run(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    """The web as it is after one poll of everything; the rows are gone afterwards."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        ExitStack() as stack,
        override_settings(**LIMITS),
        pytest.MonkeyPatch.context() as patch,
    ):
        web = Web(stack, tmp_path_factory.mktemp("certificates"))
        patch.setattr(guard, "_default_ssl_context", lambda: web.trusted)
        for name, hostile in SERVERS.items():
            web.add_hostile(name, hostile)
        for name, document in DOCUMENTS.items():
            web.add(name, document.answer)
        for name in BLOGS:
            web.add(name, Answer(rss(name, POSTS, site_url=f"https://{name.lower().replace(' ', '')}.example/")))
        outcomes = outcomes_of(clock=lambda: NOW)
        for feed in web.feeds.values():
            feed.refresh_from_db()
        yield Run(web.feeds, len(outcomes), web.inside)
        transaction.set_rollback(True)


def titles(feed: Feed) -> set[str]:
    """Of its entries, but for the one from before."""
    return set(Entry.objects.from_feed(feed).exclude(title__startswith="Old post of").values_list("title", flat=True))


def test_more_than_forty_kinds_of_servers_take_part() -> None:
    rows = {name.split()[0] for name in (*SERVERS, *DOCUMENTS)}
    assert len(SERVERS) > 40
    assert rows >= {f"F{number}" for number in range(1, 17) if number != 3} | {f"X{number}" for number in range(1, 11)}


def test_every_feed_is_polled_in_one_run(run: Run) -> None:
    assert run.polls == len(run.feeds) == len(SERVERS) + len(DOCUMENTS) + len(BLOGS)


@pytest.mark.parametrize("name", SERVERS)
def test_a_hostile_server_ends_in_its_sentence_on_its_feed(run: Run, name: str) -> None:
    feed, hostile = run.feeds[name], SERVERS[name]
    assert (feed.last_error_kind, hostile.sentence in feed.last_error) == (hostile.kind, True), feed.last_error


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_read_and_costs_no_post(run: Run, name: str) -> None:
    feed = run.feeds[name]
    assert (feed.last_error, titles(feed)) == ("", set(DOCUMENTS[name].titles))


@pytest.mark.parametrize("name", BLOGS)
def test_a_sound_blog_has_all_of_its_posts(run: Run, name: str) -> None:
    feed = run.feeds[name]
    assert (feed.last_error, titles(feed)) == ("", {title for title, _ in POSTS})


def test_no_feed_loses_what_it_had(run: Run) -> None:
    kept = set(Entry.objects.filter(title__startswith="Old post of").values_list("feed", flat=True))
    assert kept == {feed.pk for feed in run.feeds.values()}


def test_nothing_inside_of_this_machine_is_asked(run: Run) -> None:
    assert run.inside.paths() == []


def test_no_feed_is_left_claimed_and_all_that_go_on_have_a_next_poll(run: Run) -> None:
    waiting = [feed for feed in run.feeds.values() if feed.state != Feed.State.GONE]
    assert [feed.url for feed in waiting if feed.lease or feed.next_poll_at <= NOW] == []


def test_no_wait_is_much_longer_than_a_month(run: Run) -> None:
    assert max(feed.next_poll_at for feed in run.feeds.values()) <= NOW + timedelta(days=35)


def test_only_the_feed_that_is_gone_leaves_the_front_page(run: Run) -> None:
    assert [name for name, feed in run.feeds.items() if feed.state != Feed.State.ACTIVE] == ["F12 gone"]


def test_no_feed_moves_to_where_it_cannot_be_read(run: Run) -> None:
    moved = [name for name, feed in run.feeds.items() if name in SERVERS and not feed.url.endswith(("/feed", "/"))]
    assert moved == []


@pytest.mark.parametrize("path", ["/", "/sources/", "/atom.xml", "/rss20.xml", "/feed.json", "/opml.xml", "/about/"])
def test_the_pages_answer_afterwards(run: Run, client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    if path.endswith(".xml"):
        ElementTree.fromstring(response.content)
    elif path.endswith("/"):
        assert Page(response.content.decode()).faults == []


def test_every_source_has_a_page_afterwards(run: Run, client: Client) -> None:
    codes = {name: client.get(reverse("source", args=[feed.slug])).status_code for name, feed in run.feeds.items()}
    assert {name: code for name, code in codes.items() if code != 200} == {}


def test_the_curators_read_every_sentence(run: Run) -> None:
    curator = log_in()
    assert curator.get(reverse(FEEDS)).status_code == 200
    ending_so = {hostile.sentence: name for name, hostile in SERVERS.items()}
    pages = {
        sentence: curator.get(reverse(FEED, args=[run.feeds[name].pk])).content.decode()
        for sentence, name in ending_so.items()
    }
    assert [sentence for sentence, page in pages.items() if sentence.replace("'", "&#x27;") not in page] == []
