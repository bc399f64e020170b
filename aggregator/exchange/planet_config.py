"""The configuration file of a Planet 2.0, Venus or Pluto site, so that such a planet can move in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from .contact import BadContact, contact_of
from .env_lines import env_line
from .links import without_password
from .opml import MAX_OUTLINES, Outline
from .planet_filters import RULE_OPTIONS, Filtering, filtering_of, is_sifter
from .planet_options import LeftOut, feeds_in_words, parameters_in_words, shortened, shown
from .planet_sections import Options, PlanetConfigError, one_line, sections_of

__all__ = ["PlanetConfig", "PlanetConfigError", "read_planet_config"]

_READING_LISTS = ("opml", "foaf", "csv", "config")
_ADDRESS_OPTIONS = ("feed", "feed_url")
_TAKEN_OF_FEED = frozenset({"name", "title", "link", "url", "filters", *_ADDRESS_OPTIONS, *RULE_OPTIONS})
_OWNER_OPTIONS = ("owner_email", "email")
_TAKEN_OF_SITE = frozenset(
    {"name", "title", "link", "url", "filters", "items_per_page", *_OWNER_OPTIONS, *RULE_OPTIONS}
)
_TAKEN_OF_DEFAULT = frozenset({"filters", *RULE_OPTIONS})
_OF_SITE_BY_DEFAULT = ("name", "title", "link", "owner_email", "items_per_page")
"""Which the planet takes from [DEFAULT] if it has none. To all feeds they would give one name."""
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
    return _Reading(sections_of(text)).config()


class _Reading:
    """A configuration on its way from sections to what we take over and what we leave out."""

    def __init__(self, sections: dict[str, Options]) -> None:
        self._sections = sections
        self._default = self._called("default")
        self._planet = self._called("planet")
        self._site = {name: self._default[name] for name in _OF_SITE_BY_DEFAULT if name in self._default} | self._planet
        self._left_out = LeftOut()
        self._feeds: dict[str, Outline] = {}
        self._skipped: list[str] = []
        self._filters: Counter[str] = Counter()

    def config(self) -> PlanetConfig:
        for section, options in self._sections.items():
            self._read(section.strip(), options)
        if not (self._planet or self._feeds or self._skipped):
            raise PlanetConfigError("This is not a planet's configuration: it has no [Planet] section and no feeds.")
        self._note_filters()
        env_lines = tuple(self._env_lines())
        return PlanetConfig(
            name=_title(self._site),
            feeds=tuple(self._feeds.values()),
            skipped=shortened(self._skipped),
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
        kind = section.lower()
        address = section if kind.startswith(("http://", "https://")) else _first(options, *_ADDRESS_OPTIONS)
        if kind == "planet":
            self._left_out.of_section(section, options.keys() - _TAKEN_OF_SITE)
        elif kind == "default":
            taken = _TAKEN_OF_DEFAULT | {name for name in _OF_SITE_BY_DEFAULT if name not in self._planet}
            self._left_out.of_section(section, options.keys() - taken)
        elif _is_reading_list(options):
            self._skipped.append(f"[{shown(section)}] is a reading list, not a feed: save it and import it as OPML.")
        elif address:
            self._add(address, options)
        elif _title(options):
            self._skipped.append(f"[{shown(section)}] is not the address of a feed on the web.")
        elif not is_sifter(section):
            used = {"items_per_page"} if _is_front_page(section) else set()
            self._left_out.say(parameters_in_words(section, options.keys() - used))

    def _add(self, address: str, options: Options) -> None:
        filtering = self._filtering(options)
        self._filters.update(filtering.others)
        self._left_out.of_feed(options.keys() - _TAKEN_OF_FEED)
        site_url = _first(options, "link", "url")
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
            self._leave("link", f"{shown(without_password(link))} {_more_than_a_host(parts.path if is_web else '')}")

    def _contact(self) -> Iterator[str]:
        address = _first(self._site, *_OWNER_OPTIONS)
        if not address:
            return
        try:
            contact_of(address)
            yield env_line("CONTACT", address)
        except BadContact:
            self._leave("owner_email", f"{shown(address)} is no mail address; set CONTACT yourself.")

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


def _is_reading_list(options: Options) -> bool:
    content_type = options.get("content_type", "").lower()
    return any(kind in content_type for kind in _READING_LISTS)


def _title(options: Options) -> str:
    return _first(options, "name", "title")


def _first(options: Mapping[str, str], *names: str) -> str:
    """The first of these options that says something."""
    return next((value for name in names if (value := one_line(options.get(name, "")))), "")


def _merged(first: Outline | None, second: Outline) -> Outline:
    if first is None:
        return second
    return replace(
        first,
        title=first.title or second.title,
        site_url=first.site_url or second.site_url,
        rules=tuple(dict.fromkeys((*first.rules, *second.rules))),
    )
