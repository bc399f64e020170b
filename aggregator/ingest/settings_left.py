"""What a blog's program wrote into an element for its own script: names, galleries, films, polls, as JSON.

Substack's `data-attrs`, Squarespace's `data-block-json`, Tumblr's `data-npf`. Without the script the element is empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from .address import absolute_link
from .balance import Element
from .images import image_attributes
from .loose import mapping_of, mappings_of, string_of
from .text import one_line

_MAX_SETTINGS_CHARACTERS = 50_000
_MAX_WORDS = 1000
_MAX_PICTURES = 50

_ON_THE_PAGE = (("audio", "Audio"), ("video", "Video"), ("poll", "Poll"))
"""What can only be heard, seen or answered on the author's page, by the classes of their elements."""

_OF_OWN = re.compile(r'"(?:mediaUploadId|id)"\s*+:')
_FRAME = re.compile(r"<(?:iframe|video|audio|embed|object)\b", re.IGNORECASE)


def settings_of(written: str) -> dict[str, object]:
    """The settings; none if it isn't JSON, or too much of it."""
    if not written.lstrip().startswith("{") or len(written) > _MAX_SETTINGS_CHARACTERS:
        return {}
    try:
        return mapping_of(json.loads(written))
    except (ValueError, RecursionError):
        return {}


def words_and_pictures(found: Mapping[str, str], base_url: str) -> list[Element | str]:
    """What is read and seen where the element stands: a person's name, or the pictures of a gallery."""
    told = settings_of(found.get("data-attrs", ""))
    gallery = mapping_of(told.get("gallery"))
    if not gallery:
        is_person = "mention" in found.get("class", "")
        return [name] if is_person and (name := one_line(string_of(told, "name"), _MAX_WORDS)) else []
    caption = one_line(string_of(gallery, "caption"), _MAX_WORDS)
    alt = string_of(gallery, "alt")
    addresses = [string_of(picture, "src") for picture in mappings_of(gallery.get("images"))[:_MAX_PICTURES]]
    found_images = (image_attributes({"src": address, "alt": alt}, base_url) for address in addresses)
    images = [Element("img", attributes) for attributes in found_images if attributes]
    return [*images, f" {caption} "] if caption else [*images]


def kind_on_the_page(found: Mapping[str, str]) -> str:
    """ "Audio", "Video" or "Poll" for what only the author's own page can show; empty for all else."""
    if not _OF_OWN.search(found.get("data-attrs", "")):
        return ""
    classes = found.get("class", "").lower()
    return next((kind for name, kind in _ON_THE_PAGE if name in classes), "")


def address_in(found: Mapping[str, str], base_url: str) -> str:
    """Where the film lies that Squarespace or Tumblr would show; empty if that isn't said."""
    block = settings_of(found.get("data-block-json", ""))
    if string_of(block, "providerName") or _FRAME.search(string_of(block, "html")):
        return absolute_link(string_of(block, "url"), base_url)
    post = settings_of(found.get("data-npf", ""))
    return absolute_link(string_of(mapping_of(post.get("media")), "url") or string_of(post, "url"), base_url)


def page_in(found: Mapping[str, str]) -> str:
    """HTML of a frame or a player that stands in an attribute; empty if none does."""
    html = found.get("data-html", "")
    return html if _FRAME.search(html) else ""
