"""What words are to search: the same text gives the same terms, however it is spelled."""

from __future__ import annotations

import pytest

from aggregator.search import terms as module
from aggregator.search.terms import MAX_TERM_CHARACTERS, single_letters, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ménage à TROIS", "menage a trois"),
        ("straße STRASSE", "strasse strasse"),
        ("שָׁלוֹם עוֹלָם", "שלום עולם"),
        ("مَرْحَبًا", "مرحبا"),
        ("مـــرحبا", "مرحبا"),
        ("機能です", "機能 能で です"),
        ("東京\n都", "東京 京都"),
        ("機", "機"),
        ("ไทย", "ไท ทย"),
        ("검색을 하다", "검색 색을 하다"),
        ("हिन्दी में", "हिन्दी में"),
        ("Ёлка", "елка"),
        ("C++ and .NET, in C#8", "c++ c and .net net in c 8"),
        ("C# or F#.", "c# c or f# f"),
        ("ASP.NET ends. There", "asp net ends there"),
        ("#django issue#12", "django issue 12"),
        ("don't l’homme 3.11", "don t l homme 3 11"),
        ("mi\u00adni\u200bmal", "minimal"),
        ("٣٤", "34"),
        ("\U00010d40", "\U00010d40"),  # a digit that Python 3.11 doesn't know yet
        ("“.NET” …and “C++”—C#", ".net net and c++ c c# c"),
        ("أحمد آل", "احمد ال"),
        ("東京\u200b\n都", "東京 京都"),
        ("a\x00b \ud800", "a b"),
        (" |: ", ""),
    ],
)
def test_text_gives_terms(text: str, expected: str) -> None:
    assert " ".join(terms(text)) == expected


def test_no_term_is_longer_than_databases_bear_and_none_has_a_space_or_a_colon() -> None:
    found = terms("x" * 500 + " a:b c++:d " + "ก" + "\u0e31" * 300 + "ข")
    assert all(len(term) <= MAX_TERM_CHARACTERS and " " not in term and ":" not in term for term in found)


def test_single_letters_are_those_of_pairs_alone() -> None:
    assert single_letters(terms("機能 word 能")) == ["機", "能"]


def test_what_is_remembered_of_a_text_changes_nothing_and_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED_PIECES", 3)
    monkeypatch.setattr(module, "_remembered", module._Remembered())
    text = " ".join(f"Wort{number} C++ {'long' * 10}{number}" for number in range(20))
    expected = " ".join(f"wort{number} c++ c {'long' * 10}" for number in range(20))
    assert terms(f"{text} {text}") == f"{expected} {expected}".split()
    assert len(module._remembered) <= 3
