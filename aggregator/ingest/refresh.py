"""Where a web page sends its readers at once: the redirect of those who can't set up their server."""

from __future__ import annotations

import html
import re

from .address import absolute_link

MAX_HEAD_BYTES = 32 * 2**10
"""Of a page, from its beginning, in which it is looked for: pages that only send on are short."""

_MAX_SECONDS = 5
"""A page that waits for longer wants to be read, or is one that reloads itself."""

_MAX_TAG_CHARACTERS = 4000
"""Of a tag that is looked at. An address may have half as many."""

# How a page begins, and no feed does. Each round of the loop looks ahead before it takes anything, as in `xmltext`.
_PAGE_START = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:(?=\s)\s++|(?=<\?)<\?[^<>]*>|(?=<!--)<!--.*?(?:-->|\Z))*+"
    rb"<(?:!doctype\s+html|html|head|title|meta|base|link|script|noscript|style|body|center|div|font|table|p|h1|a|br)[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_HINT = re.compile(rb"http-equiv|<frameset", re.IGNORECASE)
# What looks like a tag in these is text, or is for browsers that don't run scripts: each is read up to its end.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<raw>script|style|title|template|textarea|noscript|iframe|xmp)(?=[\s>]).*?(?:</(?P=raw)(?=[\s>/])|\Z)"
    rf"|<(?P<name>meta|base|frame)(?=[\s/])(?P<rest>[^<>]{{0,{_MAX_TAG_CHARACTERS}}})>",
    re.DOTALL | re.IGNORECASE,
)
# The look-behind lets a name begin at its first letter only: else a long word would be tried again from each letter.
_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
# "0; URL='/new.xml'" (HTML, "shared declarative refresh steps").
_REFRESH = re.compile(
    r"\s*(?P<seconds>\d{1,4}|(?=\.))[\d.]*(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?+(?P<url>\S.*)", re.DOTALL | re.IGNORECASE
)


def refresh_target(body: bytes, url: str, header: str = "") -> str:
    """Where the web page at `url` sends its readers within five seconds: an http(s) address without a fragment.

    A page that is made of frames sends them to the first: so do those who keep a name in front of another address.
    `header` is what the server says beside it in a header of the name Refresh, which counts first; beside an empty
    body, too. Empty for any other body, for a page that sends nobody on, and for one that only reloads itself. Reads
    the first 32 KiB. Never raises.
    """
    head = body[:MAX_HEAD_BYTES]
    is_page = bool(_PAGE_START.match(head))
    if header and (is_page or not head.strip()) and (target := _target(header, url, url)):
        return target
    if not (is_page and _HINT.search(head)):
        return ""
    base, frame = url, ""
    # Addresses are ASCII, or UTF-8 in most pages.
    for tag in _TAG.finditer(head.decode("utf-8", "replace")):
        values = _attributes(tag["rest"] or "")
        if tag["name"] and tag["name"].casefold() == "base":
            base = absolute_link(values.get("href", ""), url) or base
        elif values.get("http-equiv", "").strip().casefold() == "refresh":
            if target := _target(values.get("content", ""), base, url):
                return target
        elif (tag["name"] or "").casefold() == "frame":
            frame = frame or _elsewhere(values.get("src", ""), base, url)
    return frame


def _attributes(rest: str) -> dict[str, str]:
    """The attributes of a tag, the first of each name."""
    found = [(match[1].casefold(), match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(rest)]
    return {name: html.unescape(value) for name, value in reversed(found)}


def _target(content: str, base: str, url: str) -> str:
    """Where a refresh leads from the page at `url`; empty if that is the page itself, or not soon."""
    refresh = _REFRESH.fullmatch(content)
    if refresh is None or int(refresh["seconds"] or 0) > _MAX_SECONDS:
        return ""
    written = refresh["url"]
    quote = written[0] if written[0] in "\"'" else ""
    return _elsewhere(written[1:].partition(quote)[0] if quote else written.strip(), base, url)


def _elsewhere(link: str, base: str, url: str) -> str:
    target = _without_fragment(absolute_link(link, base))
    return "" if target == _without_fragment(absolute_link(url, url)) else target


def _without_fragment(address: str) -> str:
    return address.partition("#")[0]
