"""HTML as a feed wrote it -> HTML that can stand on our pages. The last stage, and the only user of bleach.

Two walls, one allow-list. First our own pass (`markup`, `balance`, and the rules below) writes every tag anew: linear
in time, balanced, addresses absolute. Then bleach parses that as a browser would and lets through what is in `TAGS`.
Neither trusts the other, as bleach gets no new releases. At last every link and image gets what they all have.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from bleach.html5lib_shim import getTreeWalker
from bleach.sanitizer import Cleaner

from .address import absolute_link, host_of, mail_link, without_tracking
from .balance import Element, balance
from .images import image_attributes
from .markup import Tag, names, plain_text, tokens
from .text import one_line

MAX_HTML_CHARACTERS = 2**20
"""Of one post; what follows is cut off. That is as much as a long book."""

MAX_EXCERPT_CHARACTERS = 300
"""As many as the column has room for."""

EVERYWHERE = frozenset({"lang", "dir"})
TAGS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(names("h1 h2 h3 h4 h5 h6 p div blockquote hr br wbr"), frozenset()),
    **dict.fromkeys(names("ul li dl dt dd figure figcaption details summary"), frozenset()),
    **dict.fromkeys(names("table caption thead tbody tfoot tr"), frozenset()),
    **dict.fromkeys(names("b strong i em u s del ins mark small sub sup kbd samp var"), frozenset()),
    **dict.fromkeys(names("cite q dfn span bdi bdo ruby rb rt rp"), frozenset()),
    "ol": frozenset({"start"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "pre": frozenset({"class"}),
    "code": frozenset({"class"}),
    "abbr": frozenset({"title"}),
    "a": frozenset({"href", "rel"}),
    "img": frozenset({"src", "srcset", "alt", "width", "height", "loading", "referrerpolicy", "decoding"}),
}
"""The allow-list: elements and, beside `EVERYWHERE`, their attributes."""

_SAME_ON_ALL: Mapping[str, Mapping[str, str]] = {
    "a": {"rel": "noopener nofollow ugc"},
    "img": {"loading": "lazy", "referrerpolicy": "no-referrer", "decoding": "async"},
}
"""Attributes that no post decides about. They are put in last: bleach needn't read them, and drops those of posts."""

_LET_THROUGH = {name: (attributes | EVERYWHERE) - {*_SAME_ON_ALL.get(name, ())} for name, attributes in TAGS.items()}

_WRITTEN_AS = {
    **dict.fromkeys(names("address article aside center fieldset footer header main nav section"), "div"),
    "acronym": "abbr",
    "strike": "s",
    "tt": "code",
    "dir": "ul",
    "menu": "ul",
    "image": "img",
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_CODE_LANGUAGE = re.compile(r"language-[A-Za-z0-9][A-Za-z0-9+#._-]{0,29}")
_NUMBER = re.compile(r"-?[0-9]{1,6}", re.ASCII)
_CUT_REFERENCE = re.compile(r"&[#\w]{0,32}$", re.ASCII)
_WEB_OR_MAIL = re.compile(r"https?://[^/\s]|mailto:[^\s]")
_WEB = re.compile(r"https?://[^/\s]")

_REFERENCES = (("&amp;", "\U0010fffb"), ("&lt;", "\U0010fffc"), ("&gt;", "\U0010fffd"))
"""Each with a character that `printable` leaves in no text."""

_VIDEO_PAGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/([\w-]{5,20})(?:[/?#]|$)", re.ASCII
        ),
        "https://www.youtube.com/watch?v=",
    ),
    (re.compile(r"https?://player\.vimeo\.com/video/([0-9]{1,15})(?:[/?#]|$)", re.ASCII), "https://vimeo.com/"),
)


@dataclass(frozen=True, slots=True)
class Clean:
    """HTML that is safe to show, "" if there is nothing to see in it, and its beginning as plain text."""

    html: str
    excerpt: str


def sanitize(html: str, base_url: str) -> Clean:
    """Safe, balanced HTML of `html` with absolute addresses; cleaning it again changes nothing.

    `base_url` is what relative addresses resolve against; without it they go. Of more than a million characters the
    first million count.
    """
    balanced = balance(tokens(_capped(html)), lambda tag: _rewrite(tag, base_url))
    clean = _completed(_unveiled(_cleaners.cleaner.clean(_veiled(balanced))))
    excerpt = plain_text(clean, MAX_EXCERPT_CHARACTERS)
    return Clean(html=clean if excerpt or "<img" in clean else "", excerpt=excerpt)


def _capped(html: str) -> str:
    """Cut between words, so that neither a word nor a reference is left in pieces."""
    if len(html) <= MAX_HTML_CHARACTERS:
        return html
    cut = html[:MAX_HTML_CHARACTERS]
    end = max(cut.rfind(mark, MAX_HTML_CHARACTERS - 1000) for mark in " \n>")
    return _CUT_REFERENCE.sub("", cut) if end < 0 else cut[: end + 1]


def _veiled(html: str) -> str:
    """With a private character for each reference: for every "&" that bleach meets, it copies all the text before."""
    for reference, veil in _REFERENCES:
        html = html.replace(reference, veil)
    return html


def _unveiled(html: str) -> str:
    for reference, veil in _REFERENCES:
        html = html.replace(veil, reference)
    return html


def _completed(html: str) -> str:
    """With the attributes of `_SAME_ON_ALL`. In what bleach writes, a "<" stands only where a tag begins."""
    for name, attributes in _SAME_ON_ALL.items():
        written = " ".join(f'{each}="{value}"' for each, value in attributes.items())
        html = html.replace(f"<{name} ", f"<{name} {written} ")
    return html


def _rewrite(tag: Tag, base_url: str) -> Element | None:
    name = _WRITTEN_AS.get(tag.name, tag.name)
    if name == "iframe":
        return _video_link(tag)
    if name not in TAGS:
        return None
    found = tag.attributes
    kept = _everywhere(found)
    if name in _REWRITERS:
        attributes = _REWRITERS[name](found, base_url)
        return None if attributes is None else Element(name, attributes | kept)
    if (name == "span" and not kept) or (name == "bdo" and "dir" not in kept):
        return None
    return Element(name, kept)


_Found = Mapping[str, str]


def _everywhere(found: _Found) -> dict[str, str]:
    language, direction = found.get("lang", ""), found.get("dir", "").lower()
    kept = {"lang": language} if _LANGUAGE.fullmatch(language) else {}
    return kept | ({"dir": direction} if direction in ("ltr", "rtl", "auto") else {})


def _link(found: _Found, base_url: str) -> dict[str, str] | None:
    """None also for a link within the page: ids are dropped, so it would lead nowhere."""
    href = found.get("href", "").strip()
    if not href or href.startswith("#"):
        return None
    address = mail_link(href) or without_tracking(absolute_link(href, base_url))
    return {"href": address} if address else None


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
    start = found.get("start", "").strip()
    return {"start": str(int(start))} if _NUMBER.fullmatch(start) else {}


def _abbreviation(found: _Found, _base_url: str) -> dict[str, str]:
    title = one_line(found.get("title", ""), 300)
    return {"title": title} if title else {}


_REWRITERS: Mapping[str, Callable[[_Found, str], dict[str, str] | None]] = {
    "a": _link,
    "img": image_attributes,
    "code": _code,
    "pre": _code,
    "td": _cell,
    "th": _header_cell,
    "ol": _ordered_list,
    "abbr": _abbreviation,
}
"""Attributes of an element as found -> as written; None leaves out the tag."""


def _video_link(tag: Tag) -> Element | None:
    found = tag.attributes
    # Scripts load it from the first of these once it is in sight; until then src has a placeholder.
    written = found.get("data-src") or found.get("data-lazy-src") or found.get("src", "")
    source = absolute_link(written, "https://localhost/")
    for pattern, page in _VIDEO_PAGES:
        if match := pattern.match(source):
            text = "Video: " + (one_line(found.get("title", ""), 200) or host_of(page))
            return Element("a", {"href": page + match[1]}, text)
    return None


def _passes(tag: str, name: str, value: str) -> bool:
    """Whether bleach may keep an attribute. Addresses are checked once more, as bleach itself lets "x:1" pass."""
    if name in ("href", "src") and not (_WEB_OR_MAIL if name == "href" else _WEB).match(unescape(value)):
        return False
    return name in _LET_THROUGH[tag]


class _Walker(getTreeWalker("etree")):  # type: ignore[misc]
    """Walks bleach's tree and remembers which child of its parent each ancestor is.

    The one that bleach brings looks each of them up among its siblings: a table of 20,000 rows took twice as long.
    """

    def __init__(self, tree: Any) -> None:
        super().__init__(tree)
        self._positions: list[int | None] = []

    def getFirstChild(self, node: Any) -> Any:  # noqa: N802
        return self._entered(node, super().getFirstChild(node))

    def getNextSibling(self, node: Any) -> Any:  # noqa: N802
        sibling = super().getNextSibling(node)
        is_text = isinstance(node, tuple) and node[3] == "text"
        return self._entered(node, sibling) if is_text else sibling

    def getParentNode(self, node: Any) -> Any:  # noqa: N802
        _, _, ancestors, kind = node
        if kind == "text":
            return super().getParentNode(node)
        parent, position = ancestors.pop(), self._positions.pop()
        return (parent, position, ancestors, None) if ancestors else parent

    def _entered(self, node: Any, child: Any) -> Any:
        """The child; where it is an element, the node has just become its ancestor."""
        if child is not None and child[3] is None:
            self._positions.append(node[1] if isinstance(node, tuple) else None)
        return child


class _Cleaners(threading.local):
    """One cleaner per thread, made once: it keeps the state of its parser."""

    def __init__(self) -> None:
        self.cleaner = Cleaner(
            tags=frozenset(TAGS),
            attributes=_passes,
            protocols=frozenset({"http", "https", "mailto"}),
            strip=True,
            strip_comments=True,
        )
        self.cleaner.walker = _Walker


_cleaners = _Cleaners()
