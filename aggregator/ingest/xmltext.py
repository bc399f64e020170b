"""The text of an XML feed, taken apart before a parser sees it: where its root begins, and which items are in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

NO_TAGS = (
    r"<!\[CDATA\[[^\]]*+(?:(?=\][^\]])\][^\]]++)*+.*?(?:\]\]>|\Z)"
    r"|<!--[^-]*+(?:(?=-[^-])-[^-]++)*+.*?(?:-->|\Z)"
)
"""CDATA sections and comments: what looks like a tag in them is none. Patterns that look for tags name these first.

Each of the two matches up to its end mark, or to the end of the text where that is missing, so hostile text can't make
the search start over. Up to the first two brackets or hyphens in a row, they are read in runs: six times faster than
".*?". Each round of such a run looks ahead before it takes anything, because Python 3.11.2 (Debian 12) loses its place
in a possessive round that breaks off (cpython#106052)."""

_MAX_JUNK_CHARACTERS = 4096
"""How far into a text a feed is looked for. Warnings of a broken PHP page take less."""

_PROLOGUE = re.compile(r"(?:\s++|<\?[^<]*?\?>|<\?[^>]*>|<!--.*?(?:-->|\Z))*+", re.DOTALL)
_DOCTYPE = re.compile(
    r"<!DOCTYPE(?:[^\[>\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*+"
    r"(?:\[(?:[^\]<\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|<!--.*?(?:-->|\Z)|<)*+\]\s*)?+>",
    re.DOTALL | re.IGNORECASE,
)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)(?=[\s/>])[^<>]*")
_FEED_START = re.compile(r"<(?:rss|(?:[\w.-]+:)?(?:feed|RDF))[\s>]", re.IGNORECASE)

_ITEM = re.compile(
    rf"{NO_TAGS}|<(?P<close>/?)(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s/>])[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Root:
    """The outermost element, and the text from its start tag on: no XML declaration, no document type."""

    name: str
    """As written, with its prefix; empty if the text doesn't begin with an element."""
    text: str

    @property
    def local_name(self) -> str:
        """In lower case, without a prefix."""
        return self.name.rpartition(":")[2].casefold()

    @property
    def is_feed(self) -> bool:
        return self.local_name in {"rss", "feed", "rdf", "channel"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A feed taken apart. `head`, `items` and `tail` make a document again, even with only some of the items."""

    head: str
    items: tuple[str, ...]
    tail: str
    gaps: str = ""
    """What stands between the items, mostly white space. It is left out when they are put together again."""
    is_cut_off: bool = False
    """The document ends before its root does."""
    has_torn_item: bool = False
    """The document ends within an item, which is not among the items."""

    def with_items(self, items: tuple[str, ...]) -> str:
        return "".join((self.head, *items, self.tail))

    def bare(self, root: Root) -> Shelf:
        """The same items in an empty document."""
        start_tag = root.text[: root.text.find(">") + 1] + ("<channel>" if root.local_name == "rss" else "")
        return replace(self, head=start_tag, tail=_end_tags(root, ""))


def find_root(text: str) -> Root:
    """The root of a document. Junk before a feed, such as the warnings of a broken PHP page, is left out.

    So is the document type, and with it every entity that it declares: a feed needs none, and expanding or fetching
    them is how XML is turned against its reader.
    """
    root = _root_at(text, _end_of_prologue(text))
    if root.is_feed or root.local_name in {"html", "head", "body"}:
        return root
    late_start = _FEED_START.search(text, 0, _MAX_JUNK_CHARACTERS)
    return _root_at(text, late_start.start()) if late_start else root


def _end_of_prologue(text: str) -> int:
    end = end_of(_PROLOGUE, text, 0)
    return end_of(_PROLOGUE, text, end_of(_DOCTYPE, text, end))


def end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where the match that begins at `start` ends; `start` itself if there is none."""
    match = pattern.match(text, start)
    return match.end() if match else start


def _root_at(text: str, start: int) -> Root:
    element = _ELEMENT.match(text, start)
    return Root(name=element[1] if element else "", text=text[start:])


def take_apart(root: Root) -> Shelf:
    """The items of a repaired document, and what stands around them.

    A document that was cut off loses the item that it ends in, and gets its end tags back.
    """
    name = _item_name(root)
    spans: list[tuple[int, int]] = []
    start = -1
    for match in _ITEM.finditer(root.text):
        if not match["name"] or match["name"].casefold() != name:
            continue
        if start >= 0:
            # Without an end tag, an item ends where the next one begins.
            spans.append((start, match.end() if match["close"] else match.start()))
        start = -1 if match["close"] else match.start()
    return _shelved(root, spans, start)


def _item_name(root: Root) -> str:
    """The tag name of this document's items, in lower case and with its prefix.

    The prefix counts, as other vocabularies in the document can have an `item` or `entry` of their own.
    """
    prefix, colon, _ = root.name.rpartition(":")
    if root.local_name == "feed":
        return f"{prefix}{colon}entry".casefold()
    if root.local_name == "rss":
        return "item"
    named = (match["name"].casefold() for match in _ITEM.finditer(root.text) if match["name"])
    return next((name for name in named if name.rpartition(":")[2] == "item"), "item")


def _shelved(root: Root, spans: list[tuple[int, int]], open_start: int) -> Shelf:
    end_of_items = spans[-1][1] if spans else 0
    end_tag = _end_of_root(root, max(open_start, end_of_items))
    is_cut_off = end_tag < 0
    if open_start >= 0 and not is_cut_off:
        spans.append((open_start, end_tag))
    end = _end_of_whole_markup(root.text, open_start) if is_cut_off else len(root.text)
    head = root.text[: spans[0][0] if spans else end]
    tail = root.text[spans[-1][1] if spans else end : end]
    return Shelf(
        head=head,
        items=tuple(root.text[start:stop] for start, stop in spans),
        tail=tail + _end_tags(root, tail) if is_cut_off else tail,
        gaps="".join(root.text[stop:start] for (_, stop), (start, _) in pairwise(spans)),
        is_cut_off=is_cut_off,
        has_torn_item=is_cut_off and open_start >= 0,
    )


def _end_of_whole_markup(text: str, torn_item_start: int) -> int:
    """Up to where a text that is cut off is sound: to its torn item, or else to a torn tag at its end."""
    if torn_item_start >= 0:
        return torn_item_start
    last_tag = text.rfind("<")
    return last_tag if last_tag >= 0 and ">" not in text[last_tag:] else len(text)


def _end_tags(root: Root, tail: str) -> str:
    """The end tags that are missing after `tail` in a document that was cut off."""
    is_in_channel = root.local_name == "rss" and "</channel" not in tail
    return f"</channel></{root.name}>" if is_in_channel else f"</{root.name}>"


def _end_of_root(root: Root, start: int) -> int:
    """Where the end tag of the root begins; -1 if the document is cut off."""
    element = _ELEMENT.match(root.text)
    if element and element[0].endswith("/"):
        return element.end()
    end_tag = re.compile(rf"</{re.escape(root.name)}\s*>", re.IGNORECASE).search(root.text, start)
    return end_tag.start() if end_tag else -1
