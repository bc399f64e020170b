"""Links can be read in a planet's own color, and the tokens that are compared with are those of the pages."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from aggregator.own.colors import (
    DARK,
    LIGHT,
    BadColor,
    accent_of,
    color_of,
    contrast,
    mixed,
    readable,
    soft_of,
    stylesheet,
)
from config.own import OUR_ACCENT, OUR_ACCENT_DARK

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_the_contrasts_are_those_of_wcag() -> None:
    """By the examples that are told everywhere: the darkest gray that fails on white, and the first that passes."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#0b5d4a", "#0b5d4a") == 1


def test_what_links_stand_on_is_what_the_stylesheet_says() -> None:
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    said = {name: tuple(pair) for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", tokens)}
    assert {name: (LIGHT[name], DARK[name]) for name in LIGHT} == {name: said[name] for name in LIGHT}
    assert said["accent"] == (OUR_ACCENT, OUR_ACCENT_DARK)


def test_our_own_colors_pass() -> None:
    assert (accent_of(OUR_ACCENT, is_dark=False), accent_of(OUR_ACCENT_DARK, is_dark=True)) == (
        OUR_ACCENT,
        OUR_ACCENT_DARK,
    )


@given(COLORS, st.booleans())
def test_a_color_passes_or_its_nearest_shade_that_does_is_named(color: str, is_dark: bool) -> None:
    grounds = (DARK if is_dark else LIGHT).values()
    try:
        passed = accent_of(color, is_dark=is_dark)
    except BadColor as error:
        passed = re.findall(r"#[0-9a-f]{6}", str(error))[-1]
        assert min(contrast(color, ground) for ground in grounds) < 4.5
        assert accent_of(passed, is_dark=is_dark) == passed
    else:
        assert passed == color
    assert all(contrast(passed, ground) >= 4.5 for ground in grounds)


@given(COLORS, st.booleans())
def test_a_link_that_was_chosen_can_be_read_on_its_own_breath(color: str, is_dark: bool) -> None:
    accent = readable(color, is_dark=is_dark)
    assert contrast(soft_of(accent, is_dark=is_dark), accent) >= 4.5


def test_the_nearest_shade_is_near() -> None:
    nearest = readable("#ffcc00", is_dark=False)
    grounds = LIGHT.values()
    assert min(contrast(nearest, ground) for ground in grounds) < 4.7
    assert readable("#0b5d4a", is_dark=False) == "#0b5d4a"
    assert mixed("#000000", "#ffffff", 50) == "#808080"


@pytest.mark.parametrize(
    "text", ["", "green", "#12", "#12345", "#1234567", "0b5d4a", "rgb(0,0,0)", "#ggg", "#0b5d4a;}"]
)
def test_what_is_no_color_is_refused(text: str) -> None:
    with pytest.raises(BadColor, match="such as #0b5d4a"):
        color_of(text)


def test_a_color_is_written_in_one_way() -> None:
    assert color_of(" #0AF ") == "#00aaff"


def test_the_stylesheet_has_nothing_but_the_tokens() -> None:
    css = stylesheet("#8a3b12", "#e0a080")
    assert re.sub(r"#[0-9a-f]{6}", "#", css) == (
        "@layer tokens {\n  :root {\n    --accent: light-dark(#, #);\n    --accent-soft: light-dark(#, #);\n  }\n}\n"
    )
