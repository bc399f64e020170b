"""The page of one's devices, opened in two browsers: neither undoes what the other did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from aggregator.models import Category, Feed
from notifications.models import PushSubscription
from notifications.vapid.keys import VapidKey
from tests.curators import log_in
from tests.factories import make_category, make_feed
from tests.notifications.visitors import Visitor, make_user
from tests.old_pages import OldPage, opened

pytestmark = [pytest.mark.django_db, pytest.mark.queue]


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    """A curator whose browser is subscribed."""
    curator = Visitor(make_user(), site_key.id)
    curator.subscribe()
    return curator


def old_page(curator: Visitor, verb: str) -> OldPage:
    address = reverse("notifications:devices")
    form = reverse(f"notifications:{verb}", args=[curator.device().pk])
    return OldPage(curator.client, address, form=form)


def field(curator: Visitor, name: str) -> str:
    return f"device-{curator.device().pk}-{name}"


def test_wishes_of_two_browsers_are_all_kept(curator: Visitor) -> None:
    tides, waves, sea = make_feed("Tides"), make_feed("Waves"), make_category("Sea")
    device = curator.device()
    device.feeds.set([tides])
    page = old_page(curator, "wishes")
    device.feeds.set([waves])
    PushSubscription.objects.update(most_a_day=7)
    told = page.send(to=page.form, **{field(curator, "categories"): str(sea.pk)}).words
    device = curator.device()
    assert "at most: 7" in told
    assert (list(device.feeds.all()), list(device.categories.all()), device.most_a_day) == ([waves], [sea], 7)


def test_a_wish_that_two_browsers_changed_is_a_question(curator: Visitor) -> None:
    page = old_page(curator, "wishes")
    PushSubscription.objects.update(most_a_day=7)
    answer = page.send(to=page.form, **{field(curator, "most_a_day"): "3"})
    assert "As others have it now: 7" in answer.words
    answer.again().send(to=page.form, **{f"stays-{field(curator, 'most_a_day')}": "mine"})
    assert curator.device().most_a_day == 3


def test_a_source_that_no_page_offers_just_now_stays_chosen(curator: Visitor) -> None:
    withheld, shown = make_feed(state="rejected"), make_feed()
    curator.device().feeds.set([withheld, shown])
    page = old_page(curator, "wishes")
    page.send(to=page.form, **{field(curator, "most_a_day"): "3"})
    assert set(curator.device().feeds.all()) == {withheld, shown}


def test_a_source_or_a_category_that_is_gone_is_no_error_for_who_had_chosen_it(curator: Visitor) -> None:
    feed, sea, gone = make_feed(), make_category("Sea"), make_feed()
    curator.device().feeds.set([feed, gone]), curator.device().categories.set([sea])
    page = old_page(curator, "wishes")
    Feed.objects.filter(pk=gone.pk).delete(), Category.objects.all().delete()
    page.send(to=page.form, **{field(curator, "most_a_day"): "3"})
    assert (curator.device().most_a_day, list(curator.device().feeds.all())) == (3, [feed])


def test_a_source_that_is_gone_is_a_sentence_for_who_chooses_it(curator: Visitor) -> None:
    gone = make_feed()
    page = old_page(curator, "wishes")
    Feed.objects.all().delete()
    told = page.send(to=page.form, **{field(curator, "feeds"): str(gone.pk)}).words
    assert "It is not here any more: it was deleted" in told


def test_a_name_that_two_browsers_gave_is_a_question(curator: Visitor) -> None:
    page = old_page(curator, "rename")
    PushSubscription.objects.update(name="Desk")
    answer = page.send(to=page.form, name="Study")
    assert "As others have it now: Desk" in answer.words
    answer.again().send(to=page.form, **{"stays-name": "mine"})
    assert curator.device().name == "Study"


def test_silence_that_another_browser_asked_for_is_not_cut_short(curator: Visitor) -> None:
    page = old_page(curator, "mute")
    until = timezone.now() + timedelta(days=1)
    PushSubscription.objects.update(muted_until=until)
    assert "Nothing was changed" in page.send(to=page.form, until="hour").words
    assert curator.device().muted_until == until


@pytest.mark.parametrize("verb", ["rename", "mute", "wishes", "remove", "test"])
def test_a_device_that_is_gone_is_a_sentence(curator: Visitor, verb: str) -> None:
    page = old_page(curator, verb)
    PushSubscription.objects.all().delete()
    assert "This device is not here any more: it was removed" in page.send(to=page.form).words


def test_who_deletes_a_device_that_is_gone_reads_so(curator: Visitor) -> None:
    admin = log_in()
    page = opened(admin, "admin:notifications_pushsubscription_changelist", form="changelist-form")
    pk = str(curator.device().pk)
    PushSubscription.objects.all().delete()
    told = page.send(action="delete_selected", index="0", _selected_action=[pk]).words
    assert "One device is no longer in this list" in told
