"""What is announced, to whom, in which words; and that it is all or nothing, and once."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from aggregator.models import Entry, Feed
from notifications.devices import subscribing
from notifications.models import AnnouncedEntry, Announcement, Delivery, Notice, PushSubscription
from notifications.notices import announcing
from notifications.notices.planner import plan, ready_at
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.notifications.outbox import make_curator, make_device

pytestmark = pytest.mark.django_db
A_MINUTE_AGO = 1 / 24 / 60


def new_entry(feed: Feed | None = None, title: str = "", **fields: Any) -> Entry:
    return make_entry(feed, title, **{"days_ago": A_MINUTE_AGO, **fields})


def test_one_post_is_called_by_its_title_and_its_blog() -> None:
    make_device()
    new_entry(make_feed("Fresh Paint"), "Drying")
    assert plan(NOW) == 1
    assert (Notice.objects.get().title, Notice.objects.get().body) == ("Drying", "Fresh Paint")


def test_posts_of_several_feeds_are_one_notice() -> None:
    make_device()
    for name in ("Django", "Python"):
        new_entry(make_feed(category=make_category(name)))
    assert plan(NOW) == 1
    notice = Notice.objects.get()
    assert (notice.title, notice.entry_count) == ("2 new posts", 2)
    assert "Django" in notice.body
    assert "Python" in notice.body


def test_a_click_leads_to_the_newest_post() -> None:
    make_device()
    newest = new_entry(title="Newest")
    new_entry(title="Older", days_ago=2 * A_MINUTE_AGO)
    plan(NOW)
    assert Notice.objects.get().entry == newest


def test_devices_with_equal_wishes_share_a_notice() -> None:
    for _ in range(3):
        make_device()
    new_entry()
    assert plan(NOW) == 3
    assert Notice.objects.count() == 1


def test_different_wishes_that_come_to_the_same_posts_share_a_notice() -> None:
    feed = make_feed(category=make_category("Django"))
    make_device()
    make_device(wants_everything=False).feeds.add(feed)
    make_device(wants_everything=False).categories.add(feed.category)
    new_entry(feed)
    assert plan(NOW) == 3
    assert Notice.objects.count() == 1


def test_a_device_is_told_of_the_categories_and_sources_it_chose() -> None:
    django, python, other = make_category("Django"), make_category("Python"), make_category("Other")
    device = make_device(wants_everything=False)
    wanted, chosen = make_feed(category=django), make_feed(category=other)
    device.categories.add(django)
    device.feeds.add(chosen)
    for feed in (wanted, chosen, make_feed(category=python), make_feed(category=other)):
        new_entry(feed)
    plan(NOW)
    assert Notice.objects.get().entry_count == 2


def test_a_device_that_wants_none_of_it_is_not_told() -> None:
    make_device(wants_everything=False)
    new_entry()
    assert plan(NOW) == 0
    assert not Announcement.objects.exists()
    assert not Entry.objects.unannounced().exists()


def test_generic_text_names_no_post_and_no_blog() -> None:
    make_device(text="generic")
    new_entry(make_feed("Fresh Paint"), "Drying")
    plan(NOW)
    notice = Notice.objects.get()
    assert "Drying" not in notice.title + notice.body
    assert "Fresh Paint" not in notice.title + notice.body


def test_a_site_that_names_no_post_names_none_on_any_device(settings: LazySettings) -> None:
    settings.PUSH_NAME_NO_POST = True
    make_device(text="detailed")
    make_device(text="generic")
    new_entry(make_feed("Fresh Paint"), "Drying")
    assert plan(NOW) == 2
    notice = Notice.objects.get()
    assert "Drying" not in notice.title + notice.body
    assert "Fresh Paint" not in notice.title + notice.body


@pytest.mark.parametrize("hours", [1, 36.5, 672])
def test_a_notice_lives_as_long_as_the_site_says(settings: LazySettings, hours: float) -> None:
    settings.PUSH_LIFETIME_HOURS = hours
    make_device()
    new_entry()
    plan(NOW)
    assert Notice.objects.get().expires_at == NOW + timedelta(hours=hours)


def test_detailed_and_generic_devices_get_notices_of_their_own() -> None:
    make_device(text="generic")
    make_device(text="detailed")
    new_entry()
    plan(NOW)
    assert Notice.objects.count() == 2


def test_posts_from_before_the_device_are_not_told() -> None:
    make_device(created_at=NOW - timedelta(seconds=90))
    new_entry(title="Before", days_ago=2 * A_MINUTE_AGO)
    new_entry(title="After")
    plan(NOW)
    assert Notice.objects.get().title == "After"


@pytest.mark.parametrize(
    "silent",
    [
        {"is_hidden": True},
        {"is_filtered": True},
        {"first_seen_at": NOW - timedelta(days=3, minutes=1)},
        {"published_at": NOW - timedelta(days=3, minutes=1)},
        {"announced_at": NOW - timedelta(minutes=1)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_is_no_news_is_told_to_nobody_and_waits_no_longer(silent: dict[str, Any]) -> None:
    make_device()
    new_entry(**silent)
    assert plan(NOW) == 0
    assert not Entry.objects.unannounced().exists()


def test_a_post_without_a_date_is_news() -> None:
    make_device()
    new_entry(published_at=None)
    assert plan(NOW) == 1


def test_a_copy_is_told_to_nobody() -> None:
    make_device()
    original = make_entry(announced_at=NOW)
    new_entry(duplicate_of=original)
    assert plan(NOW) == 0


@pytest.mark.parametrize("state", ["pending", "paused", "gone", "rejected"])
def test_posts_of_a_feed_that_is_not_active_are_told_to_nobody(state: str) -> None:
    make_device()
    new_entry(make_feed(state=state))
    assert plan(NOW) == 0


@pytest.mark.parametrize("state", ["stale", "disabled"])
def test_a_device_that_needs_repair_is_not_told(state: str) -> None:
    make_device(state=state)
    new_entry()
    assert plan(NOW) == 0


def test_only_curators_are_told() -> None:
    make_device(make_curator(is_active=False))
    reader = make_curator()
    reader.is_staff = False
    reader.save()
    make_device(reader)
    new_entry()
    assert plan(NOW) == 0


def test_a_subscription_that_has_ended_is_not_told() -> None:
    make_device(expires_at=NOW)
    new_entry()
    assert plan(NOW) == 0


def test_an_entry_is_announced_once() -> None:
    make_device()
    new_entry()
    assert [plan(NOW), plan(NOW), plan(NOW + timedelta(hours=1))] == [1, 0, 0]


def test_an_entry_that_waits_again_is_not_announced_again() -> None:
    make_device()
    new_entry()
    plan(NOW)
    Entry.objects.update(announced_at=None)
    assert plan(NOW) == 0
    assert not Entry.objects.unannounced().exists()


def test_a_plan_that_fails_at_its_end_has_written_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_device()
    new_entry()
    monkeypatch.setattr(announcing, "ROWS_PER_CHUNK", 1)
    written = []

    def fail_at_last(self: object, devices: list[object]) -> int:
        written.append(write(self, devices))
        if len(written) == 3:
            raise ZeroDivisionError
        return written[-1]

    write = announcing.Announcing.write
    monkeypatch.setattr(announcing.Announcing, "write", fail_at_last)
    with pytest.raises(ZeroDivisionError):
        plan(NOW)
    assert written == [1, 1, 1]
    assert not Delivery.objects.exists()
    assert not AnnouncedEntry.objects.exists()
    assert Entry.objects.unannounced().count() == 1


def test_deliveries_name_the_device_and_its_push_service_but_not_the_endpoint() -> None:
    make_device(endpoint="https://fcm.googleapis.com/fcm/send/secret", name="Laptop")
    new_entry()
    plan(NOW)
    delivery = Delivery.objects.get()
    assert (delivery.device_name, delivery.service) == ("Laptop", "fcm.googleapis.com")


@pytest.mark.parametrize("endpoint", ["https://[nowhere", f"https://{'a.' * 200}push.apple.com/x"])
def test_a_broken_endpoint_stops_no_plan(endpoint: str) -> None:
    make_device(endpoint=endpoint)
    make_device()
    new_entry()
    assert plan(NOW) == 2


def test_many_devices_cost_no_more_queries_than_few() -> None:
    owner = make_curator()

    def queries(devices: int) -> int:
        for _ in range(devices):
            make_device(owner)
        new_entry()
        with CaptureQueriesContext(connection) as context:
            plan(NOW)
        return len(context)

    first = queries(1)
    Delivery.objects.update(state="accepted")
    assert queries(40) == first
    assert queries(0) <= first + 4  # what still waits is told together with the new


# -- the quiet moment ------------------------------------------------------------------------------------------------


def seen(seconds_ago: float) -> Entry:
    at = NOW - timedelta(seconds=seconds_ago)
    return make_entry(first_seen_at=at, published_at=at)


def wait_seconds() -> float:
    ready = ready_at(NOW)
    assert ready is not None
    return (ready - NOW).total_seconds()


def test_nothing_is_ready_when_nothing_waits() -> None:
    make_entry(announced_at=NOW)
    assert ready_at(NOW) is None


def test_posts_that_came_just_now_wait_for_more() -> None:
    make_device()
    seen(seconds_ago=4)
    assert plan(NOW) == 0
    assert wait_seconds() == 6


def test_every_post_prolongs_the_wait() -> None:
    seen(seconds_ago=30)
    seen(seconds_ago=1)
    assert wait_seconds() == 9


def test_after_two_minutes_the_wait_is_over() -> None:
    make_device()
    seen(seconds_ago=120)
    seen(seconds_ago=0)
    assert plan(NOW) == 1
    assert Notice.objects.get().entry_count == 2


def test_while_a_feed_is_polled_its_posts_are_waited_for() -> None:
    make_device()
    seen(seconds_ago=60)
    make_feed(lease=uuid.uuid4(), next_poll_at=NOW + timedelta(minutes=2))
    assert plan(NOW) == 0
    assert wait_seconds() == 10


def test_a_poll_that_died_is_not_waited_for() -> None:
    make_device()
    seen(seconds_ago=60)
    make_feed(lease=uuid.uuid4(), next_poll_at=NOW - timedelta(seconds=1))
    assert plan(NOW) == 1


def test_without_a_quiet_time_posts_are_ready_at_once(settings: LazySettings) -> None:
    settings.PUSH_QUIET_SECONDS = 0
    make_device()
    seen(seconds_ago=0)
    assert plan(NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_a_device_that_is_taken_away_meanwhile_stops_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, kept = make_device(), make_device()
    new_entry()

    def take_away() -> None:
        try:
            subscribing.remove(gone, NOW)
        finally:
            connections.close_all()

    other, write = threading.Thread(target=take_away), announcing.Announcing.write

    def run(self: announcing.Announcing, devices: list[PushSubscription]) -> int:
        if other.ident is None:
            other.start()
            other.join(timeout=0.5)  # it has to wait for the end of the plan
        return write(self, devices)

    monkeypatch.setattr(announcing.Announcing, "write", run)
    assert plan(NOW)
    other.join()
    assert list(Delivery.objects.exclude(device=None).values_list("device", flat=True)) == [kept.pk]


@pytest.mark.django_db(transaction=True)
def test_two_planners_at_the_same_time_announce_an_entry_once() -> None:
    for _ in range(20):
        make_device()
    for _ in range(10):
        new_entry()
    counts: list[int] = []
    start = threading.Barrier(4)

    def work(now: datetime = NOW) -> None:
        start.wait()
        try:
            counts.append(plan(now))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == Delivery.objects.count() == 20
    assert Notice.objects.count() == 1
