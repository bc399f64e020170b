"""What a proposal's sender may do: propose, send it off, take it back, answer, and have it looked at again.

Each is done under the row's lock, and to a proposal that stands as its sender saw it; else it is refused in a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from aggregator.curating.adding import FeedRefused, checked_address
from aggregator.ingest.address import host_of
from aggregator.limiting.limits import Limit, admit
from aggregator.limiting.quotas import Quota, in_minutes
from aggregator.models import Submission
from aggregator.models.sql import Locked, lock_kind
from aggregator.signals import submission_waiting

from .evidence import reason_against

MAX_WAITING = 50
"""Proposals that were sent and aren't decided, in all: more than curators read in a week is no help to anybody."""
MAX_UNSENT = 200
"""Proposals that nobody has sent off. Else these alone could shut the door, and no curator would see them."""
YIELDS_AFTER = timedelta(days=1)
"""What wasn't sent off so long after it came makes room for others, and its host is free: nobody can hold either."""
PER_NETWORK = Quota("proposals", 3)
ASKED = "asked"
"""In the evidence of one that ended: the `address_mark` of the mail address that was asked to confirm itself."""
LOOKS = Limit("looks", 3, timedelta(minutes=1), timedelta(minutes=30), forgives_after=timedelta(hours=1))

_State = Submission.State


class ProposalRefused(ValueError):
    """Its text is a sentence for people."""


class TooMany(ProposalRefused):
    """Others have to be decided first, or some time has to pass: `seconds`."""

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


def propose(address: str, *, note: str, email: str, network: str, now: datetime) -> Submission:
    """A new proposal, for the worker to look at. Raises ProposalRefused: then there is no row, and nothing counts."""
    try:
        url = checked_address(address)
    except FeedRefused as error:
        raise ProposalRefused(f"This address can’t be asked. {error}") from error
    if seconds := PER_NETWORK.seconds_left(network, now):  # before any lock: a flood of these keeps nobody waiting
        raise _too_many_from_there(seconds)
    if against := reason_against([url]):
        raise ProposalRefused(against.text)
    draft = Submission(address=url, host=host_of(url), note=note, email=email, created_at=now)
    try:
        with transaction.atomic():
            _save_new(draft, network, now)
    except IntegrityError as error:
        raise _already_open(draft.host) from error
    return draft


def _save_new(draft: Submission, network: str, now: datetime) -> None:
    lock_kind(Locked.PROPOSALS)
    others = Submission.objects.open().filter(moves=None)
    unsent = others.filter(state__in=(_State.LOOKING, _State.READY))
    yielding = unsent.filter(created_at__lt=now - YIELDS_AFTER).order_by("created_at", "pk").select_for_update()
    for proposal in yielding.filter(host=draft.host):
        end(proposal, _State.EXPIRED, now)
    if others.filter(host=draft.host).exists():
        raise _already_open(draft.host)
    if _waiting() >= MAX_WAITING:
        raise _too_many_wait()
    if unsent.count() >= MAX_UNSENT:
        for proposal in yielding[:1]:
            end(proposal, _State.EXPIRED, now)
        if unsent.count() >= MAX_UNSENT:
            raise TooMany("Many blogs are being proposed just now. Please come back tomorrow.", 86400)
    if seconds := PER_NETWORK.take(network, now):
        raise _too_many_from_there(seconds)
    draft.save(force_insert=True)


def _waiting() -> int:
    return Submission.objects.filter(state__in=(_State.WAITING, _State.ASKED), moves=None).count()


def _too_many_wait() -> TooMany:
    return TooMany(f"{MAX_WAITING} proposals wait already. Please come back in a few days.", 86400)


def _already_open(host: str) -> ProposalRefused:
    return ProposalRefused(
        f"A blog on {host} is proposed already, and not decided yet. One at a time, please; "
        "what its sender doesn’t send off makes room after a day."
    )


def _too_many_from_there(seconds: int) -> TooMany:
    wait = in_minutes(seconds)
    return TooMany(
        f"{PER_NETWORK.most} proposals in an hour have come from your network. The next can in {wait}.", seconds
    )


def send(key: str, now: datetime) -> None:
    """Put it before the curators. Raises ProposalRefused, also if something stands against it by now."""
    with transaction.atomic():
        lock_kind(Locked.PROPOSALS)  # of those that are sent at once, no more than there is room for
        with _standing(key, _State.READY) as proposal:
            against = reason_against([proposal.feed_url, proposal.address], proposal)
            if against or not proposal.can_be_sent:
                raise ProposalRefused(against.text if against else "It can’t be sent as it is.")
            if _waiting() >= MAX_WAITING:
                raise _too_many_wait()
            proposal.state, proposal.sent_at, proposal.announced_at = _State.WAITING, now, None
            proposal.save(update_fields=["state", "sent_at", "announced_at"])
            tell_after_commit(proposal)


def take_back(key: str, now: datetime) -> None:
    """End it, and forget who sent it and what it looked like. Raises ProposalRefused."""
    with _standing(key, _State.LOOKING, _State.READY, _State.WAITING, _State.ASKED) as proposal:
        end(proposal, _State.WITHDRAWN, now)


def end(proposal: Submission, state: Submission.State, now: datetime) -> None:
    """End one that nobody decided, whose row is locked. Nobody is told of it; its posts and mail address go at once.

    That the address was asked is known for a day more: who proposes and takes back must not have it asked each time.
    """
    if proposal.email_asked_at:
        proposal.evidence[ASKED] = address_mark(proposal.email)
    proposal.state, proposal.decided_at, proposal.answered_at = state, now, now
    proposal.email, proposal.email_asked_at, proposal.email_proven_at = "", None, None
    proposal.evidence.pop("posts", None)
    fields = ["state", "decided_at", "answered_at", "email", "email_asked_at", "email_proven_at", "evidence"]
    proposal.save(update_fields=fields)


def address_mark(email: str) -> str:
    """By which a mail address is known again, and by nothing else. The site's secret is in it."""
    return salted_hmac("aggregator.submissions address", email.lower(), algorithm="sha256").hexdigest()


def answer(key: str, text: str, now: datetime) -> None:
    """Answer what the curators asked; then it waits for them again, in its old place. Raises ProposalRefused."""
    with _standing(key, _State.ASKED) as proposal:
        proposal.state, proposal.answer = _State.WAITING, text
        proposal.sent_at, proposal.announced_at = proposal.sent_at or now, None
        proposal.save(update_fields=["state", "answer", "sent_at", "announced_at"])
        tell_after_commit(proposal)


def look_again(key: str, now: datetime) -> None:
    """Have the worker look once more. Raises ProposalRefused; TooMany if it did so often by now."""
    with _standing(key, _State.READY):
        pass
    if seconds := admit(LOOKS, key, now):
        raise TooMany(f"It was looked at only just now. Try again in {seconds} seconds.", seconds)
    with _standing(key, _State.READY) as proposal:
        proposal.state, proposal.looked_at, proposal.evidence = _State.LOOKING, None, {}
        proposal.save(update_fields=["state", "looked_at", "evidence"])


def tell_after_commit(proposal: Submission) -> None:
    """Let who tells curators know, as soon as it is certain, that this waits for them."""
    facts = {"sender": Submission, "submission_id": proposal.pk}
    transaction.on_commit(lambda: submission_waiting.send_robust(**facts), robust=True)


@contextmanager
def _standing(key: str, *states: Submission.State) -> Iterator[Submission]:
    """The proposal, locked until the block ends. Raises ProposalRefused if it stands in none of these states by now."""
    with transaction.atomic():
        proposal = Submission.objects.select_for_update().filter(key=key).first()
        if proposal is None or proposal.state not in states:
            raise ProposalRefused("That is no longer possible: it has changed meanwhile. This is how it stands now.")
        yield proposal
