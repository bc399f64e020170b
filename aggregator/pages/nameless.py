"""What in a post says nothing to who can't see it: links around pictures, empty links, headings and cells. Pure.

A program that reads a page aloud stops at each of them. A link is named by where it leads, in the alt text of its
picture, as the HTML standard has it (4.8.4.4.2); what is empty is no link, heading or head of a column any more. It is
done when a page is shown, so also to posts that were stored before, and our feeds give out what authors wrote.
"""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlsplit

MAX_NAME_CHARACTERS = 60
"""Of a host or a mail address; the end of a host says more than its beginning."""
PICTURE = "Picture"
"""The name of a link that leads to a picture, most often the same in large."""

_NO_NAME = 'alt=""'
_BLANK = r"(?:[\s\u200b]|&nbsp;|<(?!/?{0}[\s>])[^<>]*>)*"
"""Spaces and tags, but for those of one element."""
_LINK = re.compile(rf"<a ([^<>]*)>({_BLANK.format('a')})</a>")
_HEADING = re.compile(rf"<(h[56])((?:\s[^<>]*)?)>({_BLANK.format('h[56]')})</\1>")
_HEAD_CELL = re.compile(rf"<th((?:\s[^<>]*)?)>({_BLANK.format('th')})</th>")
_NAMED_PICTURE = re.compile(r'<img [^<>]*?\balt="[^"]')
_ADDRESS = re.compile(r'\bhref="([^"]*)"')
_ID = re.compile(r'\bid="[^"]*"')
_SCOPE = re.compile(r' scope="[^"]*"')
_OF_PICTURES = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)$", re.IGNORECASE)


def bytes_of_names(html: str) -> int:
    """At most so many bytes longer it becomes by `with_names`."""
    pictures = html.count(_NO_NAME) if "<a " in html else 0
    return pictures * 6 * MAX_NAME_CHARACTERS + html.count("<h") * (len("<div></div>") - len("<h5></h5>"))


def with_names(html: str) -> str:
    """The HTML, which was sanitized and has its headings as h5 and h6, with all of them named."""
    if "<a " in html:
        html = _LINK.sub(_link, html)
    if "<h5" in html or "<h6" in html:
        html = _HEADING.sub(_heading, html)
    return _HEAD_CELL.sub(_head_cell, html) if "<th" in html else html


def name_of(address: str) -> str:
    """What a link is called that leads there, as far as its address tells."""
    if address.startswith("mailto:"):
        return address.removeprefix("mailto:").partition("?")[0][:MAX_NAME_CHARACTERS]
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return PICTURE
    is_picture = _OF_PICTURES.search(parts.path[-5:])
    return PICTURE if is_picture or not host else host[-MAX_NAME_CHARACTERS:]


def _link(match: re.Match[str]) -> str:
    attributes, inside = match[1], match[2]
    if "<img" not in inside:
        place = _ID.search(attributes)
        return f"<span {place[0]}>{inside}</span>" if place else inside
    address = _ADDRESS.search(attributes)
    if _NAMED_PICTURE.search(inside) or address is None:
        return match[0]
    name = escape(name_of(unescape(address[1])))
    named = inside.replace(_NO_NAME, f'alt="{name}"', 1)
    return f"<a {attributes}>{named}</a>"


def _heading(match: re.Match[str]) -> str:
    return match[0] if _NAMED_PICTURE.search(match[3]) else f"<div{match[2]}>{match[3]}</div>"


def _head_cell(match: re.Match[str]) -> str:
    return match[0] if _NAMED_PICTURE.search(match[2]) else f"<td{_SCOPE.sub('', match[1])}>{match[2]}</td>"
