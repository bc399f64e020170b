"""Which posts are so long that lists roll them up to their beginning, and how a page tells their length. Pure.

All of the post stands on the page, once, in a `<details>` of which the style sheet shows the beginning while it is
closed (`static/css/prose.css`). So nothing is cut in two, neither a list nor a table, and browsers find what is rolled
up, or open it where a footnote leads there. Those that can't show a beginning yet show its summary alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .nameless import bytes_of_names
from .wide import bytes_of_ways

MANY_WORDS = 600
MANY_LETTERS = 10 * MANY_WORDS
"""Of scripts with spaces between words: an endless word is as high as a text."""
MANY_LINES = 80
"""That end before the column does: of a poem, code, a table."""
PICTURE_LINES = 8
"""As many as a picture counts for: it is higher, but posts with a few pictures stay as they are."""
MANY_PICTURES = MANY_LINES // PICTURE_LINES

MAX_KEPT = 5000
"""Posts whose length is kept, by a number that stands for their text. A page that is written anew has few new posts,
and to count the words of sixty long ones would be a tenth of its cost."""

_TAG = re.compile(r"<[^<>]*>")
_BLOCK = "(?:p|div|li|pre|tr|d[dt]|h[1-6]|blockquote|(?:fig)?caption)"
_LINE_END = re.compile(rf"<(?:/{_BLOCK}>\s*(?:</{_BLOCK}>\s*)*|[bh]r\b[^<>]*>)")
"""Blocks that end together end one line. It begins with "<" in all cases, as a search for that is ten times as fast."""
_CHINESE_OR_JAPANESE = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SOUTHEAST_ASIAN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_THEIR_PUNCTUATION = re.compile(r"[\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
_NO_SPACES = ((_CHINESE_OR_JAPANESE, 2), (_SOUTHEAST_ASIAN, 5))
"""Scripts that put no spaces between words, and how many of their letters make a word on average."""

_SPACES = "\n\t\r\xa0"

_kept: dict[int, Length] = {}


@dataclass(frozen=True, slots=True)
class Length:
    is_long: bool
    words: int
    pictures: int
    page_bytes: int
    """As many as a page takes to write it."""

    @property
    def name(self) -> str:
        """Such as `20,000 words`; empty where neither words nor pictures make the post long."""
        if self.words > MANY_WORDS:
            return f"{self.words:,} words"
        return f"{self.pictures:,} pictures" if self.pictures > MANY_PICTURES else ""


def length_of(html: str) -> Length:
    """How long a post is, which was sanitized: there a `<` always starts a tag."""
    key = hash(html)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        found = _kept[key] = measured(html)
    return found


def measured(html: str) -> Length:
    broken, ends = _LINE_END.subn("\n", html.replace("</td>", " ").replace("</th>", " "))
    text = _TAG.sub("", broken)
    lines = text.count("\n") if "<pre" in html else ends
    pictures = html.count("<img")
    words, rest = _words_without_spaces(text)
    line = _single_spaced(rest)
    words += line.count(" ") + 1 if line else 0
    is_high = lines + PICTURE_LINES * pictures > MANY_LINES
    is_long = is_high or words > MANY_WORDS or len(line) > MANY_LETTERS
    return Length(is_long, words, pictures, page_bytes=len(html.encode()) + bytes_of_ways(html) + bytes_of_names(html))


def _single_spaced(text: str) -> str:
    """As `" ".join(text.split())`, in half the time, as no word is taken out."""
    for space in _SPACES:
        text = text.replace(space, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def _words_without_spaces(text: str) -> tuple[int, str]:
    """How many words are written in scripts without spaces, and the text without these."""
    if text.isascii():
        return 0, text
    words = 0
    for letter, letters_of_word in _NO_SPACES:
        text, letters = letter.subn(" ", text)
        words += -(-letters // letters_of_word)
    return words, _THEIR_PUNCTUATION.sub(" ", text) if words else text
