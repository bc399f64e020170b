"""What waits at the desk, for tests: proposals, feeds in trouble, and people who may decide."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User

from aggregator.models import Feed, Submission
from notifications.models import PushSubscription
from tests.factories import NOW, make_feed
from tests.notifications.outbox import make_curator, make_device

_numbers = itertools.count(1)


def make_proposal(title: str = "", **fields: Any) -> Submission:
    """One that waits for a decision, and nobody was told."""
    host = f"proposed{next(_numbers)}.example"
    values = {"address": f"https://{host}/", "host": host, "feed_url": f"https://{host}/feed", "title": title or host}
    return Submission.objects.create(
        **{**values, "state": "waiting", "created_at": NOW, "sent_at": NOW, **fields},
    )


def make_gone_feed(title: str = "", **fields: Any) -> Feed:
    return make_feed(title, **{"state": "gone", **fields})


def make_failing_feed(title: str = "", *, days: float = 4, **fields: Any) -> Feed:
    return make_feed(title, **{"failing_since": NOW - timedelta(days=days), "failure_count": 9, **fields})


def make_decider(**fields: Any) -> User:
    """A curator who may decide about feeds and proposals, and no more."""
    user = make_curator(**fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_feed", "change_submission"]))
    return user


def make_deciding_device(**fields: Any) -> PushSubscription:
    return make_device(make_decider(), **fields)
