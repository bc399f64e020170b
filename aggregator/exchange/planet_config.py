"""The configuration file of a Planet 2.0, Venus or Pluto site, so that such a planet can move in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import urlsplit

from .contact import BadContact, contact_of
from .env_lines import env_line
from .links import public_url, with_ampersands, without_password
from .opml import MAX_OUTLINES, Outline
from .planet_filters import RULE_OPTIONS, SIFTER_OPTIONS, Filtering, filtering_of, is_sifter
from .planet_options import LeftOut, feeds_in_words, parameters_in_words, shortened, shown
from .planet_sections import Sections, looks_like_sections, sections_of
from .planet_values import Options, PlanetConfigError, one_line
from .planet_yaml import looks_like_yaml, sections_of_yaml

__all__ = ["PlanetConfig", "PlanetConfigError", "read_planet_config"]

_READING_LISTS = {
    "opml": "save it and import it as OPML.",
    "foaf": "FOAF isn't read here; ask for OPML.",
    "csv": "save it, and import its addresses as a text with one in each line.",
    "config": "save it and import it as this file.",
    ".": "a program made it; import what that program writes, as OPML.",
}
"""By what stands in content_type, as Venus looks for it, what to do instead."""
_ADDRESS_OPTIONS = ("feed", "feed_url", "rss")
"""Of a section whose name is no address."""
_WEB = ("http://", "https://", "feed://", "feed:http://", "feed:https://")
"""How an address begins; "feed:" goes before it, or stands for http."""
_TAKEN_OF_FEED = frozenset({"name", "title", "link", "url", "filters", *_ADDRESS_OPTIONS, *RULE_OPTIONS})
_TWO_NAMES = (("name", "title"), ("link", "url"), ("feed", "feed_url"), ("feed", "rss"), ("owner_email", "email"))
"""Options that planets call in two ways; the first goes before the second."""
_OWNER_OPTIONS = ("owner_email", "email")
_TAKEN_OF_SITE = frozenset(
    {"name", "title", "link", "url", "filters", "items_per_page", *_OWNER_OPTIONS, *RULE_OPTIONS}
)
_TAKEN_OF_DEFAULT = frozenset({"filters", *RULE_OPTIONS})
_OF_SITE_BY_DEFAULT = ("name", "title", "link", "owner_email", "items_per_page")
"""Which the planet takes from [DEFAULT] if it has none. To all feeds they would give one name."""
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NAMED_ADDRESS = re.compile(r"[^<>]*<([^<>]*)>[^<>]*")
"""Such as "Ann <ann@planet.example>"."""
_MOST_FRONT_PAGE_ENTRIES = 1000
"""Posts on one page; a planet with more has them by mistake."""

_PLAIN_FOLDER = re.compile(r"[\w-]+(/[\w-]+)*", re.ASCII)
"""What means itself in the configuration of a web server, in regular expressions, too."""


@dataclass(frozen=True, slots=True)
class PlanetConfig:
    """What a planet's configuration says about the site and its feeds."""

    name: str = ""
    feeds: tuple[Outline, ...] = ()
    """In the order of the file, every address once."""
    skipped: tuple[str, ...] = ()
    """A line for each section that looks like a subscription and can't be taken over."""
    left_out: tuple[str, ...] = ()
    """A line for each option that isn't taken over, and for each section that only has such."""
    env_lines: tuple[str, ...] = ()
    """What the planet says of itself, as lines for `.env`."""


def read_planet_config(text: str) -> PlanetConfig:
    """The site, its feeds, and the rules of these. Every option is either taken over or named.

    [Planet] and [DEFAULT] say for all feeds what their posts have to match, as Venus reads them. Raises
    PlanetConfigError.
    """
    is_yaml = looks_like_yaml(text) and not looks_like_sections(text)
    return _Reading(sections_of_yaml(text) if is_yaml else sections_of(text)).config()


class _Reading:
    """A configuration on its way from sections to what we take over and what we leave out."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections.by_name
        self._unread = sections.unread
        self._default = self._called("default")
        self._planet = self._called("planet")
        self._site = {name: self._default[name] for name in _OF_SITE_BY_DEFAULT if name in self._default} | self._planet
        self._left_out = LeftOut()
        self._lent = sections.lent
        self._feeds: dict[str, Outline] = {}
        self._skipped: list[str] = []
        self._filters: Counter[str] = Counter()

    def config(self) -> PlanetConfig:
        for section, options in self._sections.items():
            self._read(section.strip(), options)
        if not (self._planet or self._feeds or self._skipped):
            where = f" {self._unread[0]}" if self._unread else ""
            raise PlanetConfigError(
                f"This is not a planet's configuration: it has no [Planet] section and no feeds.{where}"
            )
        self._note_filters()
        env_lines = tuple(self._env_lines())
        return PlanetConfig(
            name=_title(self._site),
            feeds=tuple(self._feeds.values()),
            skipped=shortened([*self._unread, *self._skipped]),
            left_out=self._left_out.lines(),
            env_lines=env_lines,
        )

    def _called(self, name: str) -> dict[str, str]:
        """All sections of that name, in upper or lower case, as one."""
        found: dict[str, str] = {}
        for section, options in self._sections.items():
            if section.strip().lower() == name:
                found |= options
        return found

    def _read(self, section: str, options: Options) -> None:
        kind, unused = section.lower(), options.keys() - self._lent.get(section, frozenset())
        is_address = kind.startswith(_WEB)
        address = with_ampersands(section if is_address else _first(options, *_ADDRESS_OPTIONS))
        if kind == "planet":
            self._left_out.of_section(section, unused - (_TAKEN_OF_SITE - _said_otherwise(options)))
        elif kind == "default":
            taken = _TAKEN_OF_DEFAULT | {name for name in _OF_SITE_BY_DEFAULT if name not in self._planet}
            self._left_out.of_section(section, unused - taken)
        elif instead := _instead_of_reading_list(options):
            self._skipped.append(f"[{shown(section)}] is a reading list, not a feed: {instead}")
        elif address:
            taken = _TAKEN_OF_FEED - _said_otherwise(options) - frozenset(_ADDRESS_OPTIONS if is_address else ())
            self._left_out.of_feed(unused - taken)
            self._add(address, options)
        elif _title(options) and (page := _page(options)):
            self._skipped.append(f"[{shown(section)}] names no feed; add {shown(page)} by itself, if it has one.")
        elif _title(options):
            self._skipped.append(f"[{shown(section)}] is not the address of a feed on the web.")
        else:
            self._read_parameters(section, options)

    def _read_parameters(self, section: str, options: Options) -> None:
        """Of a section that tells something to a template or a filter."""
        used = {"items_per_page"} if _is_front_page(section) else SIFTER_OPTIONS if is_sifter(section) else frozenset()
        if not options or options.keys() - used:
            self._left_out.say(parameters_in_words(section, options.keys() - used))

    def _add(self, address: str, options: Options) -> None:
        filtering = self._filtering(options)
        self._filters.update(filtering.others)
        site_url = _page(options)
        if not site_url and _first(options, "link", "url"):
            self._left_out.of_feed(["link"])
        found = Outline(address, _title(options), site_url, rules=filtering.rules)
        self._feeds[address] = _merged(self._feeds.get(address), found)
        if len(self._feeds) > MAX_OUTLINES:
            raise PlanetConfigError(f"The file names more than {MAX_OUTLINES} feeds. Split it into several files.")

    def _filtering(self, options: Options) -> Filtering:
        return filtering_of((options, self._default, self._planet), {**self._default, **self._planet}, self._sections)

    def _note_filters(self) -> None:
        for name, count in self._filters.items():
            line = f"filter {shown(name)}: {feeds_in_words(count)}; scripts and style sheets aren't run here."
            self._left_out.say(line)

    def _env_lines(self) -> Iterator[str]:
        if name := _title(self._site):
            yield env_line("SITE_NAME", name)
        yield from self._website()
        yield from self._contact()
        yield from self._front_page()

    def _website(self) -> Iterator[str]:
        link = _first(self._site, "link", "url")
        if not link:
            return
        parts = urlsplit("")
        try:
            parts = urlsplit(link)
            is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_web = False
        if is_web and parts.path in {"", "/"} and not (parts.query or parts.fragment or "@" in parts.netloc):
            yield env_line("WEBSITE_URL", f"{parts.scheme}://{parts.netloc}")
        else:
            reason = _more_than_a_host(parts.path) if is_web else "is no web address; set WEBSITE_URL yourself."
            self._leave("link", f"{shown(without_password(link))} {reason}")

    def _contact(self) -> Iterator[str]:
        written = _first(self._site, *_OWNER_OPTIONS)
        if not written:
            return
        named = _NAMED_ADDRESS.fullmatch(written)
        address = named[1] if named else written
        try:
            contact_of(address)
            yield env_line("CONTACT", address)
        except BadContact:
            self._leave("owner_email", f"{shown(written)} is no mail address; set CONTACT yourself.")

    def _front_page(self) -> Iterator[str]:
        """The template of the front page goes before the planet, as with Planet."""
        own = [options for name, options in self._sections.items() if _is_front_page(name)]
        count = next((found for options in (*own, self._site) if (found := _first(options, "items_per_page"))), "")
        if not count:
            return
        if count.isascii() and count.isdecimal() and 0 < int(count[:9]) <= _MOST_FRONT_PAGE_ENTRIES:
            yield env_line("FRONT_PAGE_ENTRIES", str(int(count[:9])))
        else:
            self._leave("items_per_page", f"{shown(count)} is no number of posts that a page can show.")

    def _leave(self, option: str, reason: str) -> None:
        """Name an option of the planet that could not be taken over as it is."""
        self._left_out.because(option, reason)
        self._left_out.of_section("Planet", [option])


def _more_than_a_host(path: str) -> str:
    """What is wrong with such an address for a site. In a folder, a planet hears how its addresses go on."""
    reason = "has more than a host, and WEBSITE_URL is a host alone."
    before, _, last = path.rpartition("/")
    folder = (before if "." in last else path).strip("/")
    if not _PLAIN_FOLDER.fullmatch(folder):
        return reason
    return (
        f"{reason} For its addresses to go on, the web server must redirect /{folder}/* to /*. "
        f"nginx: `rewrite ^/{folder}/(.*)$ /$1 permanent;` "
        f"Caddy, in three lines: `handle_path /{folder}/* {{`, `redir {{uri}} permanent`, `}}`"
    )


def _is_front_page(section: str) -> bool:
    """Whether a section tells something to the template of the front page."""
    return "index.html" in section


def _instead_of_reading_list(options: Options) -> str:
    """What to do with a section that names a list of feeds; empty for any other."""
    content_type = options.get("content_type", "").lower()
    return next((instead for kind, instead in _READING_LISTS.items() if kind in content_type), "")


def _said_otherwise(options: Options) -> set[str]:
    """The second names of options that have another value under their first."""
    both = [(first, second) for first, second in _TWO_NAMES if options.get(first) and options.get(second)]
    return {second for first, second in both if one_line(options[first]) != one_line(options[second])}


def _title(options: Options) -> str:
    """The name, which Planet wrote into its pages as it stood."""
    return unescape(_first(options, "name", "title"))


def _first(options: Mapping[str, str], *names: str) -> str:
    """The first of these options that says something, without quotation marks around it."""
    value = next((value for name in names if (value := one_line(options.get(name, "")))), "")
    quoted = _QUOTED.fullmatch(value)
    return (quoted[1] or quoted[2] or "").strip() if quoted else value


def _page(options: Options) -> str:
    """The blog's own page; empty without one on the web."""
    return public_url(with_ampersands(_first(options, "link", "url")))


def _merged(first: Outline | None, second: Outline) -> Outline:
    if first is None:
        return second
    return replace(
        first,
        title=first.title or second.title,
        site_url=first.site_url or second.site_url,
        rules=tuple(dict.fromkeys((*first.rules, *second.rules))),
    )
