"""HTML as a feed wrote it -> HTML that can stand on our pages. The last stage, and the only user of bleach.

Two walls, one allow-list. First our own pass (`shown`, `tags`, `balance`) writes every tag anew: linear
in time, balanced, addresses absolute. Then bleach parses that as a browser would and lets through what is in `TAGS`.
Neither trusts the other, as bleach gets no new releases. At last every link and image gets what they all have.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from bleach._vendor.html5lib._inputstream import HTMLUnicodeInputStream
from bleach.html5lib_shim import getTreeWalker
from bleach.sanitizer import Cleaner

from .anchors import WRITTEN
from .balance import balance
from .images import MIN_EMBEDDED_CHARACTERS
from .markup import plain_text
from .raised import with_raised_numbers
from .shown import may_hide, shown
from .tags import EVERYWHERE, TAGS, Rewriter

MAX_HTML_CHARACTERS = 2**20
"""Of one post; what follows is cut off. That is as much as a long book."""

MAX_EXCERPT_CHARACTERS = 300
"""As many as the column has room for."""

_SAME_ON_ALL: Mapping[str, Mapping[str, str]] = {
    "a": {"rel": "noopener nofollow ugc"},
    "img": {"loading": "lazy", "referrerpolicy": "no-referrer", "decoding": "async"},
}
"""Attributes that no post decides about. They are put in last: bleach needn't read them, and drops those of posts."""

_LET_THROUGH = {name: (attributes | EVERYWHERE) - {*_SAME_ON_ALL.get(name, ())} for name, attributes in TAGS.items()}

_LEFT_OUT = "[…]"
"""In whatever language the post is; and nobody takes it for words of its author."""

_EMBEDDED_PICTURE = re.compile(
    rf"(data:image/[\w.+-]{{1,40}};base64,[\w+/=%]{{{MIN_EMBEDDED_CHARACTERS}}})[\w+/=%]++", re.ASCII | re.IGNORECASE
)
_CUT_REFERENCE = re.compile(r"&[#\w]{0,32}$", re.ASCII)
_WEB_OR_MAIL_OR_HERE = re.compile(rf"https?://[^/\s]|mailto:[^\s]|#{WRITTEN.pattern}\Z")
_WEB = re.compile(r"https?://[^/\s]")

_REFERENCES = (("&amp;", "\U0010fffb"), ("&lt;", "\U0010fffc"), ("&gt;", "\U0010fffd"))
"""Each with a character that `printable` leaves in no text."""


@dataclass(frozen=True, slots=True)
class Clean:
    """HTML that is safe to show, "" if there is nothing to see in it, and its beginning as plain text."""

    html: str
    excerpt: str
    is_cut: bool = False
    """Whether the end is not there, as it was too long."""


def sanitize(html: str, base_url: str, prefix: str = "", *, page_url: str = "") -> Clean:
    """Safe, balanced HTML of `html` with absolute addresses; cleaning it again changes nothing.

    `base_url` is what relative addresses resolve against; without it they go. `prefix` (see `anchors.prefix_of`) is
    what the ids of footnotes begin with; without it there are none. Of more than a million characters the first million
    count; then comes the sign for words that are left out, which leads to `page_url`, where all of it can be read.
    """
    source = _without_embedded(html)
    is_cut = len(source) > MAX_HTML_CHARACTERS
    source = _capped(source) if is_cut else source
    clean = _clean(source, base_url, prefix)
    if not clean.html and may_hide(source.lower()):
        # All of it waits for a script that would show it.
        clean = _clean(source, base_url, prefix, with_hidden=True)
    if not is_cut:
        return clean
    end = _clean(f'<p><a href="{escape(page_url)}">{_LEFT_OUT}</a></p>', base_url, prefix)
    return Clean(clean.html + end.html, clean.excerpt, is_cut=True)


def _clean(source: str, base_url: str, prefix: str, *, with_hidden: bool = False) -> Clean:
    read, anchors = shown(source, base_url, prefix, with_hidden=with_hidden)
    rewriter = Rewriter(base_url, anchors)
    balanced = balance(read, rewriter.element_of)
    clean = _completed(_unveiled(_cleaners.cleaner.clean(_veiled(balanced))))
    excerpt = plain_text(with_raised_numbers(clean), MAX_EXCERPT_CHARACTERS)
    return Clean(html=clean if excerpt or "<img" in clean else "", excerpt=excerpt)


def _without_embedded(html: str) -> str:
    """Without what would push out words: pictures written into the post itself, which aren't shown here."""
    return html if len(html) <= MAX_HTML_CHARACTERS else _EMBEDDED_PICTURE.sub(r"\1", html)


def _capped(html: str) -> str:
    """Cut between words, so that neither a word nor a reference is left in pieces."""
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


def _passes(tag: str, name: str, value: str) -> bool:
    """Whether bleach may keep an attribute. Addresses are checked once more, as bleach itself lets "x:1" pass."""
    if name in ("href", "src") and not (_WEB_OR_MAIL_OR_HERE if name == "href" else _WEB).match(unescape(value)):
        return False
    if name == "id" and not WRITTEN.fullmatch(unescape(value)):
        return False
    return name in _LET_THROUGH[tag]


# Bleach's parser lists the characters that may not stand in HTML, for who asks it for errors. Nobody does, `printable`
# has left few of them, and to look for them took a fifteenth of the time of a first poll.
HTMLUnicodeInputStream.characterErrorsUCS4 = lambda stream, data: None


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
