from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.ingest.decode import decode
from aggregator.ingest.fingerprint import fingerprint
from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.types import Document

FEEDS = Path(__file__).resolve().parent.parent / "feeds"
NOW = datetime(2026, 6, 7, tzinfo=UTC)
EARLIER, LATER = b"Sat, 06 Jun 2026 10:00:00 GMT", b"Sun, 07 Jun 2026 11:30:00 +0200"

RSS = b"<rss version='2.0'><channel><title>A</title>%s<item><guid>1</guid>%s</item></channel></rss>"
ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title><updated>%s</updated>"
    b"<entry><id>1</id><updated>%s</updated></entry></feed>"
)


def document(body: bytes) -> Document:
    url = "https://blog.example/feed"
    return normalize(parse(decode(body, ""), url, ""), url=url, now=NOW)


@pytest.mark.parametrize("name", [b"lastBuildDate", b"pubDate", b"dc:date", b"atom:updated"])
def test_a_new_build_date_of_the_feed_is_no_news(name: bytes) -> None:
    first, second = (RSS % (b"<%s>%s</%s>" % (name, date, name), b"") for date in (EARLIER, LATER))
    assert fingerprint(first) == fingerprint(second)


def test_a_feed_with_another_build_date_is_stored_as_the_same() -> None:
    first, second = (RSS % (b"<lastBuildDate>%s</lastBuildDate>" % date, b"") for date in (EARLIER, LATER))
    assert document(first) == document(second)


def test_an_atom_feed_that_only_says_that_it_was_updated_is_stored_as_the_same() -> None:
    first, second = (ATOM % (date, b"2026-06-01T00:00:00Z") for date in (b"2026-06-06T00:00:00Z", b"2026-06-07T00:00Z"))
    assert (fingerprint(first), document(first)) == (fingerprint(second), document(second))


def test_a_new_date_of_an_item_is_news() -> None:
    first, second = (RSS % (b"", b"<pubDate>%s</pubDate>" % date) for date in (EARLIER, LATER))
    assert fingerprint(first) != fingerprint(second)


def test_a_new_date_of_an_entry_with_a_prefix_is_news() -> None:
    first, second = (b"<a:feed><a:entry><updated>%s</updated><entry/>" % date for date in (EARLIER, LATER))
    assert fingerprint(first) != fingerprint(second)


def test_a_new_title_is_news() -> None:
    assert fingerprint(RSS % (b"<link>a</link>", b"")) != fingerprint(RSS % (b"<link>b</link>", b""))


def test_a_date_in_the_description_of_the_feed_counts_as_text() -> None:
    quoted = b"<description><![CDATA[<pubDate>%s</pubDate>]]></description>"
    assert fingerprint(RSS % (quoted % EARLIER, b"")) != fingerprint(RSS % (quoted % LATER, b""))


def test_what_is_no_date_counts_wherever_it_stands() -> None:
    odd = b"<pubDate><title>%s</title></pubDate>"
    assert fingerprint(RSS % (odd % b"a", b"")) != fingerprint(RSS % (odd % b"b", b""))


def test_of_a_document_without_items_everything_counts() -> None:
    first, second = (b"<p><date>%s</date></p>" % date for date in (EARLIER, LATER))
    assert fingerprint(first) != fingerprint(second)


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.xml")), ids=lambda path: path.stem)
def test_no_two_of_our_feeds_have_one_fingerprint(path: Path) -> None:
    bodies = {other.read_bytes() for other in FEEDS.glob("*.xml") if other != path}
    assert path.read_bytes() in bodies or fingerprint(path.read_bytes()) not in {fingerprint(body) for body in bodies}
