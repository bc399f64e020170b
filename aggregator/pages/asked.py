"""What was searched, in words, and which other questions are near it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aggregator.search.query import ANYWHERE, AUTHOR, MAX_CHARACTERS, TITLE, Query, Words

from .timeline import day_name

MAX_WAYS = 5
"""To other questions, where nothing was found."""


_LEADS_OF_WORDS = (
    (ANYWHERE, "with", "without", ""),
    (TITLE, "with", "without", "in the title"),
    (AUTHOR, "by", "not by", ""),
)
_LEADS_OF_NAMES = {"source": "of the source", "category": "in the category", "tag": "tagged"}


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of what was searched: `lead`, then the texts as they were written, then `tail`."""

    lead: str
    texts: tuple[str, ...] = ()
    tail: str = ""
    joint: str = "and"


@dataclass(frozen=True, slots=True)
class Way:
    """To another question; its text is what is searched there."""

    words: str
    text: str

    @property
    def query_string(self) -> str:
        return query_string(self.text)


def query_string(text: str, **others: str) -> str:
    """What an address of a search ends in."""
    return f"?{urlencode({'q': text, **others})}"


def clauses_of(query: Query) -> list[Clause]:
    """All that is asked of posts, as parts of a sentence that begins with "Posts"."""
    days = [f"from {day_name(query.after)} on"] if query.after else []
    days += [f"before {day_name(query.before)}"] if query.before else []
    return [*_of_words(query), *_of_names(query), *map(Clause, days)]


def _of_words(query: Query) -> Iterator[Clause]:
    for field, lead, lead_of_unwanted, tail in _LEADS_OF_WORDS:
        if texts := _texts(query.wanted, field):
            yield Clause(lead, texts, tail)
        if texts := _texts(query.unwanted, field):
            yield Clause(lead_of_unwanted, texts, tail, joint="or")


def _of_names(query: Query) -> Iterator[Clause]:
    for field, lead in _LEADS_OF_NAMES.items():
        if names := query.named(field):
            yield Clause(lead, tuple(names), joint="and" if field == "tag" else "or")
        if names := query.named(field, is_excluded=True):
            yield Clause(f"not {lead}", tuple(names), joint="or")


def _texts(words: list[Words], field: str) -> tuple[str, ...]:
    return tuple(one.text for one in words if one.field == field)


def ways_out(query: Query) -> list[Way]:
    """Questions that ask for less, each with what it leaves out, in words."""
    found = {str(other): words for words, other in _wider(query) if other != query and _asks(other)}
    return [Way(words, text) for text, words in found.items() if len(text) <= MAX_CHARACTERS][:MAX_WAYS]


def _wider(query: Query) -> Iterator[tuple[str, Query]]:
    wanted = tuple(query.wanted)
    if query.unwanted or any(name.is_excluded for name in query.names):
        names = tuple(name for name in query.names if not name.is_excluded)
        yield "without leaving anything out", replace(query, words=wanted, names=names)
    if query.after or query.before:
        yield "of any day", replace(query, after=None, before=None)
    if query.names:
        yield "of all sources, categories and tags", replace(query, names=())
    if any(words.field for words in query.words):
        anywhere = tuple(replace(words, field=ANYWHERE) for words in query.words)
        yield "anywhere in a post", replace(query, words=anywhere)
    if any(" " in words.text for words in wanted):
        apart = tuple(replace(words, text=text) for words in query.words for text in _apart(words))
        yield "with the words of the phrase apart", replace(query, words=apart)
    if len(wanted) > 1:
        for words in wanted:
            yield "this alone", replace(query, words=(words,))


def _apart(words: Words) -> list[str]:
    return [words.text] if words.is_excluded else words.text.split()


def _asks(query: Query) -> bool:
    return bool(query.wanted or query.after or query.before or any(not name.is_excluded for name in query.names))
