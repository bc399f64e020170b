"""Where nothing is found: the titles that are nearest."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest

from aggregator.models import Entry, EntryQuerySet
from aggregator.search import deadline, nearest
from aggregator.search.nearest import nearest_titles
from aggregator.search.query import parse
from tests.factories import make_entry, make_feed

pytestmark = pytest.mark.django_db


def near(text: str, entries: EntryQuerySet | None = None) -> list[str]:
    listed = Entry.objects.listed() if entries is None else entries
    return [entry.title for entry in nearest_titles(parse(text), listed)]


@pytest.mark.parametrize("text", ["djnago", "django nowhere", "Djang", "title:dajngo", '"djangoo views"'])
def test_titles_with_a_word_or_nearly_so_are_the_nearest(text: str) -> None:
    make_entry(title="All of Django")
    make_entry(title="Flask")
    assert near(text) == ["All of Django"]


def test_who_has_more_of_the_words_comes_first_then_who_is_newer() -> None:
    for days, title in enumerate(["Django two", "Django one", "Django views", "Other"]):
        make_entry(title=title, days_ago=days)
    assert near("dajngo veiws") == ["Django views", "Django two", "Django one"]


def test_five_titles_are_enough() -> None:
    for number in range(8):
        make_entry(title=f"Django {number}", days_ago=number)
    assert near("djang nowhere") == [f"Django {number}" for number in range(5)]


def test_an_old_title_is_known_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "READ_TITLES", 2)
    for days, title in enumerate(["New", "Newer", "Xylophones"]):
        make_entry(title=title, days_ago=days)
    assert near("xylophones nowhere") == ["Xylophones"]


def test_titles_in_other_scripts() -> None:
    make_entry(title="新しい機能です")
    make_entry(title="שָׁלוֹם עוֹלָם")
    make_entry(title="Привет")
    assert near("機能的") == ["新しい機能です"]
    assert near("שלום בית") == ["שָׁלוֹם עוֹלָם"]
    assert near("првиет") == ["Привет"]


def test_nobody_learns_of_titles_that_are_not_listed() -> None:
    make_entry(title="Django hidden", is_hidden=True)
    make_entry(make_feed(state="pending"), "Django pending")
    assert near("django dajngo") == []
    assert len(near("django dajngo", Entry.objects.all())) == 2


def test_where_no_word_is_looked_for_or_time_is_up_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    make_entry(title="Django")
    assert near("source:django author:django") == []
    monkeypatch.setattr(deadline, "MAX_SECONDS", 0.0)
    assert near("django") == []


def test_titles_that_are_made_up_to_be_alike_take_no_longer_than_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        make_entry(title=f"searchin{number}")
    compared: list[int] = []

    class Slow(SequenceMatcher[str]):
        def ratio(self) -> float:
            compared.append(1)
            return super().ratio()

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return 100.0 * deadline.MAX_SECONDS * len(compared)

    monkeypatch.setattr(nearest, "SequenceMatcher", Slow)
    monkeypatch.setattr(deadline, "time", Clock)
    assert near("searching") == []
    assert len(compared) == 1
