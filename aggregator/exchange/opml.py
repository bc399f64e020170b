"""Lists of feeds as OPML, the format in which readers and planets exchange them: in and out, without the database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from html import escape, unescape
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from aggregator.ingest.languages import language_tag

from .links import listed_url, public_url
from .opml_elements import MAX_BYTES, MAX_DEPTH, MAX_OUTLINES, Element, OpmlError, elements_of
from .outgoing import printable
from .planet_options import shortened, shown

if TYPE_CHECKING:
    from aggregator.models import Category, Feed

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_OUTLINES",
    "Listed",
    "ListedRule",
    "OpmlError",
    "Outline",
    "read_opml",
    "read_opml_list",
    "write_opml",
]

_CHARACTER_NAME = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}[0-9]{0,2});", re.IGNORECASE)
_LISTS = frozenset({"link", "include"})
"""Types of outlines that name a list of its own by `url` (OPML 2.0, inclusion)."""


class ListedRule(NamedTuple):
    """What a list demands of each post of a feed."""

    action: str
    """require: a post that doesn't match is dropped. drop: one that matches is."""
    pattern: str
    """A regular expression as Python wrote it, searched in upper and lower case as it stands."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed as a list names it. Texts are as the list wrote them, with white space collapsed."""

    url: str
    """Not checked here: adding the feed judges it, and can tell the curator."""
    title: str = ""
    site_url: str = ""
    """An http(s) address, or empty."""
    category: str = ""
    rules: tuple[ListedRule, ...] = ()
    """No OPML has any; a planet's configuration may."""


class Listed(NamedTuple):
    """What a file lists."""

    outlines: tuple[Outline, ...]
    notes: tuple[str, ...] = ()
    """A sentence for each of its entries that is no feed, or can't be read."""


def read_opml(data: bytes) -> list[Outline]:
    """The feeds of an OPML file, in its order, each with the name of the innermost folder that it lies in.

    What is broken is mended where it is clear what was meant (`opml_elements`). Raises OpmlError for everything else:
    other formats, files over a limit, tricks with entities.
    """
    return list(read_opml_list(data).outlines)


def read_opml_list(data: bytes) -> Listed:
    """As `read_opml`, with what the file names besides feeds."""
    elements, torn = elements_of(data)
    outlines = _shelved(_outline(element) for element in elements if element.is_feed)
    notes = (note for element in elements if not element.is_feed and (note := _note(element)))
    return Listed(outlines, shortened([*torn, *notes]))


def write_opml(title: str, feeds: Iterable[Feed], *, now: datetime) -> bytes:
    """The feeds as OPML 2.0, a folder for each category in the curators' order, feeds without one at the end.

    `now` is the list's date. `read_opml` finds the same feeds in it, in the same categories. Addresses are
    given out without user names and passwords, and those of sites only if they are no longer than any list needs.
    Of blogs that are paused or gone it says no more than of others: OPML has no word for it, and who reads them sees.
    """
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = printable(title)
    ElementTree.SubElement(head, "dateModified").text = format_datetime(now)
    ElementTree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = ElementTree.SubElement(root, "body")
    for category, members in _shelves(feeds):
        folder = body if category is None else ElementTree.SubElement(body, "outline", _named(category.name))
        for feed in members:
            ElementTree.SubElement(folder, "outline", _attributes(feed))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _shelved(outlines: Iterable[Outline]) -> tuple[Outline, ...]:
    """The outlines. A feed that is listed outside of all folders and in one, as some readers do it, is in that."""
    listed = tuple(outlines)
    categories = {outline.url: outline.category for outline in reversed(listed) if outline.category}
    return tuple(replace(one, category=one.category or categories.get(one.url, "")) for one in listed)


def _outline(element: Element) -> Outline:
    return Outline(
        url=element.feed_address,
        title=_title(element),
        site_url=public_url(element.text_of("htmlurl")),
        category=_folder(element) or _category(element),
    )


def _note(element: Element) -> str:
    """What to say of an outline that is no feed; nothing of folders, and of what a program keeps for itself."""
    if not element.is_outline or (element.parent and element.parent.is_feed):  # an episode of a podcast
        return ""
    of_freshrss = next((name for name in element.attributes if name.endswith("opmlurl")), "")
    is_list = element.text_of("type").casefold() in _LISTS
    if list_address := element.text_of(of_freshrss) or (element.text_of("url") if is_list else ""):
        return f"{shown(list_address)} is a list of its own: save it and import it."
    if element.outlines:
        return ""
    site = element.text_of("htmlurl") or element.text_of("url")
    if site:
        return f"“{shown(_name(element) or site)}” names no feed; add {shown(site)} by itself, if it has one."
    return f"“{shown(_name(element))}” names no feed." if _name(element) and "xmlurl" in element.attributes else ""


def _name(element: Element) -> str:
    return element.text_of("title") or element.text_of("text")


def _title(element: Element) -> str:
    """Some readers escape it twice."""
    name = _name(element)
    return " ".join(unescape(name).split()) if _CHARACTER_NAME.search(name) else name


def _folder(feed: Element) -> str:
    """The name of the innermost folder. One that holds this feed alone and has its name is none: some readers wrap each
    feed so."""
    inner, is_alone = feed, True
    while folder := inner.parent:
        is_alone = is_alone and folder.outlines == 1
        name = _name(folder) if folder.is_outline and not folder.is_feed else ""
        if name and not (is_alone and _is_called_alike(folder, feed)):
            return name
        inner = folder
    return ""


def _is_called_alike(folder: Element, feed: Element) -> bool:
    names, others = ({e.text_of("title").casefold(), e.text_of("text").casefold()} - {""} for e in (folder, feed))
    return not names.isdisjoint(others)


def _category(feed: Element) -> str:
    """By the attribute alone: the name at the end of the first of "/Boston/Weather,/Tech" (OPML 2.0, category).

    Of a folder that was taken for none since it has its feed's name, it may be the name, slashes, commas and all.
    """
    text = feed.text_of("category")
    if feed.parent and text.removeprefix("/") in {feed.parent.text_of("title"), feed.parent.text_of("text")}:
        return text.removeprefix("/")
    return text.partition(",")[0].rstrip("/ ").rpartition("/")[2].strip()


def _shelves(feeds: Iterable[Feed]) -> list[tuple[Category | None, list[Feed]]]:
    ordered = sorted(feeds, key=attrgetter("shelf_order"))
    return [(category, list(members)) for category, members in groupby(ordered, key=attrgetter("category"))]


def _attributes(feed: Feed) -> dict[str, str]:
    """What a subscription list says (OPML 2.0), as far as it is known. `created` is when the feed came to this site."""
    # Also within a folder: some readers go by this alone, and a folder that has its one feed's name is taken for none.
    category = printable(feed.category.name) if feed.category else ""
    known = {
        "htmlUrl": printable(listed_url(feed.home_url)),
        "category": f"/{category}" if category else "",
        "language": language_tag(feed.language) or "",
        "created": format_datetime(feed.created_at),
    }
    address = {"type": "rss", "xmlUrl": printable(public_url(feed.url))}
    return _titled(feed.shown_title) | address | {name: value for name, value in known.items() if value}


def _named(name: str) -> dict[str, str]:
    return {"text": printable(name), "title": printable(name)}


def _titled(title: str) -> dict[str, str]:
    """As `_title` reads it: what it would take for escaped twice is."""
    return _named(escape(title, quote=False) if _CHARACTER_NAME.search(title) else title)
