"""`manage.py search WORDS` prints what the page of the search shows, and says in sentences why it can't."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from aggregator.curating.entries import hide
from aggregator.management.commands import search
from aggregator.models import Entry, SearchState, site_change
from aggregator.models.counting import refresh_counts
from aggregator.search import deadline
from aggregator.search.query import MAX_CHARACTERS
from aggregator.search.terms import VERSION
from tests.factories import NOW, make_entry, make_feed

from .running import refusal, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def posts() -> list[Entry]:
    SearchState.objects.create(pk=1, version=VERSION, is_done=True)
    feed = make_feed("Of birds")
    texts = ("a heron", "a heron, a heron and a heron", "an egret")
    return [
        make_entry(
            feed,
            f"Bird {number}",
            days_ago=1 + number,
            content_html=f"<p>{text}</p>",
            url=f"https://b.example/{number}",
        )
        for number, text in enumerate(texts)
    ]


def titles(*words: str) -> list[str]:
    return [post["title"] for post in json.loads(run("search", "--json", *words))["posts"]]


def titles_on_page(**asked: str) -> list[str]:
    return [post.entry.title for post in Client().get("/search/", asked).context["posts"]]


def test_what_is_found_stands_as_on_the_page() -> None:
    assert run("search", "heron").splitlines() == [
        "2026-06-23  Bird 0  (Of birds)",
        "    https://b.example/0",
        "2026-06-22  Bird 1  (Of birds)",
        "    https://b.example/1",
        "2 posts.",
    ]
    assert titles("heron") == titles_on_page(q="heron") == ["Bird 0", "Bird 1"]
    assert titles("heron", "--best") == titles_on_page(q="heron", order="best") == ["Bird 1", "Bird 0"]


def test_words_are_taken_as_the_box_takes_them() -> None:
    assert titles('"a heron" title:bird') == ["Bird 0", "Bird 1"]
    assert titles("--", "-heron", "bird") == ["Bird 2"]
    assert titles("bird", "after:2026-06-23") == ["Bird 0"]


def test_what_readers_may_not_see_is_not_found(posts: list[Entry]) -> None:
    hide(Entry.objects.filter(pk=posts[0].pk), NOW)
    assert titles("heron") == ["Bird 1"]


def test_of_many_all_are_shown_if_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SHOWN", 2)
    lines = run("search", "bird").splitlines()
    assert (len(lines), lines[-1]) == (5, "3 posts. --all shows more of them.")
    lines = run("search", "bird", "--all").splitlines()
    assert (len(lines), lines[-1]) == (7, "3 posts.")


def test_nothing_found_names_the_nearest_titles_and_what_is_unknown() -> None:
    assert run("search", "birdd").splitlines() == [
        "No post.",
        "The nearest titles:",
        *(f"    Bird {number}  (Of birds)" for number in range(3)),
    ]
    assert run("search", "heron source:nobody").startswith("No post. No source is called “nobody”.")
    nothing = json.loads(run("search", "--json", "heron source:nobody"))
    assert (nothing["count"], nothing["posts"], nothing["unknown"]) == (0, [], ["No source is called “nobody”."])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), search.NO_TASK),
        ((" ",), search.NO_TASK),
        (("--json",), search.NO_TASK),
        (("heron", "--check"), search.TWO_TASKS),
        (("--all", "--rebuild"), search.TWO_TASKS),
        (("x" * (MAX_CHARACTERS + 1),), f"{MAX_CHARACTERS}"),
        (("--", "-heron"), ""),
    ],
)
def test_what_cannot_be_searched_ends_with_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    out, said = refusal("search", *words)
    assert out == ""
    assert sentence in said
    assert said.endswith((".", "!"))


def test_a_search_that_takes_too_long_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "MAX_SECONDS", -1.0)
    assert "takes longer than a second" in refusal("search", "heron")[1]


def test_while_the_worker_reads_posts_it_says_how_far_it_is(posts: list[Entry]) -> None:
    with site_change():
        refresh_counts([posts[0].feed])
    SearchState.objects.update(is_done=False)
    out, told = StringIO(), StringIO()
    call_command("search", "heron", stdout=out, stderr=told)
    assert told.getvalue() == "The worker has read 0 % of the posts; others can't be found yet.\n"
    assert out.getvalue().endswith("2 posts.\n")
