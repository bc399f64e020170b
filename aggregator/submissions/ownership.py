"""Who may say that a blog is theirs: an ownership begins, asks for a look, is proven, missed and lost, and ends."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from aggregator.limiting.quotas import Quota, in_minutes
from aggregator.models import Author, Feed, Ownership, SiteState, Submission, site_change
from aggregator.models.ownership import MISSES_THAT_LOSE

from .tokens import token_of

PER_NETWORK = Quota("owners", 3)
MAX_NEVER_PROVEN = 1000
"""In all, of those that were begun and wait for their mark: strangers can begin as many as there are addresses."""


def sources_url() -> str:
    """Below this are the pages of our sources: where a blog's rel="me" link leads."""
    return f"{settings.WEBSITE_URL}/source"


def owner_token(ownership: Ownership) -> str:
    """What the owner's link ends with."""
    return token_of("owner", ownership.key)


class TooMany(ValueError):
    """No other can be begun just now; its text is a sentence for people."""


def begin_for_source(feed: Feed, network: str, now: datetime) -> Ownership:
    """An ownership of a listed source, still to prove, for somebody from this network. Raises TooMany."""
    with transaction.atomic():
        _refuse_too_many()
        if seconds := PER_NETWORK.take(network, now):
            raise TooMany(wait_in_words(seconds))
        return Ownership.objects.create(feed=feed, created_at=now)


def begin_for_proposal(submission: Submission, now: datetime) -> Ownership:
    """The ownership of a proposed blog, still to prove, or the one that it has. Raises TooMany."""
    known = Ownership.objects.filter(submission=submission).first()
    if known:
        return known
    _refuse_too_many()
    return Ownership.objects.get_or_create(submission=submission, defaults={"created_at": now})[0]


def _refuse_too_many() -> None:
    if Ownership.objects.never_proven().count() >= MAX_NEVER_PROVEN:
        raise TooMany("Too many blogs wait to be shown as somebody’s. Please come back in a few days.")


def wait_in_words(seconds: int) -> str:
    """A sentence for who asked too often."""
    return f"That was asked for often by now. Please wait {in_minutes(seconds)}, and try again."


def ask_for_look(ownership: Ownership, now: datetime) -> bool:
    """Have the worker look for the mark; False if it was asked before, or the ownership was ended."""
    rows = Ownership.objects.filter(pk=ownership.pk, asked_at=None, ended_at=None)
    return bool(rows.update(asked_at=now))


def note_found(row: Ownership, way: str, now: datetime) -> None:
    """Note (unsaved) that a look found the mark, that way."""
    if not row.is_proven:
        row.proven_at, row.lost_at = now, None
    row.way, row.misses = way, 0


def note_missing(row: Ownership, now: datetime) -> None:
    """Note (unsaved) that the mark's place answered well, and is without it. The second time in a row it is lost."""
    if not row.is_proven:
        return
    row.misses += 1
    if row.misses >= MISSES_THAT_LOSE:
        row.lost_at = now


def hand_over(submission: Submission) -> None:
    """Give the ownership of an accepted proposal its feed. Call it in the transaction that accepts."""
    Ownership.objects.filter(submission=submission, feed=None).update(feed=submission.feed)


def hand_back(submission: Submission) -> None:
    """Let the ownership be one of a proposal again. Call it in the transaction that undoes the acceptance."""
    Ownership.objects.filter(submission=submission).update(feed=None, paused_at=None)


def end(feed: Feed, now: datetime) -> int:
    """End what anybody has shown of this feed, for good: their links can only look. Returns how many were ended.

    Whoever shows anew that the blog is theirs begins with another code.
    """
    with site_change():
        list(Feed.objects.filter(pk=feed.pk).locked())
        owned = Ownership.objects.filter(feed=feed, ended_at=None).exclude(proven_at=None)
        count = owned.update(ended_at=now, lost_at=now, asked_at=None)
        if count:
            touch_authors(feed.pk, now)
        return count


def touch_authors(feed_id: int | None, now: datetime) -> None:
    """The blog is shown to be somebody's, or isn't any more: pages of its authors may say whose address is theirs.

    Call it in a `site_change`.
    """
    if feed_id and Author.objects.filter(feed=feed_id, url__gt="").exists():
        SiteState.objects.touch(now)
