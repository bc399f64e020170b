"""Lines that a style keeps: our pages show posts without styles, and would make one line of a poem, or of code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .markup import Tag
from .nesting import Token, ends_of
from .styled import style_of

SIGNS = ("white-space",)
"""Stands in lower case in every HTML that this concerns."""

_KEPT = re.compile(
    r"(?<![\w-])white-space(?:-collapse)?\s*+:\s*+(?:pre(?:-wrap|-line|serve\w*)?|break-spaces)\b", re.IGNORECASE
)
_WITHIN = frozenset({"pre", "xmp", "listing", "textarea", "table", "ul", "ol"})
"""Which keep their lines by themselves, or have others than those in their source."""


def with_kept_lines(read: Sequence[Token]) -> list[Token]:
    """The tokens with a break for each line of what keeps its lines by its style; code is preformatted."""
    ends = ends_of(read)
    kept_end = code_end = apart_end = 0
    written: list[Token] = []
    for index, token in enumerate(read):
        if index == code_end and code_end:
            written.append(Tag("pre", True, "", "pre"))
        if isinstance(token, Tag) and not token.is_end and (end := ends.get(index, 0)):
            if token.name in _WITHIN:
                apart_end = max(apart_end, end)
            elif index >= kept_end and index >= apart_end and "style" in token.source.lower() and _keeps(token):
                kept_end = end
                if token.name == "code":
                    code_end = end
                    written.append(Tag("pre", False, "", "pre"))
        is_kept = isinstance(token, str) and apart_end <= index < kept_end and kept_end != code_end
        if is_kept and isinstance(token, str) and token.strip():
            written += _lines(token, is_first=index > 0 and _begins(read[index - 1]))
        else:
            written.append(token)
    if code_end == len(read) and code_end:
        written.append(Tag("pre", True, "", "pre"))
    return written


def _keeps(tag: Tag) -> bool:
    return bool(_KEPT.search(style_of(tag.attributes)))


def _begins(token: Token) -> bool:
    return isinstance(token, Tag) and not token.is_end


def _lines(text: str, *, is_first: bool) -> list[Token]:
    """The lines of a text with a break between each two; blank ones around it are how its source was laid out."""
    lines = (text.lstrip("\n") if is_first else text).split("\n")
    parts: list[Token] = [lines[0]]
    for line in lines[1:]:
        parts += [Tag("br", False, "", "br"), f"\n{line}"]
    return parts
