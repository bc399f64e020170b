"""Two thousand documents that feedparser was tested with over the years, each a feed of one site: all are polled."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import feedparser.api
import pytest
from django.core.management import call_command
from django.db.models import Model
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from aggregator.curating.feeds import set_category
from aggregator.models import Entry, Feed
from tests.corpus import headers_of, need_corpus, serve
from tests.curators import FEEDS, log_in
from tests.factories import NOW, make_category
from tests.outline import Page
from tests.polls import outcomes_of
from tests.servers import FeedServer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.no_cover,
    pytest.mark.timeout(1800),
]
HOSTS = 200
OF_A_CATEGORY = 12

REFUSED = {
    # The last tag of each is torn, and no post stands before it.
    **dict.fromkeys([f"entities/{number}.xml" for number in (160, 732, 8216, 8217, 8220, 8221, 9830)], "unreadable"),
    "encoding/bozo_invalid-bytes-with-bom.xml": "unreadable",
    "entities/attr_amp.xml": "unreadable",
    "entities/query_variable_feed.xml": "unreadable",
    "illformed/aaa_illformed.xml": "unreadable",
    "illformed/rss_incomplete_cdata.xml": "unreadable",
    # Only a tag of another vocabulary, or nothing but a comment.
    "illformed/undeclared_namespace.xml": "unreadable",
    "illformed/rss_empty_document.xml": "not_a_feed",
    # Statuses and codings that are no answer to us.
    "http/http_redirect_to_304.xml": "http",
    "http/http_status_302-no-location.xml": "redirect",
    "http/http_status_404.xml": "http",
    "compression/gzip-struct-error.gz": "encoding",
}
"""What can't be read, and the kind of the error."""

NOTHING_TO_SHOW = {
    # One entry each, without title, link and id; its only content is packed, and of a type that isn't text.
    "wellformed/atom10/entry_content_base64.xml",
    "wellformed/atom10/entry_content_base64_2.xml",
    "wellformed/atom10/entry_summary_base64.xml",
    "wellformed/atom10/entry_summary_base64_2.xml",
    # One entry twice; feedparser takes the id of an image inside of it for its link.
    "wellformed/node_precedence/atom10_id.xml",
    # One entry with nothing but an id, which is no link.
    "wellformed/atom10/entry_id_with_attributes.xml",
    "wellformed/base/http_entry_id_base_content_location.xml",
    "wellformed/base/http_entry_id_base_docuri.xml",
    "wellformed/rdf/rdf_item_rdf_about.xml",
    "wellformed/rss/entity_in_doctype.xml",
    "wellformed/rss/item_guid_not_permalink.xml",
    "wellformed/rss/item_guid_not_permalink_not_guidislink.xml",
    "wellformed/rss/item_guid_not_permalink_not_url.xml",
}
"""Of these, feedparser finds an entry more than there is to show."""


OF_EACH_FEED = {
    *("id", "url", "host", "slug", "created_at"),
    *("body_hash", "etag", "last_modified", "next_poll_at", "leads_to"),
}
OF_EACH_ENTRY = {"id", "feed_id", "content_hash", "announced_at", "link_key", "id_key"}
OF_EACH_ENCLOSURE = {"id", "entry_id", "taken_at"}
"""What no page shows, or another one for each document, wherever it comes from."""


@dataclass(slots=True)
class Run:
    """What became of the corpus."""

    documents: int
    polled: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    """The kinds of errors, by document."""
    lost: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Entries that feedparser finds and those that are stored, by document, where fewer are stored."""
    sources: int = 0
    """With entries: each was looked at, or others whose rows say the same."""
    looked_at: int = 0
    """Of the sources, those that say something of their own: each on a page or in a feed, alone or among others."""
    pages: int = 0
    bad_pages: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def run(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Run]:
    """One poll of everything; the rows are gone afterwards."""
    corpus = need_corpus()
    with django_db_blocker.unblock(), ExitStack() as stack:
        # Not one transaction, to be rolled back: PostgreSQL could clean nothing up in it, and would take minutes.
        stack.callback(call_command, "flush", verbosity=0, interactive=False)
        servers = [stack.enter_context(FeedServer(f"127.0.1.{number}")) for number in range(1, HOSTS + 1)]
        addresses = serve(corpus, servers)
        run = Run(len(corpus))
        compare(corpus, poll_all(addresses, run), run)
        yield run


@pytest.fixture(scope="module")
def seen(run: Run, django_db_blocker: DjangoDbBlocker) -> Run:
    """The run after a look at the pages."""
    # A page of a category is to show all that its sources have.
    with django_db_blocker.unblock(), override_settings(FRONT_PAGE_ENTRIES_PER_FEED=60):
        look_at_pages(run)
    return run


def poll_all(addresses: Mapping[str, str], run: Run) -> dict[str, Feed]:
    """The feed of each document, after its poll."""
    feeds = []
    for number, url in enumerate(addresses.values()):
        feed = Feed(slug=f"document-{number}", state=Feed.State.PENDING, next_poll_at=NOW)
        feed.point_to(url)
        feeds.append(feed)
    Feed.objects.bulk_create(feeds)
    names = {feed.pk: name for feed, name in zip(feeds, addresses, strict=True)}
    outcomes = outcomes_of(Feed.objects.all(), clock=lambda: NOW)
    run.polled = len(outcomes)
    run.refused = {names[outcome.feed.pk]: outcome.feed.last_error_kind for outcome in outcomes if outcome.error}
    return {names[outcome.feed.pk]: outcome.feed for outcome in outcomes}


def compare(corpus: Mapping[str, bytes], feeds: Mapping[str, Feed], run: Run) -> None:
    """Notes the documents of which we store fewer entries than feedparser finds."""
    stored = Counter(Entry.objects.values_list("feed", flat=True))
    for name, body in corpus.items():
        if name.endswith(".xml") and name not in run.refused:
            found = number_of_entries(body, headers_of(name, body))
            if stored[feeds[name].pk] < found:
                run.lost[name] = (found, stored[feeds[name].pk])


def number_of_entries(body: bytes, headers: dict[str, str]) -> int:
    """How many different entries feedparser finds, when it is left to itself."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr(feedparser.api, "PREFERRED_XML_PARSERS", ["drv_libxml2"])
        found = feedparser.parse(BytesIO(body), response_headers=headers)["entries"]
    said = {
        tuple(str(entry.get(name, "")) for name in ("id", "link", "title", "summary")) + contents(entry)
        for entry in found
    }
    return len({each for each in said if any(each)})


def contents(entry: dict[str, list[dict[str, str]]]) -> tuple[str, ...]:
    return tuple(content["value"] for content in entry.get("content", []))


def look_at_pages(run: Run) -> None:
    """At all pages of many sources; and where no other source says the same, at its own page or its feed.

    Sources that say no more than others of themselves share the page and the feed of a category.
    """
    curator = log_in()
    anyone = Client()
    alone, together = sources_to_look_at(run)
    run.looked_at = len(alone) + len(together)
    for path in ("/", "/sources/", "/atom.xml", "/rss20.xml", "/feed.json", "/opml.xml"):
        look(anyone, path, run)
    for slug in alone[::2]:
        look(anyone, reverse("source", args=[slug]), run)
    for slug in alone[1::2]:
        look(anyone, reverse("source_atom", args=[slug]), run)
    for number in range(0, len(together), OF_A_CATEGORY):
        shelf = make_category(f"Shelf {number}")
        set_category(Feed.objects.filter(slug__in=together[number : number + OF_A_CATEGORY]), shelf, NOW)
        look(anyone, reverse("category", args=[shelf.slug]), run)
        look(anyone, reverse("category_atom", args=[shelf.slug]), run)
    for number in range(1, Feed.objects.count() // 50 + 2):
        look(curator, f"{reverse(FEEDS)}?p={number}", run)


def sources_to_look_at(run: Run) -> tuple[list[str], list[str]]:
    """Of sources with entries, those whose own row says what none before did; and those of which only entries do."""
    heads, entries = set(), set()
    alone, together = [], []
    feeds = Feed.objects.filter(entries__isnull=False).distinct().order_by("pk")
    for feed in feeds.prefetch_related("entries__enclosures"):
        run.sources += 1
        here = urlsplit(feed.url).netloc
        head, its_entries = said(feed, OF_EACH_FEED, here), said_of_entries(feed, here)
        if head not in heads:
            alone.append(feed.slug)
        elif not its_entries <= entries:
            together.append(feed.slug)
        heads.add(head)
        entries |= its_entries
    return alone, together


def said_of_entries(feed: Feed, here: str) -> set[object]:
    """By its entries and what stands beside them."""
    return {
        (
            said(entry, OF_EACH_ENTRY, here),
            tuple(sorted(said(each, OF_EACH_ENCLOSURE, here) for each in entry.enclosures.all())),
        )
        for entry in feed.entries.all()
    }


def said(row: Model, apart_from: Collection[str], here: str) -> tuple[str, ...]:
    """All values of a row but these, without the server that they come from."""
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in apart_from]
    return tuple(str(getattr(row, name)).replace(here, "") for name in names)


def look(client: Client, path: str, run: Run) -> None:
    run.pages += 1
    response = client.get(path)
    text = response.content.decode()
    if response.status_code != 200:
        run.bad_pages[path] = str(response.status_code)
    elif path.endswith((".xml", ".json")):
        (json.loads if path.endswith(".json") else ElementTree.fromstring)(text)
    elif faults := Page(text).faults:
        run.bad_pages[path] = str(faults)


def test_every_document_is_polled(run: Run) -> None:
    assert (run.documents > 2000, run.polled) == (True, run.documents)


def test_what_cannot_be_read_says_why_and_all_else_is_read(run: Run) -> None:
    assert run.refused == REFUSED


def test_no_entry_that_feedparser_finds_is_lost(run: Run) -> None:
    assert run.lost.keys() == NOTHING_TO_SHOW


@pytest.mark.any_database
def test_the_pages_of_all_documents_answer_and_are_well_formed(seen: Run) -> None:
    assert (seen.sources > 900, seen.looked_at > 500, seen.pages > 150, seen.bad_pages) == (True, True, True, {})
