"""A planet's own color of links: can they be read with it, and which is the nearest that they can be read with? Pure.

The tokens that they stand on are those of static/css/tokens.css; a test compares them.
"""

from __future__ import annotations

import re

LIGHT = {"paper": "#fbfaf7", "card": "#ffffff", "code": "#f3f0e9"}
DARK = {"paper": "#14161a", "card": "#1b1e24", "code": "#0f1115"}
"""What links stand on, in the light and in the dark."""
BLACK, WHITE = "#000000", "#ffffff"
LEAST_CONTRAST = 4.5
"""Of text with what it stands on (WCAG 2.2, success criterion 1.4.3)."""
GOOD_CONTRAST = 7
"""Of a shade that we choose (1.4.6)."""
_STEPS = 100
_SOFT_STEPS = 12
"""In hundredths: as much of the color as the soft one has at most, on which links stand that were chosen."""
_HEX = re.compile("#(?:[0-9a-f]{3}|[0-9a-f]{6})")


class BadColor(ValueError):
    """`str()` says what it must be."""


def color_of(text: str) -> str:
    """As "#rrggbb" in small letters. Raises BadColor."""
    text = text.strip().lower()
    if not _HEX.fullmatch(text):
        raise BadColor("a color such as #0b5d4a: # and six digits from 0 to f")
    return text if len(text) == 7 else "#" + "".join(2 * digit for digit in text[1:])


def contrast(one: str, other: str) -> float:
    """From 1, of a color with itself, to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def accent_of(text: str, *, is_dark: bool) -> str:
    """The color, if links can be read with it. Raises BadColor, which names the nearest shade that would do."""
    color = color_of(text)
    name, ground = min((DARK if is_dark else LIGHT).items(), key=lambda item: contrast(color, item[1]))
    if (found := contrast(color, ground)) < LEAST_CONTRAST:
        raise BadColor(
            f"a color that links can be read in where pages are {'dark' if is_dark else 'light'}. Its contrast with "
            f"the {name}, {ground}, is {int(found * 100) / 100:.2f} and must be {LEAST_CONTRAST} (WCAG); the "
            f"nearest shade that has it is {readable(color, is_dark=is_dark)}"
        )
    return color


def readable(color: str, *, is_dark: bool, least_contrast: float = LEAST_CONTRAST) -> str:
    """The color itself, or its nearest shade that has this contrast: lighter in the dark, else darker."""
    grounds = (DARK if is_dark else LIGHT).values()
    shades = (mixed(color, WHITE if is_dark else BLACK, step) for step in range(_STEPS))
    return next(shade for shade in shades if all(contrast(shade, ground) >= least_contrast for ground in grounds))


def soft_of(color: str, *, is_dark: bool) -> str:
    """What stands behind a link that was chosen: a breath of its color, and the link can still be read."""
    card = (DARK if is_dark else LIGHT)["card"]
    breaths = (mixed(card, color, step) for step in range(_SOFT_STEPS, -1, -1))
    return next(breath for breath in breaths if contrast(breath, color) >= LEAST_CONTRAST)


def mixed(one: str, other: str, hundredths: int) -> str:
    """One color with so much of another."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * hundredths / _STEPS):02x}" for a, b in pairs)


def stylesheet(accent: str, accent_dark: str) -> str:
    """What puts these in the place of ours. In the same layer, so the last word is this one's."""
    softs = soft_of(accent, is_dark=False), soft_of(accent_dark, is_dark=True)
    return (
        "@layer tokens {\n  :root {\n"
        f"    --accent: light-dark({accent}, {accent_dark});\n"
        f"    --accent-soft: light-dark({softs[0]}, {softs[1]});\n"
        "  }\n}\n"
    )


def _channels(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
