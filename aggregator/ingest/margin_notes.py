"""Notes that a style sets into the margin, beside the word that they belong to: without it they run into the text.

Edward Tufte's style, and what was made after it, writes each into the paragraph, behind a box that opens it on phones.
"""

from __future__ import annotations

from collections.abc import Sequence

from .markup import Tag
from .nesting import Token, ends_of, words_of

_NOTES = ("sidenote", "marginnote", "margin-note", "side-note")
_TOGGLE = "margin-toggle"
_ANCHOR = "footnote-anchor"
"""Of a link to a footnote that a style raises (Substack): 1999 with a note isn't 19991."""

SIGNS = (*_NOTES, _TOGGLE, _ANCHOR)
"""One of them stands in lower case in every HTML that has such."""

_MAX_SIGN_TOKENS = 10


def with_notes_in_brackets(read: Sequence[Token]) -> list[Token]:
    """The tokens with brackets around each note within a line, and without the signs that open them."""
    ends = ends_of(read)
    note_end = 0
    written: list[Token] = []
    index = 0
    while index < len(read):
        token = read[index]
        if isinstance(token, Tag) and not token.is_end and "class" in token.source and (end := ends.get(index)):
            classes = set(token.attributes.get("class", "").lower().split())
            if token.name == "label" and _TOGGLE in classes and _is_sign(read, index + 1, end - 1):
                index = end
                continue
            if token.name in ("span", "small") and not classes.isdisjoint(_NOTES) and index >= note_end:
                written.append(" (")
                note_end = end
            elif token.name == "a" and _ANCHOR in classes and written and isinstance(written[-1], str):
                written += [Tag("sup", False, "", "sup"), *read[index:end], Tag("sup", True, "", "sup")]
                index = end
                continue
        written.append(token)
        index += 1
        if index == note_end:
            written.append(") ")
    return written


def _is_sign(read: Sequence[Token], start: int, end: int) -> bool:
    return end - start < _MAX_SIGN_TOKENS and not any(map(str.isalnum, words_of(read[start:end])))
