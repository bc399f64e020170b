"""Lists of feeds as plain text: an address in each line, as newsboat or rawdog has them, or a table with commas."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .opml import MAX_OUTLINES, Listed, OpmlError, Outline
from .planet_options import feeds_in_words, shortened, shown

MAX_LINES = 20_000
MAX_LINE_CHARACTERS = 10_000

_ADDRESS = re.compile(r"(?:(?:feed:)?https?://|feed://)\S+|(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_SURE = re.compile(r"^[ \t\"]*(?:feed[ \t]+\w+[ \t]+)?(?:https?|feed)://", re.MULTILINE | re.IGNORECASE)
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_OF_RAWDOG = re.compile(r"feed[ \t]+\w+[ \t]+(\S+)(.*)")
_COLUMNS = {"url": "url", "feed": "url", "xmlurl": "url", "name": "title", "title": "title", "link": "site_url"}
_FURTHER_TAGS = "a feed has one category here, the first of its tags."
_MEANS_NOTHING = "it means nothing here."


def looks_like_addresses(text: str) -> bool:
    """Whether a line begins with an address, or the first names columns of which one has addresses."""
    return bool(_SURE.search(text)) or "url" in _column_names(text)


def read_addresses(text: str) -> Listed:
    """The feeds that the lines name. What isn't taken over has a line of its own. Raises OpmlError for too many."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES or max(map(len, lines), default=0) > MAX_LINE_CHARACTERS:
        raise OpmlError("The file is too large for a list of addresses.")
    if "url" in _column_names(text):
        return _table(lines)
    reading = _Reading()
    for number, line in enumerate(lines, start=1):
        reading.read(number, line)
    return reading.listed()


class _Reading:
    def __init__(self) -> None:
        self._outlines: list[Outline] = []
        self._unread: list[str] = []
        self._options: Counter[str] = Counter()
        self._sites: dict[str, None] = {}

    def listed(self) -> Listed:
        options = [f"{name}: {feeds_in_words(count)}; {_reason(name)}" for name, count in sorted(self._options.items())]
        sites = [f"{name}: of the whole file; {_MEANS_NOTHING}" for name in self._sites]
        return _listed(self._outlines, [*self._unread, *sites, *options])

    def read(self, number: int, line: str) -> None:
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            return
        if line[0].isspace() and self._outlines and not _ADDRESS.match(text):
            self._take_option(text)
        elif of_rawdog := _OF_RAWDOG.fullmatch(text):
            self._outlines.append(Outline(of_rawdog[1]))
            self._options.update(word.partition("=")[0] for word in of_rawdog[2].split())
        elif words := _words(text):
            self._take(number, text, words)

    def _take(self, number: int, text: str, words: list[str]) -> None:
        if _ADDRESS.fullmatch(words[0]):
            self._outlines.append(self._tagged(words[0], words[1:]))
        elif words[0] == "include":
            self._unread.append(f"Line {number} (“{shown(text)}”) names another file: import that by itself.")
        elif re.fullmatch(r"[a-z]+", words[0]):  # such as rawdog's "maxarticles 200"
            self._sites[shown(words[0])] = None
        else:
            self._unread.append(f"Line {number} (“{shown(text)}”) is no address of a feed on the web.")

    def _take_option(self, text: str) -> None:
        """An indented line, which says something of the feed above it."""
        name, _, value = text.partition(" ")
        if name in {"define_name", "name"}:
            self._outlines[-1] = replace(self._outlines[-1], title=" ".join(value.split()))
        else:
            self._options[shown(name)] += 1

    def _tagged(self, address: str, tags: Iterable[str]) -> Outline:
        """As newsboat has it: what begins with "~" is the title, a sign alone is no tag, the others are tags."""
        titles = [tag[1:] for tag in tags if tag.startswith("~")]
        signs = [tag for tag in tags if not any(map(str.isalnum, tag))]
        names = [tag for tag in tags if not tag.startswith("~") and tag not in signs]
        self._options.update(signs)
        self._options.update(["further tags"] * bool(names[1:]))
        return Outline(address, "".join(titles[:1]).strip(), category="".join(names[:1]).strip())


def _reason(name: str) -> str:
    return _FURTHER_TAGS if name == "further tags" else _MEANS_NOTHING


def _words(text: str) -> list[str]:
    return [(match[1] or "").replace('\\"', '"') or match[2] or "" for match in _WORD.finditer(text)]


def _column_names(text: str) -> list[str]:
    """What the columns of a table hold, by its first line; empty for what is none."""
    head = text.lstrip("\ufeff \t\r\n").partition("\n")[0]
    names = [name.strip(' "\r').lower() for name in head[:MAX_LINE_CHARACTERS].split(",")]
    return [_COLUMNS.get(name, name) for name in names] if len(names) > 1 else []


def _table(lines: list[str]) -> Listed:
    try:
        rows = list(csv.reader(line for line in lines if line.strip("\ufeff \t")))
    except csv.Error as error:
        raise OpmlError("The table can't be read: does a quotation mark in it never end?") from error
    names = [_COLUMNS.get(name.strip("\ufeff ").lower(), shown(name)) for name in rows[0]]
    found = [dict(zip(names, map(str.strip, row), strict=False)) for row in rows[1:]]
    outlines = [Outline(row["url"], row.get("title", ""), row.get("site_url", "")) for row in found if row.get("url")]
    others = [name for name in dict.fromkeys(names) if name and name not in _COLUMNS.values()]
    notes = [
        f"{name}: {feeds_in_words(sum(bool(row.get(name)) for row in found))}; {_MEANS_NOTHING}" for name in others
    ]
    without = len(found) - len(outlines)
    return _listed(outlines, [*notes, *_rows_without(without)])


def _rows_without(count: int) -> Iterator[str]:
    if count:
        yield f"{count} row{' has' if count == 1 else 's have'} no address of a feed."


def _listed(outlines: list[Outline], notes: list[str]) -> Listed:
    if len(outlines) > MAX_OUTLINES:
        raise OpmlError(f"The file names more than {MAX_OUTLINES} feeds. Split it into several files.")
    return Listed(tuple(outlines), shortened(notes))
