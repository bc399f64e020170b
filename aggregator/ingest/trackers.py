"""Whether a text counts its readers: what the sanitizer leaves out without a word, and whose author is told so."""

from __future__ import annotations

import re

from .images import is_pixel
from .left_out import TRACKERS, TRACKING_FRAMES

_ELEMENT = re.compile(r"<(?:img|iframe)\b([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""", re.IGNORECASE)
_MAX_ELEMENTS = 500
"""Looked at in one text."""


def counts_readers(html: str) -> bool:
    """Whether HTML as its feed wrote it has a picture that nobody sees, or one of those who count readers."""
    for number, element in enumerate(_ELEMENT.finditer(html)):
        if number == _MAX_ELEMENTS:
            break
        found = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(element[1])}
        source = found.get("src", "")
        if source.startswith("//"):
            source = f"https:{source}"
        is_known = any(kind.addresses.match(source) for kind in (TRACKERS, TRACKING_FRAMES))
        if is_known or (source and is_pixel(found)):
            return True
    return False
