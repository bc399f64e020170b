"""Links within a post: footnotes keep both ends, and headings lose the link to themselves.

A page shows many posts, and its own ids steer it. So an id stays only where a link of the post leads, and under a
prefix that no other post has (OWASP: DOM clobbering; HTML standard 7.3.3, named access on the Window object).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

from .left_out import DOUBLES, HEADING_LINKS
from .markup import Tag
from .nesting import Token, ends_of, words_of

PREFIX = re.compile(r"p[0-9a-f]{12}-")
"""What a prefix looks like."""

WRITTEN = re.compile(rf"{PREFIX.pattern}[\w.:~-]{{1,120}}")
"""What an id looks like once it is written."""

MAX_ANCHORS = 2000
"""Of one post. No list of notes is so long."""

_MAX_ID_CHARACTERS = 100
_SOUND_ID = re.compile(rf"[\w.:~-]{{1,{_MAX_ID_CHARACTERS}}}")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NEAR_TOKENS = 6
"""How far from a heading its link stands at most, if it doesn't stand in it."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where links within a post lead, and by which ids they find it."""

    prefix: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    """Those that links of the post lead to, as found -> as written."""
    page: str = ""
    """The address of the post, up to the "#"."""

    def target(self, href: str) -> str:
        """The link within the post that `href` is; empty if it is none."""
        name = fragment_of(href, self.page)
        written = self.ids.get(name) or self.ids.get(unquote(name)) if name else ""
        return f"#{written}" if written else ""


def prefix_of(feed_url: str, guid: str) -> str:
    """What the ids of one post begin with: the same at every reading, and another for every post."""
    post = f"{feed_url}\0{guid}".encode("utf-8", "replace")
    return f"p{sha256(post).hexdigest()[:12]}-"


def page_of(base_url: str) -> str:
    return base_url.partition("#")[0]


def has_inner_links(lowered: str, page: str) -> bool:
    """Whether HTML in lower case may have a link to a place in itself."""
    if "#" not in lowered:
        return False
    return any(start in lowered for start in ('="#', "='#", "=#")) or bool(page and f"{page.lower()}#" in lowered)


def fragment_of(href: str, page: str) -> str:
    """The place in the post that `href` leads to; empty if it leads elsewhere."""
    address, mark, name = href.strip().partition("#")
    return name if mark and address in ("", page) else ""


def anchors_of(read: Sequence[Token], page: str, prefix: str) -> Anchors:
    """The ids of the post that its links lead to."""
    if not prefix:
        return Anchors(page=page)
    wanted: set[str] = set()
    there: dict[str, None] = {}
    for token in read:
        if isinstance(token, Tag) and not token.is_end and token.source:
            if (
                token.name == "a"
                and "#" in token.source
                and (name := fragment_of(token.attributes.get("href", ""), page))
            ):
                wanted |= {name, unquote(name)}
            if "id" in token.source or "name" in token.source or "ID" in token.source:
                there |= dict.fromkeys(ids_of(token.attributes))
    ids = {name: _written(name, prefix) for name in there if name in wanted}
    return Anchors(prefix, dict(list(ids.items())[:MAX_ANCHORS]), page)


def ids_of(found: Mapping[str, str]) -> Iterator[str]:
    for name in ("id", "name"):
        if name in found and (value := found[name].strip()):
            yield value


def _written(name: str, prefix: str) -> str:
    """With the prefix, once; a name that could not stand in an address is replaced by its digest."""
    if name.startswith(prefix) and WRITTEN.fullmatch(name):
        return name
    sound = name if _SOUND_ID.fullmatch(name) else sha256(name.encode("utf-8", "replace")).hexdigest()[:16]
    return prefix + sound


def without_heading_links(read: Sequence[Token], page: str) -> list[Token]:
    """The tokens without the links that lead from a heading to itself."""
    ends = ends_of(read)
    dropped: list[tuple[int, int]] = []
    last = 0
    for start in sorted(ends):
        token = read[start]
        if start >= last and isinstance(token, Tag) and token.name in _HEADINGS:
            last = ends[start]
            dropped += _links_of_heading(read, ends, start, last, page)
    if not dropped:
        return list(read)
    gone = {index for start, end in dropped for index in range(start, end)}
    return [token for index, token in enumerate(read) if index not in gone]


def _links_of_heading(
    read: Sequence[Token], ends: Mapping[int, int], start: int, end: int, page: str
) -> list[tuple[int, int]]:
    """Where the links of one heading stand; none if it would have no words without them."""
    heading = read[start]
    ids = set(ids_of(heading.attributes)) if isinstance(heading, Tag) and heading.source else set()
    within: list[tuple[int, int]] = []
    has_words, index = False, start + 1
    while index < end - 1:
        token = read[index]
        link_end = ends.get(index, 0)
        if link_end and _is_link_to_heading(read, index, link_end, page):
            within.append((index, link_end))
            index = link_end
            continue
        has_words = has_words or (isinstance(token, str) and bool(token.strip()))
        index += 1
    beside = [
        (at, ends[at])
        for at in _near(read, ends, start, end)
        if _leads_to(read[at], ids, page) and _is_link_to_heading(read, at, ends[at], page)
    ]
    return within + beside if has_words else []


def _near(read: Sequence[Token], ends: Mapping[int, int], start: int, end: int) -> Iterator[int]:
    """Where links directly after and before a heading begin."""
    for index in range(end, min(end + _NEAR_TOKENS, len(read))):
        token = read[index]
        if isinstance(token, str) and token.strip():
            break
        if isinstance(token, Tag) and token.name == "a" and index in ends:
            yield index
            break
    for index in range(start - 1, max(start - 4 * _NEAR_TOKENS, -1), -1):
        token = read[index]
        if isinstance(token, Tag) and token.name == "a" and not token.is_end:
            if index in ends and not words_of(read[ends[index] : start]).strip():
                yield index
            break


def _leads_to(token: Token, ids: set[str], page: str) -> bool:
    name = fragment_of(token.attributes.get("href", ""), page) if isinstance(token, Tag) else ""
    return bool(name) and (not ids or name in ids or unquote(name) in ids)


def _is_link_to_heading(read: Sequence[Token], start: int, end: int, page: str) -> bool:
    tag = read[start]
    if not isinstance(tag, Tag) or tag.name != "a" or "#" not in tag.source:
        return False
    found = tag.attributes
    if not fragment_of(found.get("href", ""), page):
        return False
    inner = read[start + 1 : end - 1]
    words = words_of(inner).strip()
    if found.get("aria-hidden", "").lower() == "true" or HEADING_LINKS.words.fullmatch(words):
        return True
    classes = set(found.get("class", "").lower().split())
    for token in inner:
        if isinstance(token, Tag) and "class" in token.source:
            classes |= set(token.attributes.get("class", "").lower().split()) & DOUBLES.classes
    return not classes.isdisjoint(HEADING_LINKS.classes | DOUBLES.classes)
