"""Rules of Atom (RFC 4287)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .document import Document, Place, misplaced, text_of
from .parts import is_count, is_media_type, is_moment, is_own_id, is_web_address

_TEXT = Place(attributes="type")
_PLACES = {
    "feed": Place(once="title subtitle id updated", many="link entry", demanded="title id updated"),
    "entry": Place(
        once="title id updated published summary content source",
        many="link author category",
        demanded="title id updated",
    ),
    "source": Place(once="title id updated", many="link", demanded="title id updated"),
    "author": Place(once="name uri", demanded="name"),
    "link": Place(attributes="href rel type title length", demanded="href"),
    "category": Place(attributes="term", demanded="term"),
    **dict.fromkeys(("title", "subtitle", "summary", "content"), _TEXT),
}
_RELATIONS = frozenset({"alternate", "self", "enclosure", "first", "next"})
"""Of RFC 4287 section 4.2.7.2 and RFC 5005 section 3."""


def elements_are_those_of_atom(document: Document) -> Iterator[str]:
    """Those of RFC 4287 section 4 that we use, in their places, as often as they may; and what is demanded."""
    yield from misplaced(document.root, _PLACES)


def entries_come_last(document: Document) -> Iterator[str]:
    """Asked for, though section 4.1.1 gives no order: what is said of the feed stands before its entries."""
    tags = [one.tag for one in document.channel]
    first = tags.index("entry") if "entry" in tags else len(tags)
    yield from (tag for tag in tags[first:] if tag != "entry")


def somebody_wrote_each_entry(document: Document) -> Iterator[str]:
    """Section 4.1.2: an author in each entry, since we name none of the feed; section 3.2.1: with a name."""
    for entry in document.items:
        names = [text_of(one, "name").strip() for one in entry.findall("author")]
        if not names or not all(names):
            yield text_of(entry, "id")


def an_entry_has_a_text_or_a_page(document: Document) -> Iterator[str]:
    """Section 4.1.2: without content there must be a link to a page; of one type and language one at most."""
    for element in document.root.iter():
        pages = [one.get("type") for one in element.findall("link") if one.get("rel", "alternate") == "alternate"]
        if len(set(pages)) < len(pages):
            yield f"{len(pages)} pages of {element.tag} {text_of(element, 'id')}"
        if element.tag == "entry" and not pages and element.find("content") is None:
            yield text_of(element, "id")


def dates_are_rfc_3339(document: Document) -> Iterator[str]:
    """Section 3.3."""
    dates = [one for one in document.root.iter() if one.tag in {"updated", "published"}]
    yield from (text_of(one) for one in dates if not is_moment(text_of(one)))


def links_lead_somewhere(document: Document) -> Iterator[str]:
    """Section 4.2.7: an address (RFC 3987; ours are URIs); a registered relation."""
    for link in document.root.iter("link"):
        if not is_web_address(link.get("href", "")) or link.get("rel", "alternate") not in _RELATIONS:
            yield str(link.attrib)


def files_are_described(document: Document) -> Iterator[str]:
    """Section 4.2.7: what is said of a file's type, length and title is a media type, a number, a text."""
    for link in document.root.iter("link"):
        if not is_media_type(link.get("type", "text/plain")):
            yield f"type {link.get('type')!r}"
        if not is_count(link.get("length", "1")):
            yield f"length {link.get('length')!r}"
        if not link.get("title", "x").strip():
            yield "a blank title"


def ids_are_addresses(document: Document) -> Iterator[str]:
    """Section 4.2.6, of the feed and of the feeds that its entries come from."""
    elements: list[Element] = [document.root, *document.root.iter("source")]
    yield from (text_of(one, "id") for one in elements if not is_own_id(text_of(one, "id")))


def entries_are_told_apart(document: Document) -> Iterator[str]:
    """Section 4.2.6: an id that isn't empty; section 4.1.1 asks that of two entries with one id the dates differ."""
    ids = Counter(text_of(entry, "id").strip() for entry in document.items)
    yield from (f"{count} times {one!r}" for one, count in ids.items() if count > 1 or not one)


def texts_say_how_they_are_written(document: Document) -> Iterator[str]:
    """Section 3.1.1: as text, which is also meant where nothing is said, or as HTML."""
    for one in document.root.iter():
        if one.tag != "link" and one.get("type", "text") not in {"text", "html"}:
            yield f"{one.tag} of type {one.get('type')!r}"


def no_name_is_blank(document: Document) -> Iterator[str]:
    """Asked for, of titles and of categories."""
    for one in document.root.iter():
        name = one.get("term", "") if one.tag == "category" else text_of(one)
        if one.tag in {"title", "category"} and not name.strip():
            yield one.tag


RULES = (
    *(elements_are_those_of_atom, entries_come_last, somebody_wrote_each_entry, an_entry_has_a_text_or_a_page),
    *(dates_are_rfc_3339, links_lead_somewhere, files_are_described, ids_are_addresses, entries_are_told_apart),
    *(texts_say_how_they_are_written, no_name_is_blank),
)
