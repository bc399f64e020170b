"""What a planet says of itself: a line under its name, and a text for its page About. Pure.

The text is plain: an empty line begins a new paragraph, and addresses become links. So nothing in it can break the page
or its policy; whoever wants more than that writes a template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.exchange.contact import BadContact, contact_of

MAX_TAGLINE_CHARACTERS = 160
SUFFIXES = (".txt",)
MAX_BYTES = 50_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+|[^\s@<>()\[\]\"“”«»,:;]+@[\w-]+(?:\.[\w-]+)+")
_AFTER = ".,:;!?'’)]}…*_"
"""What belongs to the sentence and not to the address, at its end; a bracket only if none was opened in it."""


class BadWords(ValueError):
    """`str()` says what they must be."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a line: text, or a link."""

    text: str
    href: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class OwnText:
    paragraphs: tuple[tuple[Line, ...], ...]


def tagline_of(text: str) -> str:
    """On one line. Raises BadWords."""
    text = _CONTROLS.sub("", " ".join(text.split()))
    if len(text) > MAX_TAGLINE_CHARACTERS:
        raise BadWords(f"a line of at most {MAX_TAGLINE_CHARACTERS} characters, and this one has {len(text)}")
    return text


def text_of(content: bytes) -> OwnText:
    """The text in the bytes of a file. Raises BadWords."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadWords(f"a text in UTF-8, and its byte {error.start + 1} is none of that") from error
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    paragraphs = (part.strip("\n") for part in re.split(r"\n[^\S\n]*\n", text))
    found = tuple(tuple(map(_pieces, part.split("\n"))) for part in paragraphs if part.strip())
    if not found:
        raise BadWords("a text, and this file has none")
    return OwnText(found)


def _pieces(line: str) -> Line:
    pieces: list[Piece] = []
    at = 0
    for match in _ADDRESS.finditer(line := line.strip()):
        address = _without_what_follows(match[0])
        href = _href_of(address)
        if href:
            pieces += [Piece(line[at : match.start()]), Piece(address, href)]
            at = match.start() + len(address)
    return tuple(piece for piece in (*pieces, Piece(line[at:])) if piece.text)


def _without_what_follows(address: str) -> str:
    while address and address[-1] in _AFTER:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _href_of(address: str) -> str:
    if address.startswith(("http://", "https://")):
        return address if len(address) > len("https://") else ""
    try:
        return contact_of(address).href
    except BadContact:
        return ""
