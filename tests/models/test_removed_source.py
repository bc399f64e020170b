"""Which places on the web an address lies in, and which one is a blog's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator.models import RemovedSource
from aggregator.models.removed_source import own_place


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
    assert "".join(own_place(url, site_url)) == place


def test_with_others_on_the_host_a_place_is_no_wider_than_the_feeds_folder() -> None:
    url, claimed = "https://many.example/alice/feed.xml", "https://many.example/"
    assert own_place(url, claimed, is_host_shared=True) == ("many.example", "/alice/")


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
def test_many_addresses_are_one_question_and_the_narrowest_place_is_told(django_assert_num_queries: object) -> None:
    host, part = (RemovedSource.objects.create(host="spam.example", path=path) for path in ("/", "/casino/"))
    urls = [f"https://spam.example/{path}" for path in ("", "casino/feed", "feed")]
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = RemovedSource.objects.covering(urls)
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
