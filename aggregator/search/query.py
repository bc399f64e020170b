"""What somebody typed into the search box -> what is looked for, as a value. Pure.

    django "class based" -flask          words, words side by side, and what a post must not have
    title:django author:"Ada L"          in the title, in the author's name
    source:ada-blog category:python      of a source or a shelf, by its name as addresses have it, or by words
    tag:"web dev"
    before:2026-06 after:2026-05-07      shown before June began; shown on 7 May or later

What looks like a field and is none is a word. A word that has several terms (node.js, 3.11, 東京都) means those side by
side. Several sources or categories mean any of them; of all else, a post must have everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .query_tokens import DATES, NAMES, Token, tokens_of
from .spans import NotADate, first_day
from .terms import terms

MAX_CHARACTERS = 200
MAX_PARTS = 12
ANYWHERE, TITLE, AUTHOR = "", "title", "author"


class QueryError(ValueError):
    """Not to be looked for. Its text is a sentence for who asked, which says what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """Terms that stand side by side somewhere in a post, in its title or in its author's name."""

    field: str
    text: str
    """As it was written, without what nobody can see."""
    is_excluded: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(terms(self.text))

    def __str__(self) -> str:
        return _printed(self.field, self.text, is_excluded=self.is_excluded)


@dataclass(frozen=True, slots=True)
class Name:
    """Of a source, a category or a tag."""

    field: str
    text: str
    is_excluded: bool = False

    def __str__(self) -> str:
        return _printed(self.field, self.text, is_excluded=self.is_excluded)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. Its text gives this query again, unless that is longer than MAX_CHARACTERS."""

    words: tuple[Words, ...] = ()
    names: tuple[Name, ...] = ()
    after: date | None = None
    """The first day on which a post may be shown, in UTC."""
    before: date | None = None
    """The first day on which it may no more."""

    def __str__(self) -> str:
        days = [f"{name}:{day}" for name, day in (("after", self.after), ("before", self.before)) if day]
        return " ".join([*map(str, self.words), *map(str, self.names), *days])

    def named(self, field: str, *, is_excluded: bool = False) -> list[str]:
        """The names of sources, categories or tags that posts must have, or must not."""
        return [name.text for name in self.names if (name.field, name.is_excluded) == (field, is_excluded)]

    @property
    def wanted(self) -> list[Words]:
        return [words for words in self.words if not words.is_excluded]

    @property
    def unwanted(self) -> list[Words]:
        return [words for words in self.words if words.is_excluded]


def parse(text: str) -> Query:
    """What a text asks for. Raises QueryError, and nothing else."""
    if len(text.strip()) > MAX_CHARACTERS:
        raise QueryError(f"A search has at most {MAX_CHARACTERS} characters. Keep the words that tell most.")
    words: dict[Words, None] = {}
    names: dict[Name, None] = {}
    days = _Days()
    for token in tokens_of(text):
        if token.field in DATES:
            days.narrow(token)
        elif token.field in NAMES:
            names[Name(token.field, token.text, token.is_excluded)] = None
        elif terms(token.text):
            words[Words(token.field, token.text, token.is_excluded)] = None
    query = Query(tuple(words), tuple(names), days.after, days.before)
    _check(query, text)
    return query


@dataclass(slots=True)
class _Days:
    """The span that all dates of a query leave."""

    after: date | None = None
    before: date | None = None

    def narrow(self, token: Token) -> None:
        """What is not before a day is from that day on."""
        try:
            day = first_day(token.text)
        except NotADate as error:
            raise QueryError(
                f"“{token.text}” is no date. Write it as in {token.field}:2026, {token.field}:2026-05 or "
                f"{token.field}:2026-05-07."
            ) from error
        if (token.field == "after") != token.is_excluded:
            self.after = max(self.after or day, day)
        else:
            self.before = min(self.before or day, day)


def _check(query: Query, text: str) -> None:
    if len(query.words) + len(query.names) > MAX_PARTS:
        raise QueryError(
            f"A search has at most {MAX_PARTS} words, each phrase and each field counted as one. Leave some out."
        )
    if query.after and query.before and query.after >= query.before:
        raise QueryError(f"No day is both from {query.after} on and before {query.before}. Leave one of the two out.")
    if query == Query():
        raise QueryError(
            "There is no word in what you look for. Write at least one letter or digit."
            if text.strip()
            else "Write a word to look for."
        )
    if not (query.wanted or query.after or query.before or any(not name.is_excluded for name in query.names)):
        first = next(iter([*query.words, *query.names]))
        raise QueryError(f"“{first}” only says what to leave out. Add a word that the posts should have.")


def _printed(field: str, text: str, *, is_excluded: bool) -> str:
    """As it can be typed: bare if that is read in the same way, else in quotation marks."""
    prefix = f"{'-' if is_excluded else ''}{field}{':' if field else ''}"
    bare, token = f"{prefix}{text}", Token(field, text, is_excluded)
    is_read_alike = list(tokens_of(bare)) == [token] and text[-1] not in ":："  # which would ask for the next word
    return bare if is_read_alike else f'{prefix}"{text}"'
