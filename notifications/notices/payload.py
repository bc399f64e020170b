"""What a notice says, and the one small JSON message that carries it; pure.

The message is read twice: by browsers that show it without a service worker (Declarative Web Push), and by our own
worker elsewhere. Titles come from feeds: they are hostile until cleaned, and may be of any length.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.ingest.text import one_line

from .graphemes import cut

if TYPE_CHECKING:
    from aggregator.models import Entry

MAX_PAYLOAD_BYTES = 2000
"""Of JSON. Firefox on Android passes on no more than 2,744 bytes after encryption."""
MAX_TITLE_CHARACTERS = 120
"""Screens show fewer; the column `Notice.title` takes 200. Counted as `len` does, with the "…": to the eye, they are
never more, as what people see as one character is one code point or several, and is never torn."""
MAX_BODY_CHARACTERS = 120
"""Counted as in titles; the column `Notice.body` takes 500."""

_DECLARATIVE = 8030
"""The number by which browsers know a declarative message (Declarative Web Push)."""
_MAX_NAME_CHARACTERS = 60
"""Of one category or blog, so that several fit into a body."""
_MAX_NAMES_SHOWN = 4
"""More are only counted."""
_GENERIC = "generic"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)  # BCP 47, as much of it as feeds use


def notice_text(entries: Sequence[Entry], *, text: str, site_name: str) -> tuple[str, str]:
    """Title and body for new entries (one at least, with feed and category at hand).

    One post is called by its title and its blog; of several, the number and where they are. `text` is a device's wish:
    "generic" names no post and no blog.
    """
    if text == _GENERIC:
        return generic_text(site_name)
    if len(entries) == 1:
        source = clean(entries[0].feed.shown_title, MAX_BODY_CHARACTERS)
        return clean(entries[0].shown_title, MAX_TITLE_CHARACTERS) or source or "A new post", source
    return f"{len(entries)} new posts", _in_places(Counter(_place(entry) for entry in entries))


def generic_text(site_name: str) -> tuple[str, str]:
    """Title and body that tell no more than that there is something."""
    return clean(f"New posts on {site_name}", MAX_TITLE_CHARACTERS), ""


def payload(
    *, title: str, body: str, navigate: str, tag: str, icon: str, timestamp: datetime, badge: str = "", lang: str = ""
) -> bytes:
    """The JSON of a message, of at most 2,000 bytes: body and title are cut as far as that takes.

    `navigate`, `icon` and `badge` are absolute addresses of the site's own, `timestamp` is when the post appeared,
    and `lang` its language (BCP 47).
    """
    title, body = clean(title, MAX_TITLE_CHARACTERS) or "New posts", clean(body, MAX_BODY_CHARACTERS)
    notification: dict[str, object] = {
        "title": title,
        "body": body,
        "navigate": navigate,
        "tag": tag,
        "lang": lang if _LANGUAGE.fullmatch(lang) else "",
        "dir": "auto",
        "timestamp": int(timestamp.timestamp() * 1000),
        "icon": icon,
    }
    if badge:
        notification["badge"] = badge
    data = _as_json(notification)
    # A byte per character is the least that a cut saves, so this comes to an end.
    for name, text, shortest in (("body", body, 0), ("title", title, 20)):
        while len(data) > MAX_PAYLOAD_BYTES and len(text) > shortest:
            text = cut(text, max(len(text) - (len(data) - MAX_PAYLOAD_BYTES) // 4 - 1, shortest))  # noqa: PLW2901
            notification[name] = text
            data = _as_json(notification)
    return data


def clean(text: str, max_length: int) -> str:
    """`text` as a notification can show it: one line, no controls and no turned text, cut between characters."""
    return cut(one_line(text, 4 * max_length), max_length)


def _as_json(notification: dict[str, object]) -> bytes:
    message = {"web_push": _DECLARATIVE, "notification": notification}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _place(entry: Entry) -> str:
    category = entry.feed.category
    return clean(category.name if category else entry.feed.shown_title, _MAX_NAME_CHARACTERS)


def _in_places(places: Counter[str]) -> str:
    """The places with the most posts, and how many more there are."""
    names = [name for name, _ in places.most_common() if name]
    named = ", ".join(names[:_MAX_NAMES_SHOWN])
    more = len(names) - _MAX_NAMES_SHOWN
    return clean(f"in {named} and {more} more" if more > 0 else f"in {named}" if named else "", MAX_BODY_CHARACTERS)
