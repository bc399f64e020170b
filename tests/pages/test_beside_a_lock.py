"""Pages beside a program that keeps SQLite's write lock: who only reads needs no lock, and waits for none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.documents import rss
from tests.factories import NOW
from tests.locks import locked
from tests.patience import PATIENCE_SECONDS
from tests.processes import Site
from tests.servers import Answer, FeedServer

POSTS = [(f"Post {number}", NOW - timedelta(days=number)) for number in range(3)]
OF_A_SITE = ("", "sources/", "about/", "archive/2026/06/", "archive/2026/06/24/", "healthz")
OF_FEEDS = ("atom.xml", "rss20.xml", "feed.json", "opml.xml", "source/blog-0/atom.xml", "source/blog-0/feed.json")
FOUND = (*OF_A_SITE, *OF_FEEDS, "post/1/", "source/blog-0/")
MISSING = ("nowhere/", "post/999/", "source/nobody/")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("empty")
    return Site(folder / "orrery.sqlite3", folder / "data")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("filled")
    site = Site(folder / "orrery.sqlite3", folder / "data")
    with FeedServer() as server:
        for number in range(3):
            url = server.add(f"/{number}", Answer(rss(f"Blog {number}", POSTS, site_url=f"https://b{number}.example/")))
            assert site.manage("add_feed", url).returncode == 0
        yield site


def statuses(address: str, paths: tuple[str, ...]) -> dict[str, int]:
    return {path: status(address + path) for path in paths}


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


# Whoever waited for the lock would get a 500: for as long as it is taken, or from then on.
def test_every_public_page_is_shown_by_a_fresh_process_while_another_program_has_the_lock(filled: Site) -> None:
    with locked(filled.database, PATIENCE_SECONDS), filled.web_server() as address:
        assert statuses(address, FOUND) == dict.fromkeys(FOUND, 200)
        assert statuses(address, MISSING) == dict.fromkeys(MISSING, 404)


@pytest.mark.slow
def test_every_public_page_is_shown_once_the_lock_is_free_again(filled: Site) -> None:
    with filled.web_server() as address:
        with locked(filled.database, PATIENCE_SECONDS):
            statuses(address, FOUND)
        assert statuses(address, FOUND) == dict.fromkeys(FOUND, 200)


@pytest.mark.slow
def test_a_site_without_a_row_of_its_state_needs_no_lock_either(empty: Site) -> None:
    with locked(empty.database, PATIENCE_SECONDS), empty.web_server() as address:
        assert statuses(address, OF_A_SITE[:3]) == dict.fromkeys(OF_A_SITE[:3], 200)
