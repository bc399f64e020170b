"""Lists, entries, categories, accounts and questions before deleting, on pages that are older than their rows."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aggregator.models import Category, Entry, Feed
from tests.at_once import together
from tests.curators import CATEGORIES, ENTRIES, ENTRY, FEED, FEEDS, IMPORT, log_in
from tests.factories import make_category, make_entry, make_feed
from tests.old_pages import Answer, OldPage, opened, words

pytestmark = pytest.mark.django_db
LIST = "changelist-form"
USER = "admin:auth_user_change"


@pytest.fixture
def client() -> Client:
    return log_in()


def act(page: OldPage, action: str, *rows: Feed | Entry | Category | User) -> Answer:
    return page.send(action=action, index="0", _selected_action=[str(row.pk) for row in rows])


# -- actions ---------------------------------------------------------------------------------------------------------


def test_an_action_leaves_rows_alone_that_changed_since(client: Client) -> None:
    turned_down, paused = make_feed("Tides", state="paused"), make_feed("Waves", state="paused")
    page = opened(client, FEEDS, form=LIST)
    Feed.objects.filter(pk=turned_down.pk).update(state="rejected")
    told = act(page, "resume", turned_down, paused).words
    assert "Changed since you opened the page, and left as it is now: “Tides” (state: rejected)." in told
    assert "Resumed: one feed." in told
    states = Feed.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["rejected", "active"]


def test_what_an_action_does_not_ask_for_may_change(client: Client) -> None:
    feed = make_feed()
    page = opened(client, FEEDS, form=LIST)
    Feed.objects.update(title="Another", category=make_category())
    assert "Paused: one feed." in act(page, "pause", feed).words


@pytest.mark.parametrize("action", ["pause", "poll_now", "set_category", "delete_selected"])
def test_an_action_says_which_rows_are_gone(client: Client, action: str) -> None:
    gone, here = make_feed(), make_feed()
    page = opened(client, FEEDS, form=LIST)
    Feed.objects.filter(pk=gone.pk).delete()
    assert "One feed is no longer in this list: deleted, or changed," in act(page, action, gone, here).words


def test_the_question_before_setting_a_category_is_old_at_once(client: Client) -> None:
    feed, sea, land = make_feed("Tides"), make_category("Sea"), make_category("Land")
    page = opened(client, FEEDS, form=LIST)
    asked = OldPage(client, page.address, act(page, "set_category", feed).html)
    Feed.objects.update(category=sea)
    assert "“Tides” (category: Sea)" in asked.send(category=str(land.pk), apply="1").words
    assert Feed.objects.get().category == sea


def test_setting_a_category_that_is_gone_is_a_sentence(client: Client) -> None:
    feed, sea = make_feed(), make_category("Sea")
    page = opened(client, FEEDS, form=LIST)
    asked = OldPage(client, page.address, act(page, "set_category", feed).html)
    key = str(sea.pk)
    sea.delete()
    assert "It is not here any more" in asked.send(category=key, apply="1").words


def test_entries_that_others_decided_on_are_left_alone(client: Client) -> None:
    entry = make_entry(title="High water", is_held=True)
    page = opened(client, ENTRIES, form=LIST)
    Entry.objects.update(is_hidden=True)
    assert "“High water” (hidden)" in act(page, "unhide", entry).words
    assert Entry.objects.get().is_hidden


# -- entries ---------------------------------------------------------------------------------------------------------


def test_saving_an_old_page_of_an_entry_shows_nothing_that_others_hid(client: Client) -> None:
    page = opened(client, ENTRY, make_entry().pk, form="entry_form")
    Entry.objects.update(is_hidden=True)
    assert "hidden: ticked" in page.send().words
    assert Entry.objects.get().is_hidden


def test_an_entry_that_is_gone_is_a_sentence(client: Client) -> None:
    page = opened(client, ENTRY, make_entry().pk, form="entry_form")
    Feed.objects.all().delete()
    assert "doesn’t exist. Perhaps it was deleted?" in page.send(is_hidden="on").words


@pytest.mark.parametrize("label", ["Show this copy, fold the others into it", "Show both", "Hide it"])
def test_a_button_of_an_old_page_of_an_entry_undoes_nothing(client: Client, label: str) -> None:
    held = make_entry(title="Low water", is_held=True, held_for=make_entry())
    page = opened(client, ENTRY, held.pk, form="entry_form")
    Entry.objects.filter(pk=held.pk).update(is_hidden=True, is_held=False, held_for=None)
    assert "“Low water” (hidden)" in page.press(label)
    held.refresh_from_db()
    assert (held.is_hidden, held.is_original) == (True, False)


def test_a_post_that_others_hid_is_not_shown_by_an_old_page_of_its_feed(client: Client) -> None:
    entry = make_entry(title="Low water", is_held=True)
    page = opened(client, FEED, entry.feed_id, form="feed_form")
    Entry.objects.update(is_hidden=True)
    assert "“Low water” (hidden)" in page.press("Show")
    assert Entry.objects.get().is_hidden


# -- categories ------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelves() -> list[Category]:
    return [make_category(name, position=place) for place, name in enumerate(("Air", "Land", "Sea"), 1)]


def places() -> dict[str, int]:
    return dict(Category.objects.values_list("name", "position"))


def test_two_who_sort_categories_undo_nothing(client: Client, shelves: list[Category]) -> None:
    page = opened(client, CATEGORIES, form=LIST)
    Category.objects.filter(name="Air").update(position=9)
    page.send(**{"form-2-position": "5"}, _save="Save")
    assert places() == {"Air": 9, "Land": 2, "Sea": 5}


def test_a_place_that_two_gave_is_asked_about_beside_its_own_category(client: Client, shelves: list[Category]) -> None:
    """The list has another order by now, in which Django would put the fields beside other names."""
    page = opened(client, CATEGORIES, form=LIST)
    Category.objects.filter(name="Air").update(position=9)
    answer = page.send(**{"form-0-position": "7"}, _save="Save")
    row = answer.html.partition("stays-form-0-position")[0].rpartition("<tr>")[2]
    assert ">Air</a>" in row
    assert "As others have it now: 9" in answer.words
    answer.again().send(**{"stays-form-0-position": "mine"}, _save="Save")
    assert places() == {"Air": 7, "Land": 2, "Sea": 3}


def test_a_category_that_is_gone_from_the_list_is_a_sentence(client: Client, shelves: list[Category]) -> None:
    page = opened(client, CATEGORIES, form=LIST)
    Category.objects.filter(name="Air").delete()
    told = page.send(**{"form-0-position": "7", "form-1-position": "8"}, _save="Save").words
    assert "One category is no longer in this list" in told
    assert places() == {"Land": 8, "Sea": 3}


def test_a_category_that_is_gone_while_another_is_asked_about(client: Client, shelves: list[Category]) -> None:
    page = opened(client, CATEGORIES, form=LIST)
    Category.objects.filter(name="Air").delete()
    Category.objects.filter(name="Land").update(position=9)
    answer = page.send(**{"form-1-position": "8"}, _save="Save")
    assert "As others have it now: 9" in answer.words
    answer.again().send(**{"stays-form-1-position": "mine"}, _save="Save")
    assert places() == {"Land": 8, "Sea": 3}


def test_an_old_page_of_a_category_saves_only_what_was_changed_there(client: Client, shelves: list[Category]) -> None:
    page = opened(client, "admin:aggregator_category_change", shelves[0].pk, form="category_form")
    Category.objects.filter(name="Air").update(slug="sky")
    assert "slug: sky" in page.send(name="Heaven").words
    category = Category.objects.get(pk=shelves[0].pk)
    assert (category.name, category.slug, category.position) == ("Heaven", "sky", 1)


# -- deleting --------------------------------------------------------------------------------------------------------


def test_what_changed_since_is_not_deleted_by_an_old_question(client: Client) -> None:
    feed = make_feed("Tides", state="paused")
    address = reverse("admin:aggregator_feed_delete", args=[feed.pk])
    asked = OldPage(client, address)
    Feed.objects.update(state="active")
    answer = asked.send()
    assert "left as it is now: “Tides” (state: active" in answer.words
    assert "Are you sure" in answer.words
    OldPage(client, address, answer.html).send()
    assert not Feed.objects.exists()


def test_of_several_only_those_are_deleted_that_are_as_they_were(client: Client) -> None:
    kept, gone = make_feed("Tides"), make_feed("Waves")
    page = opened(client, FEEDS, form=LIST)
    asked = OldPage(client, page.address, act(page, "delete_selected", kept, gone).html)
    Feed.objects.filter(pk=kept.pk).update(title="High tides")
    assert "“High tides” (state: active, title: High tides" in asked.send().words
    assert list(Feed.objects.all()) == [kept]


def test_deleting_what_is_gone_is_a_sentence(client: Client) -> None:
    asked = OldPage(client, reverse("admin:aggregator_feed_delete", args=[make_feed().pk]))
    Feed.objects.all().delete()
    assert "doesn’t exist. Perhaps it was deleted?" in asked.send().words


# -- accounts and groups ---------------------------------------------------------------------------------------------


@pytest.fixture
def person() -> User:
    return User.objects.create_user("grace", password="secret", is_staff=True, last_login=timezone.now())


def rights(*names: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=names))


def test_an_old_page_of_an_account_gives_back_no_rights(client: Client, person: User) -> None:
    taken, stays = rights("change_feed", "delete_feed")
    person.user_permissions.set([taken, stays])
    page = opened(client, USER, person.pk, form="user_form")
    person.user_permissions.remove(taken)
    User.objects.filter(pk=person.pk).update(is_staff=False, last_login=timezone.now())
    seen = User.objects.get(pk=person.pk).last_login
    [given] = rights("add_feed")
    told = page.send(email="grace@example.org", user_permissions=[str(taken.pk), str(stays.pk), str(given.pk)]).words
    person.refresh_from_db()
    assert "staff status: not ticked" in told
    assert (person.email, person.is_staff, person.last_login) == ("grace@example.org", False, seen)
    assert set(person.user_permissions.all()) == {stays, given}


def test_the_page_of_an_account_shows_no_more_of_its_password(client: Client, person: User) -> None:
    page = opened(client, USER, person.pk, form="user_form")
    assert ("initial-password" in page.html, person.password in page.html) == (False, False)


def test_an_old_page_of_a_group_gives_back_no_rights(client: Client) -> None:
    group, (taken, stays) = Group.objects.create(name="Curators"), rights("change_feed", "delete_feed")
    group.permissions.set([taken, stays])
    page = opened(client, "admin:auth_group_change", group.pk, form="group_form")
    group.permissions.remove(taken)
    page.send(name="Gardeners")
    assert (Group.objects.get().name, list(Group.objects.get().permissions.all())) == ("Gardeners", [stays])


@pytest.mark.django_db(transaction=True)
def test_a_password_and_a_lost_right_in_the_same_instant(person: User) -> None:
    admins = [log_in(name=f"admin{number}") for number in range(4)]
    password = reverse("admin:auth_user_password_change", args=[person.pk])
    page = opened(admins[0], USER, person.pk, form="user_form")
    new = {"usable_password": "true", "password1": "correct horse 4", "password2": "correct horse 4"}

    def work(number: int) -> int:
        data = {**page.fields, "is_active": []} if number == 2 else page.fields
        address, values = (password, new) if number % 2 else (page.address, data)
        return admins[number].post(address, values).status_code

    assert together(work) == [302] * 4
    person.refresh_from_db()
    assert (person.check_password("correct horse 4"), person.is_active) == (True, False)


# -- importing -------------------------------------------------------------------------------------------------------


def test_importing_into_a_category_that_is_gone_is_a_sentence(client: Client) -> None:
    shelf = make_category()
    address, key = reverse(IMPORT), shelf.pk
    shelf.delete()
    html = client.post(address, {"category": key}).content.decode()
    assert "It is not here any more: it was deleted" in words(html)


def test_stopping_an_import_that_is_gone_is_a_sentence(client: Client) -> None:
    html = client.post(reverse("admin:aggregator_feed_import_stop", args=[99]), follow=True).content.decode()
    assert "This import is not here any more" in words(html)
