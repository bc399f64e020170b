"""Code as its author wrote it, without what a program put around it: numbers of lines, and buttons that copy it.

Styles set the numbers apart and give each line its place. Without them the first line of `a = 2` would be "1a = 2".
"""

from __future__ import annotations

from collections.abc import Sequence

from .left_out import AROUND_CODE
from .markup import Tag
from .nesting import Token, ends_of, has_media, words_of

SIGNS = (
    *("linen", "line-n", "line_n", "lnt", '"ln"', "=ln", "hljs-ln", "blob-num", "gutter", "crayon-num"),
    *("<button", "<label", 'class="line', "class='line", "class=line", "token-line", "code-line", "checkbox"),
)
"""One of them stands in lower case in every HTML that this concerns."""

_LINES = frozenset({"line", "code-line", "token-line", "view-line", "cl-line", "hljs-ln-line"})
"""Classes of elements that each hold one line."""

_MAX_READINGS = 4
"""Of each token. Numbers of lines stand in elements for them within others, but not many."""

_MAX_BUTTON_TOKENS = 40
_MAX_BUTTON_CHARACTERS = 40
_PRESSED = frozenset({"button", "label"})
"""Beside each other they have their edges between them."""

_NUMBERED = frozenset({"pre", "code", "table"})
_WITHIN_LINES = frozenset({"a", "b", "em", "i", "small", "span", "strong", "sup"})
_BREAKS = frozenset({"br", "div", "p", "tr", "td", "li"})


def with_code_as_written(read: Sequence[Token]) -> list[Token]:
    """The tokens with only the author's words in code, each line on its own, and boxes of lists of tasks as signs."""
    return _Code(read).written()


class _Code:
    def __init__(self, read: Sequence[Token]) -> None:
        self.read = read
        self.ends = ends_of(read)
        self.out: list[Token] = []
        self.budget = _MAX_READINGS * len(read)
        """How many tokens may yet be looked at once more."""
        self.code_end = 0
        """Where the last `<pre>` ends."""
        self.numbered_end = 0
        """Where the last element ends that has numbers within its lines."""
        self.is_line_open = False
        """Whether words of a line came last, and nothing that breaks it."""

    def written(self) -> list[Token]:
        index = 0
        while index < len(self.read):
            token = self.read[index]
            if isinstance(token, Tag):
                if end := self._end_of_what_stands_around(index, token):
                    index = end
                    continue
                self._set_apart(index, token)
            elif isinstance(token, str):
                self.is_line_open = not token.endswith("\n")
            self.out.append(token)
            index += 1
        return self.out

    def _end_of_what_stands_around(self, start: int, tag: Tag) -> int:
        """Where an element ends that isn't written; 0 for all others."""
        end = self.ends.get(start, 0)
        if not end or self.budget <= 0 or not _may_be_around_code(tag):
            return 0
        if tag.name in _WITHIN_LINES and start >= self.numbered_end:
            return 0  # a number in a sentence, whatever its class is called
        self.budget -= end - start
        return end if _is_around_code(tag, self.read[start + 1 : end - 1]) else 0

    def _set_apart(self, index: int, tag: Tag) -> None:
        """Writes what stands before a tag on its author's page, and keeps in mind where lines begin and end."""
        if tag.name in _NUMBERED:
            self.numbered_end = max(self.numbered_end, self.ends.get(index, 0))
        if tag.name == "pre" and index in self.ends:
            self.code_end, self.is_line_open = self.ends[index], False
        elif tag.name in _BREAKS:
            self.is_line_open = False
        elif index < self.code_end and self.is_line_open and _is_line(tag):
            self.out.append("\n")
        elif tag.name in _PRESSED and not tag.is_end and _follows_another(self.out):
            self.out.append(" ")
        elif tag.name == "input" and (box := _box(tag, self.out)):
            self.out.append(box if _is_spaced(self.read, index + 1) else f"{box} ")


def _may_be_around_code(tag: Tag) -> bool:
    if tag.name == "button":
        return True
    classes = tag.attributes.get("class", "").lower().split() if "class" in tag.source else []
    return not AROUND_CODE.classes.isdisjoint(classes)


def _is_around_code(tag: Tag, inner: Sequence[Token]) -> bool:
    if tag.name == "button":
        return len(inner) <= _MAX_BUTTON_TOKENS and _copies(tag, words_of(inner).strip())
    if "lntd" in tag.source and not any(isinstance(each, Tag) and "lnt" in each.source for each in inner):
        return False  # the code beside the numbers
    return not has_media(inner) and all(word.isdecimal() for word in words_of(inner).split())


def _copies(button: Tag, words: str) -> bool:
    if len(words) > _MAX_BUTTON_CHARACTERS:
        return False
    found = button.attributes
    told = (found.get(name, "") for name in ("class", "title", "aria-label", "data-clipboard-text"))
    return "data-clipboard-text" in found or any(AROUND_CODE.words.search(text) for text in (words, *told))


def _is_line(tag: Tag) -> bool:
    if tag.is_end or tag.name not in ("span", "code") or "line" not in tag.source or "block" in tag.source:
        return False
    return not _LINES.isdisjoint(tag.attributes.get("class", "").lower().split())


def _follows_another(before: Sequence[Token]) -> bool:
    last = before[-1] if before else ""
    return isinstance(last, Tag) and last.is_end and last.name in _PRESSED


def _is_spaced(read: Sequence[Token], index: int) -> bool:
    following = read[index] if index < len(read) else ""
    return isinstance(following, str) and following[:1].isspace()


def _box(tag: Tag, before: Sequence[Token]) -> str:
    """Whether a task of a list is done; empty for other boxes."""
    found = tag.attributes
    if found.get("type", "").lower() != "checkbox" or not _begins_item(before):
        return ""
    return "☑" if "checked" in found else "☐"


def _begins_item(before: Sequence[Token]) -> bool:
    for token in reversed(before[-6:]):
        if isinstance(token, str) and not token.strip():
            continue
        if isinstance(token, Tag) and not token.is_end and token.name in ("p", "label", "span", "div"):
            continue
        return isinstance(token, Tag) and not token.is_end and token.name == "li"
    return False
