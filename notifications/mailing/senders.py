"""Who proposed a blog is written to: once to ask whether the address is theirs, and when something was decided.

`Submission.email_asked_at` and `answered_at` say what was taken care of; each is set with the row of the mail, in one
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from aggregator.models import Submission
from aggregator.submissions.proposing import ASKED, address_mark
from notifications.models import Mail

MAX_ASKED_PER_DAY = 2
"""To one unproven address: a form that anybody may fill in must not fill a stranger's mailbox."""
DAY = timedelta(days=1)
DECIDED_STATES = (Submission.State.ACCEPTED, Submission.State.DECLINED, Submission.State.ASKED)
MAX_DECISION_AGE = timedelta(days=7)
"""What was decided before that is no news, also to who confirms the address only now."""
ROWS_PER_RUN = 100


def plan_senders_mails(now: datetime) -> int:
    """Write a row for each mail that is to be sent; how many."""
    if not settings.HAS_MAIL:
        return 0
    return _plan(_to_ask(), Mail.About.ADDRESS, now) + _plan(_to_tell(now), Mail.About.DECISION, now)


def _to_ask() -> QuerySet[Submission]:
    """Those that were sent off, with an address that nobody was asked about."""
    sent = Submission.objects.filter(state__in=[Submission.State.WAITING, Submission.State.ASKED])
    return sent.exclude(email="").filter(email_asked_at=None, email_proven_at=None)


def _to_tell(now: datetime) -> QuerySet[Submission]:
    """Those whose sender has confirmed the address, and doesn't know yet what was decided."""
    decided = Submission.objects.filter(state__in=DECIDED_STATES, decided_at__gt=now - MAX_DECISION_AGE)
    unanswered = Q(answered_at=None) | Q(answered_at__lt=F("decided_at"))
    return decided.exclude(email="").filter(unanswered, email_proven_at__isnull=False)


def _plan(proposals: QuerySet[Submission], about: Mail.About, now: datetime) -> int:
    if not proposals.exists():  # asked without a lock: SQLite has one for all writers
        return 0
    can_skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        found = list(proposals.select_for_update(skip_locked=can_skip).order_by("pk")[:ROWS_PER_RUN])
        written = _ask(found, now) if about == Mail.About.ADDRESS else _tell(found, now)
        Mail.objects.bulk_create(
            [Mail(about=about, submission=proposal, created_at=now, next_at=now) for proposal in written]
        )
    return len(written)


def _ask(found: Sequence[Submission], now: datetime) -> list[Submission]:
    """Those whose address isn't asked too often; the others count as asked, and their mail is never written."""
    written = []
    for proposal in found:
        has_it = Q(email__iexact=proposal.email, email_asked_at__gt=now - DAY)
        had_it = Q(decided_at__gt=now - DAY, **{f"evidence__{ASKED}": address_mark(proposal.email)})
        asked = Submission.objects.filter(has_it | had_it).count()
        Submission.objects.filter(pk=proposal.pk).update(email_asked_at=now)
        written += [proposal] if asked < MAX_ASKED_PER_DAY else []
    return written


def _tell(found: Sequence[Submission], now: datetime) -> list[Submission]:
    """One that still waits to be sent will tell of this, too: it says what is true then."""
    Submission.objects.filter(pk__in=[proposal.pk for proposal in found]).update(answered_at=now)
    waiting = Mail.objects.unfinished().filter(about=Mail.About.DECISION, submission__in=found)
    told = set(waiting.values_list("submission", flat=True))
    return [proposal for proposal in found if proposal.pk not in told]
