"""The front page has the headings and stamps of the page that it reproduces, in that order."""

from __future__ import annotations

import importlib.util
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from django.test import Client

from aggregator.models import Feed
from tests.factories import make_entry, make_feed
from tests.outline import Page

pytestmark = pytest.mark.django_db
SEEDS = Path(os.environ.get("SEED_DIR", Path(__file__).resolve().parents[3] / "shared" / "seed"))

PAGE = """
date  07 Jun 2026
feed  Planet North
entry Ada: Notes on <plugins> & "hooks"
stamp 07 Jun 2026 1:37am GMT
date  06 Jun 2026
feed  Planet North
entry Bo: Communities
stamp 06 Jun 2026 12:00am GMT
date  05 Jun 2026
feed  Planet North
entry Cy: Release 4.1
stamp 05 Jun 2026 10:00pm GMT
feed  Community aggregator: Community blog posts
entry Push notifications
stamp 05 Jun 2026 5:00pm GMT
entry Issue 340
stamp 05 Jun 2026 5:00pm GMT
feed  Planet South - Where Developers Write
entry Opaque
stamp 05 Jun 2026 12:33pm GMT
feed  Community aggregator: Community blog posts
entry Anything new?
stamp 05 Jun 2026 12:00pm GMT
"""


def written_outline(text: str) -> list[list[str]]:
    return [line.split(maxsplit=1) for line in text.strip().splitlines()]


def moment_of(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%d %b %Y %I:%M%p GMT").replace(tzinfo=UTC)


def fill_from(outline: list[list[str]], content_html: str = "<p>Text.</p>") -> None:
    """Rows of the feeds behind a page; each feed's posts go in from the end of the page, as `storing` does it."""
    posts: list[tuple[str, str, datetime]] = []
    feed = title = ""
    for kind, text in outline:
        if kind == "feed":
            feed = text
        elif kind == "entry":
            title = text
        elif kind == "stamp":
            posts.append((feed, title, moment_of(text)))
    feeds: dict[str, Feed] = {}
    for name, title, moment in reversed(posts):
        feeds.setdefault(name, make_feed(name) if name not in feeds else feeds[name])
        make_entry(feeds[name], title, timeline_at=moment, published_at=moment, content_html=content_html)


def front_page_outline(client: Client) -> list[list[str]]:
    return Page(client.get("/").content.decode()).outline


def test_the_front_page_has_the_outline_of_its_posts(client: Client) -> None:
    outline = written_outline(PAGE)
    fill_from(outline)
    assert front_page_outline(client) == outline


def test_headings_and_times_in_posts_do_not_disturb_the_outline(client: Client) -> None:
    outline = written_outline(PAGE)
    fill_from(outline, "<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><p>at <time>noon</time></p>")
    assert front_page_outline(client) == outline


def seed_reader() -> ModuleType:
    script = SEEDS / "seedpages.py"
    if not script.exists():
        pytest.skip("no saved planet pages here; SEED_DIR names a folder that has them")
    spec = importlib.util.spec_from_file_location("seedpages", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["2026-06-07", "2026-06-05-django-only"])
def test_a_saved_planet_page_is_reproduced(client: Client, name: str) -> None:
    outline = seed_reader().outline(SEEDS / f"page-{name}.txt")
    fill_from(outline)
    saved = json.loads((SEEDS / f"outline-{name}.json").read_text(encoding="utf-8"))
    assert front_page_outline(client) == saved
