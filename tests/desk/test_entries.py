"""The list of posts and the page of one, as a browser gets them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aggregator.ingest.post_keys import link_key
from aggregator.models import Entry, SiteState
from aggregator.models.counting import refresh_counts
from tests.curators import ENTRIES, ENTRY, FEED, act, log_in, page, press
from tests.factories import make_entry, make_feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return log_in()


def version() -> int:
    return SiteState.objects.current().version


def test_an_entry_is_hidden_and_shown_again_by_an_action(client: Client) -> None:
    entry, before = make_entry(), version()
    assert "One entry hidden." in act(client, ENTRIES, "hide", [entry])
    assert not Entry.objects.listed().exists()
    assert (hidden := version()) > before
    assert "One entry shown again." in act(client, ENTRIES, "unhide", [entry])
    assert Entry.objects.listed().get() == entry
    assert version() > hidden


def test_an_entry_is_hidden_on_its_own_page(client: Client) -> None:
    entry, before = make_entry(), version()
    press(client, ENTRY, entry.pk, is_hidden="on")
    entry.refresh_from_db()
    assert (entry.is_hidden, version() > before) == (True, True)


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


# -- copies ----------------------------------------------------------------------------------------------------------

FOLD_INTO_THIS = "Show this copy, fold the others into it"
LINK = "https://ada.example/engines/"


def make_copy(title: str, words: str = "ada", **fields: object) -> Entry:
    """A post under the one link, of a feed that is read elsewhere."""
    text = " ".join(f"{words}{number}" for number in range(20))
    return make_entry(make_feed(title), url=LINK, link_key=link_key(LINK), content_html=f"<p>{text}</p>", **fields)


def test_a_curator_chooses_which_copy_is_shown_and_takes_it_back(client: Client) -> None:
    original = make_copy("Planet", days_ago=2)
    copy = make_copy("Ada", duplicate_of=original)
    assert FOLD_INTO_THIS not in page(client, ENTRY, original.pk)
    assert FOLD_INTO_THIS in page(client, ENTRY, copy.pk)
    html = press(client, "admin:aggregator_entry_choose", copy.pk)
    assert "A curator chose this copy" in html
    assert "Let the site choose again" in html
    assert list(Entry.objects.listed()) == [copy]
    press(client, "admin:aggregator_entry_choose_no_more", copy.pk)
    assert list(Entry.objects.listed()) == [original]


def test_a_post_that_is_held_for_another_says_for_which_and_what_can_be_done(client: Client) -> None:
    shown = make_copy("Ada <b>", days_ago=2)
    held = make_copy("Thief", "mine", is_held=True, held_for=shown)
    link = f'<a href="{reverse(ENTRY, args=[shown.pk])}">the post of Ada &lt;b&gt;</a>'
    for html in (page(client, ENTRY, held.pk), page(client, ENTRIES), page(client, FEED, held.feed_id)):
        assert f"held: its link is that of {link}, but its words are others" in html
    html = page(client, ENTRY, held.pk)
    assert all(label in html for label in (FOLD_INTO_THIS, "Show both", "Hide it"))
    press(client, "admin:aggregator_entry_unhide", held.pk)
    assert set(Entry.objects.listed()) == {shown, held}


def test_the_lists_of_what_is_held_have_posts_that_are_held_for_others(client: Client) -> None:
    held = make_copy("Thief", is_held=True, held_for=make_copy("Ada"))
    refresh_counts([held.feed])
    response = client.get(f"{reverse(ENTRIES)}?standing=held")
    assert list(response.context["cl"].result_list) == [held]
    assert "1 post held: other words under links at which other blogs" in page(client, FEED, held.feed_id)


def test_who_may_only_look_chooses_no_copy() -> None:
    original = make_copy("Planet", days_ago=2)
    copy = make_copy("Ada", duplicate_of=original)
    viewer = log_in(may=["view_entry"])
    assert FOLD_INTO_THIS not in page(viewer, ENTRY, copy.pk)
    assert viewer.post(reverse("admin:aggregator_entry_choose", args=[copy.pk])).status_code == 403
    assert list(Entry.objects.listed()) == [original]


def test_an_entrys_content_is_shown_as_text(client: Client) -> None:
    entry = make_entry(content_html='<p>Read <a href="https://x.example/">this</a></p>')
    assert "&lt;p&gt;Read &lt;a href=" in page(client, ENTRY, entry.pk)


@pytest.mark.parametrize(
    "query", ["standing=hidden", "feed__id__exact={feed}", "feed=Ada", "q=needle", "until=2023-06-07"]
)
def test_entries_can_be_filtered(client: Client, query: str) -> None:
    found = make_entry(make_feed("Ada"), title="A needle", is_hidden=True, days_ago=1200)
    make_entry(title="Hay")
    response = client.get(reverse(ENTRIES) + "?" + query.format(feed=found.feed_id))
    assert list(response.context["cl"].result_list) == [found]


def test_held_entries_that_were_hidden_wait_no_more(client: Client) -> None:
    make_entry(title="Decided", is_held=True, is_hidden=True, days_ago=3)
    make_entry(title="Waits", is_held=True, days_ago=2)
    make_entry(title="Shown")
    titles = {
        standing: [
            entry.title for entry in client.get(f"{reverse(ENTRIES)}?standing={standing}").context["cl"].result_list
        ]
        for standing in ("hidden", "held", "shown")
    }
    assert titles == {"hidden": ["Decided"], "held": ["Waits"], "shown": ["Shown"]}


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
