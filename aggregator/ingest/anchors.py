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
_OF_A_NOTE = re.compile(
    r"(?:user-content-)?_{0,2}(?:(?:easy-|blog-|inline-|sd)?foot-?notes?|(?:end)?notes?|fn|ftnt?|edn|cite|ref|bib)"
    r"(?:[_-]?(?:ref|def|anchor|anc|sym|text|note|back|link)|r|b)?"
    r"(?:[0-9][\w.:-]{0,40}|[_.:-][\w.:-]{1,60})",
    re.IGNORECASE,
)
"""Names of the ends of footnotes. Programs that make feeds put their own idea of the page before them."""

_ELSEWHERE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_START_OF_PAGE = re.compile(r"(?:https?:)?//(?:www\.)?", re.IGNORECASE)
_END_OF_PAGE = re.compile(r"/(?:(?:index(?:\.html?)?|amp)/?)?$", re.IGNORECASE)
_LEADS_INTO_A_PAGE = re.compile(r"href\s*+=\s*+[\"']?[^\"'\s>#]*+#[^\"'\s>]")

_MAX_SIGN_TOKENS = 20
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
        written = next((self.ids[each] for each in _spellings(name) if each in self.ids), "") if name else ""
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
    if any(start in lowered for start in ('="#', "='#", "=#")) or (page and f"{page.lower()}#" in lowered):
        return True
    return ("id=" in lowered or "name=" in lowered) and bool(_LEADS_INTO_A_PAGE.search(lowered))


def fragment_of(href: str, page: str) -> str:
    """The place in the post that `href` leads to; empty if it leads elsewhere.

    The ends of a footnote are in the post whatever page of its site they name, or file of its author's disk.
    """
    address, mark, name = href.strip().partition("#")
    if not mark or not name or address in ("", page):
        return name
    if _OF_A_NOTE.fullmatch(name):
        return name if not _ELSEWHERE.match(address) or _site(address) == _site(page) else ""
    if address.startswith("/") and not address.startswith("//"):
        address = _site(page) + address
    return name if page and _plain_page(address) == _plain_page(page) else ""


def _plain_page(address: str) -> str:
    """The address of a page without what makes no difference to most servers."""
    return _END_OF_PAGE.sub("", _START_OF_PAGE.sub("", address, count=1))


def _site(address: str) -> str:
    return _START_OF_PAGE.sub("", address, count=1).partition("/")[0].lower()


def _spellings(name: str) -> tuple[str, ...]:
    """How an id may be written that a link leads to; the last as on GitHub, whose script knows better."""
    return (name, unquote(name), f"user-content-{name}")


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
                wanted.update(_spellings(name))
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
    """The tokens without the links that lead from a heading, a term or a caption to itself."""
    ends = ends_of(read)
    dropped: list[tuple[int, int]] = []
    last = 0
    for start in sorted(ends):
        token = read[start]
        if start >= last and isinstance(token, Tag) and token.name in _HEADINGS:
            last = ends[start]
            dropped += _links_of_heading(read, ends, start, last, page)
    dropped += _signs_beside_words(read, ends, page)
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
        if link_end and _is_link_to_heading(read, index, link_end, page, ids):
            within.append((index, link_end))
            index = link_end
            continue
        has_words = has_words or (isinstance(token, str) and bool(token.strip()))
        index += 1
    beside = [
        (at, ends[at])
        for at in _near(read, ends, start, end)
        if _leads_to(read[at], ids, page) and _is_link_to_heading(read, at, ends[at], page, ids)
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
    name = _place(token.attributes.get("href", ""), page, ids) if isinstance(token, Tag) else ""
    return bool(name) and (not ids or not ids.isdisjoint(_spellings(name)))


def _place(href: str, page: str, ids: set[str]) -> str:
    """The place in the post that a link leads to; the heading's own, whatever page the link names before it."""
    name = href.strip().partition("#")[2]
    return name if name and not ids.isdisjoint(_spellings(name)) else fragment_of(href, page)


def _is_link_to_heading(read: Sequence[Token], start: int, end: int, page: str, ids: set[str]) -> bool:
    tag = read[start]
    if not isinstance(tag, Tag) or tag.name != "a" or "#" not in tag.source:
        return False
    found = tag.attributes
    if not _place(found.get("href", ""), page, ids):
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


def _signs_beside_words(read: Sequence[Token], ends: Mapping[int, int], page: str) -> Iterator[tuple[int, int]]:
    """Where the same signs stand beside terms, captions and paragraphs: "¶", in a link of such a class."""
    for start, end in ends.items():
        tag = read[start]
        if end - start > _MAX_SIGN_TOKENS or not isinstance(tag, Tag) or tag.name != "a":
            continue
        if "class" not in tag.source or "#" not in tag.source:
            continue
        found = tag.attributes
        if HEADING_LINKS.classes.isdisjoint(found.get("class", "").lower().split()):
            continue
        words = words_of(read[start + 1 : end - 1]).strip()
        if words and not any(map(str.isalnum, words)) and fragment_of(found.get("href", ""), page):
            yield start, end
