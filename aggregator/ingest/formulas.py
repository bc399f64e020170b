"""Formulas as text: TeX where the author's program left it, else a line that reads the same aloud.

Our pages draw no MathML, and without it 3/1 would be "31" and a² "a2". Programs that draw formulas write each of them
two or three times: as MathML for those who hear the page, as spans or a drawing for the eye, as a script with its
source. Here it stands once.
"""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .balance import Element
from .drawn_by_katex import mathml_of_spans
from .drawn_by_mathjax import mathml_of_drawing
from .linear import linear_text
from .markup import BLOCKS, MARK_OF_DRAWING, Tag, tokens
from .nesting import Token, ends_of, words_of
from .text import printable, resolve_entities

SIGNS = ("math", "katex", "latex", "data-tex", MARK_OF_DRAWING)
"""One of them stands in lower case in every HTML with a formula."""

_MAX_TEX_CHARACTERS = 10_000
"""Of one formula's source. Longer ones are data, and read in another way."""

_DRAWN = frozenset({"katex", "katex-display", "MathJax", "MathJax_Display", "MathJax_SVG", "MathJax_CHTML"})
"""Classes of elements that hold one formula, drawn."""

_FOR_THE_EYE = _DRAWN | {
    "MathJax_Preview",
    "mwe-math-fallback-image-inline",
    "mwe-math-fallback-image-display",
}
_SOURCES = ("data-latex", "data-tex", "data-katex", "data-formula")
"""Attributes with the source of what is drawn in an element, or is to be."""

_OF_SUBSTACK = re.compile(r'"persistentExpression"\s*+:\s*+("(?:[^"\\]|\\.)*")')
_MAX_DRAWN_TOKENS = 2000
"""Of one formula, drawn. A long equation has some hundreds."""

_UNSEEN = re.compile(r"[\s\u200b\u2061-\u2064]")
_PERCENT = re.compile(r"^%\s+|\s*%$")
_TEX = re.compile(r"\b(?:la)?tex\b", re.IGNORECASE)
_DISPLAY_STYLE = re.compile(r"\{\\displaystyle\s*+(.*)\}", re.DOTALL)

_BREAKS_OUT = BLOCKS | {"a", "img", "br", "code", "noscript", "iframe", "video", "audio"}
"""Elements that end a formula in browsers, and others that no formula holds: its end tag is missing, or far away."""


def with_formulas_as_text(read: Sequence[Token]) -> list[Token]:
    """The tokens with `<code>` or text in the place of each formula, and without what shows it once more."""
    return _Formulas(read).written()


class _Formulas:
    def __init__(self, read: Sequence[Token]) -> None:
        self.read = read
        self.ends = ends_of(read)
        starts = [(index, token) for index, token in enumerate(read) if isinstance(token, Tag) and not token.is_end]
        self.maths = [index for index, tag in starts if tag.local_name == "math" and index in self.ends]
        self.breaks = [index for index, tag in starts if tag.name in _BREAKS_OUT]
        self.out: list[Token] = []
        self.last_formula: tuple[int, int] | None = None
        """Where in `out` the formula stands after which no word has come."""
        self.last_is_drawn = False
        self.last_double: tuple[int, int] | None = None
        """Where in `out` something for the eye stands after which no word has come."""

    def written(self) -> list[Token]:
        index = 0
        while index < len(self.read):
            index = self._step(index, self.read[index])
        return self.out

    def _step(self, index: int, token: Token) -> int:
        """Writes what begins at `index`; returns where to go on."""
        if isinstance(token, Tag) and not token.is_end:
            end = self.ends.get(index)
            formula = self._formula_at(index, end, token) if end is not None else None
            if end is not None and formula is not None:
                self._write(formula, token)
                return end
            if end is not None and _is_double(token):
                if self.last_formula is None:
                    self.last_double = (len(self.out), len(self.out) + end - index)
                    self.out += self.read[index:end]
                return end
            if token.name == "img" and self.last_formula is not None and _is_double(token):
                return index + 1  # its picture, for browsers of before
            is_word = token.name in BLOCKS or token.name == "img"
        else:
            if isinstance(token, str) and self._goes_on(index, token):
                return index + 1
            is_word = not isinstance(token, Tag) and bool(getattr(token, "text", token) or "")
            is_word = is_word and not (isinstance(token, str) and token.isspace())
        if is_word:
            self.last_formula = self.last_double = None
        self.out.append(token)
        return index + 1

    def _goes_on(self, index: int, text: str) -> bool:
        """Whether a text is the inside of a drawing that could not be read. A number after a formula is set apart."""
        before = self.read[index - 1] if index else ""
        if MARK_OF_DRAWING in text and isinstance(before, Tag) and before.name == "svg":
            return True
        if self.last_formula and self.last_formula[1] == len(self.out) and text[:1].isdecimal():
            last = self.out[-1]
            if isinstance(last, str) and last[-1:].isdecimal():
                self.out.append(" ")
        return False

    def _write(self, formula: list[Token], tag: Tag) -> None:
        double = self.last_double
        if double is None and tag.name == "script" and self.last_is_drawn:
            double = self.last_formula  # its source, which is better to read
        if double is not None:
            del self.out[slice(*double)]
        if formula and isinstance(formula[0], str) and self.out and isinstance(last := self.out[-1], str):
            formula = [" ", *formula] if last[-1:].isdecimal() and formula[0][:1].isdecimal() else formula
        self.last_formula = (len(self.out), len(self.out) + len(formula))
        self.last_is_drawn = "MathJax" in tag.source and tag.name != "mjx-container"
        self.last_double = None
        self.out += formula

    def _formula_at(self, start: int, end: int, tag: Tag) -> list[Token] | None:
        """What to write for an element that is a formula or holds one, drawn; None if it is another."""
        if tag.local_name == "math":
            return _formula(tag, self.read[start + 1 : end - 1])
        if tag.name == "script":
            return _formula_of_script(tag, self.read[start + 1])
        is_drawn = tag.name in ("mjx-container", "svg") or _has_class(tag, _DRAWN)
        source = _noted_source(tag)
        if not (is_drawn or source) or bisect(self.breaks, start) < bisect(self.breaks, end - 1):
            return None
        if source and end - start <= _MAX_DRAWN_TOKENS and _is_short(self.read[start + 1 : end - 1], source):
            return list(_code(source)) or None
        place = bisect(self.maths, start)
        if place < len(self.maths) and (math := self.maths[place]) < end:
            inner = self.read[math]
            if isinstance(inner, Tag):
                return _formula(inner, self.read[math + 1 : self.ends[math] - 1])
        if "data-mathml" in tag.attributes:
            return _formula_of_attribute(tag.attributes["data-mathml"])
        is_read = is_drawn and end - start <= _MAX_DRAWN_TOKENS
        return _formula_of_drawing(tag, self.read[start:end]) if is_read else None


def _formula_of_script(tag: Tag, source: Token) -> list[Token] | None:
    if not isinstance(source, str):
        return None
    if "math/mml" in tag.source.lower():
        return _formula_of_attribute(source)
    # Whoever escaped it meant the sign: "&" and "lt;" make no sense in TeX.
    return list(_code(resolve_entities(source))) or None


def _noted_source(tag: Tag) -> str:
    """The formula's source, where its author's program wrote it into the tag."""
    if "data-" not in tag.source:
        return ""
    found = tag.attributes
    source = next((found[name].strip() for name in _SOURCES if name in found), "")
    if not source and "latex" in found.get("class", "") and (match := _OF_SUBSTACK.search(found.get("data-attrs", ""))):
        try:
            source = printable(str(json.loads(match[1])))
        except ValueError:
            return ""
    return "" if source.lower() in {"true", "false", "1", "0"} else source


def _is_short(inner: Sequence[Token], source: str) -> bool:
    """Whether nothing but the formula can be in an element with its source."""
    return len(words_of(inner).strip()) <= 4 * len(source) + 20


def _formula_of_drawing(tag: Tag, read: Sequence[Token]) -> list[Token] | None:
    """Of what was drawn without noting the source; None if it can't be read."""
    if source := next((source for each in read if isinstance(each, Tag) and (source := _noted_source(each))), ""):
        return list(_code(source)) or None
    if tag.name in ("mjx-container", "svg"):
        drawn = linear_text(mathml_of_drawing(read)) or tag.attributes.get("aria-label", "").strip()
        return [drawn] if drawn else None
    return _formula_of_words(read)


def _formula_of_words(read: Sequence[Token]) -> list[Token] | None:
    """KaTeX's without MathML: it made none, or somebody took out its tags.

    Then what is left is the formula as words, its source, and as words again.
    """
    parts = dict.fromkeys(("katex-mathml", "katex-html"), "")
    ends = ends_of(read)
    for start, end in ends.items():
        each = read[start]
        if isinstance(each, Tag) and "katex-" in each.source:
            for name in parts.keys() & set(each.attributes.get("class", "").split()):
                parts[name] = words_of(read[start:end])
    spoken, drawn = parts["katex-mathml"].strip(), _UNSEEN.sub("", parts["katex-html"])
    if not spoken:
        return [linear_text(mathml_of_spans(read)) or " "]
    return list(_code(_behind(spoken, drawn) or spoken)) or None


def _behind(spoken: str, drawn: str) -> str:
    """What follows in a text on the signs that were drawn, in whatever order; empty if others are before it."""
    seen = [place for place, sign in enumerate(spoken) if not _UNSEEN.match(sign)]
    if not drawn or len(seen) <= len(drawn):
        return ""
    start = seen[len(drawn)]
    return spoken[start:] if sorted(_UNSEEN.sub("", spoken[:start])) == sorted(drawn) else ""


def _formula_of_attribute(source: str) -> list[Token] | None:
    read = list(tokens(source))
    if len(read) > 2 and isinstance(math := read[0], Tag) and math.local_name == "math":
        return _formula(math, read[1:-1])
    return None


def _is_double(tag: Tag) -> bool:
    """Whether it is for the eye alone, or until the formula is drawn."""
    if "aria-hidden" in tag.source and tag.attributes.get("aria-hidden", "").lower() == "true":
        return True
    return _has_class(tag, _FOR_THE_EYE)


def _has_class(tag: Tag, classes: frozenset[str]) -> bool:
    if "katex" not in tag.source and "MathJax" not in tag.source and "mwe-math" not in tag.source:
        return False
    return not classes.isdisjoint(tag.attributes.get("class", "").split())


def _formula(tag: Tag, inner: Sequence[Token]) -> list[Token]:
    source = _annotation(inner)
    inner = _without_notes(inner)
    if any(isinstance(token, Tag) and token.name in _BREAKS_OUT for token in inner):
        return list(inner)
    found = tag.attributes
    is_display = found.get("display", "").lower() == "block" or found.get("mode", "").lower() == "display"
    alternative = " ".join(found.get("alttext", "").split())
    written: list[Token] = list(_code(source)) or [alternative or linear_text(inner)]
    if written == [""]:
        return []
    return [" ", *written, " "] if is_display else written


def _annotation(inner: Sequence[Token]) -> str:
    """The formula's source, if its author's program noted it."""
    for token, following in pairwise(inner):
        if not isinstance(token, Tag) or token.is_end or not isinstance(following, str):
            continue
        if token.local_name == "annotation" and _TEX.search(token.attributes.get("encoding", "")):
            return following
    return ""


def _without_notes(inner: Sequence[Token]) -> list[Token]:
    """Without what is said of the formula beside it, in other languages."""
    ends = ends_of(inner)
    kept: list[Token] = []
    index = 0
    while index < len(inner):
        token = inner[index]
        if isinstance(token, Tag) and index in ends and token.local_name in ("annotation", "annotation-xml"):
            index = ends[index]
        else:
            kept.append(token)
            index += 1
    return kept


def _code(source: str) -> Iterator[Token]:
    tex = _PERCENT.sub("", source.strip()).strip()  # kramdown's signs for a remark, around marks of XML
    if match := _DISPLAY_STYLE.fullmatch(tex):
        tex = match[1].strip()
    if tex and len(tex) <= _MAX_TEX_CHARACTERS:
        yield Element("code", {}, " ".join(tex.split()))
