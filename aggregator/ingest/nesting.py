"""Where the elements of a row of tokens end: for what decides about an element by what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .balance import Element
from .markup import BLOCKS, MEDIA, Tag

Token = str | Tag | Element
"""A text, a tag as it was found, or what was put in the place of others."""

_SHOWN = MEDIA | {"a", "table"}
"""Of which one makes an element more than a place for a script."""


def ends_of(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each start tag stands -> where what comes after its element begins.

    An element whose end tag is missing has no end, but for a paragraph: that ends before the next block (HTML standard,
    13.2.6.4.7).
    """
    ends: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        if not isinstance(token, Tag):
            continue
        name = token.name
        if token.is_end:
            if starts := waiting.get(name):
                ends[starts.pop()] = index + 1
            continue
        if name in BLOCKS and (paragraphs := waiting.get("p")):
            ends.update(dict.fromkeys(paragraphs, index))
            paragraphs.clear()
        if not token.is_empty:
            waiting.setdefault(name, []).append(index)
    return ends


def has_media(tokens: Iterable[Token]) -> bool:
    """Whether there is a picture, a film, a sound or a frame among the tokens."""
    return any(not isinstance(token, str) and token.name in MEDIA for token in tokens)


def words_of(tokens: Iterable[Token]) -> str:
    """The texts among the tokens, in a row."""
    return "".join(token if isinstance(token, str) else getattr(token, "text", "") for token in tokens)


def shows_something(inner: Iterable[Token]) -> bool:
    """Whether what an element holds, to its end tag, is more than a place for a script."""
    seen = list(inner)
    return bool(words_of(seen).strip()) or any(isinstance(each, Tag) and each.name in _SHOWN for each in seen[:-1])
