"""How to search, by examples that find something on this site: they are made of one of its posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from aggregator.models import Entry
from aggregator.search.query import ANYWHERE, AUTHOR, TITLE, Name, Query, QueryError, Words, parse

from .asked import query_string
from .timeline import utc_date

MAX_PHRASE_WORDS = 3
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Example:
    """What can be written, and what it finds."""

    text: str
    finds: str

    @property
    def query_string(self) -> str:
        return query_string(self.text)


def examples_of(entry: Entry) -> list[Example]:
    """One of each kind, as far as the entry has something to look for; its feed and category are at hand."""
    return [Example(str(query), finds) for query, finds in _questions(entry) if _is_read_so(query)]


def _questions(entry: Entry) -> Iterator[tuple[Query, str]]:
    words = _WORD.findall(entry.title) or _WORD.findall(entry.excerpt) or ["blog"]
    longest, phrase = max(words, key=len), " ".join(words[:MAX_PHRASE_WORDS])
    yield _of(Words(ANYWHERE, longest)), "posts with this word: in the title, the text, a tag or the author’s name"
    if phrase != longest:
        yield _of(Words(ANYWHERE, phrase)), "these words side by side"
    yield _of(Words(ANYWHERE, longest), Words(ANYWHERE, "draft", is_excluded=True)), "without a word"
    if entry.title:
        yield _of(Words(TITLE, longest)), "a word of the title"
    yield _of(Words(AUTHOR, entry.author)), "who wrote it"
    yield (
        _of(Name("source", entry.feed.slug)),
        "posts of one source, by its name in addresses, or by words of its title",
    )
    if category := entry.feed.category:
        yield _of(Name("category", category.slug)), "posts of the sources in one category"
    for tag in entry.tags[:1]:
        yield _of(Name("tag", tag)), "what its author filed it under"
    day = utc_date(entry.timeline_at)
    yield Query(after=day.replace(day=1)), "from a day on; a month or a year will do, such as after:2026-05"
    yield Query(words=(Words(ANYWHERE, longest),), before=date(day.year + 1, 1, 1)), "before a day, a month or a year"


def _of(*parts: Words | Name) -> Query:
    words = tuple(part for part in parts if isinstance(part, Words))
    return Query(words=words, names=tuple(part for part in parts if isinstance(part, Name)))


def _is_read_so(query: Query) -> bool:
    """Whether who writes the example asks for that: names can be of signs alone, or have quotation marks."""
    with suppress(QueryError):
        return parse(str(query)) == query
    return False
