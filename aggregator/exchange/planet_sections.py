"""The sections of a planet's configuration file: an INI file as Planet, Venus and Pluto read theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from configparser import MissingSectionHeaderError, ParsingError, RawConfigParser

MAX_CHARACTERS = 5 * 2**20
"""Of a file. That of a planet with a thousand feeds is far smaller."""

MAX_LINES = 100_000
"""Of a file: twenty for each of as many feeds as a list may have. Reading a line takes time, also an empty one."""

Options = Mapping[str, str]

_SECTION = re.compile(r"^[ \t]*\[", re.MULTILINE)
_OPTION_FIRST = re.compile(r"(?:[ \t\r]*(?:[#;].*)?\n)*+[ \t]*[A-Za-z][\w-]*[ \t]*[=:]")
_WEB_SECTION = re.compile(r"^\[[ \t]*https?://", re.MULTILINE | re.IGNORECASE)
_FEED_OPTION = re.compile(r"^[ \t]*feed(?:_url)?[ \t]*[=:]", re.MULTILINE | re.IGNORECASE)
_INDENT = re.compile(r"^[ \t]+(?=\S)", re.MULTILINE)
_WIDE_GAP = re.compile(r"(?<=\S)[^\S\n]{2,}")
_HEAD = "[Planet]\n"


class PlanetConfigError(ValueError):
    """Why a file is not read as a planet's configuration, in words for the person who chose it."""


def sections_of(text: str) -> dict[str, Options]:
    """By its name each section, with its options in lower case, in the order of the file. Raises PlanetConfigError.

    Values are taken as they are, without interpolation: dates such as "%B %d" don't break it. What stands before the
    first section is the planet's, as in Pluto's files.
    """
    if len(text) > MAX_CHARACTERS or text.count("\n") > MAX_LINES:
        raise PlanetConfigError("The file is too large for a planet's configuration.")
    if not text.strip():
        raise PlanetConfigError("The file is empty.")
    # The parser looks at a gap once from each of its characters.
    text = _WIDE_GAP.sub(" ", text.removeprefix("\ufeff"))
    if _is_of_pluto(text):
        text = _INDENT.sub("", text)
    head = _HEAD if _OPTION_FIRST.match(text) else ""
    if head and not _SECTION.search(text):
        raise PlanetConfigError("This is not a planet's configuration: it has no [section].")
    # Planet ran on Python 2, which took " ;" for the start of a comment. No section is the default of others here:
    # [DEFAULT] would lend its options to every feed, and who counts them would find them there.
    parser = RawConfigParser(strict=False, inline_comment_prefixes=(";",), default_section="")
    try:
        parser.read_string(head + text)
    except MissingSectionHeaderError as error:
        raise PlanetConfigError(
            f"This is not a planet's configuration: line {error.lineno} stands before the first [section]."
        ) from error
    except ParsingError as error:
        line_number = error.errors[0][0] - bool(head)
        raise PlanetConfigError(
            f"Line {line_number} of the configuration is neither a [section] nor an option."
        ) from error
    return {name: dict(parser.items(name)) for name in parser.sections()}


def one_line(value: str) -> str:
    """A value on one line; "%%" is how these files had to write a percent sign."""
    return " ".join(value.split()).replace("%%", "%")


def lines_of(value: str) -> list[str]:
    """The lines of a value that may have several, without the empty ones."""
    return [line for line in (one_line(line) for line in value.splitlines()) if line]


def looks_like_sections(text: str) -> bool:
    """Whether somebody who chose such a file may have meant a configuration."""
    return bool(_SECTION.search(text))


def _is_of_pluto(text: str) -> bool:
    """Whether sections are names of feeds, whose addresses are an option. Indented lines go on with nothing there."""
    return not _WEB_SECTION.search(text) and bool(_FEED_OPTION.search(text))
