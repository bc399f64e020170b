"""Planets of planets write "Author: Title": who wrote a post, and under which headline. Pure: no rows are read here.

The title itself stays as the feed wrote it, in the database, in our feeds, and as the text of every heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from aggregator.ingest.types import Item

    from .entry import Entry

MIN_AUTHOR_TITLES_SHARE = 0.8
"""The part of a feed's titles that must name an author."""
MIN_TITLES = 5
"""With fewer titles, nothing can be said of the feed."""
MAX_NAME_CHARACTERS = 60
"""A longer text before the colon is a sentence, not a name."""
MAX_NAME_WORDS = 5
"""Names with particles ("Maria de la Cruz") are this long at most."""

_FORM = re.compile(r"([^:]+?)\s?:\s+(\S.*)", re.DOTALL)
_WORD = r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?"
_NAME = re.compile(rf"{_WORD}(?: (?:& )?{_WORD})*")
_PARTICLES = frozenset(
    {
        *("al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "la", "le"),
        *("ten", "ter", "van", "von", "y", "zu"),
    }
)


@dataclass(frozen=True, slots=True)
class Byline:
    """How an entry is headed."""

    author: str
    """Who wrote it, for all that is known; may be empty."""
    title_author: str
    """The author that its title names first; empty for most."""
    headline: str
    """The title without that."""


def byline_of(entry: Entry) -> Byline:
    """The byline of an entry whose feed is at hand."""
    title = entry.shown_title
    title_author, headline = ("", title) if not entry.feed.has_author_titles else _parts(title)
    return Byline(entry.author or title_author, title_author, headline)


def has_author_titles(posts: Sequence[Item], *, before: bool) -> bool:
    """Whether a feed writes "Author: Title"; as before where it has too few posts to tell.

    Many a blog writes "Topic: Title". So the names must be several, and something else must speak for them: the authors
    and sources that the feed names beside them, or sites of their own, or that they are first and last names.
    """
    titled = [post for post in posts if post.title]
    if len(titled) < MIN_TITLES:
        return before
    named = [(name, post) for post in titled if (name := _parts(post.title)[0])]
    if len(named) < MIN_AUTHOR_TITLES_SHARE * len(titled) or len({name for name, _ in named}) < 2:
        return False
    witnesses = [f"{post.author} {post.source_title}".casefold().strip() for _, post in named]
    agreeing = sum(name.casefold() in witness for (name, _), witness in zip(named, witnesses, strict=True))
    if agreeing >= MIN_AUTHOR_TITLES_SHARE * len(named) or _have_sites_of_their_own(named):
        return True
    full_names = sum(" " in name for name, _ in named)
    return not any(witnesses) and full_names >= MIN_AUTHOR_TITLES_SHARE * len(titled)


def _have_sites_of_their_own(named: Sequence[tuple[str, Item]]) -> bool:
    """Whether each name links to one host, and not all to the same; topics of a list of links have many each."""
    sites = {(name, urlsplit(post.url).hostname) for name, post in named}
    return len(sites) == len({name for name, _ in sites}) and len({host for _, host in sites}) > 1


def _parts(title: str) -> tuple[str, str]:
    """The author and the rest, or nobody and the title."""
    match = _FORM.fullmatch(title)
    return (match[1], match[2]) if match and _looks_like_name(match[1]) else ("", title)


def _looks_like_name(text: str) -> bool:
    words = text.split()
    if len(text) > MAX_NAME_CHARACTERS or len(words) > MAX_NAME_WORDS or not _NAME.fullmatch(text):
        return False
    return not any(word[0].islower() and word not in _PARTICLES for word in words)
