"""Text in another language or script, in pages that are English: what its element says of it. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

OURS = "en"
"""The language of our own words, which every page names."""
RIGHT_TO_LEFT = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "glk", "he", "ks", "lrc", "mzn", "pnb", "ps", "sd", "syr", "ug", "ur", "yi"]
)
"""Languages that are written so, whatever their tags say beside that."""
_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_ISOLATE, _END = "\u2068", "\u2069"


def written_in(text: str, language: str) -> SafeString:
    """The attributes of an element that holds this text, such as ` dir="rtl" lang="he"`.

    Browsers go by the first letter, which is Latin in many a Hebrew title that names a program. So where the language
    is written from the right, and a good part of the text is, the element says so.
    """
    is_turned = language.partition("-")[0] in RIGHT_TO_LEFT and is_from_right(text)
    return _attributes("rtl" if is_turned else "auto", language)


def is_from_right(text: str) -> bool:
    return 3 * len(_FROM_RIGHT.findall(text)) > len(_LATIN.findall(text))


@lru_cache(maxsize=256)
def _attributes(direction: str, language: str) -> SafeString:
    return format_html(' dir="{}"{}', direction, lang(language))


@lru_cache(maxsize=256)
def lang(language: str) -> str:
    """The attribute of an element that holds text of this language; empty for none, and for ours."""
    return "" if language in ("", OURS) else format_html(' lang="{}"', language)


def isolated(text: object) -> str:
    """For where no element can stand, as in an attribute: if it is written from the right, between two marks that keep
    it from turning the words and signs around it (UAX 9)."""
    plain = str(text)
    return f"{_ISOLATE}{plain}{_END}" if _FROM_RIGHT.search(plain) else plain
