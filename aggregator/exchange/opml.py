"""Lists of feeds as OPML, the format in which readers and planets exchange them: in and out, without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .links import public_url
from .outgoing import printable

if TYPE_CHECKING:
    from aggregator.models import Category, Feed

MAX_BYTES = 5 * 2**20
"""Of a file. Lists of a thousand feeds are far smaller."""

MAX_OUTLINES = 5_000
"""Feeds and folders in a file, more than any community has; as many of everything else are read beside them."""

MAX_DEPTH = 50
"""Elements within each other. Nobody files feeds that deep, and the reader keeps all that are open in memory."""

_FEED_ROOTS = frozenset({"rss", "feed", "rdf"})


class OpmlError(ValueError):
    """Why a file is not read as a list of feeds, in words for the person who chose it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed as a list names it. Texts are as the list wrote them, with white space collapsed."""

    url: str
    """Not checked here: adding the feed judges it, and can tell the curator."""
    title: str = ""
    site_url: str = ""
    """An http(s) address, or empty."""
    category: str = ""


def read_opml(data: bytes) -> list[Outline]:
    """The feeds of an OPML file, in its order, each with the name of the innermost folder that it lies in.

    Raises OpmlError for everything else: other formats, files over a cap, entity tricks.
    """
    if len(data) > MAX_BYTES:
        raise OpmlError(f"The file is larger than {MAX_BYTES // 2**20} MiB. Lists of feeds are far smaller.")
    if not data.strip():
        raise OpmlError("The file is empty.")
    try:
        return list(_feeds(data))
    except OpmlError:
        raise
    except DefusedXmlException as error:
        raise OpmlError("The file declares entities. A list of feeds needs none; for safety it is not read.") from error
    except ElementTree.ParseError as error:
        raise OpmlError(_why_unreadable(data, error)) from error
    except (LookupError, ValueError) as error:
        raise OpmlError("The file is in a text encoding that can't be read. Save it as UTF-8 and try again.") from error


def write_opml(title: str, feeds: Iterable[Feed], *, now: datetime) -> bytes:
    """The feeds as OPML 2.0, a folder for each category in the curators' order, feeds without one at the end.

    `now` is the list's date. `read_opml` finds the same feeds in it, in the same categories. Addresses are
    given out without user names and passwords.
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


def _feeds(data: bytes) -> Iterator[Outline]:
    """Read as a stream, so that a file over one of the limits is left as soon as it exceeds it."""
    path: list[ElementTree.Element] = []
    seen: Counter[bool] = Counter()  # outlines (True), and all other elements (False)
    for event, element in iterparse(BytesIO(data), events=("start", "end")):
        if event == "end":
            path.pop()
            continue
        if not path:
            _demand_opml(_local_name(element))
        seen[_is_outline(element)] += 1
        if max(seen.values()) > MAX_OUTLINES:
            raise OpmlError(f"The file holds more than {MAX_OUTLINES} feeds and folders. Split it into several files.")
        if len(path) == MAX_DEPTH:
            raise OpmlError(f"The file nests its folders more than {MAX_DEPTH} deep.")
        if _is_outline(element) and (url := _attribute(element, "xmlurl")):
            yield Outline(
                url=url,
                title=_name(element),
                site_url=public_url(_attribute(element, "htmlurl")),
                category=_folder(path) or _last_category(_attribute(element, "category")),
            )
        path.append(element)


def _demand_opml(root: str) -> None:
    if root == "html":
        raise OpmlError("This is a web page, not an OPML file.")
    if root in _FEED_ROOTS:
        raise OpmlError("This is a feed, not a list of feeds. Add it by its address.")
    if root != "opml":
        raise OpmlError(f"This is an XML file, but not OPML: it starts with <{root[:40]}>.")


def _why_unreadable(data: bytes, error: ElementTree.ParseError) -> str:
    start = data[:1024].lower()
    if b"<!doctype html" in start or b"<html" in start:
        return "This is a web page, not an OPML file."
    if b"<opml" not in start:
        return "This is not an OPML file."
    line, column = error.position
    return f"The OPML file is damaged: line {line}, column {column + 1} can't be read as XML."


def _local_name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _is_outline(element: ElementTree.Element) -> bool:
    return _local_name(element) == "outline"


def _attribute(element: ElementTree.Element, name: str) -> str:
    """The attribute in whatever case it is written: xmlUrl, xmlURL and xmlurl are all seen."""
    return next((" ".join(value.split()) for key, value in element.items() if key.lower() == name), "")


def _name(element: ElementTree.Element) -> str:
    return _attribute(element, "title") or _attribute(element, "text")


def _folder(path: list[ElementTree.Element]) -> str:
    names = (_name(element) for element in reversed(path) if _is_outline(element))
    return next(filter(None, names), "")


def _last_category(text: str) -> str:
    """The name at the end of the first of "/Boston/Weather,/Tech" (OPML 2.0, category)."""
    return text.partition(",")[0].rstrip("/ ").rpartition("/")[2].strip()


def _shelves(feeds: Iterable[Feed]) -> list[tuple[Category | None, list[Feed]]]:
    ordered = sorted(feeds, key=attrgetter("shelf_order"))
    return [(category, list(members)) for category, members in groupby(ordered, key=attrgetter("category"))]


def _attributes(feed: Feed) -> dict[str, str]:
    site_url = printable(public_url(feed.home_url))
    address = {"type": "rss", "xmlUrl": printable(public_url(feed.url))}
    return _named(feed.shown_title) | address | ({"htmlUrl": site_url} if site_url else {})


def _named(name: str) -> dict[str, str]:
    return {"text": printable(name), "title": printable(name)}
