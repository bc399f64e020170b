"""The curators' lists and pages, as a browser gets them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from aggregator.models import Category, Entry, Feed, SiteState
from tests.curators import CATEGORIES, ENTRIES, ENTRY, FEED, FEEDS, act, log_in, page, press
from tests.factories import NOW, make_category, make_entry, make_feed

pytestmark = pytest.mark.django_db
MARKUP = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def client() -> Client:
    return log_in()


def version() -> int:
    return SiteState.objects.current().version


# -- feeds -----------------------------------------------------------------------------------------------------------


def test_the_list_says_what_is_wrong_with_a_feed(client: Client) -> None:
    make_feed("Broken Clock", failure_count=6, last_error="The certificate can't be trusted.", last_error_kind="tls")
    html = page(client, FEEDS)
    assert "failing" in html
    assert "6×: The certificate can&#x27;t be trusted." in html


def test_a_feed_that_waits_for_the_worker_is_due_now(client: Client) -> None:
    make_feed(next_poll_at=NOW, last_ok_at=timezone.now())
    words = re.sub(r"<[^>]+>", "", page(client, FEEDS))
    assert "just nownext: due now" in words


@pytest.mark.parametrize("state", Feed.State.values)
def test_a_feed_in_any_state_has_a_row_and_a_page(client: Client, state: str) -> None:
    feed = make_feed("Some blog", state=state)
    assert "Some blog" in page(client, FEEDS)
    assert "Some blog" in page(client, FEED, feed.pk)


def test_texts_of_a_feed_are_escaped_everywhere(client: Client) -> None:
    feed = make_feed(MARKUP, failure_count=1, last_error=MARKUP, last_error_kind="http", reported_title=MARKUP)
    make_entry(feed, MARKUP)
    for html in (page(client, FEEDS), page(client, FEED, feed.pk), page(client, ENTRIES)):
        assert ESCAPED in html
        assert MARKUP not in html


def test_an_address_that_is_no_web_address_is_never_a_link(client: Client) -> None:
    feed = make_feed(reported_site_url="javascript:alert(1)", site_url="javascript:alert(2)")
    entry = make_entry(feed, url="javascript:alert(3)")
    for html in (page(client, FEEDS), page(client, FEED, feed.pk), page(client, ENTRY, entry.pk)):
        assert 'href="javascript:' not in html


def test_more_feeds_cost_no_more_queries(client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, FEEDS)
        return len(queries)

    make_feed(category=make_category())
    few = count()
    for _ in range(20):
        make_feed(category=make_category(), failure_count=1, last_error="No.")
    assert count() == few


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("health=failing", "Failing"),
        ("health=never", "Unread"),
        ("health=silent", "Silent"),
        ("state__exact=paused", "Paused"),
        ("q=lone-host", "Searched"),
    ],
)
def test_a_filter_shows_only_what_it_names(client: Client, query: str, title: str) -> None:
    make_feed("Failing", failure_count=1)
    make_feed("Unread", last_ok_at=None, state="pending")
    make_feed("Silent", newest_at=timezone.now() - timedelta(days=200))
    make_feed("Paused", state="paused")
    make_feed("Searched", url="https://lone-host.example/feed")
    response = client.get(reverse(FEEDS) + "?" + query)
    assert [feed.title for feed in response.context["cl"].result_list] == [title]


def test_feeds_can_be_filtered_by_category(client: Client) -> None:
    shelf = make_category("Shelf")
    make_feed("On it", category=shelf)
    make_feed("Elsewhere")
    response = client.get(reverse(FEEDS) + f"?category__id__exact={shelf.pk}")
    assert [feed.title for feed in response.context["cl"].result_list] == ["On it"]


def test_the_feeds_page_says_what_to_do(client: Client) -> None:
    feed = make_feed(failure_count=2, last_error="The host x is not known (no address for that name).")
    Feed.objects.update(last_error_kind="dns")
    html = page(client, FEED, feed.pk)
    assert "The last 2 polls failed." in html
    assert "Check the spelling of the address." in html


def test_the_feeds_page_shows_its_last_ten_entries(client: Client) -> None:
    feed = make_feed()
    for number in range(12):
        make_entry(feed, f"Post number {number:02}", days_ago=number)
    html = page(client, FEED, feed.pk)
    assert [f"Post number {number:02}" in html for number in range(12)] == [True] * 10 + [False] * 2


def test_only_a_feed_that_readers_know_links_to_its_page_on_the_site(client: Client) -> None:
    shown, waiting = make_feed(), make_feed(state="pending")
    assert f'href="{shown.get_absolute_url()}"' in page(client, FEED, shown.pk)
    assert f'href="{waiting.get_absolute_url()}"' not in page(client, FEED, waiting.pk)


# -- entries ---------------------------------------------------------------------------------------------------------


def test_an_entry_is_hidden_and_shown_again_by_an_action(client: Client) -> None:
    entry, before = make_entry(), version()
    assert "One entry hidden." in act(client, ENTRIES, "hide", [entry])
    assert not Entry.objects.listed().exists()
    assert "One entry shown again." in act(client, ENTRIES, "unhide", [entry])
    assert Entry.objects.listed().get() == entry
    assert version() == before + 2


def test_an_entry_is_hidden_on_its_own_page(client: Client) -> None:
    entry, before = make_entry(), version()
    press(client, ENTRY, entry.pk, is_hidden="on")
    entry.refresh_from_db()
    assert (entry.is_hidden, version()) == (True, before + 1)


def test_saving_an_entry_changes_nothing_but_whether_it_is_hidden(client: Client) -> None:
    entry = make_entry(title="The author's own")
    press(client, ENTRY, entry.pk, is_hidden="on", title="Another", content_html="<p>Another</p>", guid="another")
    changed = Entry.objects.get(pk=entry.pk)
    assert (changed.title, changed.content_html, changed.guid) == (entry.title, entry.content_html, entry.guid)


@pytest.mark.parametrize(("verb", "is_hidden"), [("hide", True), ("unhide", False)])
def test_an_entry_is_hidden_from_its_feeds_page(client: Client, verb: str, is_hidden: bool) -> None:
    entry = make_entry(is_hidden=not is_hidden)
    html = press(client, f"admin:aggregator_entry_{verb}", entry.pk)
    entry.refresh_from_db()
    assert entry.is_hidden == is_hidden
    assert entry.feed.title in html


def test_entries_can_be_neither_added_nor_deleted(client: Client) -> None:
    entry = make_entry()
    assert client.get(reverse("admin:aggregator_entry_add")).status_code == 403
    assert client.post(reverse("admin:aggregator_entry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    act(client, ENTRIES, "delete_selected", [entry], post="yes")
    assert Entry.objects.get() == entry


def test_the_entrys_page_says_why_it_cannot_be_deleted(client: Client) -> None:
    assert "the next poll would bring it back" in page(client, ENTRY, make_entry().pk)


def test_an_entry_links_to_its_page_as_long_as_readers_have_one(client: Client) -> None:
    entry = make_entry()
    link = f'href="{entry.get_absolute_url()}"'
    assert link in page(client, ENTRY, entry.pk)
    Entry.objects.all().hide()
    assert link not in page(client, ENTRY, entry.pk)


def test_a_folded_entry_says_into_which_copy(client: Client) -> None:
    original = make_entry(make_feed("Ada"))
    copy = make_entry(make_feed("Planet"), duplicate_of=original)
    link = f'folded into <a href="{reverse(ENTRY, args=[original.pk])}">the copy of Ada</a>'
    assert link in page(client, ENTRY, copy.pk)
    assert link in page(client, ENTRIES)
    assert link in page(client, FEED, copy.feed_id)


def test_an_entrys_content_is_shown_as_text(client: Client) -> None:
    entry = make_entry(content_html='<p>Read <a href="https://x.example/">this</a></p>')
    assert "&lt;p&gt;Read &lt;a href=" in page(client, ENTRY, entry.pk)


@pytest.mark.parametrize(
    "query", ["is_hidden__exact=1", "feed__id__exact={feed}", "q=needle", "timeline_at__year=2026"]
)
def test_entries_can_be_filtered(client: Client, query: str) -> None:
    found = make_entry(title="A needle", is_hidden=True)
    make_entry(title="Hay", days_ago=900)
    response = client.get(reverse(ENTRIES) + "?" + query.format(feed=found.feed_id))
    assert list(response.context["cl"].result_list) == [found]


@pytest.mark.parametrize(("answer", "titles"), [("yes", ["Waits"]), ("no", ["Shown", "Decided"])])
def test_held_entries_that_were_hidden_wait_no_more(client: Client, answer: str, titles: list[str]) -> None:
    make_entry(title="Decided", is_held=True, is_hidden=True, days_ago=3)
    make_entry(title="Waits", is_held=True, days_ago=2)
    make_entry(title="Shown")
    response = client.get(f"{reverse(ENTRIES)}?held={answer}")
    assert [entry.title for entry in response.context["cl"].result_list] == titles


def test_more_entries_cost_no_more_queries(client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, ENTRIES)
        return len(queries)

    make_entry()
    few = count()
    for _ in range(20):
        make_entry()
    assert count() == few


# -- categories ------------------------------------------------------------------------------------------------------


def test_categories_show_how_many_feeds_they_hold(client: Client) -> None:
    shelf = make_category("Shelf")
    make_feed(category=shelf), make_feed(category=shelf)
    assert '<td class="field-feed_count">2</td>' in page(client, CATEGORIES)


def test_positions_are_edited_in_the_list(client: Client) -> None:
    shelf, before = make_category(), version()
    form = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": shelf.pk, "form-0-position": 7}
    press(client, CATEGORIES, **form, _save="Save")
    shelf.refresh_from_db()
    assert (shelf.position, version()) == (7, before + 1)


def test_a_category_is_added(client: Client) -> None:
    client.post(reverse("admin:aggregator_category_add"), {"name": "Data", "slug": "data", "position": 3})
    assert Category.objects.get().slug == "data"


def test_deleting_a_category_keeps_its_feeds(client: Client) -> None:
    shelf, before = make_category(), version()
    make_feed(category=shelf)
    press(client, "admin:aggregator_category_delete", shelf.pk, post="yes")
    assert (Feed.objects.get().category, version()) == (None, before + 1)


# -- the desk --------------------------------------------------------------------------------------------------------


def test_the_first_page_says_how_the_feeds_are(client: Client) -> None:
    make_feed(failure_count=1), make_feed()
    html = page(client, "admin:index")
    assert "<strong>2</strong> feeds" in html
    assert "1 failing" in html
    assert "The worker has not run yet." in html


def test_the_first_page_says_when_the_worker_last_lived(client: Client) -> None:
    SiteState.objects.tick(NOW - timedelta(days=3))
    assert "The worker last looked for due feeds" in page(client, "admin:index")


def test_an_empty_site_says_how_to_begin(client: Client) -> None:
    assert "There are no feeds yet." in page(client, "admin:index")


def test_the_sites_version_is_nobodys_to_edit() -> None:
    assert not admin.site.is_registered(SiteState)


def test_pages_carry_no_inline_script_or_style(client: Client) -> None:
    feed = make_feed(failure_count=1, last_error="No.")
    entry = make_entry(feed)
    addresses = [(FEEDS,), (FEED, feed.pk), (ENTRIES,), (ENTRY, entry.pk), ("admin:aggregator_feed_import",)]
    for name, *args in [*addresses, ("admin:aggregator_feed_add",), ("admin:index",), (CATEGORIES,)]:
        html = page(client, name, *args)
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick=" not in html
        assert "<script>" not in html


def test_a_login_that_names_a_foreign_page_leads_to_the_desk(client: Client) -> None:
    get_user_model().objects.create_superuser("visitor", password="secret")
    form = {"username": "visitor", "password": "secret", "next": "//evil.example/"}
    assert client.post("/admin/login/", form)["Location"] == "/admin/"
