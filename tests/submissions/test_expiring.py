"""What has had its time: unsent proposals, what they looked like, who sent them, and the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.models import Submission
from aggregator.submissions.expiring import expire
from tests.factories import NOW

from .test_proposing import ready

DAY = timedelta(days=1)


def stands(proposal: Submission) -> str:
    proposal.refresh_from_db()
    return proposal.state


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "at", "kept", "then"),
    [
        ("ready", "created_at", "ready", "expired"),
        ("looking", "created_at", "looking", "expired"),
        ("asked", "decided_at", "asked", "expired"),
        ("waiting", "created_at", "waiting", "waiting"),
    ],
)
def test_what_waits_for_its_sender_is_dropped_after_two_weeks(state: str, at: str, kept: str, then: str) -> None:
    proposal = ready(state=state, email="me@a.example", **{"created_at": NOW - 40 * DAY, at: NOW})
    expire(NOW + 14 * DAY)
    assert stands(proposal) == kept
    expire(NOW + 14 * DAY + timedelta(seconds=1))
    assert stands(proposal) == then
    assert (proposal.email == "", proposal.previews == []) == ((then == "expired"), True)


@pytest.mark.django_db
def test_what_posts_looked_like_goes_two_weeks_after_the_look_and_the_sentences_stay() -> None:
    met = [{"kind": "language", "text": "It is in English.", "slug": ""}]
    posts = [{"title": "", "url": "", "published_at": None, "html": "<p>x</p>"}]
    proposal = ready(state="waiting", evidence={"met": met, "refusal": "", "posts": posts})
    expire(NOW + 14 * DAY)
    proposal.refresh_from_db()
    assert len(proposal.previews) == 1
    expire(NOW + 14 * DAY + timedelta(seconds=1))
    proposal.refresh_from_db()
    assert (proposal.previews, proposal.met) == ([], met)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_after_a_decision_the_mail_address_goes_first_and_then_the_rest(state: str) -> None:
    proposal = ready(state=state, decided_at=NOW, email="me@a.example", email_proven_at=NOW)
    expire(NOW + 13 * DAY)
    assert (stands(proposal), proposal.email) == (state, "me@a.example")
    expire(NOW + 15 * DAY)
    assert (stands(proposal), proposal.email, proposal.email_proven_at) == (state, "", None)
    expire(NOW + 91 * DAY)
    assert not Submission.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["withdrawn", "expired"])
def test_what_ended_by_itself_is_forgotten_too(state: str) -> None:
    ready(state=state, decided_at=NOW)
    expire(NOW + 89 * DAY)
    assert Submission.objects.count() == 1
    expire(NOW + 91 * DAY)
    assert not Submission.objects.exists()
