"""Notes on a feed: which of its posts are held or dropped, and where else it may be. Asks the database nothing."""

from __future__ import annotations

from aggregator.models import Feed
from aggregator.models.feed import MANY_A_DAY

SKIPPED = {
    "empty": "had neither text nor link",
    "unreadable": "could not be read",
    "torn": "was cut off at the end of the document",
    "repeated": "stood there twice",
}
"""Why items of a document are not there as posts (`ingest.types.Skipped`), in words that follow their number."""


def held_note(feed: Feed) -> str:
    """What waits for a curator's decision; empty when nothing does."""
    if not feed.held_count:
        return f"another blog now? {feed.held_reason}" if feed.is_drifting else ""
    return f"{_posts_held(feed)}: {feed.held_reason or held_question(feed)}"


def short_held_note(feed: Feed) -> str:
    """As much of `held_note` as fits into a column; empty when nothing is held."""
    return f"{_posts_held(feed)}: {held_question(feed)}" if feed.held_count else ""


def held_question(feed: Feed) -> str:
    """What a curator has to find out about the posts that are held."""
    return {"many": "too many in a day?", "archive": "republished archive?"}.get(held_cause(feed), "another blog's?")


def held_cause(feed: Feed) -> str:
    """Why posts of the feed are held, in a word: "changed" (it looks like another feed now), "many" (in a day),
    "foreign" (they may be another blog's) or "archive" (many old ones at once)."""
    if feed.is_drifting:
        return "changed"
    if feed.held_reason == MANY_A_DAY:
        return "many"
    return "foreign" if feed.held_reason else "archive"


def proposal_note(feed: Feed) -> str:
    """Where else the feed may be; empty when no address is proposed."""
    return f"A feed was found at {feed.proposed_url}" if feed.proposed_url else ""


def double_note(feed: Feed) -> str:
    """Where another feed is read that is this one once more; empty when there is none."""
    if not feed.double_of_id:
        return ""
    return f"Its address leads to {feed.leads_to}, where another feed of this list is at home: nothing comes from there"


def filtered_note(feed: Feed) -> str:
    """What the feed's rules take away; empty when they take nothing."""
    if not feed.filtered_count:
        return ""
    return f"{_posts(feed.filtered_count)} dropped by rules"


def skipped_note(feed: Feed) -> str:
    """Which items of the feed's document are not there as posts, or not all of them, and why; empty if all are."""
    counts = {name: count for name, count in feed.skipped.items() if isinstance(count, int)}
    told = [f"{_items(counts[name])} {words}" for name, words in SKIPPED.items() if counts.get(name)]
    if too_old := counts.get("too_old"):
        total = too_old + counts.get("newest", 0) + counts.get("repeated", 0)
        told.append(f"the oldest {too_old} of {total} items were too many to take")
    if files := counts.get("files"):
        told.append(f"{'1 file' if files == 1 else f'{files} files'} left out of posts that have too many")
    if isinstance(cut := feed.skipped.get("cut"), list):
        told.append(f"{_items(len(cut))} cut short after a million characters")
    return "; ".join(told)


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _posts_held(feed: Feed) -> str:
    return f"{_posts(feed.held_count)} held"


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"
