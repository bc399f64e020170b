"""A post as it would look here, but for what would make a free host of us: no links, no pictures, and not all of it.

Works on sanitized HTML only, where all elements end, and a `<` or `>` stands in tags alone. Pure.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 4000
"""Of the text and its tags. What follows is left out, with a sign for it."""

_TEXT = "p br hr ul ol li dl dt dd blockquote pre figure figcaption h1 h2 h3 h4 h5 h6 ruby rt rp bdi bdo"
_WORDS = "code kbd samp em strong b i u s sub sup del ins q cite small mark abbr"
_TABLES = "table caption thead tbody tfoot tr th td"
_KEPT = frozenset(f"{_TEXT} {_WORDS} {_TABLES}".split())
_VOID = frozenset({"br", "hr"})
_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>|[^<]++", re.IGNORECASE)
_ALT = re.compile(r'\balt="([^"]*+)"')
_CUT_REFERENCE = re.compile(r"&[#\w]{0,32}\Z")


def without_links(html: str) -> str:
    """The HTML with all its words, but of tags only those that lead nowhere and load nothing, without attributes.

    A picture becomes what its author says is in it.
    """
    written, open_names, room = [], list[str](), MAX_CHARACTERS
    for match in _TOKEN.finditer(html):
        piece = _piece(match)
        if len(piece) > room:
            written.append(_CUT_REFERENCE.sub("", piece[:room]) if match[2] is None else "")
            written.append("…")
            break
        if match[2] and piece.startswith("</"):
            open_names.pop()
        elif match[2] and piece.startswith("<") and match[2].lower() not in _VOID:
            open_names.append(match[2].lower())
        written.append(piece)
        room -= len(piece)
    return "".join([*written, *(f"</{name}>" for name in reversed(open_names))])


def _piece(match: re.Match[str]) -> str:
    end, name, attributes = match[1], (match[2] or "").lower(), match[3]
    if not name:
        return match[0]
    if name == "img":
        alt = _ALT.search(attributes)
        return f"[picture: {alt[1]}]" if alt and alt[1].strip() else "[picture]"
    return f"<{end}{name}>" if name in _KEPT else ""
