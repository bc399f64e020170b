"""What stands beside an item's text: pictures, sound, films and files, in whatever way its feed names them.

Two steps, like all else: `enclosures_of` and `attachments_of` read what a feed wrote, `settled` makes addresses and
titles of it that can be stored. What is left out on purpose, and why:

- what counts readers and shows nothing: pictures of one pixel, and those of known trackers;
- portraits (Gravatar): they show who wrote the post, and WordPress names one beside every post;
- smaller sizes of a picture that is there in a larger one; a thumbnail or a cover where there is a picture;
- a page that is the item's own link; Flash's players are led to the page of their film;
- what is there already under the same address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from .address import absolute_link, host_of
from .images import image_attributes, without_size
from .loose import mapping_of, mappings_of, string_of
from .media import CAPTIONS, caption_of
from .media_files import byte_count_of, file_name, media_type_of, seconds_of
from .text import one_line
from .types import Enclosure

MAX_ENCLOSURES = 20
"""Of one item. A post of that many pictures is an album already, and each is a row."""

MAX_TITLE_CHARACTERS = 300
"""Of an enclosure; the column has room for as many."""

_FIELDS = frozenset({"media_content", "media_player", "media_thumbnail", "image"})
"""Of feedparser's entries, those that can name an enclosure; beside links."""

_FLASH = "application/x-shockwave-flash"
_FLASH_FILM = re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/v/([\w-]{5,20})(?:[?&/#]|$)", re.ASCII)
_PORTRAIT = re.compile(r"(?:https?:)?//(?:[a-z0-9]+\.)?gravatar\.com/avatar/", re.IGNORECASE)
_SIZE_IN_QUERY = re.compile(
    r"(?:(?:w|h|width|height|size|s|q|quality|fit|crop|auto|format|fm|dpr|resize|strip|ssl)=[^&]*(?:&|$))+"
)


def enclosures_of(entry: Mapping[str, Any]) -> tuple[Enclosure, ...]:
    """What feedparser found beside an entry's text, as written, by falling weight; addresses may be relative.

    RSS enclosure, Atom link rel="enclosure" (RFC 4287 section 4.2.7.2), Media RSS, and iTunes' image and duration.
    """
    if _FIELDS.isdisjoint(entry) and not any(link.get("rel") == "enclosure" for link in entry.get("links", ())):
        return ()  # as most entries
    contents = mappings_of(entry.get("media_content"))
    found = [_linked(link) for link in mappings_of(entry.get("links")) if link.get("rel") == "enclosure"]
    found += _in_largest_size(contents, mapping_of(entry.get(CAPTIONS)))
    player = mapping_of(entry.get("media_player"))
    if string_of(player, "url"):
        found.append(Enclosure(url=string_of(player, "url"), media_type="text/html"))
    if not any(one.url and one.media_type.startswith("image/") for one in found):
        found += _covers(entry)
    if duration := seconds_of(entry.get("itunes_duration")):
        found = _with_duration(found, duration)
    return tuple(one for one in found if one.url)


def attachments_of(item: Mapping[str, Any]) -> tuple[Enclosure, ...]:
    """The same of an item of a JSON Feed (version 1.1: image, banner_image, attachments)."""
    found = [
        Enclosure(
            url=string_of(each, "url"),
            media_type=media_type_of(string_of(each, "mime_type"), string_of(each, "url")),
            byte_count=byte_count_of(each.get("size_in_bytes")),
            seconds=seconds_of(each.get("duration_in_seconds")),
            title=string_of(each, "title"),
        )
        for each in mappings_of(item.get("attachments"))
    ]
    pictures = (string_of(item, name) for name in ("image", "banner_image"))
    found += [Enclosure(url=url, media_type=media_type_of("", url, "image")) for url in pictures]
    return tuple(one for one in found if one.url)


def settled(
    enclosures: Sequence[Enclosure], *, base_url: str, item_url: str, plain: Callable[[str, int], str]
) -> tuple[tuple[Enclosure, ...], int]:
    """The enclosures with absolute http(s) addresses, none twice, and with titles as `plain` makes them.

    Then how many are left out, as they are too many.
    """
    kept: dict[str, Enclosure] = {}
    for place, one in enumerate(enclosures):
        url = _address(one, base_url)
        if not url or (url == item_url and one.media_type in {"text/html", ""}):
            continue
        if url not in kept and len(kept) == MAX_ENCLOSURES:
            others = {other.url for other in enclosures[place:]} - {other.url for other in enclosures[:place]}
            return tuple(kept.values()), len(others)
        titled = replace(one, url=url, title=plain(one.title, MAX_TITLE_CHARACTERS) if one.title else "")
        kept[url] = _joined(kept[url], titled) if url in kept else titled
    return tuple(kept.values()), 0


def name_of(enclosures: Sequence[Enclosure], url: str) -> str:
    """What to call an item that is nothing but these files or this link; empty if it is neither."""
    if not enclosures:
        return host_of(url)
    first = enclosures[0]
    return first.title or one_line(unquote(file_name(first.url)), MAX_TITLE_CHARACTERS) or host_of(first.url)


def _linked(link: dict[str, Any]) -> Enclosure:
    url = string_of(link, "href")
    return Enclosure(
        url=url,
        media_type=media_type_of(string_of(link, "type"), url),
        byte_count=byte_count_of(link.get("length")),
        title=string_of(link, "title"),
    )


def _in_largest_size(contents: Iterable[dict[str, Any]], captions: dict[str, Any]) -> list[Enclosure]:
    """The media:content elements; of a picture in several sizes the largest."""
    largest: dict[str, tuple[int, Enclosure]] = {}
    for content in contents:
        one, width = _medium(content, captions), _side(content, "width")
        if _is_pixel(content):
            continue
        key = _picture(one.url) if one.media_type.startswith("image/") else one.url
        if key not in largest or width > largest[key][0]:
            largest[key] = (width, one)
    return [one for _, one in largest.values()]


def _medium(content: dict[str, Any], captions: dict[str, Any]) -> Enclosure:
    url = string_of(content, "url")
    media_type = media_type_of(string_of(content, "type"), url, string_of(content, "medium"))
    is_picture = media_type.startswith("image/")
    # What describes a picture says what can be seen in it; of all else the title is shorter, and names it.
    names = ("description", "title") if is_picture else ("title", "description")
    return Enclosure(
        url=url,
        media_type=media_type,
        byte_count=byte_count_of(content.get("filesize")),
        seconds=seconds_of(content.get("duration")),
        title=caption_of(content, *names) or (_seen(captions) if is_picture else caption_of(captions, "title")),
    )


def _seen(captions: Mapping[str, Any]) -> str:
    """What can be seen in an item's picture; a long description is a text, and no caption."""
    description = caption_of(captions, "description")
    return description if 0 < len(description) <= MAX_TITLE_CHARACTERS else caption_of(captions, "title")


def _covers(entry: Mapping[str, Any]) -> list[Enclosure]:
    """The largest of the thumbnails, else the item's cover."""
    thumbnails = [each for each in mappings_of(entry.get("media_thumbnail")) if string_of(each, "url")]
    thumbnails = [each for each in thumbnails if not _is_pixel(each)]
    largest = max(thumbnails, key=lambda each: _side(each, "width"), default=mapping_of(entry.get("image")))
    url = string_of(largest, "url") or string_of(largest, "href")
    title = _seen(mapping_of(entry.get(CAPTIONS)))
    return [Enclosure(url=url, media_type=media_type_of("", url, "image"), title=title)] if url else []


def _with_duration(found: list[Enclosure], seconds: int) -> list[Enclosure]:
    """Where the first recording doesn't say how long it is, the item does."""
    for place, one in enumerate(found):
        if one.media_type.startswith(("audio/", "video/")):
            return [*found[:place], replace(one, seconds=one.seconds or seconds), *found[place + 1 :]]
    return found


def _address(one: Enclosure, base_url: str) -> str:
    if _PORTRAIT.match(one.url):
        return ""
    url = absolute_link(one.url, base_url)
    if one.media_type.startswith("image/"):
        return (image_attributes({"src": url}, base_url) or {}).get("src", "") if url else ""
    if one.media_type == _FLASH and (film := _FLASH_FILM.match(url)):
        return f"https://www.youtube.com/watch?v={film[1]}"
    return url


def _joined(one: Enclosure, other: Enclosure) -> Enclosure:
    """What is named twice, with all that either says of it."""
    return Enclosure(
        url=one.url,
        media_type=one.media_type or other.media_type,
        byte_count=one.byte_count or other.byte_count,
        seconds=one.seconds or other.seconds,
        title=one.title or other.title,
    )


def _picture(url: str) -> str:
    """What the addresses of all sizes of a picture share."""
    head, _, query = url.partition("?")
    return without_size(head) + ("" if _SIZE_IN_QUERY.fullmatch(query) else f"?{query}")


def _is_pixel(medium: dict[str, Any]) -> bool:
    sides = [_side(medium, name) for name in ("width", "height") if string_of(medium, name)]
    return bool(sides) and max(sides) <= 1


def _side(medium: dict[str, Any], name: str) -> int:
    text = string_of(medium, name).removesuffix("px")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
