from __future__ import annotations

import pytest

from aggregator.pages.letters import IDEOGRAPHS, SIGNS, by_letter, letter_of


@pytest.mark.parametrize(
    ("character", "letter"),
    [
        ("b", "B"),
        ("É", "E"),
        ("ß", "S"),
        ("Ｗ", "W"),  # as wide as an ideograph
        ("ж", "Ж"),
        ("ს", "ს"),
        ("ש", "ש"),
        ("ま", "ま"),
        ("한", "ᄒ"),
        ("星", IDEOGRAPHS),
        ("7", SIGNS),
        ("٣", SIGNS),
        ("[", SIGNS),
        ("🪐", SIGNS),
        ("\u200b", SIGNS),
        ("", SIGNS),
    ],
)
def test_a_title_stands_under_its_first_letter(character: str, letter: str) -> None:
    assert letter_of(character) == letter


def test_letters_come_in_their_order_and_ideographs_and_signs_after_them() -> None:
    letters = by_letter(["星", "7", "z", "", "ж", "é", "E", "-"])
    assert list(letters) == ["E", "Z", "Ж", IDEOGRAPHS, SIGNS]
    assert (letters["E"], letters[SIGNS]) == (["é", "E"], ["7", "", "-"])
