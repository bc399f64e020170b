"""Tags that fit into each other: HTML tokens -> HTML in which every element ends, at most 200 deep.

A parser that follows the HTML standard finds nothing to mend in it, and spends no time on mending: 20,000 nested
elements once took it 20 s. Of that standard (13.2.6), here are the rules by which a tag ends the elements of others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from .left_out import SWALLOWED
from .markup import BLOCKS, Tag, names

MAX_DEPTH_ELEMENTS = 200
"""Open at a time. Deeper down, tags are left out and texts stay."""

MAX_MARKUP_CHARACTERS = 2 * 2**20
"""What all tags of one text may cost. Once that is spent, only its texts go on."""

TAG_COST_CHARACTERS = 100
"""What each tag costs beside its own characters: a parser has work with the shortest, too."""

_VOID = names(
    "area base basefont bgsound br col command embed frame hr image img input isindex keygen link meta param source"
    " track wbr"
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th", "caption"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_TABLE_PARTS = _CELLS | _GROUPS | {"tr"}
_PARAGRAPH = frozenset({"p"})
_RUBY = frozenset({"ruby", "rb", "rt", "rp"})
_FENCE = _CELLS | {"table"}
"""What a tag within a cell or a table ends lies within it, too; only the table's own tags reach further."""

_LIST_FENCES = {"li": _FENCE | {"ol", "ul"}, "dt": _FENCE | {"dl"}, "dd": _FENCE | {"dl"}}

_PARENTS = {
    **dict.fromkeys(("caption", "thead", "tbody", "tfoot"), frozenset({"table"})),
    "tr": frozenset({"table", "thead", "tbody", "tfoot"}),
    **dict.fromkeys(("td", "th"), frozenset({"table", "thead", "tbody", "tfoot", "tr"})),
    **dict.fromkeys(("rb", "rt", "rp"), frozenset({"ruby"})),
}
"""What a part of a table or of a ruby must stand in. All that is open further inside ends before the part begins."""

_ID = re.compile(r' id="[^"]*+"')
_LEVELS = {"table": 4}
"""How many levels an element adds, if not one: what is in a table is in a group, a row and a cell, too."""

_ENDS = {
    "li": frozenset({"li"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    "a": frozenset({"a"}),
    **dict.fromkeys(_HEADINGS, _HEADINGS),
}
"""Which elements a start tag ends if their author left them open."""


@dataclass(slots=True)
class Element:
    """What to write for a start tag; with `text`, the whole element. Not frozen for the reason that `Tag` gives."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def start_tag(self) -> str:
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return f"<{self.name}{attributes}>"


Rewrite = Callable[[Tag], "Element | str | None"]
"""A start tag -> what to write for it, a text, or None: that leaves out the tag, and its content stays."""


def balance(tokens: Iterable[str | Tag | Element], rewrite: Rewrite) -> str:
    """HTML of the texts, and of the tags as `rewrite` wants them; an element among them is written as it is."""
    writer = _Writer()
    for token in tokens:
        if isinstance(token, str):
            writer.text(token)
        elif isinstance(token, Element):
            writer.element(token)
        elif token.is_end:
            writer.end(token.name)
        else:
            writer.start(token, rewrite(token) if writer.budget > TAG_COST_CHARACTERS else None)
    return writer.finish()


@dataclass(slots=True)
class _Open:
    """`read` is the name that an end tag will have, `written` the one that we wrote ("" if nothing)."""

    read: str
    written: str = ""
    start_tag: str = ""


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.stack: list[_Open] = []
        self.open_counts: Counter[str] = Counter()
        self.too_deep: Counter[str] = Counter()
        self.budget = MAX_MARKUP_CHARACTERS

    def text(self, data: str) -> None:
        if self.parts and self.parts[-1].startswith("<pre"):
            data = data.lstrip("\n")  # parsers drop one there, so a second reading would differ
        if data.strip():
            self._enter_cell()
        if data:
            self.parts.append(escape(data, quote=False))

    def element(self, element: Element) -> None:
        """One that is whole; beyond the budget, its text."""
        if self.budget > TAG_COST_CHARACTERS:
            self.start(Tag(element.name, False, "", element.name), element)
        else:
            self.text(element.text)

    def start(self, tag: Tag, element: Element | str | None) -> None:
        if isinstance(element, str):
            self.text(element)
            return
        if element is None or not self._prepare_for(element.name):
            self._open(_Open(tag.name), is_void=tag.is_empty or tag.name in _VOID or tag.name in SWALLOWED)
            return
        self._open(_Open(tag.name, element.name, element.start_tag()), is_void=element.name in _VOID)
        if element.text:
            self.text(element.text)
        if element.text or (tag.is_empty and element.name not in _VOID):
            self.end(tag.name)

    def end(self, name: str) -> None:
        if self.too_deep.get(name):
            self.too_deep[name] -= 1
        elif self.stack and self.stack[-1].read == name:
            self._close_from(len(self.stack) - 1)
        elif (index := self._index_to_end(name)) is None:
            return
        elif not self.stack[index].written:
            del self.stack[index]
            self.open_counts[name] -= 1
        elif name in BLOCKS or name in _RUBY:
            self._close_from(index)
        else:
            self._end_inline(index)

    def finish(self) -> str:
        self._close_from(0)
        return "".join(self.parts)

    def _open(self, item: _Open, *, is_void: bool) -> None:
        cost = len(item.start_tag) + TAG_COST_CHARACTERS
        if item.written and cost > self.budget:
            item = _Open(item.read)
        if is_void and not item.written:
            return
        if not is_void and len(self.stack) + _LEVELS.get(item.written, 1) > MAX_DEPTH_ELEMENTS:
            self.too_deep[item.read] += 1
            return
        if item.written:
            self.budget -= cost
            self.parts.append(item.start_tag)
        if not is_void:
            self.stack.append(item)
            self.open_counts[item.read] += 1

    def _close_from(self, index: int) -> list[_Open]:
        """Ends the element at `index` and all within it; returns them, outermost first."""
        closed = self.stack[index:]
        del self.stack[index:]
        for item in reversed(closed):
            self.open_counts[item.read] -= 1
            if item.written:
                self.parts.append(f"</{item.written}>")
        return closed

    def _end_inline(self, index: int) -> None:
        """Ends an inline element, and opens again after it what was open within, as in <b><i></b></i>."""
        for item in self._close_from(index)[1:]:
            self.budget -= TAG_COST_CHARACTERS
            if self.budget > 0:
                self._open(_again(item), is_void=False)

    def _prepare_for(self, name: str) -> bool:
        """Ends what a start tag of `name` ends, and opens what it needs; False if it has no place here."""
        if name in _PARENTS:
            index = self._find(_PARENTS[name], frozenset())
            if index is None:
                return False
            self._close_from(index + 1)
            self._open_between(self.stack[index].written, name)
            return True
        self._enter_cell()
        if name in _ENDS:
            self._close_nearest(_ENDS[name], _CELLS if name == "a" else _LIST_FENCES.get(name, _FENCE))
        if name in BLOCKS:
            self._close_nearest(_PARAGRAPH, _FENCE)
        return True

    def _enter_cell(self) -> None:
        """Opens a cell for what stands in a table but in none of its cells: parsers would move it before the table."""
        index = len(self.stack) - 1
        while index >= 0 and not self.stack[index].written:
            index -= 1
        place = self.stack[index].written if index >= 0 else ""
        if place in _PARENTS["td"]:
            self._close_from(index + 1)
            self._open_between(place, "td")
            self._open(_Open("", "td", "<td>"), is_void=False)

    def _open_between(self, place: str, name: str) -> None:
        """Opens what authors may leave out between a table and its row, or between a group of rows and a cell."""
        if place == "table" and name in {"tr", "td", "th"}:
            self._open(_Open("tbody", "tbody", "<tbody>"), is_void=False)
            place = "tbody"
        if place in _GROUPS and name in {"td", "th"}:
            self._open(_Open("tr", "tr", "<tr>"), is_void=False)

    def _close_nearest(self, names: frozenset[str], fence: frozenset[str]) -> None:
        index = self._find(names, fence)
        if index is not None:
            self._close_from(index)

    def _find(self, names: frozenset[str], fence: frozenset[str]) -> int | None:
        """Place of the innermost element that is written as one of `names`, unless something of `fence` is nearer."""
        for index in range(len(self.stack) - 1, -1, -1):
            written = self.stack[index].written
            if written in names:
                return index
            if written in fence:
                return None
        return None

    def _index_to_end(self, name: str) -> int | None:
        """Place of the element that an end tag ends; None if it ends nothing."""
        names = _HEADINGS if name in _HEADINGS else frozenset({name})
        if not any(self.open_counts[each] for each in names):
            return None
        fence = self._fence_of_end(name)
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index].read in names:
                return index
            if self.stack[index].written in fence:
                return None
        return None

    def _fence_of_end(self, name: str) -> frozenset[str]:
        if name == "table":
            return frozenset()
        if name in _TABLE_PARTS:
            return frozenset({"table"})
        return _LIST_FENCES.get(name, _FENCE)


def _again(item: _Open) -> _Open:
    """What is opened a second time: without the id, which names one place; a span is nothing then."""
    start_tag = _ID.sub("", item.start_tag)
    return _Open(item.read) if start_tag == "<span>" else _Open(item.read, item.written, start_tag)
