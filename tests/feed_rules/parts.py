"""What an address, a date, a type and a piece of HTML look like, wherever they stand in a feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache

from bleach._vendor.html5lib.html5parser import HTMLParser, ParseError

_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?"
_REST = rf"(?:/{_CHARACTER}*)?(?:\?(?:{_CHARACTER}|\?)*)?(?:#(?:{_CHARACTER}|\?)*)?"
_WEB_ADDRESS = re.compile(f"https?://{_HOST}{_REST}")
_TAG_URI = re.compile(rf"tag:[A-Za-z0-9.@_-]+,[0-9]{{4}}(?:-[0-9]{{2}}){{0,2}}:(?:{_CHARACTER}|\?)*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
_START_OF_TAG = re.compile("<[A-Za-z/!?]")

_ELEMENTS = frozenset(
    {
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "blockquote", "pre", "hr", "br", "wbr"),
        *("ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "details", "summary"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
        *("a", "b", "strong", "i", "em", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "q", "cite", "dfn"),
        *("abbr", "code", "kbd", "samp", "var", "span", "bdi", "bdo", "ruby", "rb", "rt", "rp", "img"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("lang", "dir", "id", "class", "title", "href", "rel", "src", "srcset", "alt", "width", "height"),
        *("loading", "decoding", "referrerpolicy", "colspan", "rowspan", "scope", "start"),
    }
)
_SCHEMES = ("http://", "https://", "mailto:", "#")


def is_web_address(text: str) -> bool:
    """An absolute one of http or https, all of whose characters may stand in a URI (RFC 3986)."""
    return bool(_WEB_ADDRESS.fullmatch(text))


def is_own_id(text: str) -> bool:
    """An absolute web address or a tag (RFC 4151): the two kinds that we make."""
    return is_web_address(text) or bool(_TAG_URI.fullmatch(text))


def is_media_type(text: str) -> bool:
    """RFC 6838 section 4.2."""
    return bool(_MEDIA_TYPE.fullmatch(text))


def is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


def is_mail_date(text: str) -> bool:
    """RFC 822 with a year of four digits, as RSS wants it: as Python writes it, so with the right day of the week."""
    try:
        return format_datetime(parsedate_to_datetime(text)) == text
    except ValueError:
        return False


def is_moment(text: str) -> bool:
    """RFC 3339, of a day that there is."""
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def holds_tag(text: str) -> bool:
    return bool(_START_OF_TAG.search(text))


@cache
def html_faults(html: str) -> tuple[str, ...]:
    """What a strict parser stumbles over, elements and attributes that don't belong in a text, links without a host."""
    try:
        tree = HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(html)
    except ParseError as error:
        return (f"{error} in {html!r}",)
    return tuple(_faults(tree))


def _faults(tree: object) -> Iterator[str]:
    for element in tree.iter():  # type: ignore[attr-defined]
        if element is tree:
            continue
        if element.tag not in _ELEMENTS:
            yield f"<{element.tag}>"
            continue
        for name, value in element.attrib.items():
            if name not in _ATTRIBUTES:
                yield f"{name} of <{element.tag}>"
            elif name in {"href", "src"} and not value.startswith(_SCHEMES):
                yield f"{name}={value!r}"
