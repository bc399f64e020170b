"""Text to raw items: RSS, RDF and Atom by way of feedparser, JSON Feed by our own code."""

from __future__ import annotations

import re
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any

import feedparser
import feedparser.api

from . import saxreader
from .errors import EmptyBody, NotAFeed, Unreadable
from .jsonfeed import read_json_feed
from .plain import as_html, person_names
from .types import RawDocument, RawItem, RawSource
from .xmltext import Root, Shelf, find_root, repair, take_apart

feedparser.api.PREFERRED_XML_PARSERS = [saxreader.__name__]

_BROKEN_MARKUP = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What feedparser raises on hostile input (#562, #580): UnicodeError is a ValueError, RecursionError a RuntimeError."""

_MAGIC = (
    # The first bytes of files that aren't text, as they look when they are decoded anyhow.
    (re.compile(r".?PNG\r?\n|GIF8[79]a|ÿØÿ|.{0,8}(?:JFIF|Exif)|RIFF.{1,8}WEBP", re.DOTALL), "an image"),
    (re.compile(r"%PDF-"), "a PDF document"),
    (re.compile(r"PK(?=.{0,200}[^\x00-\x7f])", re.DOTALL), "a ZIP archive"),
    (re.compile(r"‹"), "a compressed file"),
    (re.compile(r"ID3|OggS"), "an audio file"),
)
_MEDIA_KINDS = {"image": "an image", "audio": "an audio file", "video": "a video", "font": "a font"}
_HTML = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_HTML_WINDOW_CHARACTERS = 2048
_HTML_ROOTS = frozenset({"html", "head", "body", "title", "meta", "script", "style", "div", "p", "br", "h1", "center"})

_ESCAPED_AMPERSAND = re.compile(r"&amp;?")
_NOT_CONTENT = frozenset({"href", "id", "label", "link", "name", "term"})

_VOID_END_TAG = re.compile(r"</(?:area|br|col|embed|hr|img|input|source|track|wbr)>", re.IGNORECASE)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_WEB_SCHEME = re.compile(r"https?:", re.IGNORECASE)

_PERIOD_SECONDS = {
    "hourly": 3600,
    "daily": 86_400,
    "weekly": 7 * 86_400,
    "monthly": 30 * 86_400,
    "yearly": 365 * 86_400,
}
_LONGEST_TTL_SECONDS = 366 * 86_400


def parse(text: str, url: str, content_type: str) -> RawDocument:
    """The feed that a decoded answer from `url` holds: RSS 0.9 to 2.0, RDF, Atom or JSON Feed.

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
    if root.local_name == "opml":  # asked first, as it has a head and a body, too
        return "an OPML list of feeds"
    if root.local_name in _HTML_ROOTS or _HTML.search(text, 0, _HTML_WINDOW_CHARACTERS):
        return "a web page"
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
    return replace(document, skipped=document.skipped + shelf.has_torn_item)


def _read_in_parts(shelf: Shelf, root: Root, url: str) -> RawDocument:
    """The document with the items that stop the parser counted and left out."""
    try:
        frame = _read(shelf.with_items(()), url, 0)
    except Unreadable:  # what stands around the items is to blame
        frame, shelf = RawDocument(), shelf.bare(root)
    items, skipped = _readable(shelf, shelf.items, url)
    if not items:
        raise Unreadable(reason="none of its posts can be read")
    return replace(frame, items=items, skipped=skipped, is_sound=False)


def _readable(shelf: Shelf, items: tuple[str, ...], url: str) -> tuple[tuple[RawItem, ...], int]:
    """What can be read, and how many can't: halved until the culprits are alone, as most often there is just one."""
    try:
        document = _read(shelf.with_items(items), url, len(items))
    except Unreadable:
        if len(items) == 1:
            return (), 1
    else:
        return document.items, document.skipped
    middle = len(items) // 2
    first, first_skipped = _readable(shelf, items[:middle], url)
    second, second_skipped = _readable(shelf, items[middle:], url)
    return first + second, first_skipped + second_skipped


def _read(xml: str, url: str, item_count: int) -> RawDocument:
    """The document, if feedparser gets through it and finds the items that are there."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    body = BytesIO(xml.encode("utf-8", "replace"))  # a str could make feedparser open a file or an address
    try:
        parsed = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
        document = _document(_resolved(parsed) if parsed["bozo"] else parsed, url)
    except _BROKEN_MARKUP as error:
        raise Unreadable(reason="its markup stops the parser") from error
    if len(document.items) + document.skipped < item_count:
        raise Unreadable(reason="its posts run into each other")
    return document


def _resolved(value: Any, name: str = "") -> Any:
    """A value of feedparser's loose parser, which leaves ampersands escaped in what isn't content."""
    if isinstance(value, dict):
        return {key: _resolved(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, name) for part in value]
    return _ESCAPED_AMPERSAND.sub("&", value) if name in _NOT_CONTENT and isinstance(value, str) else value


def _document(parsed: dict[str, Any], url: str) -> RawDocument:
    feed: dict[str, Any] = dict(parsed["feed"])
    entries = [dict(entry) for entry in parsed["entries"]]
    is_atom = parsed["version"].startswith("atom")
    if parsed["bozo"] and not entries and not any(feed.get(name) for name in ("title", "link", "id")):
        raise Unreadable(reason="nothing in it can be read")
    document = RawDocument(
        title=_string(feed, "title"),
        title_is_html=not (is_atom and _is_plain(feed.get("title_detail"))),
        description=_as_html(_string(feed, "subtitle"), feed.get("subtitle_detail"), is_atom=is_atom),
        site_url=_address(feed),
        feed_id=_string(feed, "id"),
        language=_string(feed, "language"),
        authors=_authors(feed),
        ttl_seconds=_ttl_seconds(feed),
        is_sound=not parsed["bozo"],
    )
    items = [_item(entry, document, url, is_atom=is_atom) for entry in entries]
    written = tuple(item for item in items if item.guid or item.url or item.title or item.content_html)
    return replace(document, items=written, skipped=len(items) - len(written))


def _item(entry: dict[str, Any], document: RawDocument, url: str, *, is_atom: bool) -> RawItem:
    title = _mapping(entry.get("title_detail"))
    content = _fullest_content(entry)
    published = _string(entry, "published") or _string(entry, "created")
    if not published and not is_atom:
        published = _string(entry, "updated")  # dc:date, the only date that RSS 1.0 has
    return RawItem(
        guid=_string(entry, "id"),
        url=_address(entry),
        title=_string(entry, "title"),
        title_is_html=not (is_atom and _is_plain(title)),
        content_html=_as_html(_string(content, "value"), content, is_atom=is_atom),
        base_url=_string(content, "base") or _string(title, "base") or url,
        authors=_authors(entry) or _authors(_mapping(entry.get("source"))) or document.authors,
        published=published,
        updated=_string(entry, "updated"),
        published_guess=_moment(entry, "published", "created", *(() if is_atom else ("updated",))),
        updated_guess=_moment(entry, "updated"),
        source=_source(entry),
        language=_string(entry, "language")
        or _string(content, "language")
        or _string(title, "language")
        or document.language,
        tags=_tags(entry),
    )


def _fullest_content(entry: dict[str, Any]) -> dict[str, Any]:
    """The longest of all contents and the summary; content that lies elsewhere or isn't text doesn't count."""
    # Of a description deeper within the item, feedparser keeps the detail, but not as the summary.
    summary = {**_mapping(entry.get("summary_detail")), "value": entry.get("summary")}
    candidates = [*_mappings(entry.get("content")), summary]
    readable = [candidate for candidate in candidates if _is_text(_string(candidate, "type"))]
    return max(readable, key=lambda candidate: len(_string(candidate, "value")), default={})


def _is_text(media_type: str) -> bool:
    return not media_type or media_type.startswith("text/") or media_type in _HTML_TYPES


def _is_plain(detail: Any) -> bool:
    return _string(_mapping(detail), "type") == "text/plain"


def _as_html(value: str, detail: Any, *, is_atom: bool) -> str:
    """The value as HTML. RSS doesn't say which of the two a text is, so it is taken for HTML there."""
    if _string(_mapping(detail), "type") == "application/xhtml+xml":
        return _VOID_END_TAG.sub("", value)  # feedparser ends what has no end in HTML, and "</br>" is one more line
    return as_html(value) if is_atom and _is_plain(detail) else value


def _address(owner: dict[str, Any]) -> str:
    """The page that an entry or a feed stands for; empty if it names none on the web."""
    links = [link for link in _mappings(owner.get("links")) if link.get("rel") == "alternate" and _is_web(link)]
    links.sort(key=lambda link: _string(link, "type") not in _HTML_TYPES)
    links.append({"href": owner.get("link")})  # in RSS, a guid that is a permalink
    return next((_string(link, "href") for link in links if _is_web(link)), "")


def _is_web(link: dict[str, Any]) -> bool:
    href = _string(link, "href")
    return bool(href) and (not _SCHEME.match(href) or bool(_WEB_SCHEME.match(href)))


def _authors(owner: dict[str, Any]) -> tuple[str, ...]:
    return person_names(_string(author, "name") for author in _mappings(owner.get("authors")))


def _source(entry: dict[str, Any]) -> RawSource | None:
    source = _mapping(entry.get("source"))
    if not source:
        return None
    return RawSource(
        title=_string(source, "title"),
        url=_address(source) or _string(source, "href"),
        feed_id=_string(source, "id"),
    )


def _tags(entry: dict[str, Any]) -> tuple[str, ...]:
    names = (_string(tag, "label") or _string(tag, "term") for tag in _mappings(entry.get("tags")))
    return tuple(dict.fromkeys(name for name in names if name))


def _moment(entry: dict[str, Any], *names: str) -> datetime | None:
    """feedparser's reading of the first of these dates, which is in UTC."""
    for name in names:
        parsed = entry.get(f"{name}_parsed")
        if isinstance(parsed, struct_time):
            try:
                return datetime.fromtimestamp(timegm(parsed), UTC)
            except (ArithmeticError, OSError, ValueError):
                return None
    return None


def _ttl_seconds(feed: dict[str, Any]) -> int | None:
    """The longest pause that a feed asks for (RSS ttl; RDF Site Summary, module syndication); nonsense is ignored."""
    pauses = [60 * _count(_string(feed, "ttl"))]
    period = _PERIOD_SECONDS.get(_string(feed, "sy_updateperiod").casefold(), 0)
    pauses.append(period // (_count(_string(feed, "sy_updatefrequency")) or 1))
    return max((pause for pause in pauses if 0 < pause <= _LONGEST_TTL_SECONDS), default=None)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _string(owner: dict[str, Any], name: str) -> str:
    """A text of the feed; feedparser can put anything anywhere, so everything else is none."""
    value = owner.get(name)
    return value.strip() if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _mappings(values: Any) -> list[dict[str, Any]]:
    return [dict(value) for value in values if isinstance(value, dict)] if isinstance(values, list) else []
