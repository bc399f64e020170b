"""Accounts, feeds, categories and devices that are deleted in the very moment in which a notice is planned or sent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from aggregator.curating.feeds import delete_categories, delete_feeds
from aggregator.desk.comparing import GONE
from aggregator.models import Category, Entry, Feed
from notifications.devices import subscribing
from notifications.devices.forms import WishesForm
from notifications.models import AnnouncedEntry, Delivery, Notice, PushSubscription
from notifications.notices import news, planner
from notifications.notices.planner import plan
from notifications.retention import purge
from notifications.sending.circuits import Circuits
from notifications.sending.settling import Settled, Settler
from notifications.sending.types import Answer
from notifications.vapid.keys import VapidKey
from tests.at_once import meanwhile
from tests.factories import NOW, make_category, make_entry, make_feed

from .outbox import make_curator, make_device
from .visitors import Visitor, make_user

pytestmark = pytest.mark.django_db(transaction=True)
A_MOMENT_SECONDS = 0.4
"""Long enough for a deletion to be done, or to wait for a lock."""


def scene() -> None:
    """Two posts of two feeds wait. One device chose a feed, one a category; one is old; one stays whatever goes."""
    python, doomed = make_feed("Stays"), make_feed("Goes", category=make_category("Shelf"))
    for feed in (python, doomed):
        make_entry(feed, days_ago=1 / 24 / 60)
    staying = make_device(name="Stays")
    leaving = make_device(make_curator(first_name="Leaves"), name="Leaves")
    make_device(leaving.user, name="Old", seen_at=NOW - timedelta(days=400))
    for device in (staying, leaving):
        make_device(device.user, name="Choosy", wants_everything=False).feeds.add(doomed)
        make_device(device.user, name="Shelved", wants_everything=False).categories.add(Category.objects.get())


def leaver() -> User:
    return User.objects.get(first_name="Leaves")


DELETIONS: dict[str, Callable[[], object]] = {
    "an account": lambda: leaver().delete(),
    "accounts": lambda: User.objects.filter(first_name="Leaves").delete(),
    "a feed": lambda: delete_feeds(Feed.objects.filter(title="Goes"), NOW),
    "a category": lambda: delete_categories(Category.objects.all(), NOW),
    "old devices": lambda: purge(NOW),
    "a device": lambda: subscribing.remove(PushSubscription.objects.get(name="Leaves"), NOW),
}


def apart(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connections.close_all()


def begin_when_called(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, work: Callable[[], object]
) -> list[Future[object]]:
    """Have `work` begin when a module calls this function of its own; its future, once it has begun."""
    begun: list[Future[object]] = []
    function, pool = getattr(module, name), ThreadPoolExecutor(1)

    def call(*args: Any, **kwargs: Any) -> Any:
        if not begun:
            begun.append(pool.submit(apart, work))
            wait(begun, A_MOMENT_SECONDS)
        return function(*args, **kwargs)

    monkeypatch.setattr(module, name, call)
    return begun


def assert_all_is_well() -> None:
    """Who stays is told of the post that stays, once, and of nothing that isn't there."""
    staying = PushSubscription.objects.get(name="Stays")
    assert Delivery.objects.filter(device=staying).count() == 1
    assert AnnouncedEntry.objects.filter(entry__feed__title="Stays").count() == 1
    assert not Entry.objects.unannounced().exists()
    counts = counts_of_rows()
    assert plan(NOW + timedelta(minutes=5)) == 0
    assert counts_of_rows() == counts
    connection.check_constraints()


def counts_of_rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AnnouncedEntry, Notice, Delivery))


@pytest.mark.parametrize(
    ("module", "moment"), [(planner, "_news"), (planner, "announce"), (news, "keep_first"), (news, "notice_text")]
)
@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_deletion_while_a_plan_is_written_fails_neither(
    monkeypatch: pytest.MonkeyPatch, deletion: str, module: ModuleType, moment: str
) -> None:
    scene()
    begun = begin_when_called(monkeypatch, module, moment, DELETIONS[deletion])
    assert plan(NOW) > 0
    [deleting] = begun
    deleting.result()
    assert_all_is_well()


@pytest.mark.parametrize("deletion", DELETIONS)
def test_a_plan_while_a_deletion_is_under_way_fails_neither(deletion: str) -> None:
    scene()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            DELETIONS[deletion]()
            planning = pool.submit(apart, lambda: plan(NOW))
            wait([planning], A_MOMENT_SECONDS)
        assert planning.result() or plan(NOW)  # what was locked is planned a moment later
    assert_all_is_well()


# -- what is told together ---------------------------------------------------------------------------------------------


LATER = NOW + timedelta(minutes=1)


def scene_of_merging() -> Settler:
    """Two messages are on their way, and newer posts wait, the newest of them of the feed that goes."""
    scene()
    plan(NOW)
    for title in ("Stays", "Goes"):
        make_entry(Feed.objects.get(title=title), first_seen_at=NOW, published_at=NOW)
    Delivery.objects.exclude(device__name__in=["Stays", "Leaves"]).delete()
    return Settler(Circuits())


def settle(settler: Settler, claimed: list[Delivery]) -> None:
    settler.settle([Settled(delivery, Answer(500)) for delivery in claimed], LATER)


def assert_all_are_told_together() -> None:
    told = Delivery.objects.waiting().filter(device__name__in=["Stays", "Leaves"])
    assert [row.notice.entry_count > 1 for row in told] == [True] * 2
    assert not Notice.objects.filter(pk__in=told.values("notice"), entry__feed__title="Goes").exists()
    connection.check_constraints()


@pytest.mark.parametrize("moment", ["keep_first", "notice_text"])
def test_a_feed_that_goes_while_two_notices_are_merged_undoes_no_answer(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    settler = scene_of_merging()
    claimed = Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    plan(LATER)
    begun = begin_when_called(monkeypatch, news, moment, DELETIONS["a feed"])
    settle(settler, claimed)
    begun[0].result()
    assert settler.counts == {"merged": 2}
    assert_all_are_told_together()


def test_answers_while_a_feed_goes_are_merged_without_its_posts() -> None:
    settler = scene_of_merging()
    claimed = Delivery.objects.claim(NOW, lease_seconds=90, limit=10)
    plan(LATER)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            DELETIONS["a feed"]()
            settling = pool.submit(apart, lambda: settle(settler, claimed))
            wait([settling], A_MOMENT_SECONDS)
        settling.result()
    assert_all_are_told_together()


@pytest.mark.parametrize("moment", ["keep_first", "notice_text"])
def test_a_feed_whose_post_was_announced_before_older_ones_goes_while_they_are_planned(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A post can be passed over by a plan while it is being changed: then a newer one is announced before it."""
    scene_of_merging()
    late = Entry.objects.filter(feed__title="Stays", announced_at=None)
    late.update(announced_at=NOW)
    plan(LATER)
    Entry.objects.filter(feed__title="Stays", first_seen_at=NOW).update(
        announced_at=None, first_seen_at=NOW - timedelta(seconds=1)
    )
    begun = begin_when_called(monkeypatch, news, moment, DELETIONS["a feed"])
    assert plan(LATER + timedelta(minutes=1)) > 0
    begun[0].result()
    assert_all_are_told_together()


# -- accounts ----------------------------------------------------------------------------------------------------------


def test_an_account_goes_while_answers_to_its_devices_are_written() -> None:
    """Who writes answers has locked the devices first; the deletion must not have begun with the deliveries."""
    scene()
    plan(NOW)
    devices = PushSubscription.objects.filter(user=leaver())
    meanwhile(
        devices.lock, lambda: Delivery.objects.filter(device__in=devices).update(state="accepted"), leaver().delete
    )
    assert not PushSubscription.objects.filter(name="Leaves").exists()
    assert Delivery.objects.filter(device_name="Leaves", state="accepted").count() == 1


def test_two_accounts_go_together_in_the_order_of_locks() -> None:
    """Both have several devices, each with an older one than the other's newest."""
    users = [make_curator(first_name="Leaves") for _ in range(2)]
    devices = [make_device(user) for user in (users[1], users[0], users[1], users[0])]
    first, last = (PushSubscription.objects.filter(pk=device.pk) for device in (devices[0], devices[-1]))
    meanwhile(first.lock, last.lock, DELETIONS["accounts"])
    assert not PushSubscription.objects.exists()


def test_a_browser_that_subscribes_for_an_account_that_goes_fails_neither(site_key: VapidKey) -> None:
    visitor = Visitor(make_user(), site_key.id)
    user = visitor.user
    assert user is not None
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).delete()
            subscribing_now = pool.submit(apart, lambda: visitor.subscribe().status_code)
            wait([subscribing_now], A_MOMENT_SECONDS)
        assert subscribing_now.result() in {403, 409}
    assert not PushSubscription.objects.exists()


# -- purges ------------------------------------------------------------------------------------------------------------


def test_a_device_that_comes_back_while_old_ones_are_purged_stays() -> None:
    device = make_device(seen_at=NOW - timedelta(days=400))
    come_back = PushSubscription.objects.filter(pk=device.pk)
    meanwhile(lambda: come_back.update(seen_at=NOW), lambda: None, lambda: purge(NOW))
    purge(NOW)
    assert come_back.exists()


# -- choices -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    curator = Visitor(make_user(), site_key.id)
    curator.subscribe()
    return curator


def choose(curator: Visitor, what: str) -> Any:
    device, kind = curator.device(), {"a feed": "feeds", "a category": "categories"}[what]
    row = Feed.objects.get(title="Goes") if what == "a feed" else Category.objects.get()
    data = {"wants_everything": "no", "text": "detailed", kind: row.pk}
    return lambda: curator.press("wishes", device, **{f"device-{device.pk}-{key}": val for key, val in data.items()})


@pytest.mark.parametrize("what", ["a feed", "a category"])
def test_what_is_deleted_while_it_is_chosen_fails_neither(
    curator: Visitor, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    scene()
    press, is_valid = choose(curator, what), WishesForm.is_valid
    pool, begun = ThreadPoolExecutor(1), list[Future[object]]()

    def begin(form: WishesForm) -> bool:
        begun.append(pool.submit(apart, DELETIONS[what]))
        wait(begun, A_MOMENT_SECONDS)
        return is_valid(form)

    monkeypatch.setattr(WishesForm, "is_valid", begin)
    assert press().status_code == 302
    begun[0].result()
    assert not curator.device().feeds.exists()
    assert not curator.device().categories.exists()


@pytest.mark.parametrize("what", ["a feed", "a category"])
def test_what_is_chosen_while_it_is_deleted_is_named(curator: Visitor, what: str) -> None:
    scene()
    press = choose(curator, what)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            DELETIONS[what]()
            pressing = pool.submit(apart, press)
            wait([pressing], A_MOMENT_SECONDS)
        response: Any = pressing.result()
    assert (response.status_code, GONE in response.content.decode()) == (200, True)
