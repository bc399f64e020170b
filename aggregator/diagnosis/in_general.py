"""What went wrong when a feed was read last, in words for everybody: no address, nothing that a server said. Those on
the row can hold addresses with secrets in them."""

from __future__ import annotations

import re

from aggregator.models import Feed

_STATUS = re.compile(r"\b[1-5][0-9]{2}\b")
_WORDS = {
    "refused": "its address can’t be asked from here",
    "dns": "the name of its server isn’t known",
    "connection": "its server doesn’t answer",
    "tls": "the certificate of its server can’t be trusted",
    "timeout": "its server is too slow",
    "too_large": "it is larger than what we read of a feed",
    "encoding": "its server packs it in a way that can’t be unpacked",
    "redirect": "its address leads on in a circle, or nowhere",
    "protocol": "what its server answers isn’t valid HTTP",
    "http": "its server answers with an error",
    "empty": "its server sends nothing",
    "not_a_feed": "a web page or something else is where the feed was",
    "already_listed": "another source of this site is read there",
    "removed": "it leads to a place that was removed from this site",
    "unreadable": "it is too broken to be read",
    "reader_stopped": "reading it takes too long, or too much memory",
}


def in_general(feed: Feed) -> str:
    """To follow "at the last look"; empty if that went well."""
    if not feed.last_error_kind:
        return ""
    words = _WORDS.get(feed.last_error_kind, "something went wrong on our side")
    status = _STATUS.search(feed.last_error) if feed.last_error_kind == "http" else None
    return f"{words} ({status[0]})" if status else words
