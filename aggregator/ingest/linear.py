"""MathML on one line, as people type a formula where they have no better way: (3)/(4), a^2, x_1, √(2).

Source: MathML Core, section 3. Whoever reads it must never take two numbers for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .markup import Tag
from .nesting import Token

_MAX_DEPTH_ELEMENTS = 50
"""What lies deeper is written as a row. No formula that people read is so deep."""

_UNSEEN = str.maketrans("", "", "\u2061\u2063\u2064")
"""Function application and the like, which only say how it is read aloud."""

_TIMES = "\u2062"
"""An invisible sign of multiplication: a space, so that factors stay apart."""

_NOT_SHOWN = frozenset({"mphantom", "annotation", "annotation-xml", "none", "mprescripts"})
_EMPTY = frozenset({"mspace", "mglyph", "none", "mprescripts", "malignmark", "maligngroup"})


@dataclass(slots=True)
class _Node:
    tag: Tag
    children: list[_Node | str] = field(default_factory=list)


def linear_text(tokens: Sequence[Token]) -> str:
    """The formula that the tokens within a `<math>` are; empty if it shows nothing."""
    return " ".join(_row(_tree(tokens).children).split())


def _tree(tokens: Sequence[Token]) -> _Node:
    root = _Node(Tag("mrow", False, "", "mrow"))
    path = [root]
    for token in tokens:
        if isinstance(token, str):
            path[-1].children.append(token)
        elif not isinstance(token, Tag):
            continue
        elif not token.is_end:
            node = _Node(token)
            path[-1].children.append(node)
            if not token.is_empty and token.local_name not in _EMPTY and len(path) < _MAX_DEPTH_ELEMENTS:
                path.append(node)
        elif len(path) > 1 and path[-1].tag.name == token.name:
            path.pop()
    return root


def _text(node: _Node | str) -> str:
    if isinstance(node, str):
        return " ".join(node.translate(_UNSEEN).replace(_TIMES, " ").split()) or (" " if _TIMES in node else "")
    name = node.tag.local_name
    if name in _NOT_SHOWN:
        return ""
    if name == "mspace":
        return " "
    parts = [child for child in node.children if isinstance(child, _Node) and child.tag.local_name not in _NOT_SHOWN]
    write = _WRITERS.get(name)
    return write(node, parts) if write else _row(node.children)


def _row(children: Sequence[_Node | str]) -> str:
    row = ""
    for child in children:
        text = _text(child)
        # Also a power before a number: "a^2 3" is no "a^23".
        row += f" {text}" if row and text and row[-1].isalnum() and text[0].isalnum() else text
    return row


def _in_brackets(text: str) -> str:
    """As one thing: a letter or a number stands alone."""
    text = text.strip()
    return text if text.isalnum() or len(text) == 1 or _is_bracketed(text) else f"({text})"


def _is_bracketed(text: str) -> bool:
    """Whether the first bracket ends with the last one."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _all(parts: Sequence[_Node], count: int) -> list[str]:
    """The first so many parts as texts, the last one with all that follows; empty ones for those that lack."""
    texts = [_text(part) for part in parts[: count - 1]] + [_row(parts[count - 1 :])]
    return texts + [""] * (count - len(texts))


def _fraction(node: _Node, parts: Sequence[_Node]) -> str:
    above, below = _all(parts, 2)
    if node.tag.attributes.get("linethickness", "").strip().rstrip("pxemt% ") in ("0", "0.0"):
        return f"({above} choose {below})"  # a binomial has no line
    return f"({above})/({below})"


def _square_root(node: _Node, _parts: Sequence[_Node]) -> str:
    return f"√({_row(node.children)})"


def _root(_node: _Node, parts: Sequence[_Node]) -> str:
    base, degree = _all(parts, 2)
    return f"√[{degree}]({base})"


def _power(_node: _Node, parts: Sequence[_Node]) -> str:
    base, above = _all(parts, 2)
    return _with_scripts(base, "", above)


def _index(_node: _Node, parts: Sequence[_Node]) -> str:
    base, below = _all(parts, 2)
    return _with_scripts(base, below, "")


def _index_and_power(_node: _Node, parts: Sequence[_Node]) -> str:
    return _with_scripts(*_all(parts, 3))


def _accent(_node: _Node, parts: Sequence[_Node]) -> str:
    base, above = _all(parts, 2)
    return base + above if len(above) == 1 and not above.isalnum() else _with_scripts(base, "", above)


def _with_scripts(base: str, below: str, above: str) -> str:
    base = base.strip()
    head = _in_brackets(base) if base else ""
    return (
        head
        + (f"_{_in_brackets(below)}" if below.strip() else "")
        + (f"^{_in_brackets(above)}" if above.strip() else "")
    )


def _multi(node: _Node, _parts: Sequence[_Node]) -> str:
    """Base, scripts after it in pairs and, behind a mark, scripts before it in pairs."""
    children = [child for child in node.children if isinstance(child, _Node)]
    names = [child.tag.local_name for child in children]
    mark = names.index("mprescripts") if "mprescripts" in names else len(children)
    before = _pairs(children[mark + 1 :])
    base = _text(children[0]) if children and mark else ""
    return before + (_in_brackets(base) if base.strip() else "") + _pairs(children[1:mark])


def _pairs(scripts: Sequence[_Node]) -> str:
    texts = [_text(script) for script in scripts]
    pairs = zip(texts[::2], [*texts[1::2], ""], strict=False)
    return "".join(_with_scripts("", below, above) for below, above in pairs)


def _fenced(node: _Node, parts: Sequence[_Node]) -> str:
    found = node.tag.attributes
    separators = "".join(found.get("separators", ",").split())
    texts = [_text(part) for part in parts]
    marks = [separators[min(place, len(separators) - 1)] if separators else "" for place in range(len(texts) - 1)]
    inner = "".join(f"{text}{mark} " if mark else f"{text} " for text, mark in zip(texts, [*marks, ""], strict=False))
    return found.get("open", "(") + inner.rstrip() + found.get("close", ")")


def _table(_node: _Node, parts: Sequence[_Node]) -> str:
    return "[" + "; ".join(_text(part) for part in parts) + "]"


def _table_row(_node: _Node, parts: Sequence[_Node]) -> str:
    return ", ".join(_text(part) for part in parts)


def _enclosed(node: _Node, _parts: Sequence[_Node]) -> str:
    text = _row(node.children)
    return f"√({text})" if "radical" in node.tag.attributes.get("notation", "") else text


def _applied(_node: _Node, parts: Sequence[_Node]) -> str:
    """Content MathML: the name of an operation, and what it is applied to."""
    operands = ", ".join(_text(part) for part in parts[1:])
    return f"{_text(parts[0]) or parts[0].tag.local_name}({operands})" if parts else ""


def _first(_node: _Node, parts: Sequence[_Node]) -> str:
    return _text(parts[0]) if parts else ""


_WRITERS: Mapping[str, Callable[[_Node, Sequence[_Node]], str]] = {
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "msup": _power,
    "msub": _index,
    "msubsup": _index_and_power,
    "mover": _accent,
    "munder": _index,
    "munderover": _index_and_power,
    "mmultiscripts": _multi,
    "mfenced": _fenced,
    "mtable": _table,
    "mtr": _table_row,
    "mlabeledtr": _table_row,
    "maction": _first,
    "menclose": _enclosed,
    "apply": _applied,
}
