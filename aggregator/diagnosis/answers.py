"""What a feed's server answered, in general words for everybody. Asks the database nothing.

The sentence on the feed's row (`last_error`) is for curators: it can hold addresses, and an address can be private, or
have a secret in its query. So of that only the number of an HTTP status is taken.
"""

from __future__ import annotations

import re

from aggregator.models import Feed

_NO_SERVER = "its address leads to no server that this site can ask"
"""For both: who lets a feed lead to an inside name must not learn whether our resolver knows it."""
_BY_KIND = {
    "refused": _NO_SERVER,
    "dns": _NO_SERVER,
    "connection": "its server couldn’t be reached",
    "tls": "its server’s certificate couldn’t be trusted",
    "timeout": "its server didn’t finish its answer in time",
    "too_large": "its feed was larger than what is read of one",
    "encoding": "its server’s answer couldn’t be unpacked",
    "redirect": "its address leads elsewhere in a way that couldn’t be followed",
    "protocol": "its server’s answer was no valid HTTP",
    "http": "its server answered with an error",
    "empty": "its server’s answer was empty",
    "not_a_feed": "its server answered with something that is no feed",
    "already_listed": "it led to a feed that is read here at another address",
    "removed": "it led to a place from which this site reads nothing",
    "unreadable": "its feed was too broken to be read",
    "reader_stopped": "its feed took too long to be read",
    "internal": "this site itself made a mistake",
}
_BY_STATUS = {
    401: "its server asked for a password",
    402: "its server asked for payment",
    403: "its server forbade us to read the feed",
    404: "its server found nothing at the feed’s address",
    410: "its server said that the feed is gone for good",
    429: "its server asked us to come less often",
    451: "its server withheld the feed for legal reasons",
    503: "its server wasn’t available just then",
}
_UNKNOWN = "it couldn’t be read"
_STATUS = re.compile(r"(?:\(|\bstatus )([1-9][0-9]{2})\b")
"""As the sentences of `HttpStatus` name it."""


def trouble_in_words(kind: str, status: int | None = None) -> str:
    """What an error of this kind was: half a sentence, as goes on after "The last look failed: "."""
    if status is None:
        return _BY_KIND.get(kind, _UNKNOWN)
    words = _BY_STATUS.get(status, "its server reported a fault of its own" if status >= 500 else _BY_KIND["http"])
    return f"{words} ({status})"


def last_trouble(feed: Feed) -> str:
    """What went wrong at the last look, in such words; empty if nothing did."""
    return trouble_in_words(feed.last_error_kind, http_status(feed)) if feed.last_error_kind else ""


def http_status(feed: Feed) -> int | None:
    """The HTTP status of the last look that failed; None if there was none."""
    found = _STATUS.search(feed.last_error) if feed.last_error_kind == "http" else None
    return int(found[1]) if found else None
