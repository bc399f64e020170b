from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.text import one_line
from aggregator.models import Category, Entry, Feed
from notifications.notices.payload import (
    MAX_BODY_CHARACTERS,
    MAX_PAYLOAD_BYTES,
    MAX_TITLE_CHARACTERS,
    generic_text,
    notice_text,
    payload,
)
from notifications.sending.request import MAX_PLAINTEXT_BYTES
from tests.notifications.declarative import NotDeclarative, read_declarative

HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
LONG_HOST = "https://" + "planet." * 30 + "example"


def entry(title: str = "A post", *, feed: str = "A blog", category: str = "") -> Entry:
    shelf = Category(name=category) if category else None
    return Entry(title=title, feed=Feed(title=feed, category=shelf))


def entries(*places: tuple[str, str]) -> list[Entry]:
    """One for each pair of blog and category."""
    return [entry(f"Post {number}", feed=feed, category=category) for number, (feed, category) in enumerate(places)]


def told(posts: Sequence[Entry], text: str = "detailed") -> tuple[str, str]:
    return notice_text(posts, text=text, site_name="Planet")


def make(title: str = "A post", body: str = "A blog", **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "navigate": "https://planet.example/notifications/n/7/",
        "tag": "notice-7",
        "icon": "https://planet.example/static/icon.png",
        "timestamp": datetime(2026, 6, 24, 12, 0, tzinfo=UTC),
    }
    return payload(title=title, body=body, **{**values, **changes})


# -- what is said ------------------------------------------------------------------------------------------------------


def test_one_post_is_called_by_its_title_and_its_blog() -> None:
    assert told([entry("Django 6.1 is out", feed="Django blog", category="Django")]) == (
        "Django 6.1 is out",
        "Django blog",
    )


def test_several_are_counted_and_placed_by_category() -> None:
    posts = entries(("a", "Django"), ("b", "Python"), ("c", "Django"))
    assert told(posts) == ("3 new posts", "in Django, Python")


def test_the_category_with_the_most_posts_comes_first() -> None:
    assert told(entries(("a", "Django"), ("b", "Python"), ("c", "Python")))[1] == "in Python, Django"


def test_blogs_without_a_category_stand_for_themselves() -> None:
    assert told(entries(("Blog a", ""), ("Blog b", "Python"), ("Blog a", "")))[1] == "in Blog a, Python"


def test_many_places_are_counted() -> None:
    places = entries(*((f"Blog {letter}", "") for letter in "abcdefg"))
    assert told(places) == ("7 new posts", "in Blog a, Blog b, Blog c, Blog d and 3 more")


def test_a_generic_text_names_no_post_and_no_blog() -> None:
    posts = entries(("Blog a", "Django"))
    assert told(posts, "generic") == ("New posts on Planet", "")
    assert told(posts, "generic") == generic_text("Planet")


def test_a_post_without_a_readable_title_is_called_by_its_blog() -> None:
    assert told([entry("\u200b\u202e", feed="Blog")]) == ("Blog", "Blog")


def test_a_note_without_a_title_is_called_by_how_it_begins() -> None:
    note = Entry(title="", excerpt="Just a thought", feed=Feed(title="Blog"))
    assert told([note])[0] == "Just a thought"


def test_texts_turned_around_are_set_straight() -> None:
    assert told([entry("gnp.\u202etxt\x00\x1b[31m", feed="Blog\u2066")]) == ("gnp.txt[31m", "Blog")


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=1, max_size=9))
def test_whatever_feeds_say_a_notice_fits_its_row(posts: list[tuple[str, str, str]]) -> None:
    title, body = told([entry(title, feed=feed or "-", category=category) for title, feed, category in posts])
    assert 0 < len(title) <= MAX_TITLE_CHARACTERS == 120
    assert len(body) <= MAX_BODY_CHARACTERS == 120
    assert not HIDDEN.search(title + body)


# -- how it is carried -------------------------------------------------------------------------------------------------


def test_a_browser_can_show_the_message_by_itself() -> None:
    shown = read_declarative(make("Grüße, Welt", "Blog", badge="https://planet.example/static/badge.png", lang="de-AT"))
    assert (shown.title, shown.navigate) == ("Grüße, Welt", "https://planet.example/notifications/n/7/")
    assert shown.options == {
        "body": "Blog",
        "tag": "notice-7",
        "lang": "de-AT",
        "dir": "auto",
        "timestamp": 1782302400000,
        "icon": "https://planet.example/static/icon.png",
        "badge": "https://planet.example/static/badge.png",
    }
    assert not shown.is_mutable


def test_characters_are_sent_as_they_are() -> None:
    assert "日本語 🎉".encode() in make("日本語 🎉")


@pytest.mark.parametrize("lang", ["", "d", 'en"', "en_US", "x" * 100, "en\n", "ünï"])
def test_a_language_that_is_none_is_left_empty(lang: str) -> None:
    assert read_declarative(make(lang=lang)).options["lang"] == ""


def test_a_message_always_has_a_title() -> None:
    assert read_declarative(make("", "")).title == "New posts"


@pytest.mark.parametrize("character", ["a", "ü", "日", "\U0001f600", '"', "\\", "\u0301", "\U000e0041", "\u2028"])
def test_no_text_is_too_long_for_a_message(character: str) -> None:
    data = make(character * 5000, character * 5000, navigate=f"{LONG_HOST}/n/7/", icon=f"{LONG_HOST}/static/icon.png")
    assert len(data) <= MAX_PAYLOAD_BYTES < MAX_PLAINTEXT_BYTES
    shown = read_declarative(data)
    assert 0 < len(shown.title) <= 120
    assert len(shown.options["body"]) <= 120


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(("character", "count"), [("a", 119), ("é", 119), ("e\u0301", 59), (FAMILY, 23), ("क्षि", 29)])
def test_code_points_are_counted_and_no_visible_character_is_torn(character: str, count: int) -> None:
    shown = read_declarative(make(character * 300, character * 300))
    assert shown.title == shown.options["body"] == one_line(character, 100) * count + "…"


def test_what_fits_exactly_is_not_cut() -> None:
    shown = read_declarative(make("t" * 120, "b" * 120))
    assert (shown.title, shown.options["body"]) == ("t" * 120, "b" * 120)


def test_where_room_is_short_the_body_goes_first_and_the_title_is_cut() -> None:
    long = f"{LONG_HOST}/{'x' * 550}"
    shown = read_declarative(make("日" * 150, "本" * 200, navigate=long, icon=long))
    assert shown.options["body"] == ""
    assert re.fullmatch("日{20,118}…", shown.title)
    assert (shown.navigate, shown.options["icon"]) == (long, long)


def test_no_more_is_cut_than_has_to_be() -> None:
    long = f"{LONG_HOST}/{'x' * 400}"
    data = make("日" * 120, "本" * 120, navigate=long, icon=long)
    assert MAX_PAYLOAD_BYTES - 8 < len(data) <= MAX_PAYLOAD_BYTES
    assert read_declarative(data).title == "日" * 120


@given(st.text(), st.text(), st.text(max_size=40))
def test_any_text_makes_a_message_that_a_browser_can_show(title: str, body: str, lang: str) -> None:
    data = make(title, body, lang=lang)
    shown = read_declarative(data)
    assert len(data) <= MAX_PAYLOAD_BYTES
    assert not HIDDEN.search(shown.title + shown.options["body"])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"web_push": 9001}, "8030"),
        ({"web_push": "8030"}, "8030"),
        ({"web_push": True}, "8030"),
        ({"notification": "x"}, "notification"),
        ({"notification": {"navigate": "https://a.example/"}}, "title"),
        ({"notification": {"title": "x"}}, "navigate"),
        ({"notification": {"title": "x", "navigate": "/n/7/"}}, "navigate"),
        ({"notification": {"title": "x", "navigate": "https://a.example/", "renotify": True}}, "tag"),
        ({"mutable": 1}, "mutable"),
    ],
)
def test_the_browser_of_these_tests_is_strict(changes: dict[str, Any], rule: str) -> None:
    message = {**json.loads(make()), **changes}
    with pytest.raises(NotDeclarative, match=rule):
        read_declarative(json.dumps(message).encode())
