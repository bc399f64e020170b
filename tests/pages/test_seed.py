"""The pages of the site that Orrery reproduces: feeds over HTTP in, the same outline out, row for row."""

from __future__ import annotations

import importlib.util
import json
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client

from aggregator.models import Feed
from aggregator.polling.conductor import poll
from tests.factories import make_feed
from tests.servers import Answer, FeedServer

SEED = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "seed"
KINDS = {"h2": "date", "h3": "feed", "h4": "entry", "time": "stamp"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SEED.is_dir(), reason="the saved pages are not here (../shared/seed)"),
]


class Outline(HTMLParser):
    """Every h2, h3, h4 and time inside of main, as [kind, text]."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_main = False
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_main = self._in_main or tag == "main"
        if self._in_main and tag in KINDS:
            self._open = tag
            self.rows.append([KINDS[tag], ""])

    def handle_endtag(self, tag: str) -> None:
        self._in_main = self._in_main and tag != "main"
        if tag == self._open:
            self._open = ""
            self.rows[-1][1] = " ".join(self.rows[-1][1].split())

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][1] += data


def outline_of(page: bytes) -> list[list[str]]:
    parser = Outline()
    parser.feed(page.decode())
    return parser.rows


@pytest.fixture(scope="module")
def seedpages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seedpages", SEED / "seedpages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def poll_feeds_of(page: str, seedpages: ModuleType, folder: Path, server: FeedServer) -> None:
    for title, name in seedpages.build([SEED / page], folder).items():
        url = server.add(f"/{name}", Answer((folder / name).read_bytes(), headers={"Content-Type": "text/xml"}))
        feed = make_feed(url=url, last_ok_at=None, state="pending")
        Feed.objects.filter(pk=feed.pk).update(title="", site_url="")
        assert title
    poll()


def test_the_front_page_has_the_outline_of_the_saved_page(
    client: Client, seedpages: ModuleType, tmp_path: Path, feed_server: FeedServer
) -> None:
    poll_feeds_of("page-2026-06-07.txt", seedpages, tmp_path, feed_server)
    expected = json.loads((SEED / "outline-2026-06-07.json").read_text())
    assert outline_of(client.get("/").content) == expected


def test_the_django_sources_page_has_the_outline_of_the_saved_page(
    client: Client, seedpages: ModuleType, tmp_path: Path, feed_server: FeedServer
) -> None:
    poll_feeds_of("page-2026-06-07.txt", seedpages, tmp_path, feed_server)
    feed = Feed.objects.get(title__startswith="Django community aggregator")
    expected = json.loads((SEED / "outline-2026-06-05-django-only.json").read_text())
    assert outline_of(client.get(feed.get_absolute_url()).content) == expected
