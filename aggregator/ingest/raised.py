"""Raised and lowered numbers in plain text: 10<sup>6</sup> is 10⁶ there, and no 106."""

from __future__ import annotations

import re

_NUMBER = r"(?:<a\b[^<>]*+>)?\s*+([0-9+−n-]{1,6})\s*+(?:</a>)?"
_RAISED = re.compile(rf"<sup\b[^<>]*+>{_NUMBER}</sup>", re.IGNORECASE)
_LOWERED = re.compile(rf"(?<=[0-9])<sub\b[^<>]*+>{_NUMBER}</sub>|<sub\b[^<>]*+>{_NUMBER}</sub>(?=[0-9])", re.IGNORECASE)
_ABOVE = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_BELOW = str.maketrans("0123456789+-−n", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₙ")

_MAX_CHARACTERS = 100_000
"""Of HTML, from its beginning. What is made of it is much shorter."""


def with_raised_numbers(html: str) -> str:
    """The HTML with characters of their own for raised numbers, and for lowered ones that would run into others.

    The water's formula stays H2O, as it is looked for.
    """
    if "<sup" not in html and "<sub" not in html:
        return html
    read, rest = html[:_MAX_CHARACTERS], html[_MAX_CHARACTERS:]
    read = _RAISED.sub(lambda match: match[1].translate(_ABOVE), read)
    return _LOWERED.sub(lambda match: (match[1] or match[2]).translate(_BELOW), read) + rest
