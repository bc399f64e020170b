"""Smileys that a program drew: the text that their author typed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .markup import names

_CLASSES = names("wp-smiley emoji emoticon emojione joypixels smiley twemoji wp-emoji")
_FOLDERS = re.compile(r"/(?:core/)?(?:emoji|emojis|emojione|twemoji|smil(?:ies|eys?)|emoticons?)/", re.IGNORECASE)
_PICTOGRAM = re.compile(r"[^\w\s<>&]*[\u203c-\u3299\U0001f000-\U0001faff][^\w\s<>&]*")

_MAX_CHARACTERS = 40
"""Of one smiley's name. What is longer describes a picture."""


def smiley_of(found: Mapping[str, str]) -> str:
    """The text in whose place an image with these attributes stands; empty for other images."""
    alternative = found.get("alt", "").strip()
    if not alternative or len(alternative) > _MAX_CHARACTERS:
        return ""
    if not _CLASSES.isdisjoint(found.get("class", "").lower().split()):
        return alternative
    is_drawn = bool(_PICTOGRAM.fullmatch(alternative)) and bool(_FOLDERS.search(found.get("src", "")))
    return alternative if is_drawn else ""
