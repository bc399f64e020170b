"""Names in other letters than ASCII's: which are the same, how they are sorted, and what finds them."""

from __future__ import annotations

import re
import unicodedata
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Category
from aggregator.models.spelling import MAX_CASELESS_FACTOR, MAX_LOOKED_FOR, any_spelling, caseless, looked_for, plain

ALL_CHARACTERS = [chr(code) for code in (*range(0x3400), *range(0xF900, 0x1F000)) if not 0xD800 <= code < 0xE000]
"""But ideographs, Hangul and what is for private use, which have neither case nor marks."""
WORDS = st.text(st.sampled_from("aAeEoOßsSſﬁfFiIİıæÆéÉöÖΣσς привет中한 .-%_\\[]^"), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ökologie", "ökologie"),
        ("привет", "ПРИВЕТ"),
        ("Économie", "économie"),
        ("Straße", "STRASSE"),
        ("Straẞe", "straße"),
        ("Café", "Cafe\u0301"),
        ("CAFE\u0301", "café"),
        ("ΟΔΟΣ", "οδος"),
        ("Web", "web"),
    ],
)
def test_case_and_ways_to_write_a_mark_make_no_other_name(one: str, other: str) -> None:
    assert caseless(one) == caseless(other)


@pytest.mark.parametrize(("one", "other"), [("Ökologie", "Okologie"), ("Елка", "Ёлка"), ("web", "web 2")])
def test_marks_and_letters_make_another_name(one: str, other: str) -> None:
    assert caseless(one) != caseless(other)


def test_names_are_sorted_among_their_letters() -> None:
    names = ["Zebra", "ökologie", "Oper", "Östen", "Äpfel", "apfel", "Łódź", "Lyon", "Ёж", "Жук", "Еда", "12"]
    expected = ["12", "Äpfel", "apfel", "Łódź", "Lyon", "ökologie", "Oper", "Östen", "Zebra", "Еда", "Ёж", "Жук"]
    assert sorted(names, key=plain) == expected


def test_marks_of_other_scripts_are_letters() -> None:
    assert [plain(word) for word in ("हिन्दी", "ไทย", "がく", "한글")] == ["हिन्दी", "ไทย", "がく", "한글"]


def test_no_form_is_longer_than_its_column() -> None:
    assert max(len(caseless(character)) for character in ALL_CHARACTERS) == MAX_CASELESS_FACTOR


def test_what_two_names_share_is_the_same_made_again() -> None:
    changed = [c for c in ALL_CHARACTERS if caseless(caseless(c)) != caseless(c) or plain(plain(c)) != plain(c)]
    assert changed == []


@pytest.mark.parametrize(
    ("looked_for", "text"),
    [
        ("ökologie", "ÖKOLOGIE heute"),
        ("okologie", "Ökologie"),
        ("ÉCONOMIE", "L’économie"),
        ("economie", "E\u0301conomie"),
        ("é", "e\u0301"),
        ("привет", "ПРИВЕТ, мир"),
        ("strasse", "Die Straße"),
        ("STRAẞE", "strasse"),
        ("office", "oﬃce"),
        ("office", "oﬀice"),
        ("Massstab", "Maßstab"),
        ("Schlossstrasse", "Schloßstraße"),
        ("lodz", "Łódź"),
        ("100 %", "100\xa0%"),
    ],
)
def test_a_word_is_found_in_every_spelling(looked_for: str, text: str) -> None:
    assert re.search(any_spelling(looked_for), text)


@pytest.mark.parametrize(("looked_for", "text"), [("a.c", "abc"), ("öl", "oel"), ("%", "a"), ("привет", "превет")])
def test_other_words_are_not_found(looked_for: str, text: str) -> None:
    assert not re.search(any_spelling(looked_for), text)


@given(WORDS, WORDS, WORDS)
def test_each_word_is_found_in_capitals_and_with_marks_apart(before: str, word: str, after: str) -> None:
    for written in (word, word.upper(), word.lower(), unicodedata.normalize("NFD", word)):
        assert re.search(any_spelling(word), f"{before} {written} {after}")


def test_every_sign_stands_for_itself() -> None:
    assert [sign for sign in printable if not re.fullmatch(any_spelling(sign), sign)] == []


def test_of_a_text_without_end_the_beginning_is_looked_for() -> None:
    assert any_spelling("é" * 10_000) == any_spelling("é" * MAX_LOOKED_FOR)
    assert len(looked_for("é" * 10_000)) == MAX_LOOKED_FOR


def test_what_no_database_takes_is_not_looked_for() -> None:
    assert looked_for("a\0b\ud800c\udfff") == "abc"
    assert any_spelling("a\0b\ud800") == any_spelling("ab")


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["Shel\0f", "Shelf\ud800", "\0", "%" * 100_000, "ffi" * 10_000])
def test_a_database_is_asked_for_any_text(words: str) -> None:
    Category.objects.create(name="Shelf of " + "ffi" * 20, slug="shelf")
    assert Category.objects.filter(name__alike=words).count() == ("%" not in words)
