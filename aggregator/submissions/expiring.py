"""What has had its time: proposals that nobody goes on with, what they looked like, and in the end their rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from aggregator.models import Submission, SubmissionQuerySet

from .proposing import ASKED, end

WAITS_FOR = timedelta(days=14)
"""For its sender. For curators it waits as long as it takes."""
PREVIEWS_KEPT = timedelta(days=14)
"""Nobody shall have a page here for longer, whatever stands on it."""
ADDRESS_KEPT = timedelta(days=14)
"""A mail address, once it was decided: what there is to write about that has been written by then."""
MARK_KEPT = timedelta(days=1)
"""Of a mail address that was asked: as long as it counts."""
KEPT = timedelta(days=90)
"""Of one that has ended, all the rest: who comes back to its page reads what came of it."""
ROWS_AT_ONCE = 500

_State = Submission.State
_WAITING_FOR_ITS_SENDER = (_State.LOOKING, _State.READY)
_DECIDED = (_State.ACCEPTED, _State.DECLINED)
_ENDED = (*_DECIDED, _State.WITHDRAWN, _State.EXPIRED)


def expire(now: datetime) -> None:
    """End, empty and forget what has had its time."""
    too_old = now - WAITS_FOR
    unsent = Q(state__in=_WAITING_FOR_ITS_SENDER, created_at__lt=too_old)
    unanswered = Q(state=_State.ASKED, decided_at__lt=too_old)
    _end_each(Submission.objects.filter(unsent | unanswered), now)
    _drop_of_each("posts", Submission.objects.filter(looked_at__lt=now - PREVIEWS_KEPT))
    _drop_of_each(ASKED, Submission.objects.filter(decided_at__lt=now - MARK_KEPT))
    decided = Submission.objects.filter(state__in=_DECIDED, decided_at__lt=now - ADDRESS_KEPT)
    decided.exclude(email="").update(email="", email_asked_at=None, email_proven_at=None)
    Submission.objects.filter(state__in=_ENDED, decided_at__lt=now - KEPT).delete()


def _end_each(proposals: SubmissionQuerySet, now: datetime) -> None:
    with transaction.atomic():
        for proposal in proposals.order_by("pk").select_for_update()[:ROWS_AT_ONCE]:
            end(proposal, _State.EXPIRED, now)


def _drop_of_each(name: str, proposals: SubmissionQuerySet) -> None:
    """Forget what their evidence has of that name."""
    with transaction.atomic():
        having = proposals.filter(evidence__has_key=name)
        for proposal in having.order_by("pk").select_for_update()[:ROWS_AT_ONCE]:
            del proposal.evidence[name]
            proposal.save(update_fields=["evidence"])
