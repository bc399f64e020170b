from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.urls import reverse

from aggregator.models import Entry
from notifications.models import AnnouncedEntry, Announcement, Delivery, Notice
from notifications.notices.desk_places import place_of
from tests.factories import NOW, make_entry, make_feed
from tests.notifications.desk import make_proposal
from tests.notifications.outbox import make_device
from tests.notifications.visitors import Visitor, make_user

pytestmark = pytest.mark.django_db


def make_notice(*entries: Entry) -> Notice:
    """What the planner writes for these entries."""
    announcement = Announcement.objects.create()
    for entry in entries:
        AnnouncedEntry.objects.create(announcement=announcement, entry=entry)
    newest = entries[0] if entries else None
    return Notice.objects.create(
        announcement=announcement,
        title="News",
        entry=newest,
        entry_count=len(entries),
        topic="posts",
        expires_at=NOW + timedelta(days=1),
    )


def click(visitor: Visitor, notice: Notice, query: str = "") -> HttpResponse:
    return visitor.client.get(reverse("notifications:landing", args=[notice.pk]) + query)  # type: ignore[return-value]


def curator() -> Visitor:
    return Visitor(make_user(is_superuser=True))


def test_one_post_leads_to_its_page_in_the_admin() -> None:
    entry = make_entry()
    assert click(curator(), make_notice(entry))["Location"] == reverse("admin:aggregator_entry_change", args=[entry.pk])


def test_several_posts_lead_to_a_list_of_exactly_these() -> None:
    entries = [make_entry(title="First"), make_entry(title="Second")]
    make_entry(title="Third")
    visitor = curator()
    response = visitor.client.get(click(visitor, make_notice(*entries))["Location"])
    assert {entry.title for entry in response.context["cl"].queryset} == {"First", "Second"}
    assert "Only posts that a notification told of." in response.content.decode()


def test_a_device_that_wants_only_some_posts_leads_to_these() -> None:
    entries = [make_entry(title="First"), make_entry(title="Second"), make_entry(title="Third")]
    notice = make_notice(*entries)
    visitor = curator()
    device = make_device(visitor.user, wants_everything=False)
    device.feeds.set([entries[0].feed, entries[2].feed])
    Delivery.objects.create(notice=notice, device=device)
    response = visitor.client.get(click(visitor, notice)["Location"])
    assert {entry.title for entry in response.context["cl"].queryset} == {"First", "Third"}


def test_after_the_log_forgot_the_delivery_the_list_is_what_any_of_ones_devices_wants() -> None:
    entries = [make_entry(title=title) for title in ("First", "Second", "Third")]
    notice, visitor = make_notice(*entries), curator()
    for entry in (entries[0], entries[2]):
        make_device(visitor.user, wants_everything=False).feeds.add(entry.feed)
    make_device(wants_everything=True)  # somebody else's
    response = visitor.client.get(click(visitor, notice)["Location"])
    assert {entry.title for entry in response.context["cl"].queryset} == {"First", "Third"}


def test_a_curator_who_may_not_read_entries_is_led_to_the_public_page() -> None:
    entry = make_entry()
    assert click(Visitor(make_user()), make_notice(entry))["Location"] == entry.get_absolute_url()


def test_a_curator_who_may_only_view_entries_is_led_to_the_admin() -> None:
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_entry"))
    visitor = Visitor(user)
    assert visitor.client.get(click(visitor, make_notice(make_entry()))["Location"]).status_code == 200


def test_a_post_that_is_gone_leads_to_the_front_page() -> None:
    entry = make_entry()
    notice = make_notice(entry)
    entry.delete()
    assert click(curator(), notice)["Location"] == reverse("front")


def test_a_test_message_leads_to_the_devices() -> None:
    notice = Notice.objects.create(title="Test", topic="test", expires_at=NOW)
    assert click(curator(), notice)["Location"] == reverse("notifications:devices")


@pytest.mark.parametrize("is_known", [True, False])
def test_others_log_in_and_come_back(is_known: bool) -> None:
    visitor = Visitor(make_user(is_staff=False) if is_known else None)
    notice = make_notice(make_entry())
    here = reverse("notifications:landing", args=[notice.pk])
    assert click(visitor, notice)["Location"] == f"{reverse('admin:login')}?next={here}"


def test_the_click_of_a_curator_is_noted_once() -> None:
    notice = make_notice(make_entry())
    visitor = curator()
    click(visitor, notice)
    first = Notice.objects.get().clicked_at
    click(visitor, notice)
    assert first is not None
    assert Notice.objects.get().clicked_at == first


def test_a_click_of_others_is_not_noted() -> None:
    notice = make_notice(make_entry())
    click(Visitor(None), notice)
    assert Notice.objects.get().clicked_at is None


@pytest.mark.parametrize("query", ["?next=https://evil.example/", "?url=//evil.example", "?next=%0d%0aX:1"])
def test_no_parameter_leads_anywhere_else(query: str) -> None:
    notice = make_notice(make_entry())
    visitor = curator()
    assert click(visitor, notice, query)["Location"] == click(visitor, notice)["Location"]


@pytest.mark.parametrize("visitor", [curator, lambda: Visitor(None)], ids=["curator", "nobody"])
def test_the_next_page_does_not_learn_of_the_address(visitor: type[Visitor]) -> None:
    assert click(visitor(), make_notice(make_entry()))["Referrer-Policy"] == "no-referrer"  # type: ignore[call-arg]


@pytest.mark.parametrize("number", ["1", "99999999999999999999", "9" * 5000])
def test_an_unknown_notice_is_a_404_in_plain_words(number: str) -> None:
    response = curator().client.get(f"/notifications/n/{number}/")
    assert response.status_code == 404
    assert "Nothing is at this address" in response.content.decode()


def test_a_click_is_never_kept_by_caches() -> None:
    assert "no-store" in click(curator(), make_notice(make_entry()))["Cache-Control"]


# -- what waits at the desk -------------------------------------------------------------------------------------------


def desk_notice(**fields: Any) -> Notice:
    values = {"announcement": Announcement.objects.create(), "title": "Desk", "topic": "desk"}
    return Notice.objects.create(**{**values, "expires_at": NOW + timedelta(days=1), **fields})


def test_one_proposal_leads_to_its_page_at_the_desk() -> None:
    proposal = make_proposal()
    notice = desk_notice(submission=proposal, kinds="proposals")
    assert click(curator(), notice)["Location"] == place_of("proposals", proposal.pk)


def test_one_feed_leads_to_its_page_and_several_to_their_list() -> None:
    feed = make_feed(held_count=2)
    listed = reverse("admin:aggregator_feed_changelist")
    places = {
        reverse("admin:aggregator_feed_change", args=[feed.pk]): {"feed": feed, "kinds": "held"},
        f"{listed}?health=holding": {"kinds": "held"},
        listed: {"kinds": "held,trouble"},
        reverse("admin:index"): {"kinds": "proposals,held"},
    }
    for place, fields in places.items():
        assert click(curator(), desk_notice(**fields))["Location"] == place
        assert curator().client.get(place).status_code == 200


def test_who_may_not_read_it_comes_to_the_desk_s_first_page() -> None:
    notice = desk_notice(feed=make_feed(), kinds="trouble")
    assert click(Visitor(make_user()), notice)["Location"] == reverse("admin:index")


def test_a_proposal_that_is_gone_leads_to_the_desk() -> None:
    proposal = make_proposal()
    notice = desk_notice(submission=proposal, kinds="proposals")
    proposal.delete()
    assert click(curator(), notice).status_code == 302
