"""How UTF-8 looks that was read as a codec of one byte a character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

_CODECS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp437")
"""Latin-1 is in windows-1252: what that leaves to controls is read as such, too."""
_NO_LETTER = r"[\W\d_¹²³¼½¾ªº]"
_BACK = "(?!)"
"""Never matches. As the last choice of a possessive round it leads back to where that began: Python 3.11.2 (Debian 12)
else goes on where the round broke off (cpython#106052)."""
REFERENCE = r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"


class Misreading:
    """A codec that UTF-8 was read as, and how that looks. Made ready when it is first asked: most texts are sound."""

    def __init__(self, codec_name: str) -> None:
        self.readings = _readings(codec_name)

    @cached_property
    def damage(self) -> re.Pattern[str]:
        """Neighboring characters that are UTF-8 in this codec."""
        return re.compile(self._damage)

    @cached_property
    def consistent(self) -> re.Pattern[str]:
        """A whole text without any other letter beyond ASCII."""
        return re.compile(rf"(?:[\x00-\x7f]++|{self._damage}|{self._torn}|{_NO_LETTER}|{_BACK})*+")

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
        return f"(?:{two}{rest}|{three}{rest}{{2}}|{four}{rest}{{3}}|{_BACK})++"

    @cached_property
    def _torn(self) -> str:
        """A character of which a part is lost."""
        two, three, four, rest = self._classes
        lost = f"(?:{rest}|\ufffd)"
        return f"(?:{two}\ufffd|{three}(?={lost}?\ufffd){lost}{{1,2}}|{four}(?={lost}{{0,2}}\ufffd){lost}{{1,3}})"

    @property
    def _classes(self) -> Iterator[str]:
        """What UTF-8's first bytes of two, of three and of four became, and what all later ones did."""
        return (_any(self.readings[low:high]) for low, high in ((0x42, 0x60), (0x60, 0x70), (0x70, 0x75), (0, 0x40)))


def _readings(codec_name: str) -> list[str]:
    """What each byte from 0x80 on can have become.

    Those that the codec leaves undefined became what windows-1252 has there, or stayed controls; all of windows-1252
    that Latin-1 lacks stayed controls where a text was read as that.
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
    return f"[{re.escape(''.join(sorted(choices)))}]"


MISREADINGS = tuple(map(Misreading, _CODECS))
"""All codecs that are known to have damaged feeds."""
_LEADS = _any(reading for codec in MISREADINGS for reading in codec.readings[0x42:0x75])
_OTHERS = _any(["\ufffd", *(reading for codec in MISREADINGS for reading in codec.readings[:0x40])])
DAMAGE = re.compile(_LEADS + _OTHERS)
"""Where damage can begin; what doesn't match is left alone at once."""
SUSPICIOUS = re.compile(f"{_LEADS}(?:{_OTHERS}|{REFERENCE})|{REFERENCE}{_OTHERS}")
"""The same in HTML, where references may stand for some of it."""
PERHAPS_CONSISTENT = re.compile(rf"(?:[\x00-\x7f]++|{_LEADS}{_OTHERS}++|{_NO_LETTER}|{_BACK})*+")
"""A whole text that may be consistent in one of these codecs; what doesn't match is so in none, which is most texts."""
