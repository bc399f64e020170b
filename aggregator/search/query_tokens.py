"""The pieces of a query: words, phrases and fields, each perhaps to be left out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

WORDS = ("title", "author")
NAMES = ("source", "category", "tag")
DATES = ("before", "after")

_QUOTES = '"＂„“”‟«»‹›「」『』'
"""Any of them begins a phrase, and the next of any ends it: people mix them, and keyboards do."""
_MINUS = "-−–—－"
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
"""What no database stores, and what turns the text around it."""
# Groups that may be missing are not possessive: in Python 3.11.2, a later part is then found in the wrong place.
_TOKEN = re.compile(
    rf"(?<![^\s{_QUOTES}])(?P<minus>[{_MINUS}](?![{_MINUS}\s]|$))?"
    rf"(?:(?P<field>{'|'.join((*WORDS, *NAMES, *DATES))})\s*[:：]\s*(?=[^\s{_QUOTES}]|[{_QUOTES}]))?"
    rf"(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*+)(?:[{_QUOTES}]|\Z)|(?P<word>[^\s{_QUOTES}]++))",
    re.IGNORECASE,
)


class Token(NamedTuple):
    """A piece: where it is looked for (empty: anywhere), what, and whether posts that have it are left out."""

    field: str
    text: str
    is_excluded: bool


def tokens_of(text: str) -> Iterator[Token]:
    """The pieces in their order, without those that are empty."""
    for match in _TOKEN.finditer(INVISIBLE.sub(" ", text)):
        written = " ".join((match["word"] or match["phrase"] or "").split())
        if written:
            yield Token((match["field"] or "").lower(), written, bool(match["minus"]))
