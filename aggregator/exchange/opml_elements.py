"""The elements of an OPML file, in its order: of a sound file as XML, of a broken one as far as what it means is clear.

A broken file is mended as feeds are: stray ampersands, the named characters of HTML, characters that XML forbids, a
wrong encoding. Beyond that, elements need not be closed, attributes need no quotation marks and no declared prefix.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from aggregator.ingest.decode import decode
from aggregator.ingest.errors import EmptyBody
from aggregator.ingest.xmlrepair import repair
from aggregator.ingest.xmltext import NO_TAGS

from .links import with_ampersands

MAX_BYTES = 5 * 2**20
"""Of a file. Lists of a thousand feeds are far smaller."""

MAX_OUTLINES = 5_000
"""Feeds and folders in a file, more than any community has; as many of everything else are read beside them."""

MAX_DEPTH = 50
"""Elements within each other. Nobody files feeds that deep, and the reader keeps all that are open in memory."""

MAX_TORN_TAGS = 50
"""What begins as a tag and isn't one. To find out can take a look at all that follows."""

_FEED_ROOTS = frozenset({"rss", "feed", "rdf"})
_LIST_ROOTS = frozenset({"opml", "body", "outline"})
"""Of a part of a list, too, as somebody copied it."""
_OPML = re.compile(r"<opml[\s>]", re.IGNORECASE)
_DOCUMENT = re.compile(r"<!doctype|<(?:html|rss|feed|rdf)\b", re.IGNORECASE)
_SOUND_BEGINNINGS = ("<?xml", "<!", "<opml")
_TAG_START = re.compile(rf"{NO_TAGS}|<[?!][^>]*(?:>|\Z)|<(?P<end>/?)(?P<name>[A-Za-z_][\w.:-]*)", re.DOTALL)
_ATTRIBUTE = re.compile(r"\s*([A-Za-z_][\w.:-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))?")
_WHOLE_ATTRIBUTE = re.compile(r"(?<![\w.:-])([A-Za-z_][\w.:-]*+)\s*+=\s*+(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_UP_TO_NEXT_TAG = re.compile(r"[^<>]*>?")
_TAG_END = re.compile(r"\s*(/?)\s*>")

Tag = tuple[dict[str, str], bool, int]
"""The attributes of a tag, whether it is an empty element, and where it ends."""


class OpmlError(ValueError):
    """Why a file is not read as a list of feeds, in words for the person who chose it."""


class NoOpmlError(OpmlError):
    """Nothing in the file looks like OPML: it may be a file of another kind."""


@dataclass(slots=True, eq=False)
class Element:
    """One element, with the names of its attributes in lower case."""

    name: str
    attributes: dict[str, str]
    parent: Element | None
    outlines: int = 0
    """How many outlines stand directly in it."""
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        self.depth = self.parent.depth + 1 if self.parent else 1

    @property
    def is_outline(self) -> bool:
        return self.name == "outline"

    @property
    def is_feed(self) -> bool:
        return self.is_outline and bool(self.feed_address)

    @property
    def feed_address(self) -> str:
        """The address of the feed that it stands for; empty for none. Some programs have other names for it, escape it
        twice, or write "feed/" before it."""
        is_of_kind = self.text_of("type").casefold() in {"rss", "atom"}
        names = ("xmlurl", "feedurl", "rssurl", *(("url", "href") if is_of_kind else ()))
        found = next((value for name in names if (value := self.text_of(name))), "")
        return with_ampersands(found.removeprefix("feed/") if found.startswith("feed/http") else found)

    def text_of(self, attribute: str) -> str:
        """Its value on one line; empty without it. xmlUrl, xmlURL and xmlurl are all seen."""
        return " ".join(self.attributes.get(attribute, "").split())


class Elements(NamedTuple):
    """A file as far as it can be read."""

    all: list[Element]
    torn: list[str]
    """A sentence for each outline whose end or address is missing."""


def elements_of(data: bytes) -> Elements:
    """All elements of the file. Raises OpmlError for what is no OPML, is over a limit, or can't be mended."""
    if len(data) > MAX_BYTES:
        raise OpmlError(f"The file is larger than {MAX_BYTES // 2**20} MiB. Lists of feeds are far smaller.")
    try:
        text = decode(data, "")
    except EmptyBody as error:
        raise OpmlError("The file is empty.") from error
    text = _without_what_is_before(text)
    try:
        return Elements(list(_sound_elements(text)), [])
    except DefusedXmlException as error:
        raise OpmlError("The file declares entities. A list of feeds needs none; for safety it is not read.") from error
    except ElementTree.ParseError:
        torn = _Torn()
        return Elements(list(_mended_elements(repair(text), torn)), torn.lines)


def _without_what_is_before(text: str) -> str:
    """The list alone, where a server's words stand before it that are no document of their own."""
    if text.lstrip().startswith(_SOUND_BEGINNINGS) or not (start := _OPML.search(text)):
        return text
    return text if _DOCUMENT.search(text, 0, start.start()) else text[start.start() :]


class _Count:
    """Looks at each element before it is taken in. Raises OpmlError where a limit is exceeded."""

    def __init__(self) -> None:
        self._seen: Counter[bool] = Counter()  # outlines (True), and all other elements (False)

    def take_in(self, element: Element) -> Element:
        if element.parent is None:
            _demand_opml(element.name)
        elif element.is_outline:
            element.parent.outlines += 1
        self._seen[element.is_outline] += 1
        if max(self._seen.values()) > MAX_OUTLINES:
            raise OpmlError(f"The file holds more than {MAX_OUTLINES} feeds and folders. Split it into several files.")
        if element.depth > MAX_DEPTH:
            raise OpmlError(f"The file nests its folders more than {MAX_DEPTH} deep.")
        return element


def _sound_elements(text: str) -> Iterator[Element]:
    """Read as a stream, so that a file over one of the limits is left as soon as it exceeds it."""
    open_element: Element | None = None
    count = _Count()
    for event, node in iterparse(BytesIO(text.encode()), events=("start", "end")):
        if event == "end":
            open_element = open_element.parent if open_element else None
            continue
        attributes: dict[str, str] = {}
        for name, value in node.items():
            attributes.setdefault(name.lower(), value)
        open_element = count.take_in(Element(_local(str(node.tag).rpartition("}")[2]), attributes, open_element))
        yield open_element


def _mended_elements(text: str, torn: _Torn) -> Iterator[Element]:
    root = open_element = None
    count, position = _Count(), 0
    while match := _TAG_START.search(text, position):
        position = match.end()
        if not match["name"]:
            continue
        name = _local(match["name"])
        tag = _rest_of_tag(text, position) or torn.tag(text, match, root)
        if torn.is_cut_off:
            break
        if tag is None:
            continue
        attributes, is_empty, position = tag
        if match["end"]:
            open_element = _closed(open_element, name)
            continue
        if root and open_element is None:
            open_element = root  # what follows the end of the list belongs to it
        if name == "outline" and open_element and open_element.is_feed:
            open_element = open_element.parent  # a feed holds nothing: nobody has closed it
        element = count.take_in(Element(name, attributes, open_element))
        root = root or element
        yield element
        open_element = open_element if is_empty else element
    if root is None:
        if _is_page(text):
            raise OpmlError("This is a web page, not an OPML file.")
        raise NoOpmlError("This is not an OPML file.")


class _Torn:
    """Tags that don't end as tags."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._count = 0
        self.is_cut_off = False
        """Whether the file ends within a tag: nothing follows that could be read."""

    def tag(self, text: str, start: re.Match[str], root: Element | None) -> Tag | None:
        """What is whole of an outline's tag, if that is an address, or if it begins a folder; else it has a line.

        Raises OpmlError where what is torn is no list at all, or hardly anything else.
        """
        name, line = _local(start["name"]), _line_of(text, start.start())
        if root is None:
            _demand_opml(name)
        if text.find(">", start.end()) < 0:
            self.is_cut_off = True
            self.lines.append(f"The file ends within a tag, in line {line}: is it cut off?")
            return None
        self._count += 1
        if self._count > MAX_TORN_TAGS:
            raise OpmlError(f"The OPML file is damaged: the tag in line {line} can't be read, nor many before it.")
        return self._outline(text, start.end(), line) if name == "outline" and not start["end"] else None

    def _outline(self, text: str, position: int, line: int) -> Tag | None:
        match = _UP_TO_NEXT_TAG.match(text, position)
        rest = match[0] if match else ""
        attributes: dict[str, str] = {}
        for name, value, other in _WHOLE_ATTRIBUTE.findall(rest):
            attributes.setdefault(_local(name), unescape(value or other))
        is_folder = rest.endswith(">") and not rest.endswith("/>")
        if is_folder or attributes.get("xmlurl"):
            return attributes, not is_folder, position + len(rest)
        self.lines.append(f"The tag in line {line} can't be read: if it is a feed's, add that by itself.")
        return None


def _rest_of_tag(text: str, position: int) -> Tag | None:
    """The attributes of the tag, whether it is an empty element, and where it ends. None if it doesn't end as a tag."""
    attributes: dict[str, str] = {}
    while match := _ATTRIBUTE.match(text, position):
        value = match[2] or match[3] or match[4] or ""
        attributes.setdefault(_local(match[1]), unescape(value))
        position = match.end()
    end = _TAG_END.match(text, position)
    return (attributes, bool(end[1]), end.end()) if end else None


def _closed(open_element: Element | None, name: str) -> Element | None:
    """What is still open after an end tag. It closes all that was forgotten within; one without a start closes none."""
    element = open_element
    while element and element.name != name:
        element = element.parent
    return element.parent if element else open_element


def _line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _demand_opml(root: str) -> None:
    if root == "html":
        raise OpmlError("This is a web page, not an OPML file.")
    if root == "rdf":
        raise OpmlError("This is a feed, not a list of feeds; or a list as FOAF, which isn't read here: ask for OPML.")
    if root in _FEED_ROOTS:
        raise OpmlError("This is a feed, not a list of feeds. Add it by its address.")
    if root not in _LIST_ROOTS:
        raise OpmlError(f"This is an XML file, but not OPML: it starts with <{root[:40]}>.")


def _is_page(text: str) -> bool:
    return "<!doctype html" in text[:1024].lower()


def _local(name: str) -> str:
    """Without its prefix and in lower case."""
    return name.rpartition(":")[2].lower()
