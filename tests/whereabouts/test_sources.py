"""Which sources an address is taken to belong to: those at whose place it lies, not those that merely claim it."""

from __future__ import annotations

import pytest

from aggregator.models import Feed, RemovedSource
from aggregator.whereabouts import sources
from aggregator.whereabouts.answer import answer
from aggregator.whereabouts.asked import read
from aggregator.whereabouts.causes import Cause
from aggregator.whereabouts.sources import MAX_NAMED, place_of
from tests.factories import NOW, make_feed

pytestmark = pytest.mark.django_db
OURS = "https://planet.example"


def found(text: str) -> list[str]:
    return [each.feed.title for each in place_of(read(text, OURS)).sources]


@pytest.fixture
def platform() -> None:
    """Three blogs on one host, one of them by a folder of its feed alone."""
    make_feed("Ann", url="https://host.example/feed/@ann", site_url="https://host.example/@ann")
    make_feed("Bob", url="https://host.example/bob/feed.xml", site_url="https://bob.example/")
    make_feed("Cy", url="https://host.example/cy/rss", site_url="")


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("https://host.example/@ann/my-post", "Ann"),
        ("host.example/@ann/", "Ann"),
        ("https://host.example/feed/@ann", "Ann"),
        ("http://www.host.example/bob/2026/post", "Bob"),
        ("https://bob.example/2026/post", "Bob"),
        ("https://host.example/cy/post?a=b", "Cy"),
    ],
)
def test_of_many_on_one_host_the_one_whose_place_it_is(text: str, title: str) -> None:
    assert found(text) == [title]


@pytest.mark.usefixtures("platform")
def test_few_on_a_host_are_named_where_no_place_fits() -> None:
    assert found("https://host.example/dee/post") == ["Ann", "Bob", "Cy"]
    make_feed("Dee", url="https://host.example/d/feed.xml", site_url="")
    assert found("https://host.example/else/post") == []


def test_of_those_that_it_fits_equally_well_a_few_are_named() -> None:
    for number in range(MAX_NAMED + 1):
        make_feed(f"Feed {number}", url=f"https://blog.example/{number}.xml", site_url="https://blog.example/")
    assert found("https://blog.example/post") == ["Feed 0", "Feed 1", "Feed 2"]


def test_a_feed_that_claims_a_site_stands_behind_one_that_is_read_there() -> None:
    make_feed("Claims", url="https://evil.example/feed.xml", site_url="https://blog.example/2026/post")
    assert found("https://blog.example/2026/post") == ["Claims"]
    make_feed("Lives there", url="https://blog.example/feed.xml", site_url="https://blog.example/")
    assert found("https://blog.example/2026/post") == ["Lives there"]


def test_a_feed_is_found_by_where_it_was_read() -> None:
    make_feed("Led", url="https://feeds.example/led", site_url="", leads_to="https://there.example/rss.xml")
    assert found("http://there.example/rss.xml") == ["Led"]


def test_a_public_source_is_named_rather_than_one_that_nobody_may_know_of() -> None:
    hidden = {"url": "https://blog.example/b.xml", "site_url": "https://blog.example/", "state": Feed.State.PENDING}
    make_feed("Pending", **hidden, last_ok_at=None)
    assert [each.cause for each in place_of(read("blog.example/post", OURS)).sources] == [Cause.PENDING]
    make_feed("Public", url="https://blog.example/a.xml", site_url="https://blog.example/")
    assert found("blog.example/post") == ["Public"]


def test_one_that_is_not_public_is_told_of_at_its_own_place_alone() -> None:
    make_feed(url="https://host.example/ann/feed.xml", site_url="", state=Feed.State.PENDING, last_ok_at=None)
    assert [each.cause for each in place_of(read("host.example/ann/post", OURS)).sources] == [Cause.PENDING]
    assert [found(text) for text in ("host.example/post", "host.example", "host.example/anna/post")] == [[], [], []]


def test_a_rejected_feed_that_was_never_here_is_unknown() -> None:
    feed = make_feed(url="https://blog.example/feed.xml", state=Feed.State.REJECTED, last_ok_at=None)
    assert answer(read(feed.url, OURS)).cause == Cause.UNKNOWN
    Feed.objects.filter(pk=feed.pk).update(last_ok_at=NOW)
    assert answer(read(feed.url, OURS)).cause == Cause.TAKEN_OFF
    RemovedSource.objects.create(host="blog.example", reason="It was sold.")
    assert answer(read(feed.url, OURS)).cause == Cause.REMOVED


def test_a_source_that_is_here_though_its_place_was_removed_is_here() -> None:
    feed = make_feed(url="https://blog.example/feed.xml")
    RemovedSource.objects.create(host="blog.example")
    assert answer(read(feed.url, OURS)).cause == Cause.SOURCE


def test_of_more_on_a_host_than_are_looked_at_those_that_name_the_address_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_ROWS", 2)
    for name in ("ann", "bob", "cy"):
        make_feed(name, url=f"https://host.example/{name}/feed.xml", site_url=f"https://host.example/{name}/")
    for text in ("host.example/cy/feed.xml", "host.example/cy", "host.example/cy/post"):
        assert found(text) == ["cy"]
