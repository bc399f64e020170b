"""A whole post as plain text: what is looked for, and in what what was found is shown."""

from __future__ import annotations

from collections.abc import Iterator

from .markup import BLOCKS, Tag, tokens

_APART = BLOCKS | {"br"}
"""Where one ends, so does the word: "<p>a</p><p>b" isn't "ab". But "H<sub>2</sub>O" is a word."""


def whole_text(source: str, max_characters: int) -> str:
    """What readers of a post read, on one line: its text, code, captions, and what stands in the place of pictures.

    At most so many characters, and nothing in place of the rest. How Han characters are read comes after their word,
    not within it.
    """
    if "<" not in source and "&" not in source:
        return source[:max_characters]
    pieces = _pieces(source)
    if len(source) > max_characters:  # no text is longer than its source
        pieces = _until(max_characters, pieces)
    return " ".join("".join(pieces).split())[:max_characters]


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
            if token.name in ("rt", "rp", "rb", "ruby"):
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
