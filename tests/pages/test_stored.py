"""Public pages are made once for a version of the site, by whichever way they are asked for; and never shown later."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from aggregator.curating.entries import hide
from aggregator.models import Entry, Feed, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.pages import stored, views
from aggregator.pages.stored import StoredPage
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.pages.conftest import Ask
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db

VERSIONS: dict[Any, list[str]] = {
    SiteState: ["version", "changed_at", "shared_version", "shared_changed_at"],
    Feed: ["shown_version", "shown_changed_at"],
}


@pytest.fixture
def entry() -> Entry:
    """One of a hundred posts of a feed in a category."""
    feed = make_feed("North", category=make_category("Web"))
    entries = [make_entry(feed, f"Post {number} of hundred", days_ago=number + 1) for number in range(100)]
    refresh_counts([feed])
    SiteState.objects.touch(NOW)
    return entries[0]


@pytest.mark.parametrize("path", ["/", "/category/web/", "/source/north/", "/sources/", "/atom.xml", "/feed.json"])
def test_a_page_that_was_made_is_sent_again_after_one_question(ask: Ask, entry: Entry, path: str) -> None:
    first, second = ask(path), ask(path)
    assert (first.status, second.status, second.questions) == (200, 200, 1)
    assert first.questions > 1
    assert (first.headers, first.body) == (second.headers, second.body)


def test_what_changes_is_shown_at_once(ask: Ask, entry: Entry) -> None:
    assert entry.title in ask().text
    hide(Entry.objects.filter(pk=entry.pk), timezone.now())
    assert entry.title not in ask().text
    assert entry.title not in ask().text


def test_a_page_that_changes_while_it_is_made_is_made_again(
    ask: Ask, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = views.newest

    def read_and_be_overtaken(*given: object) -> object:
        found = read(*given)
        Entry.objects.filter(pk=entry.pk).update(title="As it is now")
        SiteState.objects.touch(timezone.now())
        return found

    with monkeypatch.context() as patch:
        patch.setattr(views, "newest", read_and_be_overtaken)
        assert "As it is now" not in ask().text
    assert "As it is now" in ask().text


@pytest.mark.parametrize("path", ["/", "/source/north/"])
def test_where_a_backup_was_restored_no_page_of_before_comes_back(ask: Ask, path: str) -> None:
    """As many changes later, the versions must be others than those before."""
    feed = make_feed("North")
    store_items(feed, make_item("one"), title="North")
    backup = [(table, table.objects.values(*fields).get()) for table, fields in VERSIONS.items()]
    store_items(feed, make_item("lost"), title="North")
    before = ask(path)
    assert "lost" in before.text
    Entry.objects.filter(guid="urn:lost").delete()
    for table, fields in backup:
        table.objects.update(**fields)
    store_items(feed, make_item("two"), title="North")
    after = ask(path, HTTP_IF_NONE_MATCH=before.headers["ETag"])
    assert (after.status, "lost" in after.text, "two" in after.text) == (200, False, True)


def test_who_has_the_page_gets_no_bytes(ask: Ask, entry: Entry) -> None:
    page = ask()
    answer = ask(HTTP_IF_NONE_MATCH=f'"other", {page.headers["ETag"]}')
    assert (answer.status, answer.body, answer.questions) == (304, b"", 1)
    assert answer.headers.keys() == page.headers.keys() - {"Content-Type", "Content-Length"}
    assert ask(HTTP_IF_NONE_MATCH='"other"').status == 200
    assert ask(HTTP_IF_MATCH='"other"').status == 412


@pytest.mark.parametrize("packing", ["br", "gzip"])
def test_packed_and_plain_are_two_pages_of_one_text(ask: Ask, entry: Entry, packing: str) -> None:
    for _ in range(2):
        plain, packed = ask(), ask(HTTP_ACCEPT_ENCODING=packing)
        assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, packing)
        assert plain.text == packed.text
        assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert ask(HTTP_ACCEPT_ENCODING=packing, HTTP_IF_NONE_MATCH=packed.headers["ETag"]).status == 304


def test_of_the_query_only_what_a_page_reads_makes_another_one(ask: Ask, entry: Entry) -> None:
    first = ask("/source/north/")
    assert ask("/source/north/", "utm_source=x&utm_medium=y").questions == 1
    older = ask("/source/north/", f"before={entry.pk}&fbclid=1")
    assert older.body != first.body
    assert ask("/source/north/", f"before={entry.pk}") == ask("/source/north/", f"x=y&before={entry.pk}")
    assert ask("/source/north/", f"before=x&before={entry.pk}").questions == 1, "the last one counts"
    assert ask("/source/north/", "before=").status == 404
    assert ask("/source/north/").body == first.body


def test_a_head_has_the_headers_and_makes_no_page(ask: Ask, entry: Entry) -> None:
    assert ask(method="HEAD").questions > 1
    page = ask()
    head = ask(method="HEAD")
    assert (head.status, head.headers, head.body, head.questions) == (200, page.headers, b"", 1)


@pytest.mark.parametrize("path", ["/about/", "/admin/login/", "/nowhere/", "/healthz", "/post/999999/"])
def test_what_is_not_for_everybody_or_not_there_is_made_each_time(ask: Ask, entry: Entry, path: str) -> None:
    ask(path)
    again = ask(path, "", "GET")
    assert again.status in {200, 404}
    assert ask(path).headers.get("ETag") is None


def test_no_other_method_gets_a_stored_page(ask: Ask, entry: Entry) -> None:
    ask()
    assert ask(method="POST").status == 403


HOSTS = ("testserver:1", "TestServer:8000", "planet.example", "www.planet.example.:81", "[::1]:8000")


@pytest.mark.parametrize(
    "path", ["/", "/category/web/", "/source/north/", "/sources/", "/atom.xml", "/source/north/feed.json"]
)
def test_all_hosts_and_ports_of_a_site_have_one_page(
    ask: Ask, ask_anew: Ask, entry: Entry, settings: Settings, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", ".planet.example", "[::1]"]
    page = ask(path)
    for host in HOSTS:
        again = ask(path, HTTP_HOST=host)
        assert (again.questions, again.headers, again.body) == (1, page.headers, page.body)
        anew = ask_anew(path, HTTP_HOST=host)
        assert (anew.headers, anew.body) == (page.headers, page.body), "none reads which one it is"


def test_each_scheme_has_pages_of_its_own(ask: Ask, entry: Entry) -> None:
    ask()
    assert ask(scheme="https").questions > 1


@pytest.mark.parametrize(
    "host", ["evil.example", "", "testserver:x", "testserver:1:2", "testserver/", "testserver@evil"]
)
def test_a_host_that_is_not_the_sites_gets_no_page(ask: Ask, entry: Entry, host: str) -> None:
    ask()
    assert ask(HTTP_HOST=host).status == 400


def test_who_unpacks_is_told_as_django_does(ask: Ask, entry: Entry) -> None:
    """What isn't that word must not put its page where the others look for theirs."""
    for said in ("gzip", "agzipb", "gzip"):
        assert ask(HTTP_ACCEPT_ENCODING=said).headers.get("Content-Encoding") == {"gzip": "gzip"}.get(said)


@pytest.mark.parametrize(("path", "question"), [("/", "version_now"), ("/source/north/", "source_version_now")])
def test_while_the_database_is_away_django_says_so(
    ask: Ask, entry: Entry, monkeypatch: pytest.MonkeyPatch, path: str, question: str
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError

    ask(path)
    closed: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(stored, question, fail)
        patch.setattr(stored.connection, "close", lambda: closed.append(True))  # it has the test's transaction
        assert ask(path).questions > 1
    assert closed, "the next request gets a connection that works"
    assert ask(path).questions == 1


def test_pages_are_kept_within_bounds(ask: Ask, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(ask().body)
    monkeypatch.setattr(stored, "MAX_STORED_BYTES", size + 10)
    ask("/source/north/")
    assert ask().questions > 1, "what nobody asked for longest is gone"
    monkeypatch.setattr(stored, "MAX_PAGE_BYTES", size - 1)
    SiteState.objects.touch(timezone.now())
    ask()
    assert ask().questions > 1


def test_small_pages_count_with_all_that_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MAX_STORED_BYTES", 2**20)
    shelf = stored.Shelf()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(3000):
        headers = [(f"X-{name}", f"{number} {'x' * 50}") for name in range(14)]
        headers_of_304 = headers[:10]
        shelf.put(f"/{number}", StoredPage(headers, b"x" * 300, f'"{number}"', None, number, headers_of_304))
        del headers, headers_of_304
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert 2**19 < taken < 1.1 * 2**20


def test_behind_a_proxy_no_page_is_older_than_ten_seconds(ask: Ask, entry: Entry) -> None:
    said = dict(part.strip().partition("=")[::2] for part in ask().headers["Cache-Control"].split(","))
    assert int(said["s-maxage"]) + int(said["stale-while-revalidate"]) <= 10
    assert said["max-age"] == "0"
