"""What is found, in which order, by whom."""

from __future__ import annotations

import pytest

from aggregator.models import Entry, EntryQuerySet
from aggregator.search.finding import find
from aggregator.search.query import parse

from .texts import known_entry

pytestmark = pytest.mark.django_db


def found(text: str, entries: EntryQuerySet | None = None, **how: object) -> list[str]:
    listed = Entry.objects.listed() if entries is None else entries
    ids = find(parse(text), listed, **{"limit": 20, **how}).entry_ids
    titles = dict(Entry.objects.values_list("pk", "title"))
    return [titles[pk] for pk in ids]


def test_words_are_found_newest_first() -> None:
    for days in (3, 1, 2):
        known_entry(f"Day {days}", "about django", days_ago=days)
    known_entry("Other", "about flask")
    assert found("django") == ["Day 1", "Day 2", "Day 3"]
    assert found("DJANGO about") == ["Day 1", "Day 2", "Day 3"]
    assert found("django flask") == []
    assert found("about -django") == ["Other"]


def test_phrase() -> None:
    known_entry("One", "class based views")
    known_entry("Two", "views based on a class")
    assert found('"class based"') == ["One"]
    assert found('based -"class based"') == ["Two"]
