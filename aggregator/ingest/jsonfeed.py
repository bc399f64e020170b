"""The text of a JSON Feed (https://www.jsonfeed.org/version/1.1/) to raw items."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any

from .enclosures import attachments_of
from .errors import NotAFeed, Unreadable
from .persons import with_addresses
from .plain import as_html, person_names
from .text import printable
from .types import Person, RawDocument, RawItem, Skipped

_VERSION_WINDOW_CHARACTERS = 2000
"""How far into broken JSON the version is looked for, which writers put first."""

_MAX_DIGITS = 400
"""Of a whole number, which says a size or is an id."""

_ON_THE_WEB = re.compile(r"https?://[^/\s]+", re.IGNORECASE)
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/")
_DATE_NAMES = ("date_published", "datePublished", "published", "published_at", "pubDate", "date", "created_at")
"""The first is that of the format; the others are what programs write that know it from hearsay."""
_ITEMS_START = re.compile(r'"items"\s*:\s*\[')
_BETWEEN_ITEMS = re.compile(r"[\s,]*")


def read_json_feed(text: str, url: str) -> RawDocument:
    """The feed in the text. One that was cut off gives the items before the cut.

    Raises NotAFeed for other JSON and for what isn't JSON at all, Unreadable for a JSON Feed beyond mending.
    """
    try:
        feed, torn = _loaded(text)
    except (ValueError, RecursionError) as error:
        if _VERSION.search(text.replace("\\/", "/"), 0, _VERSION_WINDOW_CHARACTERS):
            raise Unreadable(reason="its JSON is broken") from error
        raise NotAFeed(what="plain text") from error
    if not isinstance(feed, dict) or not _is_feed(feed):
        raise NotAFeed(what="JSON of another kind")
    entries = feed.get("items")
    entries = entries if isinstance(entries, list) else []
    items = [_item(entry, url, feed) for entry in entries if _is_item(entry)]
    if not items and (entries or torn):
        raise Unreadable(reason="none of its posts can be read")
    return RawDocument(
        title=_string(feed, "title"),
        title_is_html=False,
        description=as_html(_string(feed, "description")),
        site_url=_string(feed, "home_page_url"),
        feed_id=_string(feed, "feed_url"),
        language=_string(feed, "language"),
        authors=_authors(feed),
        persons=_persons(feed),
        items=tuple(items),
        skipped=_skipped(entries, len(items), torn),
        is_sound=not torn,
    )


def _skipped(entries: list[Any], item_count: int, torn: int) -> Skipped:
    unreadable = sum(not isinstance(entry, dict) for entry in entries)
    return Skipped(empty=len(entries) - item_count - unreadable, unreadable=unreadable, torn=torn)


def _loaded(text: str) -> tuple[Any, int]:
    """What the JSON says, and how many torn items were left out of it."""
    try:
        return json.loads(text, parse_int=_whole_number), 0
    except ValueError:
        start = _ITEMS_START.search(text)
        if start is None:
            raise
        items = ",".join(_whole_items(text, start.end()))
        return json.loads(f"{text[: start.end()]}{items}]}}", parse_int=_whole_number), 1


def _whole_items(text: str, position: int) -> list[str]:
    """The JSON values that are complete, from the inside of a list that isn't."""
    decoder = json.JSONDecoder(parse_int=_whole_number)
    items: list[str] = []
    while True:
        match = _BETWEEN_ITEMS.match(text, position)
        start = match.end() if match else position
        try:
            _, position = decoder.raw_decode(text, start)
        except ValueError:
            return items
        items.append(text[start:position])


def _whole_number(digits: str) -> int | str:
    """The number; one without end as it is written, as Python refuses to read it, and with it all that follows."""
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _is_feed(feed: dict[str, Any]) -> bool:
    if _VERSION.match(_string(feed, "version")):
        return True
    return isinstance(feed.get("items"), list) and any(name in feed for name in ("feed_url", "home_page_url"))


def _is_item(entry: Any) -> bool:
    names = ("title", "content_html", "content_text", "summary")
    if not isinstance(entry, dict):
        return False
    return bool(any(_string(entry, name) for name in names) or _address(entry) or attachments_of(entry))


def _item(entry: dict[str, Any], url: str, feed: dict[str, Any]) -> RawItem:
    return RawItem(
        guid=_identity(entry),
        url=_address(entry),
        title=_string(entry, "title"),
        title_is_html=False,
        content_html=_content(entry),
        base_url=url,
        authors=_authors(entry) or _authors(feed),
        persons=_persons(entry) or _persons(feed),
        published=_published(entry),
        updated=_string(entry, "date_modified"),
        language=_string(entry, "language") or _string(feed, "language"),
        tags=_tags(entry),
        enclosures=attachments_of(entry),
    )


def _address(entry: dict[str, Any]) -> str:
    """The item's page. An id is best "the full URL of the resource described by the item" (version 1.1, "items")."""
    identity = _string(entry, "id")
    lone = identity if _ON_THE_WEB.match(identity) else ""
    return _string(entry, "url") or _string(entry, "external_url") or lone


def _content(entry: dict[str, Any]) -> str:
    return _string(entry, "content_html") or as_html(_string(entry, "content_text") or _string(entry, "summary"))


def _authors(owner: dict[str, Any]) -> tuple[str, ...]:
    return person_names(_string(author, "name") for author in _listed_authors(owner))


def _persons(owner: dict[str, Any]) -> tuple[Person, ...]:
    return with_addresses((_string(author, "name"), _string(author, "url")) for author in _listed_authors(owner))


def _listed_authors(owner: dict[str, Any]) -> list[dict[str, Any]]:
    """The people of version 1.1 or, where that names none, the one of version 1."""
    authors = owner.get("authors")
    listed = authors if isinstance(authors, list) else [owner.get("author")]
    return [author for author in listed if isinstance(author, dict)]


def _tags(entry: dict[str, Any]) -> tuple[str, ...]:
    tags = entry.get("tags")
    named = (printable(tag).strip() for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
    return tuple(dict.fromkeys(tag for tag in named if tag))


def _identity(entry: dict[str, Any]) -> str:
    """The id; a number, as some feeds write, is taken as a string (version 1.1, "items")."""
    number = entry.get("id")
    return str(number) if isinstance(number, (int, float)) and not isinstance(number, bool) else _string(entry, "id")


def _published(entry: dict[str, Any]) -> str:
    """The date; a number, as some feeds write, is of seconds or milliseconds."""
    values = (entry.get(name) for name in _DATE_NAMES)
    named = next((value for value in values if isinstance(value, (str, int, float)) and value), "")
    return printable(str(int(named) if isinstance(named, float) and isfinite(named) else named)).strip()


def _string(owner: dict[str, Any], name: str) -> str:
    value = owner.get(name)
    return printable(value).strip() if isinstance(value, str) else ""
