"""A feed as its rules look at it: elements by short names, and what may stand in which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_PREFIXES = {
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/XML/1998/namespace": "xml",
}


@dataclass(frozen=True)
class Document:
    root: Element
    content_type: str
    url: str
    """Where it was read."""

    @property
    def channel(self) -> Element:
        """What says of the whole feed what it is."""
        channel = self.root.find("channel")
        return self.root if channel is None else channel

    @property
    def items(self) -> list[Element]:
        return [one for one in self.channel if one.tag in {"item", "entry"}]


Rule = Callable[[Document], Iterable[str]]


@dataclass(frozen=True)
class Place:
    """What an element may hold: children that stand once, those of which there may be many, attributes."""

    once: str = ""
    many: str = ""
    attributes: str = ""
    demanded: str = ""
    """Children and attributes that must be there."""


def read(data: bytes) -> Element:
    """The outermost element. All names are short: without a prefix in the namespace that the outermost is in."""
    root = ElementTree.fromstring(data)
    own = root.tag.rpartition("}")[0]
    for element in root.iter():
        element.tag = _short(element.tag, own)
        for name in list(element.attrib):
            element.set(_short(name, ""), element.attrib.pop(name))
    return root


def misplaced(element: Element, places: Mapping[str, Place]) -> Iterator[str]:
    """What stands in an element, or in what is in it, and may not; what stands twice; and what is missing."""
    place = places.get(element.tag, Place())
    tags = [child.tag for child in element]
    yield from (f"{tag} in {element.tag}" for tag in tags if tag not in f"{place.once} {place.many}".split())
    yield from (f"{tag} twice in {element.tag}" for tag in place.once.split() if tags.count(tag) > 1)
    allowed = {*place.attributes.split(), "xml:lang"}
    yield from (f"{name} of {element.tag}" for name in element.attrib if name not in allowed)
    there = {*tags, *element.attrib}
    yield from (f"{element.tag} without {name}" for name in place.demanded.split() if name not in there)
    for child in element:
        yield from misplaced(child, places)


def text_of(element: Element, name: str = "") -> str:
    """The text in the element, or in its first child of that name; empty if there is none."""
    return (element.findtext(name) if name else element.text) or ""


def _short(name: str, own: str) -> str:
    namespace, brace, local = name.rpartition("}")
    if namespace == own or not brace:
        return local
    return f"{_PREFIXES.get(namespace[1:], namespace[1:])}:{local}"
