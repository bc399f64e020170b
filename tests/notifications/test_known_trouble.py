"""A site that is upgraded: what was in trouble before curators were told of such is no news."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from notifications.models import Notice, ToldFeed
from notifications.notices.desk_planner import plan_desk
from tests.factories import NOW, make_feed
from tests.notifications.desk import make_deciding_device, make_failing_feed, make_gone_feed, make_proposal

pytestmark = pytest.mark.django_db
upgrade = import_module("notifications.migrations.0008_feeds_known_to_be_in_trouble")


def test_of_old_trouble_nobody_is_told_and_of_new_they_are() -> None:
    make_deciding_device()
    make_gone_feed(held_count=3)
    make_failing_feed(days=1)
    make_feed(is_drifting=True, held_count=2)
    make_feed(state="rejected", held_count=2)
    upgrade.take_as_told(apps, None)
    assert ToldFeed.objects.count() == 5
    assert plan_desk(NOW) == 0
    make_gone_feed("Tides")
    make_proposal("Kiln")
    plan_desk(NOW)
    assert Notice.objects.get().title == "1 proposal waits · 1 feed is in trouble"
