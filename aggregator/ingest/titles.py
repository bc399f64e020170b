"""Titles as plain text, with the names of elements that they speak of: "A <p> inside a <button>?" has no markup.

A feed doesn't say which it is. An element that is closed is markup, and so is a tag that touches the words beside it.
A name that stands where a noun stands, between spaces, was written to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from .formulas import with_formulas_as_text
from .hidden import without_hidden
from .left_out import DOUBLES, SWALLOWED
from .markup import BLOCKS, KNOWN, Tag, names, plain_text, tokens
from .nesting import Token
from .raised import with_raised_numbers
from .text import printable, resolve_entities

_MAX_READ = 20
"""Times the length of the title that is made of it: so much is read."""

_TAG = re.compile(r"<(/?)([A-Za-z][^\s<>/]*+)((?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+'|[\"'])*+)>")
_DOCTYPE = re.compile(r"(?<=\S\s)<(?=!doctype)", re.IGNORECASE)
_SECTION = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_OFFICE = re.compile(r"[ovwm]\d?:[a-z]+|st\d:[a-z]+", re.IGNORECASE)
"""What Word leaves in its HTML. No title speaks of it."""

_ESCAPED_TWICE = re.compile(
    r"&(?:#(?:8[0-9]{3}|0?3[489]|160|x(?:A0|20[0-9A-F]{2}|27))|[rl][sd]quo|[nm]dash|hellip|nbsp|quot|apos);",
    re.IGNORECASE,
)
_NOT_PLAIN = re.compile(
    r"</(?:\w+:)?math>|=[\"']?(?:katex|MathJax)|<mjx-|display\s*+:\s*+none|\shidden[\s>=]"
    rf"|{'|'.join(sorted(DOUBLES.classes))}",
    re.IGNORECASE,
)
"""What says that a title has formulas, drawn or not, or words that nobody sees."""

_RAW_TEXT = re.compile(r"<(?:script|style|plaintext|xmp|title|textarea)\b", re.IGNORECASE)
_IMAGE = re.compile(r"<img\s(?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*>", re.IGNORECASE)
_BEFORE = re.compile(r"(?:^|[\s(\[{\"'“‘«„/|–—,;+=-])$")
_AFTER = re.compile(r"$|[\s)\]}\"'”’».,;:!?/|–—+=-]")

_INLINE = names(
    "a abbr b big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var"
)
_BREAKS = frozenset({"br", "wbr", "hr"})
_SPEAKS_OF_IT = re.compile(
    r"(?:^|\s)(?:an?|the|use|using|of|and|or|vs\.?|with|without|your|no|not|why|when|avoid|der|die|das|ein|le|la|un|el)\s$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Written:
    """A tag where it stands in a title."""

    start: int
    end: int
    is_end: bool
    name: str
    rest: str
    partner: int = -1
    """Place of the tag that ends it, or that it ends, among all tags."""


def title_text(source: str, max_length: int) -> str:
    """The title of `source` on one line, at most `max_length` characters: markup gone, references resolved once."""
    if "<" not in source:
        return plain_text(source, max_length)
    read = printable(source[: _MAX_READ * max_length])
    read = _SECTION.sub(lambda section: section[1], read) if "<![" in read else read
    read = _DOCTYPE.sub("&lt;", read)
    read = _as_shown(read)
    tags = list(_tags(read))
    if not tags:
        return plain_text(read, max_length)
    _pair(tags)
    pieces: list[str] = []
    position = 0
    for place, tag in enumerate(tags):
        if _OFFICE.fullmatch(tag.name):
            pieces.append(read[position : tag.start])
            position = tag.end
        elif _is_noun(read, tags, place):
            pieces += [read[position : tag.start], "&lt;", read[tag.start + 1 : tag.end]]
            position = tag.end
    return plain_text("".join((*pieces, read[position:])), max_length)


def with_signs_resolved(title: str) -> str:
    """The title with quotes and dashes that were escaped twice; other references may be what it speaks of."""
    return _ESCAPED_TWICE.sub(lambda reference: resolve_entities(reference[0]), title) if "&" in title else title


def _as_shown(read: str) -> str:
    """With text in the place of formulas, images and raised numbers, and without what is hidden."""
    if "<img" in read:
        read = _IMAGE.sub(_words_of_image, read)
    if _NOT_PLAIN.search(read) and not _RAW_TEXT.search(read):
        found = with_formulas_as_text(without_hidden(list(tokens(read))))
        read = "".join(map(_source_of, found))
    return with_raised_numbers(read)


def _words_of_image(image: re.Match[str]) -> str:
    words = next((tag.attributes.get("alt", "") for tag in tokens(image[0]) if isinstance(tag, Tag)), "")
    return escape(words, quote=False) or image[0]


def _source_of(token: Token) -> str:
    if isinstance(token, Tag):
        return f"<{'/' if token.is_end else ''}{token.spelled}{token.source}>"
    return escape(token if isinstance(token, str) else token.text, quote=False)


def _tags(read: str) -> Iterator[_Written]:
    for match in _TAG.finditer(read):
        yield _Written(match.start(), match.end(), bool(match[1]), match[2].lower(), match[3].strip())


def _pair(tags: Sequence[_Written]) -> None:
    open_tags: dict[str, list[int]] = {}
    for place, tag in enumerate(tags):
        if not tag.is_end:
            open_tags.setdefault(tag.name, []).append(place)
        elif starts := open_tags.get(tag.name):
            tag.partner = starts.pop()
            tags[tag.partner].partner = place


def _is_noun(read: str, tags: Sequence[_Written], place: int) -> bool:
    tag = tags[place]
    if tag.partner >= 0:
        return _is_noun_pair(read, tags[min(place, tag.partner)], tags[max(place, tag.partner)])
    if tag.name not in KNOWN:
        return not _is_markup(tag) or _stands_alone(read, tag)
    if tag.name in _BREAKS:
        is_named = tag.name == "hr" or bool(_SPEAKS_OF_IT.search(read[max(0, tag.start - 20) : tag.start]))
        return is_named and not tag.rest and _stands_alone(read, tag)
    if tag.rest and (tag.name in _INLINE or tag.name in BLOCKS or "src" in tag.rest):
        return False
    return _stands_alone(read, tag)


def _is_noun_pair(read: str, first: _Written, last: _Written) -> bool:
    """Nothing between means that the pair is shown; spaces on all sides, that the title speaks of both."""
    if first.rest:
        return False
    within = read[first.end : last.start]
    if not within.strip():
        return first.name not in _INLINE or _stands_alone(read, _Written(first.start, last.end, False, "", ""))
    if first.name in _INLINE or first.name in SWALLOWED or (first.start == 0 and last.end == len(read)):
        return False
    return within[0].isspace() and within[-1].isspace() and first.start > 0


def _is_markup(tag: _Written) -> bool:
    """Whether an unknown name has attributes: "Vec<T>" and "Map<K, V>" have none."""
    return "=" in tag.rest


def _stands_alone(read: str, tag: _Written) -> bool:
    return bool(_BEFORE.search(read[max(0, tag.start - 1) : tag.start])) and bool(
        _AFTER.match(read[tag.end : tag.end + 1])
    )
