"""Titles come out as their authors wrote them, from feeds whose label is wrong and from feeds whose text is damaged:
over HTTP, through the parser and the database, onto the page.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from aggregator.models import Entry, Feed
from aggregator.polling.conductor import poll
from tests.factories import NOW, make_feed
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db

PARTY, LEAK, STREET = "Q1 2026! 🎉", "A memory “leak”", "Straße"
DAMAGED = {PARTY: "Q1 2026! πŸŽ‰", LEAK: "A memory β€œleak”", STREET: "StraÃŸe"}
LABELS = ["windows-1253", "iso-8859-1", "", "utf-8"]

labels = pytest.mark.parametrize("label", LABELS, ids=[label or "nothing" for label in LABELS])


def rss(*titles: str, label: str = "") -> str:
    """A feed with a post of each title, which its content repeats."""
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else '<?xml version="1.0"?>'
    items = "".join(
        f"<item><title>{title}</title><guid>urn:post:{number}</guid><link>https://blog.example/{number}</link>"
        f"<pubDate>Tue, 23 Jun 2026 1{number}:00:00 GMT</pubDate>"
        f"<description>&lt;p lang='x'&gt;{title}&lt;/p&gt;</description></item>"
        for number, title in enumerate(titles)
    )
    site = "<title>Blog</title><link>https://blog.example/</link><description/>"
    return f'{declaration}<rss version="2.0"><channel>{site}{items}</channel></rss>'


def polled(server: FeedServer, body: bytes, label: str = "") -> Feed:
    content_type = f"text/xml; charset={label}" if label else "text/xml"
    url = server.add("/feed", Answer(body, headers={"Content-Type": content_type}))
    feed = make_feed(url=url, state=Feed.State.PENDING, last_ok_at=None)
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    return feed


def stored() -> set[str]:
    return set(Entry.objects.values_list("title", flat=True))


@labels
def test_utf_8_is_read_as_utf_8_whatever_the_label(feed_server: FeedServer, label: str) -> None:
    polled(feed_server, rss(*DAMAGED, label=label).encode(), label)
    assert stored() == set(DAMAGED)


@labels
def test_utf_8_with_one_byte_of_another_encoding_is_read_as_utf_8_whatever_the_label(
    feed_server: FeedServer, label: str
) -> None:
    body = rss(*DAMAGED, "Wrong byte: @", label=label).encode().replace(b"@", b"\xff")
    polled(feed_server, body, label)
    # As its label reads it, if that has a letter there; else as nearly all software did that mixed two.
    wrong = "\ufffd" if label == "windows-1253" else "ÿ"
    assert stored() == {*DAMAGED, f"Wrong byte: {wrong}"}


@labels
def test_damaged_titles_are_mended_whatever_the_label(feed_server: FeedServer, label: str) -> None:
    polled(feed_server, rss(*DAMAGED.values(), label=label).encode(), label)
    assert stored() == set(DAMAGED)


@labels
def test_damaged_titles_with_one_bad_byte_are_mended(feed_server: FeedServer, label: str) -> None:
    body = rss(*(f"{title} @" for title in DAMAGED.values()), label=label).encode().replace(b"@", b"\xff")
    polled(feed_server, body, label)
    assert stored() == {f"{title} \ufffd" for title in DAMAGED}


@pytest.mark.parametrize(("title", "damaged"), DAMAGED.items())
def test_a_damaged_title_in_references_is_mended(feed_server: FeedServer, title: str, damaged: str) -> None:
    polled(feed_server, rss(damaged).encode("ascii", "xmlcharrefreplace"))
    assert stored() == {title}


@pytest.mark.parametrize(
    ("title", "encoding"),
    [(STREET, "iso-8859-1"), (LEAK, "windows-1252"), (LEAK, "windows-1253"), ("Καλημέρα", "windows-1253")],
)
def test_what_really_is_in_an_old_encoding_is_read_in_it(feed_server: FeedServer, title: str, encoding: str) -> None:
    # Greek software wrote “ as one byte that windows-1252 has, too.
    polled(feed_server, rss(title, label=encoding).encode(encoding), encoding)
    assert stored() == {title}


@pytest.mark.parametrize("title", DAMAGED)
def test_the_page_shows_what_the_author_wrote(client: Client, feed_server: FeedServer, title: str) -> None:
    polled(feed_server, rss(DAMAGED[title], label="windows-1253").encode(), "windows-1253")
    page = unescape(client.get("/").content.decode())
    assert page.count(title) >= 2  # the headline and the content
    assert DAMAGED[title] not in page


def test_a_title_that_is_right_next_to_a_damaged_one_stays(feed_server: FeedServer) -> None:
    polled(feed_server, rss("Ã© is what é becomes", "Καλημέρα κόσμε", DAMAGED[STREET]).encode())
    assert stored() == {"Ã© is what é becomes", "Καλημέρα κόσμε", STREET}


def test_an_entry_that_was_stored_damaged_is_mended_in_its_place(feed_server: FeedServer) -> None:
    feed = polled(feed_server, rss(DAMAGED[STREET]).encode())
    entry = Entry.objects.get()
    Entry.objects.update(title=DAMAGED[STREET], content_html=f"<p>{DAMAGED[STREET]}</p>", content_hash="before")
    feed_server.add("/feed", Answer(rss(DAMAGED[STREET]).encode() + b"<!-- built anew -->"))
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    mended = Entry.objects.get()
    assert (mended.pk, mended.title, mended.content_html) == (entry.pk, STREET, f"<p>{STREET}</p>")


def test_a_post_without_guid_and_link_keeps_its_identity_when_it_is_mended(feed_server: FeedServer) -> None:
    body = rss(DAMAGED[STREET]).replace("<guid>urn:post:0</guid><link>https://blog.example/0</link>", "")
    feed = polled(feed_server, body.encode())
    Entry.objects.update(title=DAMAGED[STREET], content_hash="before")
    feed_server.add("/feed", Answer(body.encode() + b"<!-- built anew -->"))
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    assert stored() == {STREET}
    assert Entry.objects.count() == 1


# Dates, authors and sources, as they end on a row


UNDATED = NOW - timedelta(days=30)
"""Where a first poll puts a post whose date nothing tells."""


def dated(text: str) -> bytes:
    return rss("A post").replace("Tue, 23 Jun 2026 10:00:00 GMT", text).encode()


def poll_again(server: FeedServer, feed: Feed, body: bytes, *, hours: int) -> Entry:
    server.add("/feed", Answer(body))
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW + timedelta(hours=hours))
    return Entry.objects.get()


@pytest.mark.parametrize("text", ["2024-02-30", "-0001-01-01T00:00:00Z", "2024-13-01", "31 Apr 2024 10:00:00 GMT"])
def test_a_day_that_no_calendar_has_is_no_date(feed_server: FeedServer, text: str) -> None:
    polled(feed_server, dated(text))
    entry = Entry.objects.get()
    assert (entry.published_at, entry.timeline_at) == (None, UNDATED)


@pytest.mark.parametrize("text", ["2026-06-24T20:00:00Z", "2026-06-26T20:00:00Z", "2097-01-01"])
def test_a_date_in_the_future_pins_nothing_and_its_correction_moves_the_post(
    feed_server: FeedServer, text: str
) -> None:
    feed = polled(feed_server, dated(text))
    assert Entry.objects.get().timeline_at == NOW
    assert poll_again(feed_server, feed, dated(text) + b"<!-- again -->", hours=6).timeline_at == NOW
    corrected = poll_again(feed_server, feed, dated("Tue, 23 Jun 2026 09:00:00 GMT"), hours=12)
    assert corrected.timeline_at == datetime(2026, 6, 23, 9, tzinfo=UTC)


def test_an_entry_of_a_planet_keeps_its_source_and_inherits_its_author(feed_server: FeedServer) -> None:
    author = "<author><name>JosÃ© NÃºÃ±ez</name></author>"
    source = f'<source><title>BlÃ¤tter</title>{author}<link href="https://b.org/"/></source>'
    entry = f"<entry><id>urn:1</id><title>One</title>{source}<content>Text</content></entry>"
    polled(feed_server, f'<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title>{entry}</feed>'.encode())
    stored = Entry.objects.get()
    assert (stored.author, stored.source_title, stored.source_url) == ("José Núñez", "Blätter", "https://b.org/")


def test_an_entry_without_an_author_has_that_of_its_feed(feed_server: FeedServer) -> None:
    entry = "<author><name>Ada</name></author><entry><id>urn:1</id><title>One</title></entry>"
    polled(feed_server, f'<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title>{entry}</feed>'.encode())
    assert Entry.objects.get().author == "Ada"
