"""What shows that two entries are one post: an address, a permanent id, or nearly the same words. Pure."""

from __future__ import annotations

import re
from itertools import islice

from aggregator.ingest.address import absolute_link, link_identity
from aggregator.ingest.post_keys import digest, is_address
from aggregator.ingest.text import resolve_entities

MIN_TEXT_WORDS = 48
"""Shorter texts say too little to be told apart."""
MIN_TELLING_WORDS = 12
"""Still shorter texts, such as "Read more on my blog", are nobody's words."""
MAX_TEXT_WORDS = 3000
"""Of longer texts only the beginning is compared, which takes less time and tells as much."""
MIN_LIKENESS = 0.9
"""Two texts are nearly the same if they share this much of their runs of words: a copy may gain or lack a line."""
MIN_SAME_WORDS = 0.5
"""An excerpt or an edit of a text shares this much of the shorter one's runs of words with the other, at least: each
changed word changes three runs. Texts that have nothing to do with each other share next to none."""
SHINGLE_WORDS = 3
"""Single words are the same in many texts; runs of this length are not."""

_TAG_AUTHORITY = re.compile(r"tag:(?:[^@,\s]*@)?([^,\s]+),", re.IGNORECASE)
_MARKUP = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")


def id_authority(guid: str) -> str:
    """The host, without "www.", in whose name a permanent id was made; empty for ids that name none."""
    tag = _TAG_AUTHORITY.match(guid)
    if tag:
        return tag[1].lower().removeprefix("www.")
    return authority(link_identity(absolute_link(guid, ""))) if is_address(guid) else ""


def authority(identity: str) -> str:
    """The host, and the port if there is one, of what `link_identity` made."""
    return re.split("[/?#]", identity, maxsplit=1)[0]


def title_key(title: str, content_html: str) -> str:
    """The same for posts whose texts are worth comparing; empty for one with few words or without a title."""
    words = " ".join(_WORD.findall(title.casefold()))
    return digest(words) if words and len(_words(content_html, MIN_TEXT_WORDS)) == MIN_TEXT_WORDS else ""


def shingles(content_html: str) -> frozenset[int]:
    """The runs of three words of a text, as numbers that compare within one process; none if the text says little."""
    words = _words(content_html, MAX_TEXT_WORDS)
    if len(words) < MIN_TELLING_WORDS:
        return frozenset()
    return frozenset(hash(tuple(words[at : at + SHINGLE_WORDS])) for at in range(len(words) - SHINGLE_WORDS + 1))


def are_alike(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two texts, by their shingles, are nearly the same (Jaccard index)."""
    return bool(one) and len(one & other) >= MIN_LIKENESS * len(one | other)


def are_same_words(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether one of two texts, by their shingles, is an excerpt of the other, or an edit of it."""
    return bool(one) and len(one & other) >= MIN_SAME_WORDS * min(len(one), len(other)) > 0


def are_other_words(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two texts say enough to tell that neither is an excerpt of the other, or an edit of it."""
    return bool(one) and bool(other) and not are_same_words(one, other)


def _words(content_html: str, max_words: int) -> list[str]:
    text = resolve_entities(_MARKUP.sub(" ", content_html)).casefold()
    return [match[0] for match in islice(_WORD.finditer(text), max_words)]
