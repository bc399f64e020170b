from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from aggregator.curating import lists
from aggregator.curating.adding import add_feed
from aggregator.curating.lists import add_many
from aggregator.exchange.opml import Outline
from aggregator.models import Category, Feed
from tests.factories import make_category, make_feed
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


def test_a_list_gets_a_line_for_each_entry_in_its_order() -> None:
    make_feed("Known", url="https://known.example/feed")
    urls = ["https://new.example/feed", "http://known.example/feed", "http://10.0.0.1/", "https://new.example/feed"]
    report = add_many(Outline(url=url) for url in urls)
    assert [(line.url, line.kind) for line in report.lines] == list(
        zip(urls, ["added", "known", "refused", "known"], strict=True)
    )
    assert report.summary == "1 added, 2 already here, 1 refused."


def test_a_list_entry_brings_its_title_site_and_category() -> None:
    entry = Outline(url="https://a.example/feed", title="A", site_url="https://a.example/", category="Friends")
    feed = add_many([entry]).added[0]
    assert (feed.title, feed.site_url, feed.category.name) == ("A", "https://a.example/", "Friends")


def test_a_chosen_category_goes_before_the_lists_own() -> None:
    feed = add_many([Outline(url="https://a.example/feed", category="Theirs")], category="Ours").added[0]
    assert feed.category.name == "Ours"
    assert not Category.objects.filter(name="Theirs").exists()


def test_an_address_in_a_report_cannot_steer_a_terminal() -> None:
    [line] = add_many([Outline(url="http://10.0.0.1/\x1b[2J\nnext")]).lines
    assert "\x1b" not in line.url
    assert "\n" not in line.url


def test_a_list_that_breaks_off_adds_nothing() -> None:
    def broken() -> Iterator[Outline]:
        yield Outline(url="https://a.example/feed")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        add_many(broken())
    assert not Feed.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_stored_bit_by_bit_and_others_get_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[int] = []

    def count_as_somebody_else() -> None:
        make_category()  # who writes, beside us
        stored.append(Feed.objects.count())
        connections.close_all()

    def pause(seconds: float) -> None:
        other = threading.Thread(target=count_as_somebody_else)
        other.start()
        other.join(PATIENCE_SECONDS)
        assert seconds > 0.1  # as long as a waiting SQLite sleeps

    monkeypatch.setattr(lists, "ADDED_AT_ONCE", 2)
    monkeypatch.setattr(lists.time, "sleep", pause)
    report = add_many(Outline(url=f"https://blog{number}.example/feed") for number in range(5))
    assert stored == [2, 4]
    assert report.summary == "5 added, 0 already here, 0 refused."


def test_what_is_known_is_asked_once_for_a_hundred() -> None:
    entries = [Outline(url=f"https://blog{number}.example/feed", title=f"Blog {number}") for number in range(100)]
    with CaptureQueriesContext(connection) as queries:
        add_many(entries)
    assert len(queries) <= 20  # five of them insert: of so many columns SQLite takes only twenty rows at once
    assert Feed.objects.count() == 100


def test_feeds_that_are_added_together_are_as_those_that_are_added_alone() -> None:
    make_feed("Blog", url="https://known.example/feed", slug="blog")
    urls = ["https://a.example/feed", "http://b.example/feed", "http://A.example/feed", "https://b.example/feed"]
    report = add_many(
        Outline(url=url, title="Blog", category="Friends") for url in (*urls, "HTTP://known.example/feed")
    )
    assert [line.kind for line in report.lines] == ["added", "added", "known", "known", "known"]
    assert [feed.url for feed in report.added] == urls[:2]  # of two spellings in a list, the first
    for feed in report.added:
        alone, _ = add_feed(f"{feed.url}2", title="Blog", category="friends")
        left_out = {"id", "url", "slug", "created_at", "next_poll_at"}
        names = [field.name for field in Feed._meta.fields if field.name not in left_out]
        stored = Feed.objects.get(pk=feed.pk)
        assert [getattr(stored, name) for name in names] == [getattr(alone, name) for name in names]
    assert [feed.slug for feed in Feed.objects.order_by("pk")] == ["blog", "blog-2", "blog-3", "blog-4", "blog-5"]


def test_of_an_address_that_is_here_over_http_and_https_the_first_is_named() -> None:
    first = make_feed(url="http://a.example/feed")
    make_feed(url="https://a.example/feed")
    assert add_many([Outline(url="https://a.example/feed")]).lines[0].feed == first
