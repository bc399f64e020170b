"""Whether a body brought anything new, told before it is parsed."""

from __future__ import annotations

import hashlib
import re

_FIRST_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]", re.IGNORECASE)
# Within a comment or CDATA, what looks like a date's element is text, which could be shown: so these match first, and
# stay. The date itself must look like one.
_HEAD_DATE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    rb"|<(?P<name>lastBuildDate|pubDate|(?:atom:)?updated|(?:dc:)?date)>[\w ,:.+-]{0,60}</(?P=name)>",
    re.DOTALL,
)


def fingerprint(body: bytes) -> str:
    """SHA-256 in hex of a feed without the dates that stand before its first item; of anything else, of all of it.

    Many servers write the time of the request there. Nothing of it is stored of a feed that was read before, so two
    bodies with one fingerprint store the same. The dates of items count, as do dates in a text that isn't plain ASCII
    or compatible with it.
    """
    first_item = _FIRST_ITEM.search(body)
    end = first_item.start() if first_item else 0
    digest = hashlib.sha256(without_dates(body[:end]))
    digest.update(memoryview(body)[end:])
    return digest.hexdigest()


def without_dates(head: bytes) -> bytes:
    """What stands before a feed's first item, without its dates."""
    return _HEAD_DATE.sub(_without_date, head)


def _without_date(match: re.Match[bytes]) -> bytes:
    return b"" if match["name"] else match[0]
