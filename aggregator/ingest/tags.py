"""Which tags may stand on our pages, and how each is written: names, attributes, values. What isn't here goes.

The text in a tag that goes stays, unless `left_out` says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .address import absolute_link, mail_link, without_tracking
from .anchors import Anchors, ids_of
from .balance import Element
from .embed_names import kind_of_file, name_of
from .images import image_attributes, in_place_of_image
from .markup import Tag, names
from .smileys import smiley_of
from .styled import SIGNS as OF_STYLES
from .styled import element_of_style, is_not_bold, is_right_to_left, style_of
from .text import one_line

EVERYWHERE = frozenset({"lang", "dir", "id"})
TAGS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(names("h1 h2 h3 h4 h5 h6 p div blockquote hr br wbr"), frozenset()),
    **dict.fromkeys(names("ul dl dt dd figure figcaption summary"), frozenset()),
    **dict.fromkeys(names("table caption thead tbody tfoot tr"), frozenset()),
    **dict.fromkeys(names("b strong i em u s del ins mark small sub sup kbd samp var"), frozenset()),
    **dict.fromkeys(names("cite q span bdi bdo ruby rb rt rp"), frozenset()),
    "ol": frozenset({"start", "reversed", "type"}),
    "li": frozenset({"value"}),
    "details": frozenset({"open"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "pre": frozenset({"class"}),
    "code": frozenset({"class"}),
    **dict.fromkeys(("abbr", "dfn"), frozenset({"title"})),
    "a": frozenset({"href", "rel"}),
    "img": frozenset({"src", "srcset", "alt", "title", "width", "height", "loading", "referrerpolicy", "decoding"}),
}
"""The allow-list: elements and, beside `EVERYWHERE`, their attributes."""

_WRITTEN_AS = {
    **dict.fromkeys(names("address article aside center dialog fieldset footer form header main nav section"), "div"),
    **dict.fromkeys(names("hgroup legend optgroup search"), "div"),
    "acronym": "abbr",
    "strike": "s",
    "tt": "code",
    "dir": "ul",
    "menu": "ul",
    "image": "img",
    "amp-img": "img",
    "amp-anim": "img",
    "font": "span",
    "listing": "pre",
    "xmp": "pre",
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_CODE_LANGUAGE = re.compile(r"language-[A-Za-z0-9][A-Za-z0-9+#._-]{0,29}")
_NUMBER = re.compile(r"-?[0-9]{1,6}", re.ASCII)
_NO_PICTURES = frozenset({"Video", "Audio", "PDF"})
_NUMBERS_OF_STYLE = re.compile(
    r"(?<![\w-])list-style(?:-type)?\s*+:\s*+((?:lower|upper)-(?:alpha|latin|roman))\b", re.IGNORECASE
)
_KINDS_OF_NUMBERS = {
    **dict.fromkeys(("lower-alpha", "lower-latin"), "a"),
    **dict.fromkeys(("upper-alpha", "upper-latin"), "A"),
    "lower-roman": "i",
    "upper-roman": "I",
}
_Found = Mapping[str, str]


class Rewriter:
    """What to write for the tags of one post."""

    def __init__(self, base_url: str, anchors: Anchors) -> None:
        self.base_url = base_url
        self.anchors = anchors
        self.ids = dict(anchors.ids)
        """Those that are still to be written: each stands once."""

    def element_of(self, tag: Tag) -> Element | str | None:
        """The element in its place, a text, or None to leave out the tag."""
        found = tag.attributes
        name = _name_for(tag, found)
        if name not in TAGS:
            return self._end_of_link(found) if self.ids and tag.source else None
        kept = self._everywhere(found)
        if name == "a":
            link = self._link(found)
            return Element("a", link | kept) if link else self._end_of_link(found, kept)
        if name == "img":
            return self._image(found, kept)
        if name in _REWRITERS:
            return Element(name, _REWRITERS[name](found, self.base_url) | kept)
        if (name == "span" and not kept) or (name == "bdo" and "dir" not in kept):
            return None
        return Element(name, kept)

    def _image(self, found: _Found, kept: dict[str, str]) -> Element | str | None:
        if smiley := smiley_of(found):
            return smiley
        attributes = image_attributes(found, self.base_url)
        if attributes is None:
            return in_place_of_image(found, self.base_url)
        if kind := _no_picture(attributes["src"]):
            return Element("a", {"href": attributes["src"]}, name_of(kind, attributes["alt"], attributes["src"]))
        return Element("img", attributes | kept)

    def _everywhere(self, found: _Found) -> dict[str, str]:
        language, direction = found.get("lang", ""), found.get("dir", "").lower()
        if not direction and "style" in found and is_right_to_left(found):
            direction = "rtl"
        kept = {"lang": language} if _LANGUAGE.fullmatch(language) else {}
        if self.ids:
            kept |= self._id(found)
        return kept | ({"dir": direction} if direction in ("ltr", "rtl", "auto") else {})

    def _id(self, found: _Found) -> dict[str, str]:
        written = next((self.ids.pop(name) for name in ids_of(found) if name in self.ids), "")
        return {"id": written} if written else {}

    def _end_of_link(self, found: _Found, kept: Mapping[str, str] | None = None) -> Element | None:
        """For a tag that isn't written: a place that a link of the post leads to, if it is one."""
        attributes = self._id(found) if kept is None else kept
        return Element("span", attributes) if "id" in attributes else None

    def _link(self, found: _Found) -> dict[str, str]:
        """Empty for one that leads nowhere. To a place that isn't in the post it leads on the author's own page."""
        href = found.get("href", "").strip()
        if not href or href == "#":
            return {}
        inner = self.anchors.target(href) if "#" in href else ""
        address = inner or mail_link(href) or without_tracking(absolute_link(href, self.base_url))
        return {"href": address} if address else {}


def _name_for(tag: Tag, found: _Found) -> str:
    """The name of the element that is written for a tag; one that isn't in TAGS if none is."""
    name = _WRITTEN_AS.get(tag.name, tag.name)
    if name == "input" and found.get("type", "").lower() == "image":
        return "img"  # a picture to press; pressed it can't be here
    if name == "span" and any(sign in tag.source for sign in OF_STYLES):
        return element_of_style(found) or name
    return "span" if name == "b" and tag.source and is_not_bold(found) else name


def _no_picture(source: str) -> str:
    """What a file is that no image shows; empty for all others. Some editors embed films and sounds as images."""
    kind = kind_of_file(source)
    return kind if kind in _NO_PICTURES else ""


def _code(found: _Found, _base_url: str) -> dict[str, str]:
    for name in found.get("class", "").split():
        if _CODE_LANGUAGE.fullmatch(name):
            return {"class": name}
    return {}


def _cell(found: _Found, _base_url: str) -> dict[str, str]:
    return {name: span for name in ("colspan", "rowspan") if (span := _span(found.get(name, "")))}


def _header_cell(found: _Found, base_url: str) -> dict[str, str]:
    scope = found.get("scope", "").lower()
    return _cell(found, base_url) | ({"scope": scope} if scope in ("row", "col", "rowgroup", "colgroup") else {})


def _span(value: str) -> str:
    number = value.strip()
    return str(min(int(number), 100)) if _NUMBER.fullmatch(number) and int(number) > 1 else ""


def _ordered_list(found: _Found, _base_url: str) -> dict[str, str]:
    """With what its numbers are: "see (c)" and a list that counts down mean nothing without it."""
    start = found.get("start", "").strip()
    written = {"start": str(int(start))} if _NUMBER.fullmatch(start) else {}
    if "reversed" in found:
        written["reversed"] = ""
    kind = found.get("type", "").strip()
    if not kind and (style := _NUMBERS_OF_STYLE.search(style_of(found))):
        kind = _KINDS_OF_NUMBERS[style[1].lower()]
    return written | ({"type": kind} if kind in {"a", "A", "i", "I"} else {})


def _list_item(found: _Found, _base_url: str) -> dict[str, str]:
    value = found.get("value", "").strip()
    return {"value": str(int(value))} if _NUMBER.fullmatch(value) else {}


def _details(found: _Found, _base_url: str) -> dict[str, str]:
    return {"open": ""} if "open" in found else {}


def _abbreviation(found: _Found, _base_url: str) -> dict[str, str]:
    title = one_line(found.get("title", ""), 300)
    return {"title": title} if title else {}


_REWRITERS: Mapping[str, Callable[[_Found, str], dict[str, str]]] = {
    "code": _code,
    "pre": _code,
    "td": _cell,
    "th": _header_cell,
    "ol": _ordered_list,
    "li": _list_item,
    "details": _details,
    "abbr": _abbreviation,
    "dfn": _abbreviation,
}
"""Attributes of an element as found -> as written."""
