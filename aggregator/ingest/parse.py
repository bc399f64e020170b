"""Text to raw items: RSS, RDF and Atom by way of feedparser, JSON Feed by our own code."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import feedparser
import feedparser.api
import feedparser.mixin

from . import media, saxreader
from .app_summaries import renamed
from .challenges import MAX_CHALLENGE_BYTES, is_challenge
from .errors import EmptyBody, NotAFeed, Unreadable
from .fields import document_of
from .jsonfeed import read_json_feed
from .skips import skips_of
from .types import RawDocument, RawItem, Skipped
from .xmlrepair import repair
from .xmltext import Root, Shelf, find_root, take_apart


class _OfWindows(dict[int, int | str]):
    """The characters that feedparser takes for those of Windows-1252; all others stand for themselves.

    They aren't in its own table, so `str.translate` raised and caught an error for each letter of a text with an accent
    anywhere: that took more time than all else that is done to the text of an item before it is sanitized.
    """

    def __missing__(self, code: int) -> int:
        if len(self) < _REMEMBERED_CHARACTERS:
            self[code] = code
        return code


_REMEMBERED_CHARACTERS = 2**13

feedparser.mixin._cp1252 = _OfWindows(feedparser.mixin._cp1252)
feedparser.api.PREFERRED_XML_PARSERS = [saxreader.__name__]
for _name, _handler in media.HANDLERS.items():
    setattr(
        feedparser.mixin._FeedParserMixin, f"_before{_name}", getattr(feedparser.mixin._FeedParserMixin, _name, None)
    )
    setattr(feedparser.mixin._FeedParserMixin, _name, _handler)

_BROKEN_MARKUP = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What feedparser raises on hostile input (#562, #580): UnicodeError is a ValueError, RecursionError a RuntimeError."""

_MAGIC = (
    # How files that aren't text begin once they were decoded as if they were.
    (re.compile(r".?PNG\r?\n|GIF8[79]a|ÿØÿ|.{0,8}(?:JFIF|Exif)|RIFF.{1,8}WEBP", re.DOTALL), "an image"),
    (re.compile(r"%PDF-"), "a PDF document"),
    (re.compile(r"PK(?=.{0,200}[^\x00-\x7f])", re.DOTALL), "a ZIP archive"),
    (re.compile(r"‹"), "a compressed file"),
    (re.compile(r"ID3|OggS"), "an audio file"),
)
_MEDIA_KINDS = {"image": "an image", "audio": "an audio file", "video": "a video", "font": "a font"}
_HTML = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_HTML_WINDOW_CHARACTERS = 2048
"""How far into a text a tag of HTML is looked for. A web page shows one early; further on it may be quoted."""

_HTML_ROOTS = frozenset({"html", "head", "body", "title", "meta", "script", "style", "div", "p", "br", "h1", "center"})


def parse(text: str, url: str, content_type: str) -> RawDocument:
    """The feed in a decoded answer from `url`: RSS 0.9 to 2.0, RDF, Atom or JSON Feed.

    The text decides which; `content_type` only helps to name what isn't a feed.

    Broken markup gives what can be read: a document that is cut off loses the item that it ends in, an item that
    can't be read is left out, and both count as skipped. No entity is expanded, nothing is opened, nothing is fetched.

    Raises EmptyBody, NotAFeed (without links) and Unreadable.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise EmptyBody
    if start[0] in "{[":
        return read_json_feed(start, url)
    root = find_root(start)
    if not root.is_feed:
        raise NotAFeed(what=_kind(start, root, content_type))
    return _read_xml(replace(root, text=repair(root.text)), url)


def _kind(text: str, root: Root, content_type: str) -> str:
    """A noun phrase for what isn't a feed."""
    media = _MEDIA_KINDS.get(content_type.strip().casefold().partition("/")[0])
    magic = next((kind for pattern, kind in _MAGIC if pattern.match(text)), media)
    if magic:
        return magic
    if root.local_name == "opml":  # before HTML, as it has a head and a body, too
        return "an OPML list of feeds"
    if root.local_name in _HTML_ROOTS or _HTML.search(text, 0, _HTML_WINDOW_CHARACTERS):
        return "a page that tests for robots" if is_challenge(text[:MAX_CHALLENGE_BYTES]) else "a web page"
    return "an XML document of another kind" if root.name else "plain text"


def _read_xml(root: Root, url: str) -> RawDocument:
    shelf = take_apart(root)
    if shelf.is_cut_off and not shelf.items:
        raise Unreadable(reason="it is cut off before its first post ends")
    xml = shelf.with_items(shelf.items) if shelf.is_cut_off else root.text
    try:
        document = _read(xml, url, len(shelf.items))
    except Unreadable:
        if not shelf.items:
            raise
        document = _read_in_parts(shelf, root, url)
    skip_hours, skip_days = skips_of(shelf.head + shelf.tail)
    skipped = document.skipped + Skipped(torn=int(shelf.has_torn_item))
    return replace(document, skipped=skipped, skip_hours=skip_hours, skip_days=skip_days)


def _read_in_parts(shelf: Shelf, root: Root, url: str) -> RawDocument:
    """The document without the items that stop the parser, which are counted as skipped."""
    try:
        frame = _read(shelf.with_items(()), url, 0)
    except Unreadable:  # what stands around the items is to blame
        frame, shelf = RawDocument(), shelf.bare(root)
    items, skipped = _readable(shelf, shelf.items, url)
    if not items:
        raise Unreadable(reason="none of its posts can be read")
    return replace(frame, items=items, skipped=skipped, is_sound=False)


def _readable(shelf: Shelf, items: tuple[str, ...], url: str) -> tuple[tuple[RawItem, ...], Skipped]:
    """The items that can be read, and how many can't be.

    They are halved until those that stop the parser are alone: most often there is just one.
    """
    try:
        document = _read(shelf.with_items(items), url, len(items))
    except Unreadable:
        if len(items) == 1:
            return (), Skipped(unreadable=1)
    else:
        return document.items, document.skipped
    middle = len(items) // 2
    first, first_skipped = _readable(shelf, items[:middle], url)
    second, second_skipped = _readable(shelf, items[middle:], url)
    return first + second, first_skipped + second_skipped


def _read(xml: str, url: str, item_count: int) -> RawDocument:
    """What feedparser makes of the document. Raises Unreadable if it fails, or finds fewer than `item_count` items."""
    try:
        parsed = _parsed(xml, url)
        if parsed["bozo"] and (other := renamed(xml)) != xml:
            parsed = _parsed(other, url)  # its loose parser doesn't ask ours
        document = document_of(parsed, url)
    except _BROKEN_MARKUP as error:
        raise Unreadable(reason="its markup stops the parser") from error
    if len(document.items) + document.skipped.total < item_count:
        raise Unreadable(reason="its posts run into each other")
    return document


def _parsed(xml: str, url: str) -> dict[str, Any]:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    body = BytesIO(xml.encode("utf-8", "replace"))  # a str could make feedparser open a file or an address
    parsed: dict[str, Any] = feedparser.parse(
        body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return parsed
