"""How UTF-8 looks that was read as a codec of one byte a character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

_CODECS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp437")
"""Latin-1 needs no entry: windows-1252 covers it, with control characters where the two differ (see `_readings`)."""
_NO_LETTER = r"[\W\d_¹²³¼½¾ªº]"
_NEVER = "(?!)"
"""Never matches. It is the last choice of each possessive round, so that a round that breaks off goes back to where it
began: Python 3.11.2 (Debian 12) would go on from where it broke off (cpython#106052)."""

REFERENCE = r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"


class Misreading:
    """A codec that UTF-8 was wrongly read as, and how that looks.

    Its patterns are compiled when they are first needed, as most texts are sound.
    """

    def __init__(self, codec_name: str) -> None:
        self.readings = _readings(codec_name)

    @cached_property
    def damage(self) -> re.Pattern[str]:
        """Characters in a row that are UTF-8 once this codec has turned them back into bytes."""
        return re.compile(self._damage)

    @cached_property
    def consistent(self) -> re.Pattern[str]:
        """A whole text in which every letter beyond ASCII is part of such damage."""
        return re.compile(rf"(?:[\x00-\x7f]++|{self._damage}|{self._torn}|{_NO_LETTER}|{_NEVER})*+")

    def mended(self, text: str) -> str:
        """The text without this damage; a torn character is U+FFFD. Raises UnicodeDecodeError."""
        return self._damage_or_torn.sub(lambda match: self.original(match[0]), text)

    def original(self, damaged: str) -> str:
        """What was damaged. Raises UnicodeDecodeError."""
        return "\ufffd" if "\ufffd" in damaged else damaged.translate(self._bytes_of).encode("latin-1").decode("utf-8")

    @cached_property
    def _damage_or_torn(self) -> re.Pattern[str]:
        return re.compile(f"{self._damage}|{self._torn}")

    @cached_property
    def _bytes_of(self) -> dict[int, int]:
        return {ord(reading): 0x80 + index for index, readings in enumerate(self.readings) for reading in readings}

    @cached_property
    def _damage(self) -> str:
        two, three, four, rest = self._classes
        return f"(?:{two}{rest}|{three}{rest}{{2}}|{four}{rest}{{3}}|{_NEVER})++"

    @cached_property
    def _torn(self) -> str:
        """The damage of a character of which some bytes were lost; U+FFFD stands in their place."""
        two, three, four, rest = self._classes
        lost = f"(?:{rest}|\ufffd)"
        return f"(?:{two}\ufffd|{three}(?={lost}?\ufffd){lost}{{1,2}}|{four}(?={lost}{{0,2}}\ufffd){lost}{{1,3}})"

    @property
    def _classes(self) -> Iterator[str]:
        """What became of UTF-8's first bytes (for characters of two, three and four bytes), and of all later ones."""
        return (_any(self.readings[low:high]) for low, high in ((0x42, 0x60), (0x60, 0x70), (0x70, 0x75), (0, 0x40)))


def _readings(codec_name: str) -> list[str]:
    """For each byte from 0x80 on, the characters that it can have become.

    A byte that the codec leaves undefined became what windows-1252 has there, or stayed a control character. For
    windows-1252 itself, each byte below 0xA0 may have stayed one, too: that is how Latin-1 reads them.
    """
    high = [bytes([byte]) for byte in range(0x80, 0x100)]
    own = [byte.decode(codec_name, "ignore") for byte in high]
    other = [byte.decode("cp1252", "ignore") for byte in high]
    others = [theirs if theirs not in own else "" for theirs in other]
    controls = [chr(byte) if byte < 0xA0 else "" for byte in range(0x80, 0x100)]
    if codec_name == "cp1252":
        return [mine + control for mine, control in zip(own, controls, strict=True)]
    return [mine or theirs + control for mine, theirs, control in zip(own, others, controls, strict=True)]


def _any(choices: Iterable[str]) -> str:
    """A pattern for one character of these."""
    return f"[{re.escape(''.join(sorted(choices)))}]"


MISREADINGS = tuple(map(Misreading, _CODECS))
"""All codecs that are known to have damaged feeds."""
_FIRST = _any(reading for codec in MISREADINGS for reading in codec.readings[0x42:0x75])
"""What the first byte of a character became in any of the codecs."""
_LATER = _any(["\ufffd", *(reading for codec in MISREADINGS for reading in codec.readings[:0x40])])
"""What a later byte became, or one that was lost."""
DAMAGE = re.compile(_FIRST + _LATER)
"""Where damage can begin. A text without such a place is left alone at once."""
SUSPICIOUS = re.compile(f"{_FIRST}(?:{_LATER}|{REFERENCE})|{REFERENCE}{_LATER}")
"""The same in HTML, where references may stand for some of it."""
PERHAPS_CONSISTENT = re.compile(rf"(?:[\x00-\x7f]++|{_FIRST}{_LATER}++|{_NO_LETTER}|{_NEVER})*+")
"""A whole text that may be consistent in one of the codecs. Most texts don't match, and are consistent in none."""
