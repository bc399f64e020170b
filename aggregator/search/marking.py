"""Where in a text, as it is written, the words of a query stand. Pure.

Texts are compared in a form that has other letters, and another number of them: `folded` is asked letter by letter, so
that each letter of the form is known to be of a letter of the text. Most texts are of letters of one character that
stay so, and are folded at once. A mark covers whole letters, with all that is on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .query import Words
from .terms import MAX_TERM_CHARACTERS, folded, folded_in_place, graphemes, is_single_letter, placed, without_gaps

_SURELY_WHOLE = MAX_TERM_CHARACTERS - 2
"""So much of a term stands in the text as it is; of a longer word, its signs may not."""
_WORD = re.compile(r"[^\s‘’“”„«»–—…]+")


class Span(NamedTuple):
    """A piece of a text: where it begins, and where it ends."""

    start: int
    end: int


class PlacedTerm(NamedTuple):
    """A term, and the piece of the text that gave it."""

    term: str
    span: Span


def spans_of(text: str, wanted: Iterable[Words]) -> list[Span]:
    """The pieces of a text that are words of a query, in their order, none beside or within another."""
    form = folded_in_place(text)
    looked_for = [words.terms for words in wanted]
    if form is not None:
        looked_for = [terms for terms in looked_for if all(term[:_SURELY_WHOLE] in form for term in terms)]
    if not looked_for:
        return []
    found = _placed_in(text, form)
    return _joined(sorted(span for terms in looked_for for span in _spans_of(text, terms, found)))


def placed_terms(text: str) -> list[PlacedTerm]:
    """The terms of a text, as `terms` gives them, each with its place."""
    return _placed_in(text, folded_in_place(text))


def _placed_in(text: str, form: str | None) -> list[PlacedTerm]:
    if form is None:
        return placed_letter_by_letter(text)
    return [PlacedTerm(term, Span(start, end)) for term, start, end in placed(form)]


def placed_letter_by_letter(text: str) -> list[PlacedTerm]:
    """The same, for any text, in ten times the time."""
    return [each for piece in _pieces(text) for each in _placed(piece)]


_Letters = list[tuple[str, Span]]
"""Letters of a text in the form in which they are compared, and where they stand."""


def _pieces(text: str) -> Iterator[_Letters]:
    """What stands between two spaces that a reader sees."""
    gaps = {at for start, end in without_gaps(text) for at in range(start, end)}
    places = [at for at in range(len(text)) if at not in gaps]
    shown = "".join(text[at] for at in places) if gaps else text
    for match in _WORD.finditer(shown):
        letters = _letters_of(match[0], match.start())
        yield [(folded(letter), Span(places[start], places[end - 1] + 1)) for letter, (start, end) in letters]


def _placed(piece: _Letters) -> Iterator[PlacedTerm]:
    owners = [span for form, span in piece for _ in form]
    for term, start, end in placed("".join(form for form, _ in piece)):
        yield PlacedTerm(term, Span(owners[start].start, owners[end - 1].end))


def _spans_of(text: str, terms: Sequence[str], found: Sequence[PlacedTerm]) -> Iterator[Span]:
    """Where terms stand one beside the other; a single letter of a script with pairs, wherever it is."""
    if len(terms) == 1 and is_single_letter(terms[0]):
        yield from (span for letter, span in _letters_of(text) if folded(letter) == terms[0])
        return
    for start in range(len(found) - len(terms) + 1):
        some = found[start : start + len(terms)]
        if all(each.term == term for each, term in zip(some, terms, strict=True)):
            yield Span(min(each.span.start for each in some), max(each.span.end for each in some))


def _letters_of(text: str, at: int = 0) -> Iterator[tuple[str, Span]]:
    for letter in graphemes(text):
        yield letter, Span(at, at + len(letter))
        at += len(letter)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
