"""Who knows only the date of a page gets 304 for that page, and for no other one (RFC 9110 section 8.8.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.utils.http import http_date

from aggregator.models import SiteState
from aggregator.pages import caching
from aggregator.pages.stored import StoredPages
from tests.factories import NOW, make_feed
from tests.pages.conftest import Answer, Ask, asking
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db

PATHS = ("/", "/source/north/", "/atom.xml", "/source/north/feed.json", "/opml.xml")
CHANGED = NOW.replace(microsecond=200_000)
DATE = http_date(NOW.timestamp())


@pytest.fixture(params=["stored", "made"])
def asks(request: pytest.FixtureRequest, lasting_connection: None) -> Ask:
    """By either way: pages from the store, after the first time, or made each time."""
    return asking(StoredPages(WSGIHandler()) if request.param == "stored" else WSGIHandler())


SetClock = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the clock that pages look at. The process started long ago, and the site changes at `CHANGED`."""

    def set_clock(now: datetime) -> None:
        monkeypatch.setattr(caching, "_now", now.timestamp)

    set_clock(NOW + timedelta(minutes=11))
    monkeypatch.setattr(caching, "_STARTED_AT", (NOW - timedelta(days=1)).timestamp())
    store_items(make_feed("North"), make_item("one"), title="North", now=CHANGED)
    return set_clock


def by_date(asks: Ask, path: str, date: str) -> Answer:
    return asks(path, HTTP_IF_MODIFIED_SINCE=date)


@pytest.mark.parametrize("path", PATHS)
def test_who_sends_the_date_back_gets_no_bytes(asks: Ask, clock: SetClock, path: str) -> None:
    for page in (asks(path), asks(path)):
        assert page.headers["Last-Modified"] == DATE
    answer = by_date(asks, path, DATE)
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", page.headers["ETag"])
    assert answer.headers["Last-Modified"] == DATE
    assert asks(path, HTTP_IF_NONE_MATCH='"other"', HTTP_IF_MODIFIED_SINCE=DATE).status == 200


@pytest.mark.parametrize("date", ["yesterday", "", http_date(0), http_date(NOW.timestamp() + 60)])
def test_another_date_says_nothing(asks: Ask, clock: SetClock, date: str) -> None:
    """Also a later one: where a clock was ahead or a backup is restored, a page has the date of before."""
    for _ in range(2):
        assert by_date(asks, "/", date).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_date_is_told_once_no_other_change_can_have_it(asks: Ask, clock: SetClock, path: str) -> None:
    clock(CHANGED + timedelta(minutes=2))
    assert "Last-Modified" not in asks(path).headers
    assert "Last-Modified" not in asks(path).headers
    assert by_date(asks, path, DATE).status == 200
    feed = make_feed("Other")
    store_items(feed, make_item("two"), title="Other", now=CHANGED + timedelta(milliseconds=600))
    clock(CHANGED + timedelta(minutes=11))
    assert asks(path).headers["Last-Modified"] == DATE
    assert by_date(asks, path, DATE).status == 304


def test_another_build_has_no_date_of_before(
    asks: Ask, clock: SetClock, lasting_connection: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks("/")
    monkeypatch.setattr(caching, "_STARTED_AT", CHANGED.timestamp() + 20)
    monkeypatch.setattr(caching, "build", lambda: "other")
    anew = asking(StoredPages(WSGIHandler()))
    for _ in range(2):
        page = by_date(anew, "/", DATE)
        assert (page.status, page.headers.get("Last-Modified")) == (200, None)
    SiteState.objects.touch(later := CHANGED + timedelta(seconds=40))
    assert anew("/").headers["Last-Modified"] == http_date(later.timestamp())


def test_a_site_where_nothing_changed_yet_has_no_date(asks: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_STARTED_AT", -1.0)
    for _ in range(2):
        assert "Last-Modified" not in asks("/").headers
        assert asks("/", HTTP_IF_UNMODIFIED_SINCE=http_date(0)).status == 200, "as there is no date"
