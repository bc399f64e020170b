"""What a post hides on its author's own page stays hidden on ours, where no style comes along to hide it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .left_out import DOUBLES, HIDDEN
from .markup import Tag
from .nesting import Token, ends_of, has_media, words_of
from .styled import style_of

SIGNS = (
    *("hidden", "display", "mso-hide", "font-size", "max-height"),
    *("height:0", "height: 0", "rect(", "absolute", "fixed"),
    *("screen-reader", "screenreader", "sr-only", "preview", "preheader", "<dialog", "popover"),
)
"""One of them stands in lower case in every HTML that hides something."""

_MAX_DOUBLE_TOKENS = 50
"""In an element that is compared with its neighbour. Words for those who hear a page are few."""

_NO_SIZE = re.compile(
    r"(?<![\w-])font-size\s*+:\s*+0*+(?:\.0++)?(?:px|pt|em|rem|%)?\s*+(?:!important\s*+)?(?:;|$)", re.IGNORECASE
)
_NO_HEIGHT = re.compile(
    r"(?<![\w-])(?:max-)?(?:(?:height|width)\s*+:\s*+0(?:px|pt|em)?|height\s*+:\s*+1px)\s*+(?:!important\s*+)?(?:;|$)",
    re.IGNORECASE,
)
_OUT_OF_FLOW = re.compile(r"(?<![\w-])position\s*+:\s*+(?:absolute|fixed)", re.IGNORECASE)
_OFF_THE_PAGE = re.compile(
    r"(?<![\w-])clip\s*+:\s*+rect\(\s*+[01](?:px)?[\s,]++[01](?:px)?[\s,]"
    r"|(?<![\w-])clip-path\s*+:\s*+inset\(\s*+(?:50|100)%"
    r"|(?<![\w-])(?:left|top)\s*+:\s*+-[0-9]{3,}",
    re.IGNORECASE,
)
_OPENING = ("popovertarget", "commandfor", "aria-controls", "data-target", "data-bs-target")
"""Attributes of links and buttons with the id of what they open."""

_OPENS = re.compile(rf"{'|'.join(_OPENING)}|onclick", re.IGNORECASE)
_QUOTED = re.compile(r"[\"']#?([\w-]{1,100})[\"']")
_MAX_SCRIPT_CHARACTERS = 500
_CUT = re.compile(r"overflow\s*+:\s*+hidden", re.IGNORECASE)
_PADDING = re.compile(r"padding", re.IGNORECASE)


def without_hidden(read: Sequence[Token]) -> list[Token]:
    """The tokens without the elements that are hidden, or that say once more what stands beside them.

    What a link or a button of the post leads to is a note or a panel that readers open there. Here it stands open.
    """
    ends = ends_of(read)
    starts = {end: start for start, end in ends.items()}
    opened, opened_until = _opened(read), 0
    shown: list[Token] = []
    index = 0
    while index < len(read):
        token = read[index]
        if (
            isinstance(token, Tag)
            and not token.is_end
            and (token.source or token.name == "dialog")
            and (end := ends.get(index))
        ):
            inner = read[index + 1 : min(end, index + _MAX_DOUBLE_TOKENS)]
            is_hidden = index >= opened_until and _is_hidden(token, inner)
            if is_hidden and opened and _is_opened(read[index:end], opened):
                is_hidden, opened_until = False, end
            if is_hidden or _says_it_again(read, index, end, starts):
                index = end
                continue
        shown.append(token)
        index += 1
    return shown


def hides(found: Mapping[str, str]) -> bool:
    """Whether the attributes of an element hide it."""
    if "hidden" in found and found["hidden"].strip().lower() != "until-found":  # which a search in the page opens
        return True
    style = style_of(found)
    if not style:
        return False
    # Without the padding: a box of no height with a padding is how a film keeps its proportions.
    is_cut = _CUT.search(style) and _NO_HEIGHT.search(style) and not _PADDING.search(style)
    # Without the position, an element is only moved a little from where it stands, or not at all.
    is_off = _OUT_OF_FLOW.search(style) and _OFF_THE_PAGE.search(style)
    return bool(is_cut or is_off or HIDDEN.styles.search(style))


def _opened(read: Sequence[Token]) -> set[str]:
    """The ids to which links and buttons of the post lead."""
    names: set[str] = set()
    for token in read:
        if isinstance(token, Tag) and not token.is_end and token.name in ("a", "button") and token.source:
            if token.name == "a" and "#" in token.source:
                names.add(token.attributes.get("href", "").strip().partition("#")[2])
            if _OPENS.search(token.source):
                found = token.attributes
                names |= {found.get(name, "").strip().removeprefix("#") for name in _OPENING}
                names |= set(_QUOTED.findall(found.get("onclick", "")[:_MAX_SCRIPT_CHARACTERS]))
    return names - {""}


def _is_opened(element: Sequence[Token], names: set[str]) -> bool:
    """Whether one of the names is that of a hidden element, or of something within that isn't a mere place."""
    return any(
        isinstance(token, Tag) and "id" in token.source and token.attributes.get("id", "").strip() in names
        for token in element
    ) and bool(words_of(element).strip())


def _is_hidden(tag: Tag, inner: Sequence[Token]) -> bool:
    if tag.name == "dialog" and "open" not in tag.attributes:
        return True
    if not any(sign in tag.source.lower() for sign in ("hidden", "style", "pre", "popover")):
        return False
    if "mathml" in tag.source.lower():
        return False  # a formula for those who hear the page, and for us
    found = tag.attributes
    if "spoiler" in found.get("class", "").lower():
        return False  # a script opens it for who wants to know
    if hides(found) or "popover" in found or not HIDDEN.classes.isdisjoint(found.get("class", "").lower().split()):
        return True
    style = style_of(found)
    if not _NO_SIZE.search(style):
        return False
    # Some close the gaps between parts by it: pictures, or words that have a size of their own.
    return not (has_media(inner) or any(isinstance(each, Tag) and "font" in each.source for each in inner))


def _says_it_again(read: Sequence[Token], start: int, end: int, starts: Mapping[int, int]) -> bool:
    """Whether it is for those who hear the page, beside the same for those who see it.

    Otherwise it stays: our pages have neither the icons nor the pictures that it stands for.
    """
    tag = read[start]
    if not isinstance(tag, Tag) or end - start > _MAX_DOUBLE_TOKENS or not _is_for_hearing(tag):
        return False
    words = words_of(read[start + 1 : end - 1]).split()
    before = start - 1
    while before > start - _MAX_DOUBLE_TOKENS and before >= 0 and _is_blank(read[before]):
        before -= 1
    after = end
    while after < min(end + _MAX_DOUBLE_TOKENS, len(read) - 1) and _is_blank(read[after]):
        after += 1
    neighbours = [(starts.get(before + 1, before), before), (after, after + _MAX_DOUBLE_TOKENS)]
    return bool(words) and any(_is_the_same(read, first, last, words) for first, last in neighbours)


def _is_the_same(read: Sequence[Token], first: int, last: int, words: list[str]) -> bool:
    """Whether what stands from `first` on has these words, or is for the eye alone."""
    if not 0 <= first < len(read) or last - first > _MAX_DOUBLE_TOKENS:
        return False
    token = read[first]
    if isinstance(token, str):
        return token.split() == words
    if not isinstance(token, Tag) or token.is_end or "aria-hidden" not in token.source:
        return False
    return token.attributes.get("aria-hidden", "").lower() == "true" and bool(words_of(read[first:last]).strip())


def _is_blank(token: Token) -> bool:
    return isinstance(token, str) and not token.strip()


def _is_for_hearing(tag: Tag) -> bool:
    if "class" not in tag.source:
        return False
    return not DOUBLES.classes.isdisjoint(tag.attributes.get("class", "").lower().split())
