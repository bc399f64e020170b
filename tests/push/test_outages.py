"""Push services that hang, rest, forget devices and are down for hours: what a person sees on the screen in the end.

The worker's own tasks run once a minute, as they do on a site, against a real push service on loopback; only the clock
is driven.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from huey.contrib.djhuey import HUEY

from notifications import admin, tasks
from notifications.models import Circuit, Delivery, PushSubscription
from notifications.sending.delivering import deliver_due
from tests.factories import NOW, make_entry
from tests.notifications.outbox import Office, open_office

from .service import Scripted, Subscription

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.queue, pytest.mark.slow]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DOWN = [Scripted(503)] * 200


class Site:
    """A site whose worker looks once a minute, and the push service of its devices."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.now = NOW
        self.timeout_seconds = 15.0

    def subscribe(self, count: int = 1) -> list[Subscription]:
        return [self.office.make_device()[1] for _ in range(count)]

    def publish(self, title: str) -> None:
        at = self.now - MINUTE
        make_entry(title=title, first_seen_at=at, published_at=at)

    def look(self) -> None:
        """What the worker does once a minute, and what that puts into the queue for now."""
        tasks.sweep.call_local()
        while task := HUEY.dequeue():
            if task.eta is None:
                HUEY.execute(task)

    def work_until(self, moment: datetime) -> None:
        """Look at each full minute at which something is due; all other looks find nothing."""
        while self.now < moment:
            due = Delivery.objects.unfinished().order_by("next_at").values_list("next_at", flat=True).first()
            next_look = self.now + MINUTE
            self.now = moment if due is None else min(max(next_look, _full_minute(due)), moment)
            self.look()

    def send(self, clock: Callable[[], datetime]) -> None:
        if not Delivery.objects.due(clock()).exists():
            return  # it takes time to find nothing
        sender = self.office.sender(timeout_seconds=self.timeout_seconds)
        deliver_due(clock=clock, sender=sender)

    def answer(self, browsers: list[Subscription], *answers: Scripted) -> None:
        for browser in browsers:
            self.office.script(browser, *answers)

    def mend(self) -> None:
        self.office.service._scripts.clear()

    def attempts(self) -> int:
        return len(self.office.service.attempts)


def _full_minute(moment: datetime) -> datetime:
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + MINUTE


def titles(browser: Subscription) -> list[str]:
    """Of what has come to the browser, in this order."""
    return [json.loads(message)["notification"]["title"] for message in browser.inbox]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    HUEY.flush()
    with open_office() as office:
        made = Site(office)
        clock = SimpleNamespace(now=lambda: made.now)
        for module in (tasks, admin):
            monkeypatch.setattr(module, "timezone", clock)
        monkeypatch.setattr(tasks, "deliver_due", partial(made.send, clock.now))
        yield made
    HUEY.flush()


def test_news_that_comes_while_an_older_message_hangs_is_told_with_it_and_never_replaced(site: Site) -> None:
    [browser] = site.subscribe()
    site.timeout_seconds = 0.3
    site.answer([browser], Scripted(hangs=True))
    site.publish("Old")
    site.look()
    site.publish("New")
    site.now += MINUTE
    site.look()
    site.work_until(NOW + HOUR)
    assert titles(browser) == ["2 new posts"]
    assert site.attempts() == 2


def test_an_older_message_that_hangs_while_the_newer_is_planned_goes_into_it(site: Site) -> None:
    [browser] = site.subscribe()
    browser.go_offline()  # so that the push service keeps but the last
    site.timeout_seconds = 0.3
    site.answer([browser], Scripted(hangs=True))
    site.publish("Old")
    tasks.plan_notices.call_local()
    claimed = Delivery.objects.claim(site.now, lease_seconds=90, limit=9)
    site.publish("New")
    site.now += MINUTE
    site.look()  # the newer is planned, and waits for what is on its way
    assert (len(claimed), site.attempts()) == (1, 0)
    site.work_until(NOW + HOUR)  # its worker was killed; it is sent again, and hangs
    browser.go_online()
    assert titles(browser) == ["2 new posts"]


@pytest.mark.parametrize("rest", ["90", "7200"], ids=["of seconds", "of hours"])
def test_after_a_rest_one_notice_goes_out_and_counts_all(site: Site, rest: str) -> None:
    browsers = site.subscribe(3)
    site.answer(browsers[:1], Scripted(429, {"Retry-After": rest}))
    end = NOW + timedelta(seconds=int(rest))
    site.publish("One")
    site.look()
    before = site.attempts()
    for title in ("Two", "Three"):
        site.now += timedelta(seconds=30)
        site.publish(title)
        site.look()
    site.work_until(end - timedelta(seconds=1))
    assert site.attempts() == before
    site.work_until(end + MINUTE)
    assert titles(browsers[0]) == ["3 new posts"]
    assert [titles(browser)[-1] for browser in browsers[1:]] in (["3 new posts"] * 2, ["2 new posts"] * 2)
    assert not Delivery.objects.unfinished().exists()


def test_three_of_twelve_gone_rest_nothing_and_are_dropped_after_an_hour(site: Site) -> None:
    browsers = site.subscribe(12)
    for browser in browsers[:3]:
        browser.unsubscribe()
    for number in range(3):
        site.publish(f"Post {number}")
        site.look()
        assert not Circuit.objects.exists()
        assert [len(titles(browser)) for browser in browsers[3:]] == [number + 1] * 9
        site.now += MINUTE
    assert PushSubscription.objects.count() == 12
    assert site.attempts() == 3 + 3 * 9
    site.work_until(NOW + HOUR)
    assert PushSubscription.objects.count() == 9
    assert site.attempts() == 2 * 3 + 3 * 9
    assert not Delivery.objects.unfinished().exists()


def test_a_push_service_that_says_gone_to_all_for_hours_erases_nobody(site: Site) -> None:
    browsers = site.subscribe(12)
    site.answer(browsers, *[Scripted(410)] * 9)
    site.publish("A post")
    site.look()
    site.work_until(NOW + 3 * HOUR)
    assert PushSubscription.objects.filter(state="active").count() == 12
    site.mend()
    site.work_until(NOW + 5 * HOUR)
    assert [titles(browser) for browser in browsers] == [["A post"]] * 12


@pytest.mark.parametrize("devices", [pytest.param(1, marks=pytest.mark.any_database), 12])
def test_an_outage_of_two_hours_delays_and_loses_nothing(site: Site, devices: int) -> None:
    browsers = site.subscribe(devices)
    site.answer(browsers, *DOWN)
    for number in count(1):
        site.publish(f"Post {number}")
        site.look()
        site.work_until(NOW + number * 30 * MINUTE)
        if site.now >= NOW + 2 * HOUR:
            break
    during = site.attempts()
    assert during <= 12 * devices
    site.mend()
    site.work_until(site.now + 31 * MINUTE)
    assert [titles(browser) for browser in browsers] == [["4 new posts"]] * devices
    assert PushSubscription.objects.filter(state="active").count() == devices
    assert not Circuit.objects.exists()


def test_a_rest_beyond_a_notice_s_life_ends_it_once_and_is_kept_to_its_end_and_on_the_log_page(site: Site) -> None:
    browsers = site.subscribe(3)
    site.answer(browsers, Scripted(429, {"Retry-After": str(3 * 86_400)}))
    site.publish("One")
    site.look()
    end, asked = NOW + 72 * HOUR, site.attempts()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"expired"}
    for _ in range(2):
        site.work_until(site.now + 20 * HOUR)
        site.publish("Between")
        site.look()
    assert (site.attempts(), Delivery.objects.unfinished().count()) == (asked, 0)
    assert "it asked us to wait (429: too many messages). One message tries it again on 2026-06-27 12:00" in log_page()
    site.work_until(end - HOUR)
    site.publish("Last")
    site.look()
    assert site.attempts() == asked
    site.mend()
    site.work_until(end + MINUTE)
    assert [titles(browser) for browser in browsers] == [["Last"]] * 3
    assert Delivery.objects.filter(state="expired").count() == 9
    assert "Nothing is sent" not in log_page()


def log_page() -> str:
    client = Client()
    client.force_login(User.objects.get_or_create(username="root", is_staff=True, is_superuser=True)[0])
    page = client.get(reverse("admin:notifications_delivery_changelist")).content.decode()
    return html.unescape(page)
