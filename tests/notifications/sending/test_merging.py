"""Of what waits for a device there is one delivery: newer posts take the place of older ones, and tell of them, too."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.urls import reverse

from aggregator.models import Entry, Feed
from notifications.models import Delivery, Notice, PushSubscription
from notifications.notices.merging import Merging, newer_than
from notifications.notices.news import Announced
from notifications.notices.planner import plan
from notifications.sending import delivering
from notifications.sending.circuits import Circuits
from notifications.sending.settling import Settled, Settler
from notifications.sending.types import Answer, Message
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.notifications.outbox import FakeSender, deliver, make_device
from tests.notifications.visitors import Visitor, make_user

pytestmark = pytest.mark.django_db(transaction=True)
SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
DOWN = Answer(500)


def publish(title: str = "", feed: Feed | None = None, now: datetime = NOW) -> Entry:
    """A new post, and a plan that tells of it."""
    seen = now - timedelta(minutes=1)
    entry = make_entry(feed, title, first_seen_at=seen, published_at=seen)
    plan(now)
    return entry


def waiting() -> Delivery:
    return Delivery.objects.unfinished().get()


def said() -> tuple[str, int]:
    notice = waiting().notice
    return notice.title, notice.entry_count


def test_newer_posts_take_the_place_of_what_waits() -> None:
    make_device()
    publish("One")
    publish("Two", now=SOON)
    assert said() == ("2 new posts", 2)
    sender = FakeSender()
    assert deliver(sender, SOON) == {"accepted": 1}
    assert len(sender.sent) == 1
    older = Delivery.objects.get(state="merged")
    assert (older.notice.title, older.finished_at) == ("One", SOON)


def test_three_plans_during_a_rest_are_one_notice() -> None:
    make_device()
    for minutes in range(3):
        publish(now=NOW + timedelta(minutes=minutes))
    assert said() == ("3 new posts", 3)


def test_devices_with_equal_sets_share_the_notice() -> None:
    for _ in range(3):
        make_device()
    publish()
    make_device(created_at=NOW - timedelta(seconds=30))  # knows nothing of the first
    publish(now=SOON)
    counts = Delivery.objects.unfinished().values_list("notice", "notice__entry_count")
    assert sorted(count for _, count in counts) == [1, 2, 2, 2]
    assert len(set(counts)) == 2


def test_a_post_that_was_hidden_since_is_neither_named_nor_counted() -> None:
    make_device()
    hidden = publish("Hidden")
    Entry.objects.filter(pk=hidden.pk).update(is_hidden=True)
    publish("Shown", now=SOON)
    assert said() == ("Shown", 1)
    sender = FakeSender()
    assert deliver(sender, SOON) == {"accepted": 1}
    assert b"Hidden" not in sender.sent[0].payload


def test_if_all_but_one_are_hidden_before_it_is_sent_no_hidden_title_is_told() -> None:
    make_device()
    publish("One")
    publish("Two", now=SOON)
    Entry.objects.update(is_hidden=True)
    assert deliver(FakeSender(), SOON) == {"suppressed": 1}


def test_posts_of_a_feed_that_was_rejected_since_are_not_counted() -> None:
    make_device()
    feed = make_feed()
    publish("One", feed)
    Feed.objects.filter(pk=feed.pk).update(state="rejected")
    publish("Two", now=SOON)
    assert said() == ("Two", 1)


def test_a_device_that_changed_its_mind_meanwhile_is_told_what_it_wants_now() -> None:
    device = make_device()
    python, django = (make_feed(category=make_category(name)) for name in ("Python", "Django"))
    publish("Of Python", python)
    PushSubscription.objects.update(wants_everything=False)
    device.categories.add(django.category)
    publish("Of Django", django, SOON)
    assert said() == ("Of Django", 1)


def test_news_that_a_device_does_not_want_leaves_alone_what_waits_for_it() -> None:
    feed = make_feed()
    make_device(wants_everything=False).feeds.add(feed)
    publish("Wanted", feed)
    before = waiting()
    publish("Unwanted", now=SOON)
    assert (waiting(), said()) == (before, ("Wanted", 1))


def test_posts_from_before_the_device_are_not_counted() -> None:
    make_device(created_at=NOW - timedelta(days=1))
    publish("One")
    PushSubscription.objects.update(created_at=NOW)
    publish("Two", now=NOW + timedelta(minutes=2))
    assert said() == ("Two", 1)


def test_what_is_older_than_a_day_is_told_no_more() -> None:
    make_device()
    publish("Old")
    publish("Young", now=NOW + timedelta(hours=20))
    publish("New", now=NOW + timedelta(hours=25))
    assert said() == ("2 new posts", 2)


def test_what_has_outlived_its_time_is_not_told_with_newer_posts() -> None:
    make_device()
    publish("Old")
    publish("New", now=NOW + timedelta(hours=24))
    assert said() == ("New", 1)
    assert Delivery.objects.filter(state="expired").count() == 1


def test_it_is_sent_no_sooner_than_what_it_replaces_and_not_as_a_first_attempt() -> None:
    device = make_device()
    publish()
    deliver(FakeSender({device.endpoint: [DOWN]}))
    before = waiting()
    publish(now=NOW + timedelta(seconds=1))
    after = waiting()
    assert after.pk != before.pk
    assert (after.next_at, after.attempts, after.state) == (before.next_at, 1, "retry")


def test_a_click_on_it_leads_to_all_of_its_posts() -> None:
    curator = Visitor(make_user(is_superuser=True))
    make_device(curator.user)
    entries = [publish(), publish(now=SOON)]
    response = curator.client.get(reverse("notifications:landing", args=[waiting().notice_id]))
    numbers = response.headers["Location"].partition("?pk__in=")[2].split(",")
    assert numbers == [str(entry.pk) for entry in entries]


def test_a_test_is_no_news_and_takes_no_place() -> None:
    device = make_device()
    test = delivering.test_push(device, NOW)
    publish()
    assert Delivery.objects.unfinished().count() == 2
    test.refresh_from_db()
    assert test.state == "pending"


# -- while one is on its way -------------------------------------------------------------------------------------------


class Meanwhile(FakeSender):
    """A sender that has something else happen while the first message is on its way, and then gives an answer."""

    def __init__(self, answer: Answer, act: Any) -> None:
        super().__init__()
        self._first, self._act = answer, act
        self.before_answer = self._once

    def _once(self, message: Message) -> None:
        if len(self.sent) == 1:
            try:
                self._act()
            finally:
                connection.close()

    async def send(self, message: Message) -> Answer:
        answer = await super().send(message)
        return self._first if len(self.sent) == 1 else answer


def test_a_message_that_must_be_tried_again_goes_into_the_newer_one() -> None:
    make_device()
    publish("Old")
    sender = Meanwhile(DOWN, lambda: publish("New"))
    assert deliver(sender) == {"merged": 1}
    assert said() == ("2 new posts", 2)
    assert (waiting().attempts, waiting().state) == (1, "retry")
    assert deliver(FakeSender(), LATER) == {"accepted": 1}


def test_the_newer_one_waits_until_the_older_one_is_answered() -> None:
    make_device()
    publish("Old")
    order: list[int] = []

    def publish_and_send() -> None:
        publish("New")
        order.append(deliver(FakeSender()).total())

    sender = Meanwhile(Answer(201), publish_and_send)
    assert deliver(sender) == {"accepted": 2}
    assert order == [0]
    assert [b"Old" in message.payload for message in sender.sent] == [True, False]


def test_devices_whose_older_message_failed_share_the_notice_too() -> None:
    for _ in range(3):
        make_device()
    publish()
    Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    publish(now=SOON)
    Delivery.objects.filter(state="leased").update(next_at=SOON)  # their worker was killed
    sender = FakeSender(default=500)
    assert deliver(sender, SOON) == {"merged": 3}
    assert len(set(Delivery.objects.unfinished().values_list("notice", flat=True))) == 1
    assert Notice.objects.count() == 3


def merged(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many times the announced posts are read when this many messages fail while newer posts wait."""
    lately, reads = Announced.lately, list[int]()
    for _ in range(count):
        make_device()
    publish()
    claimed = Delivery.objects.claim(NOW, lease_seconds=90, limit=count)
    publish(now=SOON)
    monkeypatch.setattr(Announced, "lately", lambda now, **span: reads.append(1) or lately(now, **span))
    settler = Settler(Circuits())
    for half in (claimed[::2], claimed[1::2]):
        settler.settle([Settled(delivery, DOWN) for delivery in half], SOON)
    assert settler.counts == {"merged": count}
    assert [row.notice.entry_count for row in Delivery.objects.unfinished()] == [2] * count
    return len(reads)


def test_for_all_devices_whose_message_failed_the_posts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert merged(6, monkeypatch) == 1


def test_a_plan_reads_no_older_posts_than_those_of_what_is_not_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    device = make_device()
    publish("Told")
    deliver(FakeSender())
    publish("On its way", now=SOON)
    under_way = Delivery.objects.claim(SOON, lease_seconds=90, limit=1)[0]
    publish("Waits", now=SOON + timedelta(minutes=1))
    lately, read = Announced.lately, list[int]()
    monkeypatch.setattr(Announced, "lately", lambda now, **span: read.append(span["first"]) or lately(now, **span))
    publish("New", now=SOON + timedelta(minutes=2))
    assert read == [under_way.announcement_id]
    assert Delivery.objects.waiting_for([device.pk]).get().notice.entry_count == 2


def test_a_feed_that_goes_while_the_posts_are_read_is_not_told_of() -> None:
    make_device()
    doomed = publish("Goes")
    publish("Stays", now=SOON)
    asked: list[str] = []

    def delete_after_the_first(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        result = execute(sql, *rest)
        if len(asked) == 1:
            doomed.delete()
        return result

    with connection.execute_wrapper(delete_after_the_first):
        announced = Announced.lately(SOON, first=0, last=10**6)
    assert [entry.title for entry in announced.since(0)] == ["Stays"]


def test_a_newer_one_that_has_come_to_its_end_stays_there() -> None:
    make_device()
    publish()
    [older] = Delivery.objects.claim(NOW, lease_seconds=90, limit=1)
    publish(now=SOON)
    newer = newer_than(older)
    assert newer is not None
    Delivery.objects.filter(pk=newer.pk).update(state="expired")
    Merging().take_in(newer, older, LATER, "no answer", SOON)
    newer.refresh_from_db()
    assert (newer.state, newer.notice.entry_count) == ("expired", 1)


def test_after_a_killed_worker_the_older_goes_before_the_newer() -> None:
    make_device()
    publish("Old")
    Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    publish("New", now=SOON)
    assert deliver(FakeSender(), SOON) == {}
    sender, after = FakeSender(), NOW + timedelta(seconds=91)
    assert deliver(sender, after) == {"accepted": 2}
    assert [b"Old" in message.payload for message in sender.sent] == [True, False]


def test_the_database_lets_only_one_wait() -> None:
    make_device()
    publish()
    publish(now=SOON)
    with pytest.raises(IntegrityError):
        Delivery.objects.filter(state="merged").update(state="retry")


def test_a_planner_and_workers_at_once_leave_one_and_count_every_post_once() -> None:
    for _ in range(6):
        make_device()
    publish()
    start = threading.Barrier(3)
    failures: list[BaseException] = []

    def run(work: Any) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:  # noqa: BLE001 -- shown below
            failures.append(error)
        finally:
            connections.close_all()

    def plan_on() -> None:
        for minutes in range(1, 6):
            publish(now=NOW + timedelta(minutes=minutes))

    def send_on() -> None:
        for minutes in range(6):
            deliver(FakeSender(default=500), NOW + timedelta(minutes=minutes))

    threads = [threading.Thread(target=run, args=[work]) for work in (plan_on, send_on, send_on)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    open_counts = Delivery.objects.unfinished().values_list("device", "notice__entry_count")
    assert sorted(count for _, count in open_counts) == [6] * 6
    sent = FakeSender()
    assert deliver(sent, NOW + timedelta(hours=2))["accepted"] == 6
