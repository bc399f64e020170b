from __future__ import annotations

import pytest

from aggregator.pages.discs import PALETTE, disc_of, letters_of


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("color", PALETTE)
def test_white_letters_can_be_read_on_every_color(color: str) -> None:
    assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_the_palette_has_room_for_a_community() -> None:
    assert len(set(PALETTE)) >= 10


def test_a_slug_keeps_its_color_whatever_the_title() -> None:
    assert disc_of("slow-mornings", "A").color == disc_of("slow-mornings", "B").color


def test_slugs_spread_over_the_whole_palette() -> None:
    assert {disc_of(f"blog-{number}", "x").color for number in range(300)} == set(PALETTE)


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Slow Mornings with Django", "SM"),
        ("The Template Gardener", "TG"),
        ("Wheelwright", "W"),
        ("The", "T"),
        ("“quoted” (and) bracketed", "QA"),
        ("100 days of code", "1D"),
        ("Élodie's blog", "ÉB"),
        ("E\u0301lodie", "É"),
        ("مدونة بايثون", "م"),
        ("日本語のブログ", "日"),
        ("Блог о Питоне", "БО"),
        ("🚀 Launch log", "LL"),
        ("🚀 🛰️", "🚀"),
        ("👩🏽‍💻 !", "👩🏽‍💻"),
        ("🇫🇷🇩🇪", "🇫🇷"),
        ("— !", "—"),
        ("", "?"),
        ("   ", "?"),
    ],
)
def test_letters_come_from_the_title(title: str, letters: str) -> None:
    assert letters_of(title) == letters


def test_a_letter_does_not_carry_thousands_of_marks() -> None:
    assert len(letters_of("x" + "\u0308\u0301" * 1500)) <= 3
