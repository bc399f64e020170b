"""Which places on the web an address lies in, and which one is a blog's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aggregator.models import RemovedSource
from aggregator.models.removed_source import is_shared, own_place


@pytest.mark.parametrize(
    ("url", "site_url", "place"),
    [
        ("https://www.alice.example/feed.xml", "https://alice.example/", "alice.example/"),
        ("https://alice.example/blog/feed/", "https://alice.example/blog/", "alice.example/blog/"),
        ("https://alice.example/blog/feed.xml", "", "alice.example/blog/"),
        ("https://alice.example/feed.xml", "", "alice.example/"),
        ("https://alice.example/?feed=rss2", "", "alice.example/"),
        ("https://many.example/feed/@alice", "https://many.example/@alice", "many.example/feed/@alice/"),
        ("https://feeds.example/AliceBlog", "https://alice.example/", "feeds.example/AliceBlog/"),
        ("https://mine.example/feed.xml", "https://victim.example/", "mine.example/"),
        (f"https://mine.example/{'a' * 600}/feed", "", "mine.example/"),
        ("http://192.0.2.1/feed.xml", "", "192.0.2.1/"),
    ],
)
def test_a_blogs_own_place_is_on_its_feeds_host(url: str, site_url: str, place: str) -> None:
    assert "".join(own_place(url, site_url) or ()) == place


def test_with_others_on_the_host_a_place_is_no_wider_than_the_feeds_folder() -> None:
    url, claimed = "https://many.example/alice/feed.xml", "https://many.example/"
    assert own_place(url, claimed, is_host_shared=True) == ("many.example", "/alice/")


@pytest.mark.parametrize(
    ("path", "place"),
    [("alice.xml", ("many.example", "/alice.xml/")), ("?feed=alice", None), ("a" * 600 + "/feed.xml", None)],
)
def test_with_others_on_the_host_the_whole_of_it_is_never_one_blogs(path: str, place: object) -> None:
    assert own_place(f"https://many.example/{path}", "", is_host_shared=True) == place


@pytest.mark.parametrize(
    ("other", "is_with_it"),
    [("www.many.example", True), ("alice.many.example", True), ("notmany.example", False), ("example", False)],
)
def test_a_host_is_shared_with_those_below_it(other: str, is_with_it: bool) -> None:
    assert is_shared("www.many.example", {other}) is is_with_it


COVERED = [
    ("spam.example", "/", "https://spam.example/feed.xml"),
    ("spam.example", "/", "http://www.spam.example"),
    ("spam.example", "/", "https://a.b.spam.example/x/y?z"),
    ("many.example", "/alice/", "https://many.example/alice"),
    ("many.example", "/alice/", "https://many.example/alice/2026/feed.xml"),
    ("192.0.2.1", "/", "http://192.0.2.1/feed"),
]
NOT_COVERED = [
    ("spam.example", "/", "https://nospam.example/"),
    ("spam.example", "/", "https://example/"),
    ("many.example", "/alice/", "https://many.example/alicemore/feed"),
    ("many.example", "/alice/", "https://many.example/"),
    ("many.example", "/alice/", "https://sub.many.example/alice/"),
    ("2.1", "/", "http://192.0.2.1/feed"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "path", "url", "is_covered"),
    [(*each, True) for each in COVERED] + [(*each, False) for each in NOT_COVERED],
)
def test_a_removed_place_covers_what_lies_in_it(host: str, path: str, url: str, is_covered: bool) -> None:
    row = RemovedSource.objects.create(host=host, path=path)
    assert RemovedSource.objects.covering([url]) == ({url: row} if is_covered else {})


@pytest.mark.django_db
def test_many_addresses_are_one_question_and_the_narrowest_place_is_told() -> None:
    host, part = (RemovedSource.objects.create(host="spam.example", path=path) for path in ("/", "/casino/"))
    urls = [f"https://spam.example/{path}" for path in ("", "casino/feed", "feed")]
    with CaptureQueriesContext(connection) as queries:
        found = RemovedSource.objects.covering(urls)
    assert len(queries) == 1
    assert [found[url] for url in urls] == [host, part, host]


@pytest.mark.django_db
def test_what_was_removed_for_some_time_comes_back_after_it() -> None:
    now = timezone.now()
    for host, until in (("over.example", now - timedelta(hours=1)), ("now.example", now + timedelta(hours=1))):
        RemovedSource.objects.create(host=host, until=until)
    assert list(RemovedSource.objects.covering(["https://over.example/", "https://now.example/"])) == [
        "https://now.example/"
    ]


@pytest.mark.django_db
def test_the_sentence_names_place_day_end_and_reason() -> None:
    row = RemovedSource(host="many.example", path="/alice/", reason="Casino spam.", created_at=timezone.now())
    row.created_at = row.created_at.replace(year=2026, month=3, day=2)
    assert row.sentence == "many.example/alice was removed from this site on 02 Mar 2026: Casino spam"
    row.until, row.reason = row.created_at.replace(year=2027), ""
    assert row.sentence == "many.example/alice was removed from this site on 02 Mar 2026, until 02 Mar 2027"
