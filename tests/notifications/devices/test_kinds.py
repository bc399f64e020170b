"""My devices: which kinds of notices a device tells of, and what a curator is told by mail."""

from __future__ import annotations

import html

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import MailWish
from notifications.notices.desk_planner import plan_desk
from notifications.vapid.keys import VapidKey
from tests.notifications.desk import make_decider, make_proposal
from tests.notifications.outbox import FakeSender, deliver
from tests.notifications.visitors import Visitor, make_user
from tests.old_pages import OldPage

pytestmark = [pytest.mark.django_db, pytest.mark.queue, pytest.mark.any_database]
KINDS = ("wants_posts", "wants_proposals", "wants_held", "wants_trouble")


@pytest.fixture
def decider(site_key: VapidKey) -> Visitor:
    decider = Visitor(make_decider(email="ann@kiln.example"), site_key.id)
    decider.subscribe()
    return decider


def page(client: Client) -> str:
    return html.unescape(client.get(reverse("notifications:devices")).content.decode())


def opened(visitor: Visitor, form: str) -> OldPage:
    return OldPage(visitor.client, reverse("notifications:devices"), form=form)


def wishes_form(visitor: Visitor) -> str:
    return reverse("notifications:wishes", args=[visitor.device().pk])


def test_a_device_of_who_may_decide_tells_all_kinds_until_somebody_chooses(decider: Visitor) -> None:
    device = decider.device()
    assert all(getattr(device, kind) for kind in KINDS)
    shown = opened(decider, wishes_form(decider))
    prefix = f"device-{device.pk}"
    shown.send(to=shown.form, **{f"{prefix}-wants_held": "", f"{prefix}-wants_posts": ""})
    device.refresh_from_db()
    assert [getattr(device, kind) for kind in KINDS] == [False, True, False, True]


def test_who_may_not_decide_is_offered_posts_alone(site_key: VapidKey) -> None:
    visitor = Visitor(make_user(), site_key.id)
    visitor.subscribe()
    text = page(visitor.client)
    assert "wants_posts" in text
    assert "wants_proposals" not in text
    assert "your account may decide nothing yet" in text or "sends no mail" in text


def test_a_page_from_before_there_were_kinds_changes_none(decider: Visitor) -> None:
    device = decider.device()
    data = {"wants_everything": "yes", "text": "generic", "most_a_day": ""}
    decider.press("wishes", device, **{f"device-{device.pk}-{name}": value for name, value in data.items()})
    device.refresh_from_db()
    assert device.text == "generic"
    assert all(getattr(device, kind) for kind in KINDS)


def test_a_device_without_any_kind_says_that_nothing_is_chosen(decider: Visitor) -> None:
    type(decider.device()).objects.update(**dict.fromkeys(KINDS, False))
    assert "on, but nothing is chosen" in page(decider.client)


def test_who_wants_no_posts_need_not_choose_any(decider: Visitor) -> None:
    type(decider.device()).objects.update(wants_posts=False)
    shown = opened(decider, wishes_form(decider))
    shown.send(to=shown.form, **{f"device-{decider.device().pk}-wants_everything": "no"})
    assert decider.device().wants_everything is False


def test_a_device_that_speaks_again_is_told_at_once_what_its_silence_kept(decider: Visitor) -> None:
    now = timezone.now()
    decider.press("mute", decider.device(), until="hour", shown=_silence(decider))
    make_proposal("Kiln")
    plan_desk(now)
    sender = FakeSender()
    assert deliver(sender, now) == {"retry": 1}
    decider.press("mute", decider.device(), until="now", shown=_silence(decider))
    assert deliver(sender, timezone.now()) == {"accepted": 1}


def _silence(visitor: Visitor) -> str:
    """What the buttons of silence send along, as the page has it."""
    text = page(visitor.client).partition("/mute/")[2]
    return text.partition('name="shown" value="')[2].partition('"')[0]


# -- by mail ----------------------------------------------------------------------------------------------------------


def test_what_is_told_by_mail_is_chosen_on_the_page(decider: Visitor, settings: LazySettings) -> None:
    settings.HAS_MAIL = True
    assert "Write to ann@kiln.example about" in page(decider.client)
    shown = opened(decider, reverse("notifications:by_mail"))
    shown.send(to=shown.form, **{"mail-wants_proposals": "on"})
    wish = MailWish.objects.get()
    assert (wish.user, wish.wants_proposals, wish.wants_held, wish.wants_trouble) == (decider.user, True, False, False)
    shown = opened(decider, reverse("notifications:by_mail"))
    shown.send(to=shown.form, **{"mail-wants_proposals": "", "mail-wants_trouble": "on"})
    wish.refresh_from_db()
    assert (wish.wants_proposals, wish.wants_trouble) == (False, True)


def test_without_mail_the_page_says_so(decider: Visitor, settings: LazySettings) -> None:
    settings.HAS_MAIL = False
    text = page(decider.client)
    assert "This site sends no mail." in text
    assert "mail-wants" not in text


def test_an_account_without_an_address_says_so(decider: Visitor, settings: LazySettings) -> None:
    settings.HAS_MAIL = True
    User.objects.update(email="")
    assert "Your account has no mail address." in page(decider.client)


def test_nobody_chooses_for_another(decider: Visitor, settings: LazySettings, client: Client) -> None:
    settings.HAS_MAIL = True
    answer = client.post(reverse("notifications:by_mail"), {"mail-wants_proposals": "on"})
    assert answer.status_code == 302
    assert "login" in answer.headers["Location"]
    assert not MailWish.objects.exists()
