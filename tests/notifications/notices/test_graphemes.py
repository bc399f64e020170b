from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.notices.graphemes import cut

FAMILY = "👨‍👩‍👧‍👦"
WAVE = "👋🏽"
KEYCAP = "1\ufe0f\u20e3"
SCOTLAND = "🏴󠁧󠁢󠁳󠁣󠁴󠁿"


@pytest.mark.parametrize(
    "character", [FAMILY, WAVE, KEYCAP, SCOTLAND, "🇩🇪", "e\u0301", "ส\u0e33", "क\u094dष", "각", "ग\u093f"]
)
def test_no_visible_character_is_torn(character: str) -> None:
    text = f"ab{character}c"
    for length in range(4, len(text)):
        assert cut(text, length) in {"ab…", f"ab{character}…"}
    assert cut(text, len(text)) == text


def test_of_a_row_of_flags_whole_ones_are_left() -> None:
    flags = "🇩🇪🇫🇷🇮🇹"
    assert [cut(flags, length) for length in range(1, 7)] == ["…", "…", "🇩🇪…", "🇩🇪…", "🇩🇪🇫🇷…", flags]


def test_syllables_of_parts_stay_whole() -> None:
    han, geul = "\u1112\u1161\u11ab", "\u1100\u1173\u11af"
    assert cut(han + geul, 5) == han + "…"


def test_a_space_before_the_cut_is_dropped() -> None:
    assert cut("one two", 5) == "one…"


def test_what_fits_is_left_as_it_is() -> None:
    assert cut("fits ", 5) == "fits "
    assert cut("", 0) == ""


def test_nothing_is_left_where_nothing_fits() -> None:
    assert [cut("abc", 0), cut("abc", 1)] == ["", "…"]


@given(st.text(), st.integers(0, 30))
def test_a_cut_is_a_beginning_and_fits(text: str, length: int) -> None:
    result = cut(text, length)
    assert len(result) <= length
    assert result == text or text.startswith(result.removesuffix("…"))


@given(st.text(alphabet=st.sampled_from("ab\u0301\u200d\ufe0f👩💻🏽🇩🇪\U000e0067"), min_size=3), st.integers(2, 20))
def test_what_is_left_out_begins_a_character_of_its_own(text: str, length: int) -> None:
    result = cut(text, length)
    if result == text:
        return
    rest = text[len(result) - 1 :]
    assert result == "…" or unicodedata.category(rest[0]) not in {"Mn", "Me", "Mc", "Cf"}
    assert not result.endswith("\u200d…")
