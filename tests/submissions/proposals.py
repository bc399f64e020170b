"""Proposals for tests, and the worker's look at them."""

from __future__ import annotations

from datetime import datetime

from aggregator.models import Submission
from aggregator.submissions.looking import look_at_waiting
from aggregator.submissions.proposing import propose
from tests.factories import NOW
from tests.polls import clock


def proposed(address: str, *, note: str = "", email: str = "", network: str = "203.0.113.0/24") -> Submission:
    return propose(address, note=note, email=email, network=network, now=NOW)


def looked_at(proposal: Submission, now: datetime = NOW) -> Submission:
    look_at_waiting(seconds=60, clock=clock(now))
    proposal.refresh_from_db()
    return proposal


def seen_at(address: str) -> Submission:
    """A new proposal of this address, as it stands after the worker's look."""
    return looked_at(proposed(address))


def kinds(proposal: Submission) -> list[str]:
    return [met["kind"] for met in proposal.met]
