"""What stands beside an item's text: pictures, sound, films and files, in whatever way its feed names them.

Two steps, like all else: `enclosures_of` and `attachments_of` read what a feed wrote, `settled` makes addresses and
titles of it that can be stored. What is left out on purpose, and why:

- what counts readers and shows nothing: pictures of one pixel, and those of known trackers;
- portraits (Gravatar): they show who wrote the post, and WordPress names one beside every post;
- smaller sizes of a picture that is there in a larger one; a thumbnail or a cover where there is a picture;
- a page that is the item's own link; Flash's players are led to the page of their film;
- other resolutions of a film, where one group holds them and they are of one type;
- what is there already under the same address, be it with another query behind the name of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from .address import host_of, lasting_part, media_link
from .embed_pages import page_of
from .images import image_attributes, is_pixel
from .loose import mapping_of, mappings_of, string_of
from .media import ALTERNATES, CAPTIONS, TRANSCRIPTS, caption_of
from .media_files import byte_count_of, file_name, media_type_of, seconds_of
from .media_sizes import in_largest_size, one_of_each_group, width_in_name, width_of, width_told
from .text import one_line
from .types import Enclosure

MAX_ENCLOSURES = 50
"""Of one item. A post of that many pictures is an album, and each is a row; a link stands for the others."""

MAX_TITLE_CHARACTERS = 300
"""Of an enclosure; the column has room for as many."""

_PICTURES = ("thumbnail", "featuredimage", "featured_image", "webfeeds_cover")
"""Fields of feedparser's entries that hold a picture of the item; an address, or attributes with one."""

_PLAYERS = ("media_player", "media_embed")
_OTHER_FILES = ("ppg_enclosuresecure", "media_peerlink")
"""Fields of feedparser's entries that hold one more address of a recording (the BBC's; PeerTube's torrents)."""

_FIELDS = frozenset(
    {"media_content", *_PLAYERS, *_OTHER_FILES, "media_thumbnail", "image", TRANSCRIPTS, ALTERNATES, *_PICTURES}
)
"""Of feedparser's entries, those that can name an enclosure; beside links."""

_JSON_PICTURES = ("image", "banner_image")
_FLASH = "application/x-shockwave-flash"
_PORTRAIT = re.compile(r"(?:https?:)?//(?:[a-z0-9]+\.)?gravatar\.com/avatar/", re.IGNORECASE)


def enclosures_of(entry: Mapping[str, Any]) -> tuple[Enclosure, ...]:
    """What feedparser found beside an entry's text, as written, by falling weight; addresses may be relative.

    RSS enclosure, Atom link rel="enclosure" (RFC 4287 section 4.2.7.2), Media RSS, and iTunes' image and duration.
    """
    if _FIELDS.isdisjoint(entry) and not (_has_links(entry) or _has_contents_elsewhere(entry)):
        return ()  # as most entries
    links = [link for link in mappings_of(entry.get("links")) if _is_file(link)]
    found = [(width_in_name(string_of(link, "href")), _linked(link)) for link in links]
    found += [(0, one) for one in _contents_elsewhere(entry)]
    captions = mapping_of(entry.get(CAPTIONS))
    contents = one_of_each_group(mappings_of(entry.get("media_content")))
    media = [(content, _medium(content, captions)) for content in contents]
    found += [(width_of(content), one) for content, one in media if _is_played(one) or not is_pixel(content)]
    found += [(0, _file(string_of(each, "uri"), each)) for each in mappings_of(entry.get(ALTERNATES))]
    files = in_largest_size(found)
    for player in (mapping_of(entry.get(name)) for name in _PLAYERS):
        if string_of(player, "url"):
            files.append(Enclosure(url=string_of(player, "url"), media_type="text/html"))
    others = (mapping_of(entry.get(name)) for name in _OTHER_FILES if name in entry)
    files += [_file(string_of(other, "url") or string_of(other, "href"), other) for other in others]
    if not any(one.url and one.media_type.startswith("image/") for one in files):
        files += _covers(entry)
    if duration := seconds_of(entry.get("itunes_duration")):
        files = _with_duration(files, duration)
    files += [_transcript(each) for each in mappings_of(entry.get(TRANSCRIPTS))]
    return tuple(one for one in files if one.url)


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
        for each in _attachments(item.get("attachments"))
    ]
    pictures = (string_of(item, name) or string_of(mapping_of(item.get(name)), "url") for name in _JSON_PICTURES)
    found += [Enclosure(url=url, media_type=media_type_of("", url, "image")) for url in pictures]
    return tuple(one for one in found if one.url)


def _attachments(told: object) -> list[dict[str, Any]]:
    """Some write one alone, or addresses alone."""
    listed = told if isinstance(told, list) else [told]
    return [{"url": one} if isinstance(one, str) and "/" in one else mapping_of(one) for one in listed]


def settled(
    enclosures: Sequence[Enclosure], *, base_url: str, item_url: str, plain: Callable[[str, int], str]
) -> tuple[tuple[Enclosure, ...], int]:
    """The enclosures with absolute http(s) addresses, none twice, and with titles as `plain` makes them.

    Then how many are left out, as they are too many; the last enclosure says so, and leads to the item.
    """
    kept: dict[str, Enclosure] = {}
    others: set[str] = set()
    for one in enclosures:
        url, media_type = _address(one, base_url)
        key = _same_file(url)
        if not url or (url == item_url and media_type in {"text/html", ""}):
            continue
        if key not in kept and len(kept) == MAX_ENCLOSURES:
            others.add(key)
            continue
        title = plain(one.title, MAX_TITLE_CHARACTERS) if one.title else ""
        settled_one = replace(one, url=url, media_type=media_type, title=title)
        kept[key] = _joined(kept[key], settled_one) if key in kept else settled_one
    files = tuple(kept.values())
    if others and item_url:
        more = "1 more file" if len(others) == 1 else f"{len(others)} more files"
        files += (Enclosure(url=item_url, media_type="text/html", title=more),)
    return files, len(others)


def name_of(enclosures: Sequence[Enclosure], url: str) -> str:
    """What to call an item that is nothing but these files or this link; empty if it is neither."""
    if not enclosures:
        return host_of(url)
    first = enclosures[0]
    return first.title or one_line(unquote(file_name(first.url)), MAX_TITLE_CHARACTERS) or host_of(first.url)


def _linked(link: dict[str, Any]) -> Enclosure:
    found = _file(string_of(link, "href"), link)
    return found if link.get("rel") == "enclosure" else replace(found, byte_count=None)


def _file(url: str, told: Mapping[str, Any]) -> Enclosure:
    """What these attributes tell of the file at an address."""
    return Enclosure(
        url=url,
        media_type=media_type_of(string_of(told, "type"), url),
        byte_count=byte_count_of(told.get("length")),
        title=string_of(told, "title"),
    )


def _has_links(entry: Mapping[str, Any]) -> bool:
    return any(_is_file(link) for link in entry.get("links", ()))


def _is_file(link: Mapping[str, Any]) -> bool:
    """Also where a feed calls the recording another form of its post (Atom, rel="alternate")."""
    relation = link.get("rel")
    if relation != "alternate":
        return bool(relation == "enclosure")
    media_type = link.get("type")
    return isinstance(media_type, str) and media_type.startswith(("audio/", "video/"))


def _has_contents_elsewhere(entry: Mapping[str, Any]) -> bool:
    contents = entry.get("content")
    # As a plain mapping: feedparser's own looks at many names, and most entries have contents.
    return isinstance(contents, list) and any(dict.get(each, "src") for each in contents if isinstance(each, dict))


def _contents_elsewhere(entry: Mapping[str, Any]) -> list[Enclosure]:
    """An item's content that is a file (RFC 4287 section 4.1.3.2); a page is its link, and no file."""
    contents = (each for each in mappings_of(entry.get("content")) if string_of(each, "src"))
    files = [
        Enclosure(url=string_of(each, "src"), media_type=media_type_of(string_of(each, "type"), string_of(each, "src")))
        for each in contents
    ]
    return [one for one in files if not one.media_type.startswith("text/")]


def _transcript(attributes: Mapping[str, Any]) -> Enclosure:
    url = string_of(attributes, "url")
    media_type = media_type_of(string_of(attributes, "type"), url)
    language = string_of(attributes, "language")
    return Enclosure(url=url, media_type=media_type, title=f"Transcript ({language})" if language else "Transcript")


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
    thumbnails = [each for each in thumbnails if not is_pixel(each)]
    largest = max(thumbnails, key=width_told, default=mapping_of(entry.get("image")))
    url = string_of(largest, "url") or string_of(largest, "href") or _other_picture(entry)
    captions = mapping_of(entry.get(CAPTIONS))
    # Without another text, the description is what the item says, and needn't be said again.
    title = _seen(captions) if entry.get("summary") or entry.get("content") else caption_of(captions, "title")
    return [Enclosure(url=url, media_type=media_type_of("", url, "image"), title=title)] if url else []


def _other_picture(entry: Mapping[str, Any]) -> str:
    """In elements that no standard knows, and many readers do."""
    fields = [field if isinstance(field := entry.get(name), str) else mapping_of(field) for name in _PICTURES]
    told = (one if isinstance(one, str) else string_of(one, "image") or string_of(one, "url") for one in fields)
    return next((url.strip() for url in told if url and url.strip()), "")


def _with_duration(found: list[Enclosure], seconds: int) -> list[Enclosure]:
    """Where the first recording doesn't say how long it is, the item does."""
    for place, one in enumerate(found):
        if _is_played(one):
            return [*found[:place], replace(one, seconds=one.seconds or seconds), *found[place + 1 :]]
    return found


def _is_played(one: Enclosure) -> bool:
    return one.media_type.startswith(("audio/", "video/"))


def _address(one: Enclosure, base_url: str) -> tuple[str, str]:
    """The absolute address, empty if there is none, and the type of what lies there."""
    if _PORTRAIT.match(one.url):
        return "", ""
    url = media_link(one.url, base_url)
    if one.media_type.startswith("image/"):
        return (image_attributes({"src": url}, base_url) or {}).get("src", "") if url else "", one.media_type
    if one.media_type == _FLASH and (page := page_of(url)) != url:
        return page, "text/html"
    return url, one.media_type


def _same_file(url: str) -> str:
    """What two addresses of one file share: what follows on the name of a file says who asks for it."""
    bare = url.partition("://")[2]
    return lasting_part(bare) if media_type_of("", lasting_part(bare)).startswith(("audio/", "video/")) else bare


def _joined(one: Enclosure, other: Enclosure) -> Enclosure:
    """What is named twice, with all that either says of it."""
    return Enclosure(
        url=one.url,
        media_type=one.media_type or other.media_type,
        byte_count=one.byte_count or other.byte_count,
        seconds=one.seconds or other.seconds,
        title=one.title or other.title,
    )
