"""Marks by which a blog says whose it is: a code in what its owner alone can write. What others write there is none."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from .address import absolute_link, link_identity
from .markup import names, plain_text
from .types import RawDocument

META_NAME = "orrery-verify"
MAX_PAGE_CHARACTERS = 512 * 2**10
"""Read of a page, from its beginning."""
MAX_FILE_CHARACTERS = 2**16

_IN_HEAD = names("html head base basefont bgsound link meta title noscript noframes style script template")
"""Whatever else begins ends the head of a page (HTML, "the rules for parsing tokens", in head)."""
_RAW_IN_HEAD = frozenset({"title", "style", "script", "noscript", "noframes", "template"})
_NOT_THE_PAGE = names("template noscript noframes noembed iframe xmp pre code textarea form select blockquote article")
"""What stands in these is quoted, shown as code, not shown at all, or one post of perhaps many authors."""
_RAW_TEXT = frozenset({"title", "textarea", "xmp", "iframe", "noembed", "noframes", "script", "style"})
"""What stands in these is text, whatever it looks like. Older Pythons know that of the last two alone, and of those not
if a slash closes them, which means nothing in HTML."""
_OF_OTHERS = re.compile(r"(?:wp-)?(?:comment|webmention|pingback|trackback|respon[ds]|disqus|repl(?:y|ies)|h-cite)")
"""How the classes and ids begin of what readers and other blogs left on a page."""
_VOID = names("area base br col embed hr img input link meta source track wbr")


def feed_has(document: RawDocument, code: str) -> bool:
    """Whether the code is a word of what a feed says of itself, or of a post that is its own.

    Posts that came from elsewhere are none, and in a feed of several authors nobody's post speaks for all.
    """
    own = [document.description, document.rights]
    authors = {item.authors for item in document.items if item.authors}
    if len(authors) <= 1:
        own += [text for item in document.items if item.source is None for text in (item.title, item.content_html)]
    return any(code in text and _has_word(plain_text(text, len(text)), code) for text in own)


def file_has(text: str, code: str) -> bool:
    """Whether the code is a line of a file."""
    return any(line.strip() == code for line in text[:MAX_FILE_CHARACTERS].splitlines())


def page_has_meta(text: str, code: str) -> bool:
    """Whether the head of a page has `<meta name="orrery-verify" content=CODE>`."""
    return code in _read(text).codes


def page_has_link(text: str, url: str, code: str, sources: str) -> bool:
    """Whether a page at `url` has a link with rel="me" to an address below `sources`, whose fragment is the code.

    Without the code it would say that the page and the source are one's, but not whose.
    """
    below = link_identity(sources) + "/"
    return any(_leads(absolute_link(href, url), below, code) for href in _read(text).links)


def _has_word(text: str, code: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z0-9]){re.escape(code)}(?![A-Za-z0-9])", text))


def _leads(address: str, below: str, code: str) -> bool:
    page, _, fragment = address.partition("#")
    return fragment == code and link_identity(page).startswith(below)


def _read(text: str) -> _Page:
    page = _Page()
    # As in `discover`: browsers take "<![" for a comment, and the parser raises where no name follows it.
    page.feed(text[:MAX_PAGE_CHARACTERS].replace("<![", "<! ["))
    return page


class _Page(HTMLParser):
    """What a page says by itself. Where its markup is in doubt, less is believed. Not closed after use."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.codes: set[str] = set()
        self.links: list[str] = []
        self._is_in_head = True
        self._raw = ""
        """The element of the head whose text is none of the page's."""
        self._apart, self._depth = "", 0
        """The element that isn't the page's own word, and how often it stands in itself."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: (value or "").strip() for name, value in reversed(attrs)}  # of equal names, the first counts
        if tag in _RAW_TEXT:
            self.set_cdata_mode(tag)
        if self._apart:
            self._depth += tag == self._apart
            return
        self._is_in_head = self._is_in_head and tag in _IN_HEAD
        self._raw = tag if self._is_in_head and tag in _RAW_IN_HEAD else self._raw
        if tag in _NOT_THE_PAGE or (tag not in {"html", "body", *_VOID} and _is_of_others(values)):
            self._apart, self._depth = tag, 1
        elif tag == "meta" and self._is_in_head and values.get("name", "").casefold() == META_NAME:
            self.codes.add(values.get("content", ""))
        elif tag in {"a", "link"} and _is_own_link(values):
            self.links.append(values.get("href", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # in HTML the slash means nothing

    def handle_endtag(self, tag: str) -> None:
        if tag == self._raw:
            self._raw = ""
        if self._apart:
            self._depth -= tag == self._apart
            self._apart = self._apart if self._depth else ""
        elif tag in {"head", "body", "html", "br"}:
            self._is_in_head = False

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._raw:
            self._is_in_head = False


def _is_of_others(values: dict[str, str]) -> bool:
    names = [*values.get("class", "").casefold().split(), values.get("id", "").casefold()]
    return any(_OF_OTHERS.match(name) for name in names)


def _is_own_link(values: dict[str, str]) -> bool:
    relations = values.get("rel", "").casefold().split()
    return "me" in relations and "ugc" not in relations  # which says that a reader wrote it
