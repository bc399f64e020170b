"""About where in a long text the words of a query stand, by a look that costs little. Pure.

The text is folded piece by piece, with no regard to which letter comes from where, and words are looked for in that. So
a place is near to them, and once in a while they aren't there: `marking` looks closely at those few places that count.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .query import Words
from .terms import MAX_TERM_CHARACTERS, folded, graphemes, is_paired

_PIECE = 1_000
"""So many characters are folded at once: within so few, a place can't be far off."""
_OVERLAP = 200
"""Words that stand side by side may begin in one piece and end in the next."""
_MAX_HITS = 2_000
"""A text that says the words again and again says nothing new at its end."""
_WORDS_TOUCH = "\u0e00"
"""From this character on are the scripts in which words may begin and end anywhere, and a few others."""
_IN_WORD = r"[^\W_\u0e00-\U0010ffff]|[\u0900-\u0963\u0966-\u0dff]"
"""Letters before it, and vowel signs of India."""


class Place(NamedTuple):
    """A piece of a text: where its first word begins, and its last one; how many different ones it has."""

    first: int
    last: int
    words: int


def likely_places(text: str, wanted: Sequence[Words], beginning: int, width: int) -> list[Place]:
    """Places up to so wide, in their order, each with more of the words than any before. The last is the best one.

    The first may be the beginning, which may have a width of its own.
    """
    places: list[Place] = []
    recent: deque[tuple[int, int]] = deque()
    for at, number in _hits(text, [_pattern(words.terms) for words in wanted]):
        recent.append((at, number))
        while at >= beginning and recent[0][0] < at - width:
            recent.popleft()
        count = len({number for _, number in recent})
        if not places or count > places[-1].words:
            places.append(Place(recent[0][0], at, count))
        if count == len(wanted):
            break
    return places


def _hits(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """About where something of a pattern begins, in order, with the pattern's number."""
    left = _MAX_HITS
    for start, end in _pieces(text):
        form = folded(text[start:end])
        scale = (end - start) / (len(form) or 1)
        found = [
            (start + int(match.start() * scale), number)
            for number, pattern in enumerate(patterns)
            for match in pattern.finditer(form)
        ]
        yield from sorted(found)
        left -= len(found)
        if left <= 0:
            return


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """They begin and end between words, if there are spaces."""
    start = end = 0
    while end < len(text):
        end = start + _PIECE
        if end < len(text):
            end = text.rfind(" ", end - _OVERLAP // 2, end) + 1 or end
        yield start, min(end, len(text))
        start = text.find(" ", end - _OVERLAP, end) + 1 or end - _OVERLAP


@lru_cache(maxsize=100)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Of terms that stand side by side in a folded text. It begins with a plain text, which is looked for at once."""
    first, *rest = _parts(terms)
    pattern = re.escape(first)
    if first[0].isalnum() and first < _WORDS_TOUCH:
        pattern += f"(?<!(?:{_IN_WORD}){pattern})"
    last = first
    for part in rest:
        pattern += (r"[\W_]+" if max(last[0], part[0]) < _WORDS_TOUCH else r"[\W_]*") + re.escape(part)
        last = part
    if last[-1].isalnum() and last < _WORDS_TOUCH and len(last) < MAX_TERM_CHARACTERS:
        pattern += f"(?!{_IN_WORD})"
    return re.compile(pattern)


def _parts(terms: Iterable[str]) -> Iterator[str]:
    """What stands in a text that has these terms: pairs of letters as letters, a word with its signs once."""
    before = ""
    rest = iter(terms)
    for term in rest:
        if not is_paired(term):
            before = ""
            yield term
            if term[0] == "." or term[-1] in "+#":
                next(rest, None)  # the same without its signs
        else:
            letters = graphemes(term)
            yield from letters[1:] if letters[0] == before else letters
            before = letters[-1]
