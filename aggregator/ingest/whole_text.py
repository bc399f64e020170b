"""A whole post as plain text: what is looked for, and in what what was found is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from .left_out import SWALLOWED
from .markup import BLOCKS, Tag, tokens
from .text import printable

_APART = BLOCKS | {"br"}
"""Where one ends, so does the word: "<p>a</p><p>b" isn't "ab". But "H<sub>2</sub>O" is a word."""

_RUBY = frozenset({"ruby", "rb", "rt", "rp"})

_ATTRIBUTE = r" [a-z-]++=\"[^\"<>]*+\""
_PLAIN = re.compile(
    rf"(?:[^<&]++|&(?:amp|lt|gt|quot|\#x27);"
    rf"|<(?!/img[ >])/?(?!(?:{'|'.join(sorted(SWALLOWED | _RUBY | {'xmp'}))})[ >])[a-z][a-z0-9]*+(?:{_ATTRIBUTE})*>)*"
)
"""HTML as `sanitize` writes nearly all: of this, a few substitutions make the same text in a sixth of the time.

No run of groups is possessive, here and below: Python 3.11.2 loses its place in one (cpython#106052)."""
_PLAIN_IMAGE = re.compile(rf"<img(?:(?! alt=){_ATTRIBUTE})*(?: alt=\"([^\"]*+)\"[^>]*+)?>")
_PLAIN_TAG_APART = re.compile(rf"</?(?:{'|'.join(sorted(_APART))})(?: [^>]*+)?>")
_PLAIN_TAG = re.compile(r"<[^>]*+>")


def whole_text(source: str, max_characters: int) -> str:
    """What readers of a post read, on one line: its text, code, captions, and what stands in the place of pictures.

    At most so many characters, and nothing in place of the rest. How Han characters are read comes after their word,
    not within it.
    """
    if "<" not in source and "&" not in source:
        return source[:max_characters]
    is_long = len(source) > max_characters  # no text is longer than its source
    if not is_long and _PLAIN.fullmatch(source):
        text = _text_of_plain(source)
    else:
        text = "".join(_until(max_characters, _pieces(source)) if is_long else _pieces(source))
    return " ".join(text.split())[:max_characters]


def _text_of_plain(source: str) -> str:
    """What `_pieces` makes of a source that is `_PLAIN`."""
    text = _PLAIN_TAG_APART.sub(" ", _PLAIN_IMAGE.sub(r" \1 ", source))
    return printable(unescape(_PLAIN_TAG.sub("", text)))


def _until(max_characters: int, pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        yield piece
        max_characters -= len(piece)
        if max_characters < 0:
            return


def _pieces(source: str) -> Iterator[str]:
    readings: list[str] = []
    """Of the Han characters in a <ruby>, until that ends."""
    of_ruby = ""
    for token in tokens(source):
        if isinstance(token, Tag):
            if token.name in _RUBY:
                of_ruby = "" if token.is_end else token.name
            if readings and token.name not in ("rt", "rp", "rb"):
                yield f" {''.join(readings)} "
                readings.clear()
            yield _in_place_of(token)
        elif of_ruby == "rt":
            readings.append(token)
        elif of_ruby != "rp":  # brackets for browsers of before
            yield token
    yield " ".join(["", *readings])


def _in_place_of(tag: Tag) -> str:
    if tag.name == "img":
        return f" {tag.attributes.get('alt', '')} "
    return " " if tag.name in _APART else ""
