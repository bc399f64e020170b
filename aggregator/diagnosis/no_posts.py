"""Why no post of a source is shown: a sentence, fit for curators and for everybody. Asks the database nothing."""

from __future__ import annotations

from aggregator.models import Feed
from aggregator.models.standing import Standing
from aggregator.models.unseen import Unseen

from .notes import skipped_note

_OF_ONE = {
    Standing.FOLDED: "is a copy of a post that another source brought, too",
    Standing.HELD: "waits for a curator",
    Standing.DROPPED: "is left out by a rule of the curators",
    Standing.HIDDEN: "was taken away by a curator",
    Standing.LET_GO: "had its time here",
}
_OF_MANY = {
    Standing.FOLDED: "are copies of posts that other sources brought, too",
    Standing.HELD: "wait for a curator",
    Standing.DROPPED: "are left out by rules of the curators",
    Standing.HIDDEN: "were taken away by curators",
    Standing.LET_GO: "had their time here",
}


def why_no_posts(feed: Feed, unseen: Unseen | None) -> str:
    """Why the source shows no post; empty if it shows some.

    `unseen` says how its posts stand (`unseen_of`); None if some are shown.
    """
    if unseen is None:
        return ""
    if told := [_so_many(standing, unseen.counts[standing]) for standing in _OF_ONE if standing in unseen.counts]:
        return f"Of its posts, {'; '.join(told)}."
    if not feed.has_address:
        return "No post was added so far."
    if feed.double_of_id:
        return "Its address leads to where another source is read: nothing is taken from there."
    if feed.last_ok_at is None:
        return "Its feed couldn’t be read so far." if feed.failure_count else "Its feed wasn’t read yet."
    if skipped := skipped_note(feed):
        return f"Nothing of what its feed brought could be taken: {skipped}."
    return "Its feed has brought no post so far."


def _so_many(standing: Standing, count: int) -> str:
    return f"1 {_OF_ONE[standing]}" if count == 1 else f"{count} {_OF_MANY[standing]}"
