"""Rules of RSS 2.0 (rssboard.org/rss-specification) and of the modules that we use in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .document import Document, Place, misplaced, text_of
from .parts import holds_tag, is_count, is_mail_date, is_media_type, is_web_address

_PLACES = {
    "rss": Place(once="channel", attributes="version", demanded="channel version"),
    "channel": Place(
        once="title link description language lastBuildDate",
        many="atom:link item",
        demanded="title link description",
    ),
    "atom:link": Place(attributes="rel href", demanded="rel href"),
    "item": Place(
        once="title link description pubDate guid source enclosure content:encoded itunes:duration dc:language",
        many="category media:content dc:creator",  # as the validator says: "duplicates allowed"
    ),
    "guid": Place(attributes="isPermaLink"),
    "source": Place(attributes="url", demanded="url"),
    "enclosure": Place(attributes="url length type", demanded="url length type"),
    "media:content": Place(once="media:title", attributes="url type fileSize duration", demanded="url"),
}


def elements_are_those_of_rss(document: Document) -> Iterator[str]:
    """Those that the specification and the modules name, in their places, as often as they may; and what is demanded.

    One enclosure in an item is asked for (RSS Best Practices Profile): podcast apps take one, and not the same one.
    """
    yield from misplaced(document.root, _PLACES)


def version_is_two(document: Document) -> Iterator[str]:
    if document.root.get("version") != "2.0":
        yield str(document.root.get("version"))


def items_come_last(document: Document) -> Iterator[str]:
    """Asked for: what is said of the channel stands before its items, for readers that stop after a few."""
    tags = [one.tag for one in document.channel]
    first = tags.index("item") if "item" in tags else len(tags)
    yield from (tag for tag in tags[first:] if tag != "item")


def addresses_are_whole(document: Document) -> Iterator[str]:
    """Absolute, with a scheme (RSS 2.0, comments on links; enclosure: http; Media RSS: url), and URIs (RFC 3986)."""
    for one in document.root.iter():
        address = text_of(one) if one.tag == "link" else one.get("url", one.get("href"))
        if address is not None and not is_web_address(address):
            yield f"{one.tag}: {address}"


def dates_are_rfc_822(document: Document) -> Iterator[str]:
    dates = [one for one in document.root.iter() if one.tag in {"pubDate", "lastBuildDate"}]
    yield from (text_of(one) for one in dates if not is_mail_date(text_of(one)))


def an_item_says_something(document: Document) -> Iterator[str]:
    """RSS 2.0, elements of item: a title or a description must be there."""
    for item in document.items:
        if item.find("title") is None and item.find("description") is None:
            yield text_of(item, "guid")


def a_description_comes_before_the_text(document: Document) -> Iterator[str]:
    """Asked for, of content:encoded."""
    for item in document.items:
        tags = [one.tag for one in item]
        if "content:encoded" in tags and "description" not in tags[: tags.index("content:encoded")]:
            yield text_of(item, "guid")


def items_are_told_apart(document: Document) -> Iterator[str]:
    """RSS 2.0, guid: a string that is the item's alone. That each has one is asked for."""
    guids = Counter(text_of(item, "guid").strip() for item in document.items)
    yield from (f"{count} times {guid!r}" for guid, count in guids.items() if count > 1 or not guid)


def permanent_links_are_links(document: Document) -> Iterator[str]:
    """RSS 2.0, guid: unless isPermaLink is "false", it can be opened in a browser."""
    for guid in document.root.iter("guid"):
        said = guid.get("isPermaLink", "true")
        if said not in {"true", "false"} or (said == "true" and not is_web_address(text_of(guid))):
            yield f"{said}: {text_of(guid)}"


def files_are_described(document: Document) -> Iterator[str]:
    """RSS 2.0, enclosure: bytes, and a media type; Media RSS, content: the same and seconds, where they are known."""
    for one in document.root.iter():
        if one.tag not in {"enclosure", "media:content"}:
            continue
        if not is_media_type(one.get("type", "text/plain")):
            yield f"{one.tag} of type {one.get('type')!r}"
        numbers = {name: one.get(name, "1") for name in ("length", "fileSize", "duration")}
        yield from (f"{name} of {said!r}" for name, said in numbers.items() if not is_count(said))


def recordings_last_seconds(document: Document) -> Iterator[str]:
    """iTunes, duration: seconds; hours and minutes may be written, too, but we don't."""
    yield from (text_of(one) for one in document.root.iter("itunes:duration") if not is_count(text_of(one)))


def no_name_is_blank(document: Document) -> Iterator[str]:
    """Asked for, of titles, of categories and of authors."""
    for one in document.root.iter():
        if one.tag in {"title", "category", "dc:creator", "media:title"} and not text_of(one).strip():
            yield one.tag


def titles_hold_no_tag(document: Document) -> Iterator[str]:
    """Asked for, of posts: readers that take a title for HTML must find no tag in it, and others show no entities."""
    yield from (text_of(item, "title") for item in document.items if holds_tag(text_of(item, "title")))


RULES = (
    *(elements_are_those_of_rss, version_is_two, items_come_last, addresses_are_whole, dates_are_rfc_822),
    *(an_item_says_something, a_description_comes_before_the_text, items_are_told_apart, permanent_links_are_links),
    *(files_are_described, recordings_last_seconds, no_name_is_blank, titles_hold_no_tag),
)
