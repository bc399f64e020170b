"""A file of queries finds its posts, in their order: on each database that the suite runs on, the same."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.models import Entry
from aggregator.search.finding import BEST, NEWEST, find
from aggregator.search.query import parse
from tests.factories import make_category, make_entry, make_feed

FILE = tomllib.loads((Path(__file__).parent / "queries.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def names(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The posts of the file, once for all of its queries: the ids of their rows, and their names."""
    with django_db_blocker.unblock():
        code = make_category("Code")
        feeds = {"": make_feed("First blog")}
        feeds |= {title: make_feed(title, category=code) for title in ("Second blog", "Third blog")}
        found = {_entry(feeds, **post).pk: name for name, post in FILE["posts"].items()}
        yield found
        for feed in feeds.values():
            feed.delete()
        code.delete()


def _entry(feeds: dict[str, Any], *, day: str, title: str, text: str, source: str = "", **fields: Any) -> Entry:
    at = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    fields |= {"timeline_at": at, "published_at": at}
    return make_entry(feeds[source], title, content_html=f"<p>{text}</p>", **fields)


@pytest.mark.django_db
@pytest.mark.parametrize("asked", FILE["queries"], ids=lambda asked: asked[0])
def test_a_query_finds_its_posts_in_order(names: dict[int, str], asked: list[str]) -> None:
    query, newest, *best = asked
    for order, expected in ((NEWEST, newest), (BEST, best[0] if best else newest)):
        found = find(parse(query), Entry.objects.listed(), limit=50, order=order)
        assert " ".join(names[pk] for pk in found.entry_ids) == expected, order
        assert (found.count, found.is_more, found.unknown) == (len(expected.split()), False, ())


def test_the_file_has_sixty_queries_in_ten_scripts() -> None:
    assert len(FILE["queries"]) >= 60
    letters = {"LATIN": "é", "GREEK": "Ο", "CYRILLIC": "ё", "HEBREW": "ש", "ARABIC": "م", "DEVANAGARI": "ह"}
    letters |= {"THAI": "ไ", "HAN": "機", "HIRAGANA": "し", "KATAKANA": "カ", "HANGUL": "검"}
    asked = "".join(query for query, *_ in FILE["queries"])
    assert [script for script, letter in letters.items() if letter not in asked] == []
