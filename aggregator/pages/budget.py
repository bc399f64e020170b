"""How many bytes of posts a listing shows: whole ones until its budget is used, and of the others the beginning.

Ten posts of a megabyte a poll, as one blog could bring them, would else make pages that no reader can load. The post's
own page has it whole, and no post is left out of a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from aggregator.models import Entry, Feed

LISTING_BYTES = 1_500_000
"""Of all posts that a page or a feed of ours shows whole."""
SOURCE_BYTES = LISTING_BYTES // 3
"""Of one blog's, where several are listed: it takes nobody else's place."""
POST_BYTES = 256 * 2**10
"""A longer post is whole on its own page alone."""


def keep_to_budget(
    entries: Iterable[Entry], *, source_bytes: int = SOURCE_BYTES, written: Callable[[str], str] = str
) -> None:
    """Mark posts as cut that would take too much, in the order in which they are listed.

    Their content must have been read by `with_content_up_to(POST_BYTES)`, and their feeds be at hand. What counts are
    the bytes of a content as it is `written`.
    """
    spent, of_sources = 0, Counter[int]()
    for entry in entries:
        entry.content_html = entry.short_content_html
        if entry.feed.display != Feed.Display.FULL:
            continue
        size = len(written(entry.content_html).encode())
        is_within = max(size, entry.content_characters) <= POST_BYTES and spent + size <= LISTING_BYTES
        entry.is_cut = not is_within or of_sources[entry.feed_id] + size > source_bytes
        if entry.is_cut:
            entry.content_html = ""
        else:
            spent += size
            of_sources[entry.feed_id] += size
