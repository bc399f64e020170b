"""When posts were published: of all that stands in a document, and in the addresses of its posts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.ingest.address_dates import day_in_address, month_in_address
from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.types import Document

NOW = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
FEED_URL = "https://blog.example/feed"
MOMENT = datetime(2026, 5, 7, 10, tzinfo=UTC)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
)


def read(text: str) -> Document:
    return normalize(parse(text, FEED_URL, ""), url=FEED_URL, now=NOW)


def rss(*items: str) -> Document:
    return read(f'<rss version="2.0" {NAMESPACES}><channel><title>A blog</title>{"".join(items)}</channel></rss>')


def published(date: str = "", *, title: str = "Hello", link: str = "/hello") -> datetime | None:
    (item,) = rss(f"<item><title>{title}</title><link>https://blog.example{link}</link>{date}</item>").items
    return item.published_at


@pytest.mark.parametrize(
    "name",
    [
        *("pubDate", "PUBDATE", "date", "published", "created", "issued", "dc:date", "dc:created", "dcterms:issued"),
        *("dcterms:created", "dcterms:date", "dcterms:available", "dcterms:dateSubmitted", "prism:publicationDate"),
        *("atom:published", "atom:updated", "itunes:pubDate"),
    ],
)
def test_a_date_is_found_by_any_of_its_names(name: str) -> None:
    assert published(f"<{name}>2026-05-07T10:00:00Z</{name}>") == MOMENT


@pytest.mark.parametrize("bad", ["", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +0000"])
def test_beside_a_date_that_says_nothing_another_counts(bad: str) -> None:
    assert published(f"<pubDate>{bad}</pubDate><dc:date>2026-05-07T10:00:00Z</dc:date>") == MOMENT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date_published", "2026-05-07T10:00:00Z"),
        ("date_published", "Thu, 07 May 2026 10:00:00 GMT"),
        ("date_published", 1778148000),
        ("date_published", 1778148000.25),
        ("date_published", 1778148000000),
        ("datePublished", "2026-05-07T10:00:00Z"),
        ("published_at", "2026-05-07T10:00:00Z"),
        ("pubDate", "2026-05-07T10:00:00Z"),
        ("created_at", "2026-05-07T10:00:00Z"),
    ],
)
def test_a_json_feed_may_call_it_otherwise_and_count_seconds(name: str, value: str | float) -> None:
    entry = {"id": "1", "content_text": "Hello", "date_published": None, name: value}
    (item,) = read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [entry]})).items
    assert item.published_at == MOMENT


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), 10**30, [], {}])
def test_what_is_no_date_in_a_json_feed_is_none(value: object) -> None:
    entry = {"id": "1", "content_text": "Hello", "date_published": value}
    (item,) = read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [entry]})).items
    assert item.published_at is None


@pytest.mark.parametrize(
    "link",
    [
        "/2026/05/07/hello",
        "/2026/5/7/hello.html",
        "/entry/2026/05/07/100000",
        "/blog/2026-05-07-hello.html",
        "/2026.05.07/",
        "/20260507.html",
        "/diary.html#20260507",
        "/diary#2026-05-07",
    ],
)
def test_an_undated_post_has_the_day_that_its_address_names(link: str) -> None:
    assert published(link=link) == datetime(2026, 5, 7, tzinfo=UTC)
    assert published("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", link=link) == datetime(2026, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "link",
    ["/2026/05/hello", "/2026/13/07/", "/1820260507", "/v2026.05/", "/?2026-05-07", "/2036/05/07/", "/2026/02/30/"],
)
def test_an_address_that_names_no_day_of_the_past_dates_nothing(link: str) -> None:
    assert published(link=link) is None


def test_what_a_post_says_counts_more_than_its_address() -> None:
    assert published("<pubDate>Thu, 07 May 2026 10:00:00 GMT</pubDate>", link="/2019/01/01/") == MOMENT


@pytest.mark.parametrize("title", ["2026-05-07", "7 May 2026", "Thursday, May 7th, 2026", "2026年5月7日"])
def test_an_undated_post_has_the_day_that_its_whole_title_is(title: str) -> None:
    assert published(title=title) == datetime(2026, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "title", ["All that I wrote on 7 May 2026", "1704450615", "2026", "7 May 2036", "Django 5.2.12"]
)
def test_a_title_that_is_no_day_of_the_past_dates_nothing(title: str) -> None:
    assert published(title=title) is None


@pytest.mark.parametrize("link", ["/2026/06/07/hello", "/2026/06/06/hello"])
def test_today_and_yesterday_are_left_to_the_moment_at_which_a_post_is_seen(link: str) -> None:
    assert published(link=link) is None


def items_published(*moments: datetime) -> Document:
    return rss(
        *(
            f"<item><title>{number}</title><guid>{number}</guid><pubDate>{moment.isoformat()}</pubDate></item>"
            for number, moment in enumerate(moments)
        )
    )


@pytest.mark.parametrize("seconds_apart", [0, 10])
def test_posts_that_were_all_published_just_now_have_no_date(seconds_apart: int) -> None:
    now = NOW - timedelta(minutes=1)
    document = items_published(*(now + timedelta(seconds=seconds_apart * number) for number in range(4)))
    assert [item.published_at for item in document.items] == [None] * 4


@pytest.mark.parametrize(
    "moments",
    [
        [NOW - timedelta(minutes=1)] * 3,
        [NOW - timedelta(days=2)] * 9,
        [*[NOW - timedelta(minutes=1)] * 8, NOW - timedelta(hours=1)],
        [NOW - timedelta(minutes=1), NOW - timedelta(hours=1), *[NOW - timedelta(minutes=1)] * 8],
    ],
)
def test_a_few_posts_and_those_of_other_days_keep_their_date(moments: list[datetime]) -> None:
    assert [item.published_at for item in items_published(*moments).items] == moments


def test_a_month_is_found_in_an_address() -> None:
    assert month_in_address("https://blog.example/2019/05/hello") == datetime(2019, 5, 1, tzinfo=UTC)
    assert month_in_address("https://blog.example/2019/50/hello") is None


@pytest.mark.parametrize("url", ["", "http://[", "https://blog.example/2026/02/31/"])
def test_an_address_of_no_use_names_no_day(url: str) -> None:
    assert day_in_address(url) is None
