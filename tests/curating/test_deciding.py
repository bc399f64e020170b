"""What the curators are shown of feeds that changed hands or died, and what they can press."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.diagnosis import diagnose
from aggregator.models import Entry, Feed
from aggregator.models.counting import refresh_counts
from tests.commands.running import run
from tests.curators import FEED, FEEDS, act, log_in, page, press
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db
REASON = "its posts link to casino.example, no longer to blog.example"
ELSEWHERE = "https://blog.example/atom.xml"


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture
def drifting() -> Feed:
    """A blog that showed a post and holds two of a new owner."""
    feed = make_feed("Walks", is_drifting=True, held_reason=REASON, reported_id="urn:blog")
    make_entry(feed, "Walk")
    make_entry(feed, "Spin", is_held=True, announced_at=NOW), make_entry(feed, "Bet", is_held=True, announced_at=NOW)
    refresh_counts([feed])
    return feed


@pytest.fixture
def lost() -> Feed:
    """A blog whose feed is missing and was found elsewhere."""
    trouble = {"last_error_kind": "http", "last_error": "There is nothing at this address (404)."}
    return make_feed("Lost", failure_count=9, failing_since=NOW, proposed_url=ELSEWHERE, **trouble)


def again(feed: Feed) -> Feed:
    return Feed.objects.get(pk=feed.pk)


# -- what is shown ---------------------------------------------------------------------------------------------------


def test_a_feed_that_drifted_is_told_in_words(drifting: Feed) -> None:
    found = diagnose(drifting, NOW)
    assert (found.tone, found.word) == ("trouble", "changed")
    assert REASON in found.summary
    assert "show its held posts" in found.advice


def test_a_feed_that_drifted_and_holds_nothing_can_still_be_accepted(drifting: Feed) -> None:
    drifting.held_count = 0
    assert "accept it as it is now" in diagnose(drifting, NOW).advice


def test_posts_that_a_visitor_left_are_told_from_an_archive() -> None:
    visited = diagnose(Feed(state="active", held_count=2, held_reason=REASON), NOW)
    archive = diagnose(Feed(state="active", held_count=2), NOW)
    assert visited.summary == f"2 posts held: {REASON}"
    assert visited.advice != archive.advice


def test_the_advice_on_a_lost_feed_names_where_it_was_found(lost: Feed) -> None:
    assert ELSEWHERE in diagnose(lost, NOW).advice


def test_the_page_of_a_feed_that_drifted_says_why_and_offers_a_decision(client: Client, drifting: Feed) -> None:
    html = page(client, FEED, drifting.pk)
    assert REASON in html
    assert "another blog&#x27;s?" in html
    for label in ("Show its held posts", "Hide its held posts", "Reject…", "Pause"):
        assert f">{label}</button>" in html


def test_the_page_of_a_lost_feed_links_to_where_it_was_found(client: Client, lost: Feed) -> None:
    html = page(client, FEED, lost.pk)
    assert f'href="{ELSEWHERE}"' in html
    for label in ("Use the proposed address", "Dismiss the proposal"):
        assert f">{label}</button>" in html


def test_a_feed_that_is_well_offers_no_such_decision(client: Client) -> None:
    html = page(client, FEED, make_feed().pk)
    for label in ("held posts", "Accept", "proposed address", "proposal"):
        assert f"{label}</button>" not in html


@pytest.mark.usefixtures("drifting", "lost")
def test_the_list_of_feeds_says_what_waits(client: Client) -> None:
    html = page(client, FEEDS)
    assert "2 posts held: another blog&#x27;s?" in html
    assert "found at blog.example/atom.xml" in html


@pytest.mark.usefixtures("lost")
def test_a_long_address_is_cut_in_the_list_and_whole_when_it_is_pointed_at(client: Client) -> None:
    address = f"https://blog.example/{'long/' * 20}atom.xml"
    Feed.objects.update(proposed_url=address)
    html = page(client, FEEDS)
    assert f'title="{address}"' in html
    assert f">found at {address[8:47]}…<" in html


@pytest.mark.parametrize(("query", "title"), [("changed", "Walks"), ("holding", "Walks"), ("proposed", "Lost")])
@pytest.mark.usefixtures("drifting", "lost")
def test_the_list_of_feeds_can_be_narrowed_to_what_waits(client: Client, query: str, title: str) -> None:
    make_feed("Calm")
    response = client.get(f"{reverse(FEEDS)}?health={query}")
    assert [feed.title for feed in response.context["cl"].result_list] == [title]


@pytest.mark.usefixtures("drifting", "lost")
def test_the_first_page_counts_what_waits(client: Client) -> None:
    html = page(client, "admin:index")
    for words in ("1 that may be another blog now", "1 has held posts", "1 was found at another address"):
        assert words in html


@pytest.mark.usefixtures("drifting", "lost")
def test_the_table_of_feeds_says_what_waits() -> None:
    table = run("feed_status")
    assert f"    2 posts held: {REASON}" in table
    assert f"    A feed was found at {ELSEWHERE}" in table


def test_what_a_feed_says_of_itself_is_escaped(client: Client) -> None:
    feed = make_feed(held_reason="<b>it</b>", is_drifting=True, held_count=1, proposed_url="javascript:<i>")
    html = page(client, FEED, feed.pk) + page(client, FEEDS)
    assert "<b>it" not in html
    assert 'href="javascript:' not in html


# -- what can be pressed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["show_held", "accept"])
def test_showing_the_held_posts_accepts_the_feed(client: Client, drifting: Feed, verb: str) -> None:
    html = press(client, f"admin:aggregator_feed_{verb}", drifting.pk)
    feed = again(drifting)
    assert "2 posts shown. From now on the feed is known as it is" in html
    assert (feed.is_drifting, feed.held_reason, feed.held_count, feed.entry_count) == (False, "", 0, 3)


def test_an_archive_is_shown_without_a_word_on_identity(client: Client) -> None:
    feed = make_feed(reported_id="urn:blog")
    make_entry(feed, is_held=True)
    refresh_counts([feed])
    html = press(client, "admin:aggregator_feed_show_held", feed.pk)
    assert "One post shown." in html
    assert "From now on" not in html
    assert again(feed).reported_id == "urn:blog"


def test_hiding_the_held_posts_leaves_the_feed_under_watch(client: Client, drifting: Feed) -> None:
    press(client, "admin:aggregator_feed_hide_held", drifting.pk)
    feed = again(drifting)
    assert (feed.is_drifting, feed.held_reason, feed.held_count, feed.entry_count) == (True, REASON, 0, 1)


def test_held_posts_of_chosen_feeds_are_shown_by_an_action(client: Client, drifting: Feed) -> None:
    act(client, FEEDS, "show_held", [drifting])
    assert (Entry.objects.listed().count(), again(drifting).is_drifting) == (3, False)


def test_the_action_says_when_nothing_was_held(client: Client) -> None:
    assert "No post of theirs was held." in act(client, FEEDS, "show_held", [make_feed()])


def test_the_action_shows_an_archive_without_a_word_on_identity(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, is_held=True)
    assert "One post shown." in act(client, FEEDS, "show_held", [feed])


def test_showing_every_held_post_by_itself_accepts_the_feed_with_the_last_one(client: Client, drifting: Feed) -> None:
    waiting = []
    for entry in Entry.objects.held():
        press(client, "admin:aggregator_entry_unhide", entry.pk)
        waiting.append(again(drifting).is_drifting)
    assert waiting == [True, False]


def test_a_proposed_address_is_taken_by_a_button(client: Client, lost: Feed) -> None:
    assert "The address is changed." in press(client, "admin:aggregator_feed_use_proposed", lost.pk)
    assert (again(lost).url, again(lost).proposed_url) == (ELSEWHERE, "")


def test_a_proposed_address_that_is_here_already_is_refused_in_words(client: Client, lost: Feed) -> None:
    make_feed("Found first", url=ELSEWHERE)
    html = press(client, "admin:aggregator_feed_use_proposed", lost.pk)
    assert "The address stays as it was. That address is here already: Found first." in html


def test_a_proposal_is_dismissed_by_a_button(client: Client, lost: Feed) -> None:
    press(client, "admin:aggregator_feed_dismiss_proposed", lost.pk)
    assert (again(lost).proposed_url, again(lost).dismissed_url) == ("", ELSEWHERE)


def test_a_new_address_by_hand_ends_the_proposal(client: Client, lost: Feed) -> None:
    form = {name: getattr(lost, name) for name in ("title", "site_url", "display", "slug")}
    press(client, FEED, lost.pk, **form, url="https://blog.example/mine.xml")
    assert again(lost).proposed_url == ""
