"""How many bytes a listing takes: posts are shown whole until its budget is used, of the others the beginning.

Ten posts of a megabyte a poll, as one blog could bring them, would else make pages that no reader can load; and so
would short posts with twenty files each, or with addresses of 2,000 letters. What counts is what is written, with all
that it is escaped to. A post's own page has it whole, and no post is left out of a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from aggregator.models import Entry, Feed

from .beside import file_name
from .long_posts import length_of
from .tag_links import link_bytes

LISTING_BYTES = 1_500_000
"""Of all that a page or a feed of ours says of posts."""
BESIDE_BYTES = LISTING_BYTES // 2
"""Of what it says without their contents, so that links and files leave room for texts."""
SOURCE_BYTES = LISTING_BYTES // 3
"""Of the contents of one blog, where several are listed: it takes nobody else's place. What stands beside its posts may
take half as much."""
POST_BYTES = 256 * 2**10
"""A longer post is whole on its own page alone."""
ENTRY_BYTES = 2000
"""What a page writes around a post: no more than this, and a few hundred bytes less for most."""
FILE_BYTES = 400
"""The same for each file beside it."""
NAME_BYTES = 200
"""And for each feed that brought it, too, with the address of our page of that."""
AUTHOR_BYTES = 150
"""And for each who wrote it."""


class Weight(NamedTuple):
    """How many bytes a listing takes for a post without its content."""

    least: int
    """In any case: for its title, its beginning, and the name of its blog."""
    beside: int
    """More than that: for links, names and files."""


def keep_to_budget(
    entries: Sequence[Entry],
    weights: Sequence[Weight],
    *,
    source_bytes: int = SOURCE_BYTES,
    content_bytes: Callable[[str], int] = lambda html: length_of(html).page_bytes,
) -> None:
    """Mark posts as bare or cut that would take too much, in the order in which they are listed.

    Their content must have been read by `with_content_up_to(POST_BYTES)`, and their feeds be at hand. `content_bytes`
    says how many bytes a content takes where it is written; if nothing is said, on a page.
    """
    spent, of_sources = keep_bare(entries, weights, BESIDE_BYTES, source_bytes // 2), Counter[int]()
    for entry in entries:
        entry.content_html = entry.short_content_html
        if entry.feed.display != Feed.Display.FULL:
            continue
        most = min(POST_BYTES, LISTING_BYTES - spent, source_bytes - of_sources[entry.feed_id])
        # What is too long anyhow isn't counted.
        size = most + 1 if len(entry.content_html) > most else content_bytes(entry.content_html)
        entry.is_cut = entry.is_bare or entry.content_characters > POST_BYTES or size > most
        if entry.is_cut:
            entry.content_html = ""
        else:
            spent += size
            of_sources[entry.feed_id] += size


def keep_bare(entries: Sequence[Entry], weights: Sequence[Weight], most: int, most_of_source: int) -> int:
    """Mark posts as bare that would take too much with what stands beside them, in the order in which they are listed.

    What each takes at least is set aside before. Returns how many bytes all of them take.
    """
    spent, of_sources = sum(weight.least for weight in weights), Counter[int]()
    for entry, (_, size) in zip(entries, weights, strict=True):
        entry.is_bare = spent + size > most or of_sources[entry.feed_id] + size > most_of_source
        if not entry.is_bare:
            spent += size
            of_sources[entry.feed_id] += size
    return spent


def weight_on_page(entry: Entry, *, brief: bool = False) -> Weight:
    """That of a post with its feed and, unless it is shown in brief, its enclosures at hand."""
    feed, others = entry.feed, entry.also_in
    source = feed.shown_title
    least = ENTRY_BYTES + escaped_bytes(f"{entry.shown_title}{entry.excerpt}{source}{source}")
    # The link stands twice at a note. The blog's addresses stand above the first of its neighboring posts only.
    links = f"{entry.url}{entry.url}{feed.url}{feed.site_url}{entry.source_url}"
    names = "".join([entry.author, entry.source_title, *(other.shown_title for other in others)])
    pages = "".join(author.get_absolute_url() for _, author in entry.written_by if author)
    beside = escaped_bytes(links + names + pages) + NAME_BYTES * len(others) + AUTHOR_BYTES * len(entry.written_by)
    if feed.has_enclosures and not brief:
        for one in entry.enclosures.all():
            name = file_name(one.url) if one.title in {"", entry.title} else one.title
            beside += FILE_BYTES + 2 * escaped_bytes(one.url + name)  # a player has a link below it
    if not brief:
        beside += sum(map(link_bytes, entry.shown_tags))
    return Weight(least, beside)


def escaped_bytes(text: str) -> int:
    """As how many bytes a page, or XML, writes the text."""
    return len(escape(text).encode())
