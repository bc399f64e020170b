"""What may be wider than its column, and scrolls there: code and tables, by keyboard and with a name. Pure."""

from __future__ import annotations

import re

CODE = 'tabindex="0" role="group" aria-label="Code"'
TABLE = '<div tabindex="0" role="group" aria-label="Table">'
"""Around a table, as one that had the role itself would be a table no more. They are groups, as regions are landmarks:
of these a page would have too many, all of one name."""
MAX_PLACES = 100
"""Of code, and of tables, in one post: each takes more bytes than a short text in it, and pages have a limit."""

_PRE = re.compile(r"<pre(?=[\s>])")
_TABLE = re.compile(r"<(/?)table(?=[\s>])[^<>]*>")


def bytes_of_ways(html: str) -> int:
    """At most so many bytes longer it becomes by `with_ways_to_scroll`."""
    places, tables = min(html.count("<pre"), MAX_PLACES), min(html.count("<table"), MAX_PLACES)
    return places * (len(CODE) + 1) + tables * len(f"{TABLE}</div>")


def with_ways_to_scroll(html: str) -> str:
    """The HTML, which was sanitized, with each text that keeps its lines and each outermost table, up to MAX_PLACES of
    both, as a place of its own that the keyboard reaches."""
    if "<pre" in html:
        html = _PRE.sub(f"<pre {CODE}", html, count=MAX_PLACES)
    return _with_tables_wrapped(html) if "<table" in html else html


def _with_tables_wrapped(html: str) -> str:
    depth = places = 0

    def wrapped(tag: re.Match[str]) -> str:
        nonlocal depth, places
        if tag[1]:
            depth -= 1
            return tag[0] if depth or places > MAX_PLACES else f"{tag[0]}</div>"
        depth += 1
        places += depth == 1
        return tag[0] if depth > 1 or places > MAX_PLACES else f"{TABLE}{tag[0]}"

    return _TABLE.sub(wrapped, html)
