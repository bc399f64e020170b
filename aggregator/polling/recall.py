"""What was read of a feed last time, so that of its next document only what is new is parsed.

A document is a frame and the items in it. In a well-formed document an item means what it says, whatever stands beside
it. So while the frame stays the same, an item of the same letters is the same item: it is taken from memory and cut out
of the document, and the parser gets the rest. In every doubt the whole document is parsed.

Nothing of Django is imported here: this runs in the child processes of `reading`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

from aggregator.ingest.errors import IngestError
from aggregator.ingest.fingerprint import without_dates
from aggregator.ingest.normalize import content_digest
from aggregator.ingest.parse import parse
from aggregator.ingest.types import RawDocument, RawItem, RawSource
from aggregator.ingest.xmltext import NO_TAGS, Shelf, find_root, take_apart

MOST_ITEMS = 1000
"""Of a document with more, nothing is remembered."""

_ITEM_FIELDS = tuple(part.name for part in fields(RawItem))
_VERSION = " ".join(("3", *_ITEM_FIELDS))
"""Part of every frame: with a new one, nothing that was remembered counts. So what did, has stood today's doubts."""
# A prefix that an item declares holds for feedparser until the document ends. XHTML in Atom has none.
_NAMESPACE = re.compile(r"xmlns(?!\s*=\s*[\"']http://www\.w3\.org/1999/xhtml[\"'])")
# For feedparser a format, channel or item within an item is a real one, and what `xmltext` finds in a processing
# instruction isn't there. After a text within a text it counts wrongly how deep in texts it is.
_NOTEWORTHY = re.compile(
    rf"{NO_TAGS}|<(?:(?P<instruction>\?)|(?P<close>/?)(?!media:content)(?:[\w.-]+:)?"
    r"(?:(?P<structure>item|entry|channel|feed|rss|rdf)"
    r"|(?P<text>title|summary|content|encoded|description|abstract|body|fullitem"
    r"|subtitle|tagline|rights|copyright|info|browserfriendly))(?=[\s/>])[^<>]*?(?P<empty>/?)>)",
    re.DOTALL | re.IGNORECASE,
)
# With anything else after the items, what they leave behind could change it; and they are where items belong.
_TAIL = re.compile(r"\s*(?:</channel\s*>\s*)?</[\w.:-]+\s*>(?>\s+|<!--.*?-->)*+", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Memory:
    """Items without their content, by the digest of what was written; they hold within one frame."""

    frame: str = ""
    items: Mapping[str, RawItem] = field(default_factory=dict)

    @classmethod
    def load(cls, text: str) -> Memory:
        """What `dump` made; nothing at all from anything else."""
        try:
            frame, items = json.loads(text)
            return cls(frame, {digest: _unpacked(values) for digest, values in items.items()})
        except (AttributeError, RecursionError, TypeError, ValueError):
            return cls()

    def dump(self) -> str:
        """As a text that can be stored; empty for an empty memory."""
        if not self.items:
            return ""
        packed = {digest: _values_of(item) for digest, item in self.items.items()}
        return json.dumps([self.frame, packed], ensure_ascii=False, separators=(",", ":"), default=_plain)


def parse_remembering(text: str, url: str, content_type: str, memory: Memory) -> tuple[RawDocument, Memory]:
    """What `parse` makes of a decoded text, and what to remember of it.

    Items that are known from `memory` come without their content, but with its digest; there are none if it is empty.
    Raises what `parse` raises.
    """
    parts = _parts(text, url, memory)
    if parts is None:
        return parse(text, url, content_type), Memory()
    document = _woven(parts, url) or parse(text, url, content_type)
    return document, _remembered(parts, document)


@dataclass(frozen=True, slots=True)
class _Parts:
    shelf: Shelf
    frame: str
    digests: tuple[str, ...]
    """Of the items."""
    known: Mapping[str, RawItem]
    """The items that are remembered of this frame, by digest."""
    fresh: tuple[str, ...]
    """The other items."""


def _parts(text: str, url: str, memory: Memory) -> _Parts | None:
    """A document taken apart; None for one whose items can't be told from each other for certain."""
    root = find_root(text)
    if not root.is_feed:
        return None
    shelf = take_apart(root)
    if shelf.is_cut_off or not 0 < len(shelf.items) <= MOST_ITEMS or shelf.gaps.strip():
        return None
    if not _TAIL.fullmatch(shelf.tail) or not _has_no_item(shelf.head):
        return None
    frame = _frame(shelf, url)
    known = memory.items if frame == memory.frame else {}
    digests = tuple(map(_digest, shelf.items))
    fresh = tuple(item for item, digest in zip(shelf.items, digests, strict=True) if digest not in known)
    return _Parts(shelf, frame, digests, known, fresh) if all(map(_stands_alone, fresh)) else None


def _has_no_item(head: str) -> bool:
    found = [match for match in _NOTEWORTHY.finditer(head) if match["instruction"] or match["structure"]]
    return not any(match["instruction"] or match["structure"].casefold() in {"item", "entry"} for match in found)


def _stands_alone(item: str) -> bool:
    """Whether it is one item, and nothing in it could change what is read after it."""
    if "xmlns" in item and _NAMESPACE.search(item):
        return False
    open_text = ""
    for match in _NOTEWORTHY.finditer(item):
        if match["instruction"] or (match["structure"] and match.start() and match.end() < len(item)):
            return False
        text = (match["text"] or "").casefold()
        if text and open_text != (text if match["close"] else ""):
            return False
        if text and not match["empty"]:
            open_text = "" if match["close"] else text
    return True


def _frame(shelf: Shelf, url: str) -> str:
    """What an item's meaning depends on: all that stands around the items, but for dates, and where it was read."""
    head = without_dates(shelf.head.encode("utf-8", "replace"))
    return sha256(b"\0".join((_VERSION.encode(), url.encode(), head, shelf.tail.encode()))).hexdigest()


def _digest(item: str) -> str:
    return sha256(item.encode("utf-8", "replace")).hexdigest()[:32]


def _woven(parts: _Parts, url: str) -> RawDocument | None:
    """The document with the known items from memory; None if that isn't certain to be what `parse` would make of it."""
    fresh = parts.fresh
    if len(fresh) == len(parts.digests):
        return None
    try:
        document = parse(parts.shelf.with_items(fresh), url, "")
    except IngestError:
        return None
    if not document.is_sound or document.skipped or len(document.items) != len(fresh):
        return None
    new = iter(document.items)
    return replace(document, items=tuple(parts.known.get(digest) or next(new) for digest in parts.digests))


def _remembered(parts: _Parts, document: RawDocument) -> Memory:
    if not document.is_sound or document.skipped or len(document.items) != len(parts.digests):
        return Memory()
    return Memory(parts.frame, dict(zip(parts.digests, map(_without_content, document.items), strict=True)))


def _without_content(item: RawItem) -> RawItem:
    if item.content_digest:
        return item
    return replace(item, content_html="", content_digest=content_digest(item.content_html))


_values_of = attrgetter(*_ITEM_FIELDS)


def _plain(value: datetime | RawSource) -> Any:
    return value.isoformat() if isinstance(value, datetime) else [value.title, value.url, value.feed_id]


def _unpacked(values: Sequence[Any]) -> RawItem:
    """Raises TypeError or ValueError for what `Memory.dump` didn't make."""
    named = dict(zip(_ITEM_FIELDS, values, strict=True))
    named |= {name: tuple(named[name]) for name in ("authors", "tags")}
    named |= {name: _moment(named[name]) for name in ("published_guess", "updated_guess")}
    named["source"] = None if named["source"] is None else RawSource(*named["source"])
    return RawItem(**named)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
