"""The sections of a planet's configuration that is written as YAML: Pluto's first versions and Perlanet have that.

Only as much of YAML is read as such files need: names with values, lists, and indents. Other lines are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .planet_options import shown
from .planet_sections import Sections
from .planet_values import Options

_BEGINNING = re.compile(r"^(?:feeds:[ \t]*(?:#.*)?$|[ \t]+(?:- )?feed(?:_url)?:[ \t]+\S)", re.MULTILINE)
_PAIR = re.compile(r"([\w-]+)[ \t]*:(?:[ \t]+(\S.*))?$")
_REMARK = re.compile(r"(?:^|\s)#.*")
_ADDRESS_OPTIONS = ("feed", "feed_url", "url")
_OF_OWNER = {"name": "owner_name", "email": "owner_email"}
_OF_ITEM = {"web": "link"}
"""How a list's item calls the blog's page, and we do."""


def looks_like_yaml(text: str) -> bool:
    """Whether somebody who chose such a file may have meant a configuration."""
    return bool(_BEGINNING.search(text))


def sections_of_yaml(text: str) -> Sections:
    """What the file says, as if it were written in sections: those at its top are the planet's."""
    lines = _Lines()
    for number, line in enumerate(text.splitlines(), start=1):
        lines.read(number, line)
    return Sections(lines.sections(), (*lines.unread, *lines.unused()))


class _Lines:
    """The lines of a file, one after the other."""

    def __init__(self) -> None:
        self.unread: list[str] = []
        self._planet: dict[str, str] = {}
        self._named: dict[str, dict[str, str]] = {}
        self._items: list[dict[str, str]] = []
        self._words: dict[str, list[str]] = {}
        self._above = ""
        self._open: dict[str, str] = self._planet

    def read(self, number: int, line: str) -> None:
        text = line.strip()
        if not text or text[0] == "#" or text in {"---", "..."}:
            return
        if text.startswith("- ") and self._above:
            self._begin_item(text[2:].strip())
        elif pair := _PAIR.fullmatch(text):
            self._take(pair[1].lower(), _value(pair[2] or ""), is_top=not line[0].isspace())
        else:
            self.unread.append(f"Line {number} (“{shown(text)}”) is no option that is read here.")

    def sections(self) -> dict[str, Options]:
        """By its name each section. A list's item is known by its address."""
        owner = self._named.pop("author", {})
        planet = self._planet | {_OF_OWNER.get(name, name): value for name, value in owner.items()}
        found: dict[str, Options] = {"Planet": planet}
        found |= {name: options for name, options in self._named.items() if options}
        for item in self._items:
            found |= _section_of(item)
        return found

    def unused(self) -> Iterator[str]:
        """A sentence for what lists name by a word: Pluto's name sections, others mean nothing here."""
        for name, words in self._words.items():
            if name == "feeds":
                yield from (
                    f"“{shown(word)}” has no section of its own." for word in words if word.lower() not in self._named
                )
            else:
                yield f"{shown(name)}: a list of {len(words)}; it means nothing here."

    def _begin_item(self, text: str) -> None:
        self._open = {}
        if pair := _PAIR.fullmatch(text):
            self._items.append(self._open)
            self._open[pair[1].lower()] = _value(pair[2] or "")
        elif "://" in text:
            self._items.append({"url": _value(text)})
        else:
            self._words.setdefault(self._above, []).append(_value(text))

    def _take(self, name: str, value: str, *, is_top: bool) -> None:
        if is_top and not value:
            self._above = name
            self._open = self._named.setdefault(name, {})
        elif is_top:
            self._above, self._open = "", self._planet
            self._planet[name] = value
        else:
            self._open[name] = value


def _section_of(item: Mapping[str, str]) -> dict[str, Options]:
    address = next((item[name] for name in _ADDRESS_OPTIONS if item.get(name)), "")
    others = {_OF_ITEM.get(name, name): value for name, value in item.items() if value != address}
    return {address or item.get("title", ""): others}


def _value(text: str) -> str:
    """A value without its quotation marks, or without the remark behind it."""
    for mark in ("'", '"'):
        end = text.find(mark, 1)
        if text.startswith(mark) and end > 0:
            return text[1:end]
    return _REMARK.sub("", text).strip()
