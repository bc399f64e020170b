"""A date in whatever spelling -> the one that the patterns in `date_forms` are written for: in lower case and ASCII
digits, without accents, and without the marks and words that stand around it.
"""

from __future__ import annotations

import html
import re
import unicodedata

from .date_calendars import in_our_calendar
from .date_scripts import ENGLISH_MONTHS, in_english

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_COMMAS = dict.fromkeys(map(ord, "،、，；;"), ",")
_BETWEEN = dict.fromkeys(map(ord, "|·•"), " ")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘`´"), "'")
_MARKS = _DASHES | _COMMAS | _BETWEEN | _APOSTROPHES
_AROUND = " \"'“”„«»,.@"


# Patterns here, in `date_scripts` and in `date_calendars` are texts, which `re` compiles when a date needs them.
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?"
_NEAR_MISSES = (
    # "Published: 7 May", "Last updated: 7 May", "the 7th of May"
    (r"^(?:[^\W\d_]{2,12}\s){0,2}[^\W\d_]{2,12}\s?:\s|^the\s", ""),
    # "Publié le jeudi 7 mai"
    (r"^(?:posted|published|updated|publie|publicado|pubblicato|veroffentlicht|geplaatst)\s[^\W\d_]{2,3}\s", ""),
    # 2026-05-07 Thu 10:30, <2026-05-07 Thu>, Thu, 2026-05-07 10:30, as Emacs and others write it
    (r"^[<\[](.*)[>\]]$", r"\1"),
    (r"^(\d{4}-\d\d-\d\d)\s[^\W\d_]{2,9}\.?(?=\s\d|$)", r"\1"),
    (r"^[^\W\d_]{2,9}\.?,?\s(?=\d{4}-\d\d-\d\d)", ""),
    # 2026/05/07(Thu) 10:30
    (r"(?<=\d)\s?\([^\W\d_]{1,9}\.?\)\s*(?=\d)", " "),
    # /Date(1778148000000+0200)/, as programs of Microsoft write it
    (r"^/?date\((\d+)(?:[+-]\d{4})?\)/?$", r"\1"),
    # 2026-05-07 10:30:00 +0000 UTC m=+0.5, as programs in Go write it
    (r"\sm=[+-][\d.]+$", ""),
    # May 7, 2026, noon
    (r"(?<=\d),?\snoon$", " 12:00"),
    (r"(?<=\d),?\smidnight$", " 0:00"),
    # Thu, 7, May 2026
    (r"(?<=\s)(\d{1,2}),\s(?=[^\W\d_])", r"\1 "),
    # 9:5:3
    (r"(?<=\d):(\d)(?!\d)", r":0\1"),
    # T100000Z
    (r"(?<=\d-\d\dt)(\d\d)(\d\d)(?!\d)", r"\1:\2"),
    (r"(?<=\d-\d\dt)(\d\d)(\d\d)(\d\d)(?!\d)", r"\1:\2:\3"),
    # 10:00:00.+02:00
    (r"(?<=:\d\d)\.(?=[z+-])", ""),
    # 10:00:00 --0700, 10:00:00:-0700, 10:00:00-07:00:00, 10:00:00 MST-07:00, 10:00:00 +02.00
    (r"(?<=:\d\d)(\s?)[-:](?=[+-]\d{4}$)", r"\1"),
    (r"(?<=[+-]\d\d:\d\d):00$", ""),
    (r"(?<=:\d\d)\s?[a-z]{3,4}(?=[+-]\d\d:?\d\d$)", " "),
    (r"(?<=[+-]\d\d)\.(?=\d\d$)", ":"),
    # 10:30, 7 May 2026
    (rf"^({_CLOCK})(?:\s*[,-]\s*|\s+)(.*\d{{4}})$", r"\2 \1"),
    # 10:00:00 2026 +0200
    (r"(?<=:\d\d) (\d{4}) ([+-]\d{4})$", r" \2 \1"),
    # 10:00:00 2026 GMT
    (r"(?<=:\d\d) (\d{4}) ([a-z]{1,5})$", r" \2 \1"),
    # 10:00:00 02:00, where an address made a space of the plus sign
    (r"(?<=:\d\d:\d\d) ((?:0\d|1[0-4]):?(?:00|30|45))$", r" +\1"),
)
# 7 tháng 5 năm 2026, Thứ Năm, 7 Tháng Năm, 2026, Th5 7, 2026: the months of Vietnam have numbers, and so have its days.
_VIETNAMESE_DAY = r"^(?:(?:thu (?:hai|ba|tu|nam|sau|bay)|chu nhat),?\s+)?(?:ngay\s+)?"
_VIETNAMESE_NUMBERS = ("mot", "hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi", "muoi mot", "muoi hai")
_VIETNAMESE_MONTH = (
    r"(?<![a-z\d])th(?:ang)?(?:\s?(1[0-2]|0?[1-9])(?![\d:])"
    rf"|\s({'|'.join(reversed(_VIETNAMESE_NUMBERS))})\b)(?:,?\s+nam\b)?"
)


def spelled_plainly(text: str) -> str:
    """The date in that spelling. Never raises."""
    text = html.unescape(text) if "&" in text else text
    if not text.isascii():
        text = "".join(map(_plain_character, unicodedata.normalize("NFKC", text).translate(_MARKS)))
    text = in_english(text).translate(_MARKS).strip(_AROUND)
    if "μ" in text:
        text = text.replace("π.μ.", "am").replace("μ.μ.", "pm").replace("π.μ", "am").replace("μ.μ", "pm")
    if "th" in text:
        text = re.sub(_VIETNAMESE_MONTH, _vietnamese_month, re.sub(_VIETNAMESE_DAY, "", text))
    for pattern, replacement in _NEAR_MISSES:
        text = re.sub(pattern, replacement, text)
    return in_our_calendar(" ".join(text.split()))


def _plain_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    # Marks that nobody sees: of the direction of text, of where a word may be divided.
    return "" if unicodedata.category(character) == "Cf" else character


def _vietnamese_month(found: re.Match[str]) -> str:
    number = int(found[1]) if found[1] else _VIETNAMESE_NUMBERS.index(found[2]) + 1
    return f" {ENGLISH_MONTHS[number - 1]} "
