"""What waits at the desk is told once in a quiet time, to those who may decide and want it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from aggregator.models import Feed, Submission
from notifications.models import AnnouncedMatter, Delivery, DeskRound, Notice, PushSubscription, Stream, ToldFeed
from notifications.notices import desk_planner
from notifications.notices.desk_planner import desk_ready_at, plan_desk
from notifications.notices.planner import plan
from tests.factories import NOW, make_entry, make_feed
from tests.notifications.desk import (
    make_decider,
    make_deciding_device,
    make_failing_feed,
    make_gone_feed,
    make_proposal,
)
from tests.notifications.outbox import FakeSender, deliver, make_curator, make_device

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def told(now: datetime = NOW) -> list[str]:
    """What is announced by a plan, by its titles."""
    before = set(Notice.objects.values_list("pk", flat=True))
    plan_desk(now)
    return sorted(Notice.objects.exclude(pk__in=before).values_list("title", flat=True))


def settle(now: datetime = NOW) -> None:
    """As if what waits for devices had been sent."""
    deliver(FakeSender(), now)


# -- what is told -----------------------------------------------------------------------------------------------------


def test_a_proposal_is_called_by_its_title_and_a_click_leads_to_it() -> None:
    make_deciding_device()
    proposal = make_proposal("Northern Notes")
    assert told() == ["A blog is proposed: Northern Notes"]
    notice = Notice.objects.get()
    assert (notice.submission, notice.body, notice.kinds) == (proposal, proposal.host, "proposals")
    proposal.refresh_from_db()
    assert proposal.announced_at == NOW


def test_a_new_address_of_a_feed_says_so() -> None:
    make_deciding_device()
    make_proposal(moves=make_feed("Northern Notes"))
    assert told() == ["A new address is proposed for Northern Notes"]


@pytest.mark.parametrize("state", sorted(set(Submission.State.values) - {"waiting"}))
def test_only_a_proposal_that_waits_is_told(state: str) -> None:
    make_deciding_device()
    make_proposal(state=state)
    assert told() == []


def test_held_posts_of_a_feed_are_told_with_their_number() -> None:
    make_deciding_device()
    feed = make_feed("Northern Notes", held_count=12)
    assert told() == ["Posts of Northern Notes are held"]
    assert (Notice.objects.get().body, Notice.objects.get().feed) == ("12 posts are held.", feed)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "gone"}, "It is gone."),
        ({"failing_since": NOW - timedelta(days=3)}, "It has failed since 21 Jun."),
        ({"is_drifting": True, "held_count": 3}, "It looks like another feed now."),
    ],
)
def test_a_feed_in_trouble_is_told_once_and_why(fields: dict[str, Any], words: str) -> None:
    make_deciding_device()
    make_feed("Northern Notes", **fields)
    assert told() == ["In trouble: Northern Notes"]
    assert Notice.objects.get().body == words


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"failing_since": NOW - timedelta(days=2, hours=23)},
        {"failing_since": NOW - timedelta(days=30), "state": "paused"},
        {"is_drifting": True, "state": "rejected", "held_count": 4},
        {"held_count": 4, "state": "rejected"},
    ],
)
def test_what_needs_nobody_is_not_told(fields: dict[str, Any]) -> None:
    make_deciding_device()
    make_feed(**fields)
    assert told() == []
    assert desk_ready_at(NOW) is None


def test_several_matters_are_one_notice_that_counts_them() -> None:
    make_deciding_device()
    for name in ("Kiln", "Fresh Paint"):
        make_proposal(name)
    make_feed("Waves", held_count=1)
    make_gone_feed("Tides")
    assert told() == ["2 proposals wait · 1 feed holds posts · 1 feed is in trouble"]
    assert Notice.objects.get().body == "Kiln, Fresh Paint, Waves, Tides"


def test_hostile_names_make_no_long_or_broken_text() -> None:
    make_deciding_device()
    make_proposal("\u202eEvil\n" + "x" * 280)
    [title] = told()
    assert len(title) <= 120
    assert "\n" not in title
    assert "\u202e" not in title
    assert title.startswith("A blog is proposed: ")


@pytest.mark.parametrize("by_site", [True, False])
def test_a_generic_notice_names_no_blog_and_no_kind(settings: LazySettings, by_site: bool) -> None:
    settings.PUSH_NAME_NO_POST = by_site
    device = make_deciding_device(text="detailed" if by_site else "generic")
    make_proposal("Secret Society")
    assert told() == ["Something to decide on Orrery"]
    sender = FakeSender()
    deliver(sender)
    assert b"Secret" not in sender.sent[0].payload
    assert device.names_posts is False


def test_a_device_that_became_generic_since_the_plan_shows_no_name() -> None:
    make_deciding_device()
    make_proposal("Secret Society")
    told()
    PushSubscription.objects.update(text="generic")
    sender = FakeSender()
    deliver(sender)
    assert b"Something to decide" in sender.sent[0].payload
    assert b"Secret" not in sender.sent[0].payload


# -- to whom ----------------------------------------------------------------------------------------------------------


def test_only_who_may_decide_is_told() -> None:
    make_device(make_curator())
    make_proposal()
    assert told() == []
    assert Submission.objects.get().announced_at == NOW  # and nobody is to be left in peace because of it:
    assert DeskRound.objects.last_at() is None


@pytest.mark.parametrize("kind", ["proposals", "held", "trouble"])
def test_each_kind_is_chosen_by_itself(kind: str) -> None:
    kinds = {f"wants_{one}": one == kind for one in ("proposals", "held", "trouble")}
    make_deciding_device(**kinds)
    make_proposal("Kiln")
    make_feed("Waves", held_count=2)
    make_gone_feed("Tides")
    names = {"proposals": "A blog is proposed: Kiln", "held": "Posts of Waves are held", "trouble": "In trouble: Tides"}
    assert told() == [names[kind]]


def test_a_device_that_wants_no_posts_gets_none_and_still_what_waits_at_the_desk() -> None:
    make_deciding_device(wants_posts=False)
    make_entry(days_ago=1 / 24 / 60)
    make_proposal("Kiln")
    assert plan(NOW) == 0
    assert told() == ["A blog is proposed: Kiln"]


def test_a_choice_that_was_made_since_the_plan_counts() -> None:
    make_deciding_device()
    make_proposal()
    told()
    PushSubscription.objects.update(wants_proposals=False)
    sender = FakeSender()
    assert deliver(sender) == {"suppressed": 1}
    assert sender.sent == []


def test_who_may_no_longer_decide_gets_nothing() -> None:
    device = make_deciding_device()
    make_proposal()
    told()
    assert device.user is not None
    device.user.user_permissions.clear()
    assert deliver(FakeSender()) == {"suppressed": 1}


def test_what_was_decided_before_it_was_sent_is_not_sent() -> None:
    make_deciding_device()
    make_proposal()
    told()
    Submission.objects.update(state="accepted")
    assert deliver(FakeSender()) == {"suppressed": 1}
    assert Delivery.objects.get().reason == "settled in the meantime"


def test_posts_limit_per_day_keeps_nothing_of_the_desk_back() -> None:
    make_deciding_device(most_a_day=0)
    make_proposal()
    told()
    assert deliver(FakeSender()) == {"accepted": 1}


def test_a_silent_device_is_told_when_it_speaks_again() -> None:
    make_deciding_device(muted_until=NOW + HOUR)
    make_proposal()
    told()
    sender = FakeSender()
    assert deliver(sender) == {"retry": 1}
    assert deliver(sender, NOW + HOUR) == {"accepted": 1}


# -- the quiet time ---------------------------------------------------------------------------------------------------


def test_a_second_proposal_in_the_quiet_time_waits_for_its_end_and_is_told_then() -> None:
    make_deciding_device()
    make_proposal("One")
    assert told() == ["A blog is proposed: One"]
    settle()
    make_proposal("Two")
    make_proposal("Three")
    assert told(NOW + 59 * MINUTE) == []
    assert desk_ready_at(NOW + 59 * MINUTE) == NOW + HOUR
    assert told(NOW + HOUR) == ["2 proposals wait"]
    assert told(NOW + 3 * HOUR) == []


def test_what_was_decided_in_the_quiet_time_is_never_told() -> None:
    make_deciding_device()
    make_proposal("One")
    told()
    two = make_proposal("Two")
    Submission.objects.filter(pk=two.pk).update(state="withdrawn")
    assert told(NOW + HOUR) == []


def test_all_kinds_share_the_quiet_time() -> None:
    make_deciding_device()
    make_proposal("One")
    told()
    settle()
    make_gone_feed("Tides")
    assert told(NOW + 59 * MINUTE) == []
    assert told(NOW + HOUR) == ["In trouble: Tides"]


def test_the_quiet_time_is_a_setting(settings: LazySettings) -> None:
    settings.CURATOR_QUIET_MINUTES = 0
    make_deciding_device()
    make_proposal("One")
    assert told() == ["A blog is proposed: One"]
    settle()
    make_proposal("Two")
    assert told() == ["A blog is proposed: Two"]


def test_a_clock_that_was_ahead_keeps_nobody_waiting() -> None:
    make_deciding_device()
    DeskRound.objects.create(pk=DeskRound.ONLY, last_at=NOW + 30 * DAY)
    make_proposal("One")
    assert told() == ["A blog is proposed: One"]


def test_with_nothing_to_tell_nothing_is_written() -> None:
    make_deciding_device()
    make_gone_feed()
    make_feed(held_count=3)
    told()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        told(NOW + 2 * HOUR)
    writes = [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]
    assert writes == []


# -- what still waits for a device, and posts -------------------------------------------------------------------------


def test_what_still_waits_for_a_device_is_told_with_the_new() -> None:
    make_deciding_device()
    make_proposal("One")
    told()
    make_proposal("Two")
    assert told(NOW + HOUR) == ["2 proposals wait"]
    assert Delivery.objects.unfinished().get().notice.title == "2 proposals wait"
    assert Delivery.objects.filter(state="merged").count() == 1


def test_what_was_decided_is_no_longer_counted_with_the_new() -> None:
    make_deciding_device()
    one = make_proposal("One")
    told()
    Submission.objects.filter(pk=one.pk).update(state="accepted")
    make_proposal("Two")
    assert told(NOW + HOUR) == ["A blog is proposed: Two"]


def test_posts_and_the_desk_take_no_place_of_each_other() -> None:
    make_deciding_device()
    make_entry(title="Drying", days_ago=1 / 24 / 60)
    plan(NOW)
    make_proposal("Kiln")
    told()
    make_entry(title="Dry", days_ago=1 / 24 / 60)
    plan(NOW + MINUTE)
    waiting = Delivery.objects.unfinished().order_by("pk")
    assert [(one.stream, one.notice.title) for one in waiting] == [
        (Stream.DESK, "A blog is proposed: Kiln"),
        (Stream.POSTS, "2 new posts"),
    ]
    sender = FakeSender()
    assert deliver(sender, NOW + MINUTE) == {"accepted": 2}
    assert len({message.topic for message in sender.sent}) == 2


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_fails_while_a_newer_one_waits_is_told_with_it() -> None:
    make_deciding_device()
    make_proposal("One")
    plan_desk(NOW)
    sender = FakeSender(default=503)

    def more(message: object) -> None:
        if not Submission.objects.filter(title="Two").exists():
            make_proposal("Two")
            plan_desk(NOW + HOUR)
        connection.close()

    sender.before_answer = more
    deliver(sender, NOW)
    assert Delivery.objects.unfinished().get().notice.title == "2 proposals wait"


# -- feeds that come and go -------------------------------------------------------------------------------------------


def test_a_feed_that_fails_recovers_and_fails_is_told_once() -> None:
    make_deciding_device()
    feed = make_gone_feed("Tides")
    assert told() == ["In trouble: Tides"]
    for days in (1, 3):
        Feed.objects.filter(pk=feed.pk).update(state="active")
        assert told(NOW + days * DAY) == []
        assert told(NOW + (days + 0.5) * DAY) == []
        Feed.objects.filter(pk=feed.pk).update(state="gone")
        assert told(NOW + (days + 1) * DAY) == []


def test_a_feed_that_was_well_for_a_week_is_told_anew() -> None:
    make_deciding_device()
    feed = make_gone_feed("Tides")
    told()
    settle()
    Feed.objects.filter(pk=feed.pk).update(state="active")
    assert told(NOW + DAY) == []
    assert told(NOW + 8 * DAY) == []
    assert not ToldFeed.objects.exists()
    Feed.objects.filter(pk=feed.pk).update(state="gone")
    assert told(NOW + 9 * DAY) == ["In trouble: Tides"]


def test_posts_that_are_held_after_a_decision_are_told_anew_and_more_of_them_are_not() -> None:
    make_deciding_device()
    feed = make_feed("Waves", held_count=2)
    assert told() == ["Posts of Waves are held"]
    settle()
    Feed.objects.filter(pk=feed.pk).update(held_count=9)
    assert told(NOW + 2 * HOUR) == []
    Feed.objects.filter(pk=feed.pk).update(held_count=0)
    assert told(NOW + 3 * HOUR) == []
    Feed.objects.filter(pk=feed.pk).update(held_count=1)
    assert told(NOW + 4 * HOUR) == ["Posts of Waves are held"]


def test_a_feed_that_is_deleted_takes_all_with_it() -> None:
    make_deciding_device()
    feed = make_failing_feed()
    told()
    feed.delete()
    assert (ToldFeed.objects.count(), AnnouncedMatter.objects.count()) == (0, 0)
    assert deliver(FakeSender()) == {"suppressed": 1}


# -- all or nothing ---------------------------------------------------------------------------------------------------


def test_a_plan_that_fails_has_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_deciding_device()
    make_proposal()
    make_gone_feed()

    def fail(*arguments: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(desk_planner, "_write_mails", fail)
    with pytest.raises(ZeroDivisionError):
        plan_desk(NOW)
    assert Submission.objects.filter(announced_at=None).exists()
    assert not any(model.objects.exists() for model in (Notice, Delivery, ToldFeed, AnnouncedMatter, DeskRound))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once() -> None:
    make_deciding_device()
    make_proposal("One")
    make_gone_feed("Tides")
    start = threading.Barrier(4)
    problems: list[BaseException] = []

    def work() -> None:
        try:
            start.wait()
            plan_desk(NOW)
        except BaseException as error:  # noqa: BLE001 -- shown below
            problems.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert problems == []
    assert Delivery.objects.count() == 1
    assert Notice.objects.get().title == "1 proposal waits · 1 feed is in trouble"


def test_a_plan_for_many_devices_asks_no_more_of_the_database() -> None:
    def queries(devices: int) -> int:
        for _ in range(devices):
            make_device(decider)
        make_proposal()
        with CaptureQueriesContext(connection) as captured:
            plan_desk(moments.pop())
        settle(NOW + 5 * HOUR)
        return len(captured)

    decider = make_decider()
    moments = [NOW + 4 * HOUR, NOW + 2 * HOUR]
    first = queries(1)
    assert queries(20) <= first
