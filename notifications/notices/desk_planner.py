"""What waits at the desk becomes notices and mails to curators: once in a quiet time, all in one transaction.

The rows are the truth: `Submission.announced_at`, `ToldFeed`, and `DeskRound`, from which the quiet time counts. What
comes in that time is told when it ends, if it still waits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from aggregator.models import Feed, Submission
from notifications.models import DeskRound, Kind, Mail, ToldFeed, wanted_kinds

from .announcing import announce
from .desk_news import DeskTelling
from .matters import (
    MAX_MATTERS_PER_RUN,
    Matter,
    is_anything_untold,
    of_feed,
    of_submission,
    untold_feeds,
    untold_proposals,
    watch_told_feeds,
)

logger = logging.getLogger(__name__)


def desk_ready_at(now: datetime) -> datetime | None:
    """When what waits at the desk may be told; None if nothing is to be told."""
    if not is_anything_untold(now):
        return None
    return quiet_until(now)


def quiet_until(now: datetime) -> datetime:
    """The end of the quiet time; `now` if it is over. A last time that lies ahead was another clock's."""
    last = DeskRound.objects.last_at()
    if last is None or last > now:
        return now
    return max(now, last + timedelta(minutes=settings.CURATOR_QUIET_MINUTES))


def plan_desk(now: datetime) -> int:
    """Tell curators what waits at the desk, if the moment has come; the number of deliveries and mails to write."""
    watch_told_feeds(now)
    ready = desk_ready_at(now)
    if ready is None or ready > now:
        return 0
    with transaction.atomic():
        found = {kind: list(feeds[:MAX_MATTERS_PER_RUN]) for kind, feeds in untold_feeds(now).items()}
        kept = _keep(feed.pk for feeds in found.values() for feed in feeds)
        this_round = DeskRound.objects.take()
        if quiet_until(now) > now:  # another worker told in the meantime
            return 0
        matters = [*_take_proposals(now), *_take_feeds(kept, now)]
        telling = DeskTelling()
        pushes = announce(telling, matters, now) if matters else 0
        mails = _write_mails(telling, matters, now) if matters else 0
        if pushes or mails:  # if nobody was told, nobody is to be left in peace
            this_round.last_at = now
            this_round.save(update_fields=["last_at"])
    logger.info("planned matters=%d deliveries=%d mails=%d", len(matters), pushes, mails)
    return pushes + mails


def _keep(ids: Iterable[int]) -> list[int]:
    """Those of these feeds that are here; nobody can delete them until the transaction ends, as rows will name them.

    `aggregator.models.sql` tells the order of locks: feeds before all else that is locked here.
    """
    feeds = Feed.objects.filter(pk__in=set(ids)).order_by("pk")
    return list(feeds.select_for_update(no_key=True).values_list("pk", flat=True))


def _take_proposals(now: datetime) -> list[Matter]:
    """Those that nobody is deciding or taking back at this moment, marked as told."""
    can_skip = connection.features.has_select_for_update_skip_locked
    waiting = untold_proposals().select_related("moves").select_for_update(of=("self",), skip_locked=can_skip)
    proposals = list(waiting[:MAX_MATTERS_PER_RUN])
    Submission.objects.filter(pk__in=[proposal.pk for proposal in proposals]).update(announced_at=now)
    return [of_submission(proposal) for proposal in proposals]


def _take_feeds(kept: Sequence[int], now: datetime) -> list[Matter]:
    """Of these feeds, asked anew, as another worker may have told; each gets the row that says so."""
    untold = {kind: feeds.filter(pk__in=kept) for kind, feeds in untold_feeds(now).items()} if kept else {}
    found = [(kind, feed) for kind, feeds in untold.items() for feed in feeds]
    ToldFeed.objects.bulk_create([ToldFeed(kind=kind, feed=feed, announced_at=now) for kind, feed in found])
    return [of_feed(kind, feed) for kind, feed in found]


def _write_mails(telling: DeskTelling, matters: Sequence[Matter], now: datetime) -> int:
    """One to each curator who wants it; one that still waits will tell of these, too."""
    if not settings.HAS_MAIL:
        return 0
    new_kinds = {matter.kind for matter in matters}
    people = User.objects.filter(is_active=True, is_staff=True, mail_wish__isnull=False).exclude(email="")
    told = [user.pk for user in people.select_related("mail_wish") if _kinds_for(telling, user) & new_kinds]
    waiting = set(Mail.objects.unfinished().filter(about=Mail.About.DESK).values_list("user", flat=True))
    new = [Mail(about=Mail.About.DESK, user_id=pk, created_at=now, next_at=now) for pk in told if pk not in waiting]
    Mail.objects.bulk_create(new)
    return len(new)


def _kinds_for(telling: DeskTelling, user: User) -> frozenset[str]:
    wanted = wanted_kinds(user.mail_wish)  # type: ignore[attr-defined]
    return frozenset(kind for kind in Kind.values if kind in wanted and user.pk in telling.may_decide[kind])
