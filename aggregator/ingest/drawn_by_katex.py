"""Formulas that KaTeX drew and left no source of: its spans -> the tokens of MathML.

What stands above each other is a list from below to above there, so that a fraction's words begin with its lower part.
Checked with KaTeX 0.16.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from .markup import Tag
from .nesting import Token

_MAX_DEPTH = 60
"""Of spans; each part of a formula takes about seven. Deeper ones are left out."""

_UNSEEN = str.maketrans("", "", "\u200b")


@dataclass(slots=True)
class _Span:
    classes: frozenset[str]
    children: list[_Span | str] = field(default_factory=list)

    def within(self) -> Iterator[_Span]:
        for child in self.children:
            if isinstance(child, _Span):
                yield child
                yield from child.within()

    def has_words(self) -> bool:
        return any(child.has_words() if isinstance(child, _Span) else child for child in self.children)

    def digits(self) -> str:
        """What it holds, if that is a number."""
        only = self.children[0] if len(self.children) == 1 else ""
        return only if isinstance(only, str) and only.isdecimal() else ""

    def first(self, name: str) -> _Span | None:
        return next((each for each in self.within() if name in each.classes), None)


def mathml_of_spans(read: Sequence[Token]) -> list[Token]:
    """The tokens of MathML that the spans stand for."""
    return list(_row(_tree(read)))


def _tree(read: Sequence[Token]) -> _Span:
    root = _Span(frozenset())
    path = [root]
    for token in read:
        if isinstance(token, str):
            if text := " ".join(token.translate(_UNSEEN).split()):
                path[-1].children.append(text)
        elif isinstance(token, Tag) and token.name == "span":
            if token.is_end:
                path = path[:-1] or [root]
            else:
                span = _Span(frozenset(token.attributes.get("class", "").replace("katex-", "").split()))
                if len(path) < _MAX_DEPTH:
                    path[-1].children.append(span)
                path.append(span)
    return root


def _row(span: _Span) -> Iterator[Token]:
    """What stands beside each other, and what is raised or lowered beside it."""
    parts: list[list[Token]] = []
    number = ""
    for child in _beside(span):
        digits = child.digits() if isinstance(child, _Span) else child if child.isdecimal() else ""
        number = number + digits if digits else ""
        if number:
            parts[-1:] = [_element("mn", [number])] if number != digits else [*parts[-1:], _element("mn", [number])]
        elif isinstance(child, str):
            parts.append(_element("mi", [child]))
        elif "msupsub" in child.classes:
            base = parts.pop() if parts else _element("mrow", [])
            parts.append(_with_scripts(base, _pile(child), is_lowered=child.first("vlist-t2") is not None))
        else:
            parts.append(_part(child))
    for part in parts:
        yield from part


def _beside(span: _Span) -> Iterator[_Span | str]:
    """The children, and in place of one that holds a base with what is raised beside it, these: so that 10 is one."""
    for child in span.children:
        if isinstance(child, _Span) and any(isinstance(e, _Span) and "msupsub" in e.classes for e in child.children):
            yield from child.children
        else:
            yield child


def _part(span: _Span) -> list[Token]:
    if "mfrac" in span.classes and len(things := _things(span)) == 2:
        below, above = map(_in_a_row, things)
        line = "" if span.first("frac-line") else ' linethickness="0"'
        return _element("mfrac", [*above, *below], line)
    if "sqrt" in span.classes:
        return _root(span)
    if "op-limits" in span.classes:
        return _with_limits(_pile(span), is_lowered=span.first("vlist-t2") is not None)
    if "mtable" in span.classes:
        return _table(span)
    return _element("mrow", list(_row(span)))


def _pile(span: _Span) -> list[list[Token]]:
    """What has words of the things above each other in a span, from below."""
    return [_in_a_row(each) for each in _things(span)]


def _things(span: _Span) -> list[_Span]:
    """The same, unread: what is in them is read once alone, or each within another would double the work."""
    pile = span.first("vlist")
    return [each for each in (pile.children if pile else []) if isinstance(each, _Span) and each.has_words()]


def _in_a_row(span: _Span) -> list[Token]:
    return _element("mrow", list(_row(span)))


def _with_scripts(base: list[Token], pile: Sequence[list[Token]], *, is_lowered: bool) -> list[Token]:
    base = _element("mrow", base)
    if len(pile) == 2:
        return _element("msubsup", [*base, *pile[0], *pile[1]])
    if len(pile) == 1:
        return _element("msub" if is_lowered else "msup", [*base, *pile[0]])
    return base


def _with_limits(pile: Sequence[list[Token]], *, is_lowered: bool) -> list[Token]:
    if len(pile) == 3:
        return _element("munderover", [*pile[1], *pile[0], *pile[2]])
    if len(pile) == 2:
        return _element("munder", [*pile[1], *pile[0]]) if is_lowered else _element("mover", [*pile[0], *pile[1]])
    return _element("mrow", [token for each in pile for token in each])


def _root(span: _Span) -> list[Token]:
    degree = next((each for each in span.children if isinstance(each, _Span) and "root" in each.classes), None)
    inside = [each for each in span.children if each is not degree]
    base = _pile(_Span(frozenset(), inside))
    content = [token for each in base[:1] for token in each]
    if degree is None:
        return _element("msqrt", content)
    return _element("mroot", [*content, *_element("mrow", [token for each in _pile(degree) for token in each])])


def _table(span: _Span) -> list[Token]:
    columns = [_pile(each) for each in span.children if isinstance(each, _Span) and each.first("vlist")]
    rows = zip_longest(*(column[::-1] for column in columns), fillvalue=_element("mrow", []))
    # From above: unlike all else, rows are listed as they are read.
    cells = [[_element("mtd", cell) for cell in row] for row in rows]
    return _element("mtable", [token for row in cells[::-1] for token in _element("mtr", [t for c in row for t in c])])


def _element(name: str, inner: Sequence[Token], source: str = "") -> list[Token]:
    return [Tag(name, False, source, name), *inner, Tag(name, True, "", name)]
