"""The sections of a planet's configuration file: an INI file as Planet, Venus and Pluto read theirs.

Python 2 read such files: an indented line goes on with the option above it, and " ;" begins a comment. Beyond that,
what somebody clearly meant is taken so; and a line that can't be read is named, and costs nobody the feeds around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from .planet_filters import RULE_OPTIONS
from .planet_options import shown
from .planet_values import FillingIn, Options, PlanetConfigError

MAX_CHARACTERS = 5 * 2**20
"""Of a file. That of a planet with a thousand feeds is far smaller."""

MAX_LINES = 100_000
"""Of a file: twenty for each of as many feeds as a list may have. Reading a line takes time, also an empty one."""

_PLANET = "Planet"
_SECTION = re.compile(r"^[ \t]*\[", re.MULTILINE)
_WEB_SECTION = re.compile(r"[ \t]*\[[ \t]*(?:https?|feed):", re.IGNORECASE)
_FEED_OPTION = re.compile(r"^[ \t]*feed(?:_url)?[ \t]*[=:]", re.MULTILINE | re.IGNORECASE)
_REMARK_SIGNS = "#;"
_SEPARATOR = re.compile("[=:]")
_WORD = re.compile(r"[A-Za-z][\w-]*")
_ANOTHER_OPTION = re.compile(r"[a-z]+(?:_[a-z]+)*[ \t]*=")
"""How an indented line begins that is an option of its own, however it came to be indented."""
_SAID_ONCE = frozenset({"name", "title", "link", "feed", "feed_url"})
"""Who comments out the first line of a section gives what follows it to the section above."""
_ADDRESS = re.compile("(?:https?|feed)://", re.IGNORECASE)
"""No option, though it has a colon: somebody forgot the brackets."""
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Sections:
    """A file as far as it can be read."""

    by_name: dict[str, Options]
    """In the order of the file, with options in lower case. What is named as "%(name)s" is filled in."""
    unread: tuple[str, ...]
    """A sentence for each line that is neither."""
    lent: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """By the name of its section, the options that stand in others by now."""


def sections_of(text: str) -> Sections:
    """What the file says. What stands before the first section is the planet's, as in Pluto's files.

    Raises PlanetConfigError.
    """
    line_ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    if len(text) > MAX_CHARACTERS or line_ends > MAX_LINES:
        raise PlanetConfigError("The file is too large for a planet's configuration.")
    if not text.strip():
        raise PlanetConfigError("The file is empty.")
    text = _LINE_ENDS.sub("\n", text.removeprefix("\ufeff"))
    if not _SECTION.search(text):
        raise PlanetConfigError("This is not a planet's configuration: it has no [section].")
    lines = _Lines(is_indent_meant=not _is_of_pluto(text))
    for number, line in enumerate(text.split("\n"), start=1):
        lines.read(number, line)
    read = {name: {option: "\n".join(value) for option, value in found.items()} for name, found in lines.found.items()}
    filling_in = FillingIn(read)
    return Sections(filling_in.filled_in(), tuple(lines.unread), filling_in.lent)


def looks_like_sections(text: str) -> bool:
    """Whether somebody who chose such a file may have meant a configuration."""
    return bool(_SECTION.search(text.replace("\r", "\n")))


class _Lines:
    """The lines of a file, one after the other."""

    def __init__(self, *, is_indent_meant: bool) -> None:
        self.found: dict[str, dict[str, list[str]]] = {}
        self.unread: list[str] = []
        self._is_indent_meant = is_indent_meant
        self._section: dict[str, list[str]] | None = None
        self._option, self._value = "", list[str]()

    def read(self, number: int, line: str) -> None:
        text = line.strip()
        if not text or _is_remark(line):
            return
        if line[0].isspace() and self._is_indent_meant and self._goes_on(line, text):
            self._go_on(number, text)
        elif text[0] in _REMARK_SIGNS:
            return
        elif text[0] == "[":
            self._section = self.found.setdefault(_header(text), {})
            self._option = ""
        else:
            self._begin_option(number, text)

    def _goes_on(self, line: str, text: str) -> bool:
        is_remark = text[0] in _REMARK_SIGNS and self._option not in RULE_OPTIONS
        is_another = _WEB_SECTION.match(line) or _ANOTHER_OPTION.match(text)
        return bool(self._option and not is_remark and not is_another)

    def _go_on(self, number: int, text: str) -> None:
        # To Venus it was an expression; but many meant a remark, and a rule that nothing matches would drop all posts.
        if text[0] in _REMARK_SIGNS:
            self.unread.append(f"{_place(number, text)} may be an expression or a remark; write a rule if you need it.")
        else:
            self._value.append(text)

    def _begin_option(self, number: int, text: str) -> None:
        separator = _SEPARATOR.search(text)
        name = text[: separator.start()].rstrip().lower() if separator else ""
        is_option = bool(name) and not _ADDRESS.match(text)
        if not separator or not is_option or (self._section is None and not _WORD.fullmatch(name)):
            self.unread.append(f"{_place(number, text)} is neither a [section] nor an option.")
            return
        if self._section is None:
            self._section = self.found.setdefault(_PLANET, {})
        before = self._section.get(name, [""])[0]
        self._option = name
        self._section[name] = self._value = [_without_remark(text[separator.end() :].strip())]
        if before and name in _SAID_ONCE and self._value != [before]:
            self.unread.append(f"{_place(number, text)} counts, not “{shown(before)}” above it in the same section.")


def _header(text: str) -> str:
    """The name of the section that begins with this line: up to the first "]" that isn't within it."""
    end = text.find("]")
    if end >= 0 and text[end + 1 : end + 2].strip(" \t#;"):
        end = text.rindex("]")
    return text[1:end].strip() if end >= 0 else _without_remark(text[1:]).strip()


def _without_remark(value: str) -> str:
    """As Python 2 cut it off: from the first ";", if there is a space before it."""
    place = value.find(";")
    if place == 0 or (place > 0 and value[place - 1].isspace()):
        value = value[:place].rstrip()
    return "" if value == '""' else value


def _is_remark(line: str) -> bool:
    """Whether a line is one from its first column; "rem" was a word for it."""
    return line[0] in _REMARK_SIGNS or (line[0] in "rR" and line.split(None, 1)[0].lower() == "rem")


def _place(number: int, text: str) -> str:
    return f"Line {number} (“{shown(text)}”)"


def _is_of_pluto(text: str) -> bool:
    """Whether sections are names of feeds, whose addresses are an option. Indented lines go on with nothing there."""
    return not any(map(_WEB_SECTION.match, text.split("\n"))) and bool(_FEED_OPTION.search(text))
