"""Whoever works at the desk, with whichever permissions: nothing that its pages offer is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from aggregator.desk import polling as desk_polling
from aggregator.desk import submission_page
from aggregator.models import Entry, Feed, RemovedSource, site_change
from aggregator.models.counting import refresh_counts
from aggregator.worker import Reply
from notifications.models import Delivery, Notice
from tests.curators import log_in
from tests.desk.walking import Button, Offered, kind_of, within_desk
from tests.factories import NOW, make_category, make_entry, make_feed, make_rule
from tests.notifications.outbox import make_device
from tests.submissions.waiting import proposed

pytestmark = [pytest.mark.django_db, pytest.mark.queue, pytest.mark.any_database, pytest.mark.slow]
OURS = ["feed", "entry", "category", "removedsource", "submission"]
PERMISSIONS = {
    "nothing": [],
    "adds feeds": ["add_feed"],
    "changes feeds": ["change_feed"],
    "changes entries": ["change_entry"],
    "adds categories": ["add_category"],
    "adds posts of guests": ["add_entry"],
    "decides on proposals": ["change_submission"],
    "removes places": ["add_removedsource", "change_removedsource"],
    "sees all of the planet": [f"view_{kind}" for kind in OURS],
    "changes feeds, sees entries": ["change_feed", "view_entry"],
    "changes entries, sees feeds": ["change_entry", "view_feed"],
    "deletes and sees all": [f"{verb}_{kind}" for kind in OURS for verb in ("view", "delete")],
    "sees deliveries": ["view_delivery", "view_pushsubscription"],
    "sees notices": ["view_notice"],
    "sees and adds accounts": ["view_user", "view_group", "add_user"],
    "everything": None,
}
"""What each person of the tests may do; None is a superuser."""
EACH = re.compile(r"/admin/aggregator/(feed|entry|submission)/\d+/change/")
"""Pages of which each has buttons of its own; of all others, one of a kind is looked at."""


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_polling, "poll_and_wait", lambda feed_ids, seconds: Reply.LATE)
    monkeypatch.setattr(desk_polling, "poll_soon", lambda feed_ids: None)
    monkeypatch.setattr(submission_page, "poll_soon", lambda feed_ids: None)


@pytest.fixture(autouse=True)
def _rows() -> None:
    """One of each kind that has buttons of its own."""
    web = make_category("Web")
    feed = make_feed("Failing", category=web, failure_count=2, last_error="No.", proposed_url="https://x.example/feed")
    shown = make_entry(feed, "Shown")
    make_entry(feed, "Hidden", is_hidden=True)
    make_entry(feed, "Dropped", is_filtered=True)
    make_rule(feed, "sponsored")
    other = make_feed("Drifting", is_drifting=True)
    make_entry(other, "Held", is_held=True)
    make_entry(other, "Folded", duplicate_of=shown)
    make_entry(other, "Other words", is_held=True, held_for=shown)
    make_entry(other, "Chosen", is_original=True)
    make_feed("Twice", double_of=feed)
    make_feed("Paused", state="paused"), make_feed("Pending", state="pending")
    proposed("waits.example"), proposed("declined.example", state="declined", decided_at=timezone.now())
    RemovedSource.objects.create(host="spam.example", reason="Spam.", feed=make_feed("Rejected", state="rejected"))
    with site_change():
        refresh_counts(Feed.objects.all())
    notice = Notice.objects.create(title="News", entry=Entry.objects.first(), expires_at=NOW)
    Delivery.objects.create(notice=notice, device=make_device(), state="accepted", finished_at=NOW)


def walk(client: Client) -> Iterator[tuple[str, Offered]]:
    """Each kind of page that can be reached, and what it offers. Fails at the first link that is refused."""
    ahead, seen = [("", "/admin/")], set[str]()
    while ahead:
        source, address = ahead.pop()
        kind = address if EACH.fullmatch(address) else kind_of(address)
        if kind in seen:
            continue
        seen.add(kind)
        response = client.get(address)
        assert response.status_code in {200, 302}, f"{source} leads to {address}, which answers {response.status_code}"
        if response.status_code == 302 or "html" not in response.headers.get("Content-Type", ""):
            continue
        offered = Offered(response.content.decode())
        yield address, offered
        ahead += [(address, found) for link in sorted(offered.links) if (found := within_desk(address, link))]


def press(client: Client, page: str, button: Button) -> int:
    """What the desk answers to it, and to where it leads. Then all is as it was before."""
    address = within_desk(page, button.action or page)
    if not address:
        return 200
    with transaction.atomic():
        answer = getattr(client, button.form.method)(address, button.data)
        if answer.status_code in {302, 303} and (onward := within_desk(address, answer.headers["Location"])):
            answer = client.get(onward)
        transaction.set_rollback(True)
    return int(answer.status_code)


@pytest.mark.parametrize("who", PERMISSIONS)
def test_nothing_that_is_offered_is_refused(who: str) -> None:
    client = log_in(may=PERMISSIONS[who])
    pressed = set()
    for page, offered in walk(client):
        for button in offered.buttons():
            what = (kind_of(within_desk(page, button.action or page)), button.label, button.name)
            if what not in pressed:
                pressed.add(what)
                assert press(client, page, button) in {200, 302, 303}, f"“{button.label}” on {page} is refused"
