"""Smileys that a program drew: the text that their author typed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .markup import names
from .text import printable

_CLASSES = names(
    "wp-smiley emoji emoticon emojione joypixels smiley smilies smilie twemoji wp-emoji c-emoji custom-emoji"
    " emoji--fortext emojify"
)
_FOLDERS = re.compile(
    r"/(?:core/)?(?:emoji|emojis|emojione|twemoji|smil(?:ies|eys?)|emoticons?)(?:\.php)?/"
    r"|//(?:[\w-]+\.)?(?:twemoji|emoji)[\w-]*\.|//mail\.google\.com/mail/e/",
    re.IGNORECASE,
)
_PICTOGRAM = re.compile(r"[^\w\s<>&]*[\u203c-\u3299\U0001f000-\U0001faff][^\w\s<>&]*")
_TYPED = re.compile(r"[:;=8BX>|][^\w\s]{0,2}[()\[\]{}DPpOo0SsXx3/\\|*$?!<>@]{1,2}|:[\w+-]{2,30}:")
"""As on a keyboard, or as a name between colons."""

_CODES = re.compile(
    r"/(?:u|emoji_u)?([0-9a-f]{4,5}(?:[-_][0-9a-f]{4,5}){0,7})\.(?:png|svg|gif|webp)(?:\?|$)", re.IGNORECASE
)
_SMALL = re.compile(r"(?:1[0-9]|2[0-4])(?:px)?")

_MAX_CHARACTERS = 40
"""Of one smiley's name. What is longer describes a picture."""


def smiley_of(found: Mapping[str, str]) -> str:
    """The text in whose place an image with these attributes stands; empty for other images."""
    words = found.get("alt", "").strip()
    is_called = "goomoji" in found or not _CLASSES.isdisjoint(found.get("class", "").lower().split())
    is_kept = bool(_FOLDERS.search(found.get("src", "")))
    if is_called or is_kept:
        words = words or found.get("title", "").strip() or _from_codes(found.get("src", ""))
    if not words or len(words) > _MAX_CHARACTERS:
        return ""
    if is_called:
        return words
    is_small = bool(_SMALL.fullmatch(found.get("width", "")) and _SMALL.fullmatch(found.get("height", "")))
    is_drawn = (is_kept or is_small) and bool(_PICTOGRAM.fullmatch(words) or _TYPED.fullmatch(words))
    return words if is_drawn else ""


def _from_codes(address: str) -> str:
    """The signs whose numbers a file is named by, as those of Twitter's and Google's sets are."""
    match = _CODES.search(address)
    codes = [int(code, 16) for code in re.split("[-_]", match[1])] if match else []
    signs = "".join(chr(code) for code in codes if code <= 0x10FFFF and not 0xD800 <= code < 0xE000)
    return printable(signs) if _PICTOGRAM.fullmatch(signs) else ""
