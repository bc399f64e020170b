"""What leaves the site in feeds and lists: text that every XML parser accepts, and our own addresses in full."""

from __future__ import annotations

import re

from django.conf import settings

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """The text without the characters that no XML document may contain, not even escaped (XML 1.0 section 2.2)."""
    return _FORBIDDEN.sub("", text)


def on_this_site(path: str) -> str:
    """The absolute address of one of our pages. From the settings: a request's Host header is a visitor's claim."""
    return f"{settings.WEBSITE_URL}{path}"
