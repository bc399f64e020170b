"""What the worker does by itself: it looks each minute, and clears away each hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator.tasks import look_at_proposals, tidy_up
from tests.servers import FeedServer

from .feeds import blog
from .proposals import proposed
from .test_proposing import ready

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_task_of_each_minute_looks_at_what_nobody_asked_it_for(feed_server: FeedServer) -> None:
    proposal = proposed(blog(feed_server))
    look_at_proposals.call_local()
    proposal.refresh_from_db()
    assert proposal.state == "ready"


def test_the_task_of_each_hour_ends_what_has_had_its_time() -> None:
    proposal = ready(created_at=timezone.now() - timedelta(days=15))
    tidy_up.call_local()
    proposal.refresh_from_db()
    assert proposal.state == "expired"
