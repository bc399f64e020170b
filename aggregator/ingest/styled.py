"""What a style says that an element of its own could say: our pages show posts without their styles.

10 with a raised 6 would be 106 without it, and what was struck out would be the author's word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SIGNS = ("style", "sup", "sub", "STYLE")
"""One of them stands in every tag that has such."""

_MAX_STYLE_CHARACTERS = 2000
"""Of a style attribute. What follows isn't read, here and in all that looks at styles."""

_ELEMENTS = (
    (re.compile(r"(?<![\w-])vertical-align\s*+:\s*+(?:super|text-top)", re.IGNORECASE), "sup"),
    (re.compile(r"(?<![\w-])vertical-align\s*+:\s*+(?:sub|text-bottom)", re.IGNORECASE), "sub"),
    (re.compile(r"(?<![\w-])text-decoration(?:-line)?\s*+:[^;]{0,40}?\bline-through", re.IGNORECASE), "s"),
    (re.compile(r"(?<![\w-])display\s*+:\s*+(?:block|flex|grid|list-item|table)\b", re.IGNORECASE), "div"),
    (re.compile(r"(?<![\w-])font-weight\s*+:\s*+(?:bold|[6-9]00)", re.IGNORECASE), "b"),
    (re.compile(r"(?<![\w-])font-style\s*+:\s*+(?:italic|oblique)", re.IGNORECASE), "i"),
)
"""In this order: what changes the sense comes before what stresses it."""

_FLOATS = re.compile(r"(?<![\w-])float\s*+:\s*+(?:left|right|inline)", re.IGNORECASE)
"""A block, but one that text goes on beside: a paragraph's first letter."""

_CLASSES = {"sup": "sup", "superscript": "sup", "sub": "sub", "subscript": "sub"}
_RIGHT_TO_LEFT = re.compile(r"(?<![\w-])direction\s*+:\s*+rtl", re.IGNORECASE)
_NOT_BOLD = re.compile(r"(?<![\w-])font-weight\s*+:\s*+(?:normal|[1-4]00)", re.IGNORECASE)


def style_of(found: Mapping[str, str]) -> str:
    """The style attribute, as far as it is read."""
    return found.get("style", "")[:_MAX_STYLE_CHARACTERS]


def element_of_style(found: Mapping[str, str]) -> str:
    """The element that a `<span>` with these attributes stands for; empty if it is none."""
    style = style_of(found)
    if style:
        for pattern, name in _ELEMENTS:
            if pattern.search(style) and not (name == "div" and _FLOATS.search(style)):
                return name
    classes = found.get("class", "").lower().split()
    return next((_CLASSES[name] for name in classes if name in _CLASSES), "")


def is_right_to_left(found: Mapping[str, str]) -> bool:
    return bool(_RIGHT_TO_LEFT.search(style_of(found)))


def is_not_bold(found: Mapping[str, str]) -> bool:
    """Whether a `<b>` says that it is none, as what Google's documents put around all that is copied."""
    return bool(_NOT_BOLD.search(style_of(found)))
