"""The configuration file of a Planet 2.0 or Venus site, so that such a planet can move in."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import MissingSectionHeaderError, ParsingError, RawConfigParser
from dataclasses import dataclass, replace

from .opml import Outline

MAX_CHARACTERS = 5 * 2**20
"""Of a file. That of a planet with a thousand feeds is far smaller."""

_READING_LISTS = ("opml", "foaf", "csv", "config")
_NO_SUBSCRIPTIONS = frozenset({"planet", "default"})


class PlanetConfigError(ValueError):
    """Why a file is not read as a planet's configuration, in words for the person who chose it."""


@dataclass(frozen=True, slots=True)
class PlanetConfig:
    """What a planet's configuration says about the site and its feeds."""

    name: str = ""
    feeds: tuple[Outline, ...] = ()
    """In the order of the file, every address once."""
    skipped: tuple[str, ...] = ()
    """A line for each section that looks like a subscription and can't be taken over."""


def read_planet_config(text: str) -> PlanetConfig:
    """The site's name and its feeds. Templates, filters, themes and [DEFAULT] are left out, as we have no use for them.

    Values are taken as they are, without interpolation: dates such as "%B %d" don't break it. Raises PlanetConfigError.
    """
    sections = _sections(text)
    site = next((options for name, options in sections.items() if name.lower() == "planet"), None)
    feeds: dict[str, Outline] = {}
    skipped: list[str] = []
    for name, options in sections.items():
        address = name.strip()
        if _is_reading_list(options):
            skipped.append(f"[{address}] is a reading list, not a feed: save it and import it as OPML.")
        elif address.lower().startswith(("http://", "https://")):
            feeds[address] = _merged(feeds.get(address), _outline(address, options))
        elif address.lower() not in _NO_SUBSCRIPTIONS and options.get("name"):
            skipped.append(f"[{address}] is not the address of a feed on the web.")
    if site is None and not feeds and not skipped:
        raise PlanetConfigError("This is not a planet's configuration: it has no [Planet] section and no feeds.")
    site = site or {}
    return PlanetConfig(
        name=_value(site, "name"),
        feeds=tuple(feeds.values()),
        skipped=tuple(skipped),
    )


def _sections(text: str) -> dict[str, Mapping[str, str]]:
    if len(text) > MAX_CHARACTERS:
        raise PlanetConfigError("The file is too large for a planet's configuration.")
    if not text.strip():
        raise PlanetConfigError("The file is empty.")
    # Planet ran on Python 2, which took " ;" for the start of a comment. No section is the default of others here,
    # for [DEFAULT] would lend its settings to every feed.
    parser = RawConfigParser(strict=False, inline_comment_prefixes=(";",), default_section="")
    try:
        parser.read_string(text.removeprefix("\ufeff"))
    except MissingSectionHeaderError as error:
        raise PlanetConfigError(
            f"This is not a planet's configuration: line {error.lineno} stands before the first [section]."
        ) from error
    except ParsingError as error:
        line_number = error.errors[0][0]
        raise PlanetConfigError(
            f"Line {line_number} of the configuration is neither a [section] nor an option."
        ) from error
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _is_reading_list(options: Mapping[str, str]) -> bool:
    content_type = options.get("content_type", "").lower()
    return any(kind in content_type for kind in _READING_LISTS)


def _outline(address: str, options: Mapping[str, str]) -> Outline:
    return Outline(url=address, title=_value(options, "name"), site_url=_value(options, "link"))


def _merged(first: Outline | None, second: Outline) -> Outline:
    if first is None:
        return second
    return replace(first, title=first.title or second.title, site_url=first.site_url or second.site_url)


def _value(options: Mapping[str, str], name: str) -> str:
    """On one line; "%%" is how these files had to write a percent sign."""
    return " ".join(options.get(name, "").split()).replace("%%", "%")
