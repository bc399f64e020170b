"""How names are compared, sorted and looked for, whatever the database knows of letters. Pure.

SQLite, and PostgreSQL in a C locale, know upper and lower case of ASCII alone, and sort by the numbers of characters.
So what they compare is made here, and stored beside the names (`derived`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from unicodedata import normalize

MAX_CASELESS_FACTOR = 3
"""So many times as long as a name its caseless form can be."""
MAX_LOOKED_FOR = 40
"""Characters of a text that is looked for. Of a longer one the beginning is: each letter has dozens of spellings."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, and halves of characters."""

MAX_RUN = 6
"""Letters for which all ways are tried to write them as fewer characters; in words, three can be."""
_LENGTHS = (2, 3, 4)
"""So many letters one character can stand for, as "ﬃ" does."""
_MARKS = "\u0300-\u036f"
"""Of the Latin, Greek and Cyrillic scripts. In other scripts, readers take marks for letters."""
STROKES = {"æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th", "ŧ": "t"}
"""They are no marks to Unicode, and letters that have some would come after z."""
_WITHOUT_MARKS = dict.fromkeys(range(0x0300, 0x0370)) | str.maketrans(STROKES)
_SPELLED_OTHERWISE = (range(0x80, 0x3400), range(0xF900, 0x10000), range(0x10400, 0x1F000))
"""Where the characters are whose plain form is another one; between them lie ideographs and Hangul."""


def caseless(text: str) -> str:
    """What two texts share that differ in upper and lower case alone: "Ökologie" and "ÖKOLOGIE", "ß" and "SS".

    Marks count ("Ökologie" is not "Okologie"), but not whether a letter and its mark are one character or two.
    """
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFD", text).casefold())


def plain(text: str) -> str:
    """The text without case and marks: what is sorted by it stands where people look for it, É beside e."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFKD", normalize("NFKD", text).casefold()).translate(_WITHOUT_MARKS))


def looked_for(text: str) -> str:
    """As much of a text as is looked for, in its plain form. Databases refuse what is left out of it."""
    return plain(_UNSTORABLE.sub("", text))[:MAX_LOOKED_FOR]


def any_spelling(text: str) -> str:
    """A regular expression, to databases and to Python, that finds the text in upper and lower case, with marks and
    without: both "economie" and "ÉCONOMIE" find "Économie", and "strasse" finds "Straße".
    """
    rest, found = looked_for(text), list[str]()
    while rest:
        length = _run(rest)
        ways = list(_ways(rest[:length]))
        found.append(ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})")
        rest = rest[length:]
    return "".join(found)


def _run(text: str) -> int:
    """How many letters at the beginning could be written as fewer characters, as "ffi" could: "ﬀi", "fﬁ" or "ﬃ"."""
    end, at = 1, 0
    while at < end <= MAX_RUN:
        end = max(end, *(at + length if text[at : at + length] in _spellings() else 0 for length in _LENGTHS))
        at += 1
    return min(end, MAX_RUN, len(text))


def _ways(letters: str) -> Iterator[str]:
    """One expression for each way to write some letters as characters that stand for one or for several of them."""
    if not letters:
        yield ""
    for length in (1, *_LENGTHS):
        first, rest = letters[:length], letters[length:]
        if len(first) == length and (length == 1 or first in _spellings()):
            yield from (f"{_one_character(first)}[{_MARKS}]*{way}" for way in _ways(rest))


def _one_character(letters: str) -> str:
    """Finds one character that stands for these letters; a single one also in parts, as some write Hangul and kana."""
    spellings = _spellings().get(letters, ())
    if len(letters) > 1:
        return _character_class(spellings)
    found, parts = _character_class([letters, *spellings]), normalize("NFD", letters)
    return found if parts == letters else f"(?:{found}|{re.escape(parts)})"


def _character_class(characters: Iterable[str]) -> str:
    return f"[{''.join(map(re.escape, characters))}]"


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """By a plain form of up to four letters all other characters that have it: by "e" E, É and many more."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for letter in map(chr, range(ord("A"), ord("Z") + 1)):
        found[letter.lower()].append(letter)
    for character in (chr(code) for codes in _SPELLED_OTHERWISE for code in codes):
        form = plain(character)
        if form != character and 0 < len(form) <= max(_LENGTHS):
            found[form].append(character)
    return {form: tuple(characters) for form, characters in found.items()}
