"""How UTF-8 looks that was read as a codec of one byte a character."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_CODECS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp437")
"""Latin-1 is in windows-1252: what that leaves to controls is read as such, too."""
_NO_LETTER = r"[\W\d_¹²³¼½¾ªº]"
REFERENCE = r"&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"


@dataclass(frozen=True, slots=True)
class Misreading:
    """A codec that UTF-8 was read as, and how that looks."""

    damage: re.Pattern[str]
    """Neighboring characters that are UTF-8 in this codec."""
    damage_or_torn: re.Pattern[str]
    """The same, or a character of which a part is lost."""
    consistent: re.Pattern[str]
    """A whole text without any other letter beyond ASCII."""
    bytes_of: dict[int, int]

    def mended(self, text: str) -> str:
        """The text without this damage; a torn character is U+FFFD. Raises UnicodeDecodeError."""
        return self.damage_or_torn.sub(lambda match: self.original(match[0]), text)

    def original(self, damaged: str) -> str:
        """What was damaged. Raises UnicodeDecodeError."""
        return "\ufffd" if "\ufffd" in damaged else damaged.translate(self.bytes_of).encode("latin-1").decode("utf-8")


@cache
def misreadings() -> tuple[Misreading, ...]:
    """All codecs that are known to have damaged feeds."""
    return tuple(_misreading(codec_name) for codec_name in _CODECS)


@cache
def suspicious() -> re.Pattern[str]:
    """Where damage can begin; what doesn't match is left alone at once."""
    leads, others = set[str](), {"\ufffd"}
    for codec_name in _CODECS:
        characters = _characters(codec_name)
        leads.update(*characters[0x42:0x75])
        others.update(*characters[:0x40])
    return re.compile(f"{_any(leads)}(?:{_any(others)}|{REFERENCE})|{REFERENCE}{_any(others)}")


def _characters(codec_name: str) -> list[str]:
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


def _misreading(codec_name: str) -> Misreading:
    characters = _characters(codec_name)
    two, three, four = (_any(characters[low:high]) for low, high in ((0x42, 0x60), (0x60, 0x70), (0x70, 0x75)))
    rest = _any(characters[:0x40])
    lost = f"(?:{rest}|\ufffd)"
    damage = f"(?:{two}{rest}|{three}{rest}{{2}}|{four}{rest}{{3}})++"
    torn = f"(?:{two}\ufffd|{three}(?={lost}?\ufffd){lost}{{1,2}}|{four}(?={lost}{{0,2}}\ufffd){lost}{{1,3}})"
    return Misreading(
        damage=re.compile(damage),
        damage_or_torn=re.compile(f"{damage}|{torn}"),
        consistent=re.compile(rf"(?:[\x00-\x7f]++|{damage}|{torn}|{_NO_LETTER})*+"),
        bytes_of={ord(reading): 0x80 + index for index, readings in enumerate(characters) for reading in readings},
    )


def _any(choices: Iterable[str]) -> str:
    return f"[{re.escape(''.join(sorted(choices)))}]"
