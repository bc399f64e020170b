"""Formulas that MathJax drew and left no source of: its elements or its drawing -> the tokens of MathML.

Both outputs keep the tree of the formula: as names of elements (`mjx-mfrac`), or in `data-mml-node`; and of each
glyph the character. Checked with MathJax 3.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from .markup import MARK_OF_DRAWING, Tag, names, tokens
from .nesting import Token
from .text import printable

_MAX_DEPTH = 100
"""Of elements. Deeper ones are read as a row."""

_MAX_DRAWINGS_DEEP = 3
"""Stretched signs are drawings in a drawing."""

_MATHML = names(
    "mfrac msup msub msubsup munder mover munderover msqrt mroot mtable mtr mlabeledtr mtd mmultiscripts"
    " mi mn mo ms mtext mrow mspace"
)
_ROWS = frozenset({"texatom", "num", "den", "box", "base", "over", "under", "root"})
"""Names of what holds one part of a formula."""

_UNSEEN = frozenset({"surd", "stretchy-h", "stretchy-v", "title", "desc", "assistive-mml", "speech"})
_GLYPH = re.compile(r"mjx-c([0-9A-F]{1,6})(?![0-9A-Za-z])")
_CODE = re.compile(r"[0-9A-F]{1,6}")
_HEIGHT = re.compile(r"translate\(\s*-?[0-9.]+[\s,]+(-?[0-9.]+)")
_WITHOUT_LINE = ' linethickness="0"'
_LETTERS = range(0x1D400, 0x1D800)
"""Which look italic or bold by themselves."""


@dataclass(slots=True)
class _Part:
    name: str
    height: float = 0.0
    """How far it is drawn above its line."""
    children: list[_Part | str] = field(default_factory=list)
    has_line: bool = False
    """Of a fraction. A binomial has none."""

    def add(self, text: str) -> None:
        """Signs that follow each other are one number, or one word."""
        if self.children and isinstance(last := self.children[-1], str):
            self.children[-1] = last + text
        else:
            self.children.append(text)

    @property
    def parts(self) -> list[_Part]:
        return [child for child in self.children if isinstance(child, _Part)]


def mathml_of_drawing(read: Sequence[Token]) -> list[Token]:
    """The tokens of MathML that what was drawn stands for; none if nothing can be read from it."""
    root = _tree(_flat(read, _MAX_DRAWINGS_DEEP))
    return list(_written(root))


def _flat(read: Sequence[Token], depth: int) -> Iterator[Token]:
    """The tokens, with those of drawings among them, which are texts so far."""
    for token in read:
        if isinstance(token, str) and MARK_OF_DRAWING in token:
            if depth:
                yield from _flat(list(tokens(token)), depth - 1)
        else:
            yield token


def _tree(read: Iterator[Token]) -> _Part:
    root = _Part("mrow")
    path: list[tuple[str, _Part]] = [("", root)]
    for token in read:
        inside = path[-1][1]
        if isinstance(token, str):
            inside.add(" ".join(token.split()))
        elif not isinstance(token, Tag):
            continue
        elif token.is_end:
            if len(path) > 1 and path[-1][0] == token.name:
                path.pop()
        elif len(path) < _MAX_DEPTH:
            part = _part_of(token, inside)
            if not token.is_empty:
                path.append((token.name, part))
    return root


def _part_of(tag: Tag, inside: _Part) -> _Part:
    """Where what is in an element belongs: to a new part, to the one around it, or to nothing."""
    found = tag.attributes
    if glyph := _glyph(tag, found):
        inside.add(glyph)
        return inside
    inside.has_line = inside.has_line or tag.name in ("mjx-line", "rect")
    name = _name_of(tag, found)
    if name in _UNSEEN:
        return _Part("")
    name = "mrow" if name in _ROWS else name
    if name not in _MATHML:
        return inside
    height = _HEIGHT.match(found.get("transform", ""))
    part = _Part(name, float(height[1]) if height and height[1].count(".") < 2 else 0.0)
    inside.children.append(part)
    return part


def _name_of(tag: Tag, found: dict[str, str]) -> str:
    """Of a group in a drawing, the element that it was; a group that is only moved holds a row."""
    name = tag.name.removeprefix("mjx-")
    if tag.name == "g":
        name = found.get(MARK_OF_DRAWING, "mrow" if "transform" in found or not tag.source else "") or name
    return name.lower()


def _glyph(tag: Tag, found: dict[str, str]) -> str:
    if tag.name == "mjx-c":
        match = _GLYPH.search(found.get("class", ""))
        code = match[1] if match else ""
    else:
        code = found.get("data-c", "") if tag.name in ("use", "path") else ""
    if not _CODE.fullmatch(code) or int(code, 16) > 0x10FFFF:
        return ""
    character = printable(chr(int(code, 16)))
    return normalize("NFKC", character) if int(code, 16) in _LETTERS else character


def _written(part: _Part) -> Iterator[Token]:
    children = _in_order(part)
    yield Tag(part.name, False, _WITHOUT_LINE if part.name == "mfrac" and not part.has_line else "", part.name)
    for child in children:
        if isinstance(child, str):
            yield child
        else:
            yield from _written(child)
    yield Tag(part.name, True, "", part.name)


def _in_order(part: _Part) -> Sequence[_Part | str]:
    """The children in MathML's order: base, below, above. They were drawn in another."""
    parts = part.parts
    if part.name in ("msqrt", "mroot"):
        parts = [each for each in parts if each.children != ["√"]]  # the sign, which was drawn for itself
        return parts[::-1] if part.name == "mroot" and _is_raised_first(parts) else parts
    if part.name == "mover" and len(parts) == 2 and _is_raised_first(parts):
        return parts[::-1]
    if part.name == "munderover" and len(parts) == 2 and parts[1].name == "mrow":
        return [*_base_and_below(parts[1]), parts[0]]
    if part.name == "msubsup" or (part.name == "munderover" and len(parts) == 3 and parts[1].height >= 0):
        return [*parts[:1], *parts[:0:-1]]
    return part.children


def _is_raised_first(parts: Sequence[_Part]) -> bool:
    """Whether what stands above the line comes before its base: so it is among elements, and not in drawings."""
    return all(each.name == "mrow" and not each.height for each in parts)


def _base_and_below(box: _Part) -> list[_Part]:
    inner = box.parts
    return inner[0].parts if len(inner) == 1 and inner[0].name == "munder" else inner
