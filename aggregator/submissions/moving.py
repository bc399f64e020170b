"""A blog that moves: its owner says where to, curators decide, and until then nothing is asked or shown from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from aggregator.curating.adding import FeedRefused, checked_address, known_feed, refuse_removed
from aggregator.curating.deciding import point_to
from aggregator.ingest.address import host_of
from aggregator.models import Feed, Ownership, Submission, site_change

from .owning import NotDone, owned, remember
from .proposing import end


def proposed_move(feed: Feed) -> Submission | None:
    """The new address that waits for a curator or for its owner, if there is one."""
    return Submission.objects.open().filter(moves=feed).first()


def last_decided_move(feed: Feed) -> Submission | None:
    """The last new address about which there is nothing left to decide."""
    return Submission.objects.filter(moves=feed).exclude(decided_at=None).order_by("-decided_at").first()


def propose_move(pk: int, shown: Sequence[object], address: str, now: datetime) -> Submission:
    """The proposal of a new address, which the worker looks at next. Raises NotDone, with a sentence."""
    with owned(pk, shown) as (feed, row):
        url = _possible(address, feed)
        if proposed_move(feed):
            raise NotDone("A new address is being looked at already. Take that back first.")
        proposal = Submission.objects.create(address=url, host=host_of(url), moves=feed, created_at=now)
        row.note(f"proposed another address, {url[:200]}", now)
        remember(row)
        return proposal


def withdraw_move(pk: int, now: datetime) -> None:
    """Take the new address back, while nobody has decided about it. Raises NotDone."""
    with transaction.atomic():
        feed_id = Ownership.objects.proven().filter(pk=pk).values_list("feed_id", flat=True).first()
        proposal = Submission.objects.open().select_for_update().filter(moves=feed_id or 0).first()
        if proposal is None:
            raise NotDone("No new address waits any more.")
        end(proposal, Submission.State.WITHDRAWN, now)
        row = Ownership.objects.select_for_update().get(pk=pk)
        row.note("took the new address back", now)
        remember(row)


def accept_move(submission: Submission, now: datetime) -> None:
    """Point the feed to its new address, due at once; its posts stay. Raises FeedRefused, and changes nothing then.

    The mark of its owner is looked for there from now on.
    """
    with site_change():
        feed = Feed.objects.select_for_update().filter(pk=submission.moves_id or 0).first()
        if feed is None or feed.state == Feed.State.REJECTED:
            raise FeedRefused("The source that was to move is no longer here.")
        is_its_own = feed.site_url == feed.reported_site_url
        if submission.site_url and is_its_own:  # what a curator wrote there stays
            feed.site_url = feed.reported_site_url = submission.site_url
            feed.save(update_fields=["site_url", "reported_site_url"])
        point_to(feed, submission.feed_url, now)


def _possible(address: str, feed: Feed) -> str:
    try:
        url = checked_address(address)
        refuse_removed([url])
    except FeedRefused as refusal:
        raise NotDone(str(refusal)) from refusal
    known = known_feed(url)
    if known and known.pk == feed.pk:
        raise NotDone("That is the address that it has.")
    if known:
        raise NotDone("That address is here already, as another source. The curators can put them together.")
    return url
