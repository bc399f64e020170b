"""Sources are taken off with a reason, and removed places are listed, added by hand, changed and given back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aggregator.curating.feeds import reject
from aggregator.models import Feed, RemovedSource
from tests.curators import ADDING, FEED, FEEDS, act, log_in, page, press
from tests.factories import NOW, make_feed
from tests.old_pages import OldPage, opened, words

pytestmark = pytest.mark.django_db
REMOVED = "admin:aggregator_removedsource_changelist"
REMOVAL = "admin:aggregator_removedsource_change"
REMOVE = "admin:aggregator_removedsource_add"
SPAM = "Casino spam"


@pytest.fixture
def client() -> Client:
    return log_in()


def places() -> list[tuple[str, str]]:
    return [(row.place, row.reason) for row in RemovedSource.objects.all()]


# -- rejecting and deleting ------------------------------------------------------------------------------------------


def test_the_list_asks_why_before_it_rejects(client: Client) -> None:
    one, two, kept = (make_feed(name, url=f"https://{name}.example/feed.xml") for name in ("spam", "more", "kept"))
    asked = act(client, FEEDS, "reject", [one, two])
    assert "nothing from its place" in words(asked)
    assert Feed.objects.filter(state="rejected").count() == 0
    told = act(client, FEEDS, "reject", [one, two], apply="Reject", reason=f" {SPAM}\n")
    assert "Rejected: 2 feeds." in told
    assert places() == [("more.example", SPAM), ("spam.example", SPAM)]
    assert Feed.objects.get(pk=kept.pk).state == "active"


def test_a_feeds_page_asks_why_before_it_rejects(client: Client) -> None:
    feed = make_feed("Spam", url="https://spam.example/feed.xml", state="pending")
    asked = OldPage(client, f"/admin/aggregator/feed/{feed.pk}/change/", form="feed_form")
    assert "nothing from its place" in asked.press("Reject…")
    assert "stays away" in press(client, "admin:aggregator_feed_reject", feed.pk, apply="Reject", reason=SPAM)
    assert places() == [("spam.example", SPAM)]
    assert Feed.objects.get().state == "rejected"


def test_a_feed_that_others_decided_on_meanwhile_is_not_rejected(client: Client) -> None:
    feed = make_feed(state="pending")
    form = OldPage(client, "", client.post(f"/admin/aggregator/feed/{feed.pk}/reject/").content.decode())
    Feed.objects.update(state="active")
    told = form.send(to=f"/admin/aggregator/feed/{feed.pk}/reject/", apply="Reject", reason=SPAM).words
    assert "was not done: the feed changed" in told
    assert (Feed.objects.get().state, places()) == ("active", [])


@pytest.mark.parametrize(("reason", "noted"), [(SPAM, [("spam.example", SPAM)]), ("", [])])
def test_what_is_deleted_with_a_reason_stays_away(client: Client, reason: str, noted: list[object]) -> None:
    feed = make_feed(url="https://spam.example/feed.xml")
    assert 'name="reason"' in page(client, "admin:aggregator_feed_delete", feed.pk)
    press(client, "admin:aggregator_feed_delete", feed.pk, post="yes", reason=reason)
    assert (Feed.objects.count(), places()) == (0, noted)


def test_chosen_feeds_are_deleted_with_a_reason(client: Client) -> None:
    feeds = [make_feed(url=f"https://{name}.example/feed.xml") for name in ("a", "b")]
    assert 'name="reason"' in act(client, FEEDS, "delete_selected", feeds)
    act(client, FEEDS, "delete_selected", feeds, post="yes", reason="x" * 300)
    assert [(place, len(reason)) for place, reason in places()] == [("a.example", 200), ("b.example", 200)]


# -- the list --------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_so(client: Client) -> None:
    assert "There is nothing yet." in page(client, REMOVED)


def test_the_list_says_what_was_removed_why_and_for_how_long(client: Client) -> None:
    feed = make_feed("Spam blog", url="https://spam.example/feed.xml")
    reject(Feed.objects.all(), NOW, reason=SPAM)
    RemovedSource.objects.create(host="over.example", until=timezone.now() - timedelta(days=3))
    told = words(page(client, REMOVED))
    for said in ("spam.example", SPAM, "for good", "Spam blog", "over since 3 days ago"):
        assert said in told
    assert "over.example" not in words(page(client, REMOVED, query="?q=casino"))
    assert f"/feed/{feed.pk}/change/" in page(client, REMOVED)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("Spam.example", "spam.example"),
        ("https://www.spam.example/", "spam.example"),
        ("http://blogs.example/alice?x=1", "blogs.example/alice"),
    ],
)
def test_a_place_is_removed_by_hand(client: Client, written: str, place: str) -> None:
    press(client, REMOVE, place=written, reason=SPAM, until_0="", until_1="")
    assert places() == [(place, SPAM)]
    assert SPAM in press(client, ADDING, url=f"https://{place}/feed.xml", category="", title="")
    assert not Feed.objects.exists()


@pytest.mark.parametrize(("written", "told"), [("http://", "address"), ("spam.example", "is removed already")])
def test_what_names_no_place_or_is_removed_is_refused(client: Client, written: str, told: str) -> None:
    RemovedSource.objects.create(host="spam.example")
    assert told in words(press(client, REMOVE, place=written, reason="", until_0="", until_1=""))
    assert RemovedSource.objects.count() == 1


def test_whoever_removes_a_place_hears_which_feeds_from_there_are_here(client: Client) -> None:
    make_feed("Good blog", url="https://good.spam.example/feed"), make_feed("Other", url="https://nospam.example/feed")
    told = words(press(client, REMOVE, place="spam.example", reason="", until_0="", until_1=""))
    assert "these are here and stay: Good blog." in told


def test_two_who_change_the_same_place_keep_what_each_wrote(client: Client) -> None:
    row = RemovedSource.objects.create(host="spam.example", reason="Spam")
    form = opened(client, REMOVAL, row.pk, form="removedsource_form")
    RemovedSource.objects.update(until=timezone.now() + timedelta(days=9))
    form.send(reason=SPAM)
    row.refresh_from_db()
    assert (row.reason, row.until is not None) == (SPAM, True)
    RemovedSource.objects.update(reason="Theirs")
    assert "What shall be saved?" in form.send(reason="Mine").words


def test_a_place_is_given_back(client: Client) -> None:
    make_feed("Spam blog", url="https://spam.example/feed.xml")
    reject(Feed.objects.all(), NOW)
    row = RemovedSource.objects.get()
    told = words(press(client, "admin:aggregator_removedsource_delete", row.pk, post="yes"))
    assert "Rejected themselves, until resumed: Spam blog." in told
    assert places() == []
    assert page(client, FEED, Feed.objects.get().pk)


def test_who_may_only_see_them_changes_nothing() -> None:
    row = RemovedSource.objects.create(host="spam.example", reason=SPAM)
    reader = log_in(may=["view_removedsource"])
    assert SPAM in page(reader, REMOVAL, row.pk)
    assert reader.post(f"/admin/aggregator/removedsource/{row.pk}/change/", {"reason": ""}).status_code == 403


def test_both_fields_of_the_end_have_names_for_who_hears_the_page(client: Client) -> None:
    html = client.get("/admin/aggregator/removedsource/add/").content.decode()
    assert all(f'aria-label="Until: {part}"' in html for part in ("date", "time"))
