"""Why isn't my post here? A post, or a source, for each cause, and what is said of it; and who has to wait."""

from __future__ import annotations

import logging
import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from aggregator.curating.entries import hide
from aggregator.curating.feeds import pause, reject
from aggregator.folding.fold import fold, identify
from aggregator.ingest.errors import HttpStatus
from aggregator.models import Entry, Feed, RemovedSource
from aggregator.models.counting import refresh_counts
from aggregator.models.emptying import empty
from aggregator.models.feed import MANY_A_DAY
from aggregator.pages import in_turn, why
from aggregator.whereabouts.causes import Cause
from tests.factories import NOW, make_entry, make_feed
from tests.outline import Page
from tests.pages.conftest import Ask

pytestmark = pytest.mark.django_db

OURS = "http://testserver"
LINK = "https://north.example/2026/trains"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture
def north() -> Feed:
    return make_feed("North", url="https://north.example/feed.xml", site_url="https://north.example/")


def brought(feed: Feed, title: str = "Trains", *, url: str = LINK, **fields: Any) -> Entry:
    """A post as a poll stores it, with the keys that it is known by."""
    entry = make_entry(feed, title, url=url, **fields)
    identify(entry)
    entry.save()
    return entry


def address(url: str) -> str:
    return f"/why/?url={quote(url)}"


def html_of(client: Client, url: str = LINK, status: int = 200) -> str:
    answer = client.get(address(url))
    assert answer.status_code == status
    return str(answer.content.decode())


def text_of(html: str) -> str:
    """What is read in `<main>` after the heading and the form."""
    body = html.partition("<main")[2].partition("</header>")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub("<[^>]*>", "", body)).split())


def said(client: Client, url: str = LINK) -> str:
    return text_of(html_of(client, url))


def ways(client: Client, url: str = LINK) -> list[str]:
    """Where the links of the answer lead."""
    main = html_of(client, url).partition("<main")[2].partition("</main>")[0]
    return [unescape(one) for one in re.findall(r'href="([^"]*)"', main)]


# -- posts -----------------------------------------------------------------------------------------------------------


def test_one_that_is_shown_is_told_with_its_place(client: Client, north: Feed) -> None:
    entry = brought(north)
    refresh_counts([north])
    assert said(client).startswith(
        "It is here. Trains stands under North, with the posts of 23 Jun 2026, and on the front page."
    )
    assert {f"/post/{entry.pk}/", "/archive/2026/06/23/", "/source/north/", "/source/north/status/"} <= {*ways(client)}


def test_the_title_of_the_page_says_the_answer(client: Client, north: Feed) -> None:
    brought(north, is_held=True)
    assert "<title>It waits for a curator · Why isn’t my post here? · Orrery</title>" in html_of(client)


@pytest.mark.parametrize(
    "spelling",
    [
        "north.example/2026/trains",
        "http://www.north.example/2026/trains/",
        "https://NORTH.example/2026/trains?utm_source=planet",
        "https://north.example/2026/trains#comments",
        "https://north.example/2026/trains?ref=planet",
    ],
)
def test_one_is_found_however_its_address_is_written(client: Client, north: Feed, spelling: str) -> None:
    brought(north)
    assert said(client, spelling).startswith("It is here.")


def test_one_is_found_by_an_id_that_is_its_address(client: Client, north: Feed) -> None:
    brought(north, url="https://feeds.example/item/1", guid="https://north.example/?p=12")
    assert said(client, "https://north.example/?p=12").startswith("It is here.")


def test_what_lies_behind_a_question_mark_finds_no_post_that_readers_do_not_see(client: Client, north: Feed) -> None:
    brought(north, is_hidden=True)
    assert said(client, f"{LINK}?page=2").startswith("It wasn’t in its feed")


def test_one_of_a_blog_that_has_newer_ones_is_off_the_front_page(
    client: Client, north: Feed, settings: Settings
) -> None:
    settings.FRONT_PAGE_ENTRIES_PER_FEED = 2
    brought(north, days_ago=3)
    for days in (1, 2):
        make_entry(north, days_ago=days)
    refresh_counts([north])
    told = said(client)
    assert "The front page shows the newest 2 posts of each blog, and this one has newer ones." in told
    assert "on the front page" not in told


def test_one_whose_date_is_old_is_further_down(client: Client, north: Feed, settings: Settings) -> None:
    settings.FRONT_PAGE_ENTRIES = 1
    brought(north, days_ago=400)
    feeds = [north, make_entry(days_ago=1).feed]
    refresh_counts(feeds)
    assert "Its date puts it further down: the front page shows the newest post of all blogs." in said(client)
    assert "/archive/2025/05/20/" in ways(client)


def test_one_that_came_late_stands_where_it_was_seen(client: Client, north: Feed) -> None:
    brought(north, published_at=datetime(2020, 2, 3, tzinfo=UTC))
    assert "Its date is 03 Feb 2020, but it came later" in said(client)


def test_one_with_a_date_that_is_to_come_stands_where_it_was_seen(client: Client, north: Feed) -> None:
    brought(north, published_at=datetime(2030, 2, 3, tzinfo=UTC))
    assert "Its date, 03 Feb 2030, was still to come" in said(client)


@pytest.mark.parametrize(("state", "words"), [("paused", "This one is paused."), ("gone", "This one is gone.")])
def test_one_of_a_blog_that_is_read_no_more_is_off_the_front_page(
    client: Client, north: Feed, state: str, words: str
) -> None:
    brought(north)
    Feed.objects.update(state=state)
    assert words in said(client)


def test_one_that_is_folded_leads_to_the_copy_that_is_shown(client: Client, north: Feed) -> None:
    shown = brought(make_feed("Planet South"), "Trains in the north", url="https://south.example/1")
    brought(north, duplicate_of=shown)
    told = said(client)
    assert told.startswith("It is here, once, under another source. Trains in the north stands under Planet South")
    assert "What you asked for came through North." in told
    assert f"/post/{shown.pk}/" in ways(client)


def test_one_that_others_brought_too_names_them(client: Client, north: Feed) -> None:
    copies = [brought(north), brought(make_feed("A planet"), source_title="North, once more")]
    fold([copy.pk for copy in copies], NOW)
    assert "It also came through A planet. A post that several sources bring is shown once." in said(client)


def test_one_that_a_planet_took_elsewhere_says_from_where(client: Client) -> None:
    brought(make_feed("A planet"), source_title="The <North>")
    assert "stands under A planet, which took it from “The <North>”" in said(client)


def test_of_copies_of_one_address_the_one_that_is_shown_is_told(client: Client, north: Feed) -> None:
    brought(make_feed("Held"), "Secret words", is_held=True)
    brought(make_feed("Hidden"), "Secret words", is_hidden=True)
    brought(north)
    told = said(client)
    assert told.startswith("It is here. Trains stands under North")
    assert "Another source brought this address with other words: that waits for a curator." in told
    assert "Secret" not in told


@pytest.mark.parametrize(
    ("of_feed", "words"),
    [
        ({}, "with many old posts at once"),
        ({"held_reason": MANY_A_DAY}, "which brought more posts in a day than one source may"),
        ({"held_reason": "it called itself Casino"}, "but it may be another blog’s"),
        ({"is_drifting": True, "held_reason": "it calls itself Casino"}, "but that looks different from before"),
    ],
)
def test_one_that_is_held_waits_for_a_curator(client: Client, north: Feed, of_feed: dict[str, Any], words: str) -> None:
    brought(north, "Secret words", is_held=True)
    Feed.objects.update(**of_feed)
    told = said(client)
    assert told.startswith("It waits for a curator. It came through North, ")
    assert words in told
    assert [word for word in ("Secret", "Casino") if word in told] == []


def test_one_that_is_held_for_another_sources_post_says_so(client: Client, north: Feed) -> None:
    other = brought(make_feed("South"), url="https://south.example/1")
    brought(north, "Secret words", is_held=True, held_for=other)
    assert "its address or its id is that of another source’s post that is shown here" in said(client)


def test_one_that_a_rule_drops_is_told_without_the_rule(client: Client, north: Feed) -> None:
    brought(north, "Secret words", is_filtered=True)
    told = said(client)
    assert told.startswith("A rule leaves it out.")
    assert "Secret" not in told


def test_one_that_curators_hid_is_told_so(client: Client, north: Feed) -> None:
    entry = brought(north, "Secret words")
    hide(Entry.objects.filter(pk=entry.pk), NOW)
    told = said(client)
    assert told.startswith("The curators took it away. It came through North")
    assert "Secret" not in told


def test_one_that_had_its_time_is_told_for_how_long_posts_are_kept(
    client: Client, north: Feed, settings: Settings
) -> None:
    settings.KEEP_ENTRIES_DAYS = 90
    empty([brought(north).pk], NOW)
    assert said(client).startswith("It had its time here. It came through North. Posts are kept here for 90 days.")


def test_one_that_was_hidden_before_it_had_its_time_is_hidden(client: Client, north: Feed) -> None:
    empty([brought(north, is_hidden=True).pk], NOW)
    assert said(client).startswith("The curators took it away.")


def test_a_copy_of_a_post_that_is_shown_no_more_is_told_what_became_of_that(client: Client, north: Feed) -> None:
    original = brought(make_feed("South"), "Secret words", url="https://south.example/1", is_hidden=True)
    brought(north, duplicate_of=original)
    assert said(client).startswith("The curators took it away.")
    Entry.objects.filter(pk=original.pk).update(is_hidden=False, emptied_at=NOW)
    assert said(client).startswith("It had its time here.")


def test_one_of_a_source_that_left_is_told_of_the_source_alone(client: Client, north: Feed) -> None:
    brought(north, "Secret words")
    reject(Feed.objects.all(), NOW, reason="It was sold.")
    told = said(client)
    assert told.startswith("Its blog was removed from this site. north.example was removed from this site on ")
    assert "It was sold." in told
    assert "Secret" not in told


def test_a_guests_post_is_found(client: Client) -> None:
    guests = make_feed("Guests", site_url="")
    Feed.objects.update(url="", host="")
    brought(guests)
    assert said(client).startswith("It is here. Trains stands under Guests")
    assert "/source/guests/status/" not in ways(client)


@pytest.mark.parametrize("fields", [{}, {"is_held": True}, {"is_hidden": True}, {"is_filtered": True}])
def test_of_posts_of_a_source_that_nobody_may_know_of_nothing_is_told(
    client: Client, north: Feed, fields: dict[str, Any]
) -> None:
    brought(north, "Secret words", url="https://elsewhere.example/post", **fields)
    Feed.objects.update(state=Feed.State.REJECTED)
    assert said(client, "https://elsewhere.example/post").startswith("No blog that we read is at this address.")


# -- pages of ours ---------------------------------------------------------------------------------------------------


def test_our_own_page_of_a_post_is_told_as_the_post(client: Client, north: Feed) -> None:
    entry = brought(north)
    for url in (
        f"/post/{entry.pk}/",
        f"{OURS}/post/{entry.pk}/?x=y#top",
        f"{OURS}/post/{entry.pk}/".partition("//")[2],
    ):
        assert said(client, url).startswith("It is here. Trains stands under North")


@pytest.mark.parametrize("fields", [{"is_held": True}, {"is_hidden": True}, {"is_filtered": True}])
def test_of_a_number_nobody_learns_why_it_shows_nothing(client: Client, north: Feed, fields: dict[str, Any]) -> None:
    entry = brought(north, "Secret words", **fields)
    nowhere = said(client, "/post/987654321/")
    assert nowhere.startswith("No post is shown there.")
    assert said(client, f"/post/{entry.pk}/") == nowhere


def test_our_own_pages_of_a_source_are_told_as_the_source(client: Client, north: Feed) -> None:
    for url in ("/source/north/", "/source/north/status/", "/source/north/atom.xml"):
        assert said(client, url).startswith("This blog is here. North has 0 posts here.")
    Feed.objects.update(state=Feed.State.PENDING)
    assert said(client, "/source/north/").startswith("That is an address of this site.")


@pytest.mark.parametrize("url", ["/", "/sources/", "/admin/", "/no/such/page/", "/submit/abc/"])
def test_of_other_pages_of_ours_nothing_is_told(client: Client, url: str) -> None:
    assert said(client, url) == said(client, "/about/")


# -- sources ---------------------------------------------------------------------------------------------------------


def test_one_that_was_not_in_the_feed_tells_when_we_looked_and_look_again(client: Client, north: Feed) -> None:
    next_at = timezone.now() + timedelta(hours=2)
    Feed.objects.update(last_polled_at=datetime(2026, 6, 24, 10, 5, tzinfo=UTC), next_poll_at=next_at)
    told = said(client)
    assert told.startswith("It wasn’t in its feed when we last looked. It seems to belong to North, which we read.")
    assert "when we last looked, on 24 Jun 2026 10:05am GMT. The next look is planned for " in told
    assert "https://north.example/feed.xml" in ways(client)


def test_a_server_that_asks_for_rest_is_asked_later(client: Client, north: Feed) -> None:
    Feed.objects.update(last_polled_at=NOW, rests_until=datetime(2100, 1, 1, tzinfo=UTC))
    assert "planned for 01 Jan 2100 12:00am GMT" in said(client)


def test_items_that_could_not_be_taken_are_told_in_general(client: Client, north: Feed) -> None:
    Feed.objects.update(skipped={"unreadable": 2})
    assert "not all could be taken: 2 items could not be read." in said(client)


CAUSES: dict[Cause, tuple[dict[str, Any], str]] = {
    Cause.FAILING: (
        {
            "failure_count": 3,
            "failing_since": datetime(2026, 6, 20, tzinfo=UTC),
            "last_polled_at": datetime(2026, 6, 22, tzinfo=UTC),
            "last_error_kind": "http",
            "last_error": str(HttpStatus(status=503)),
        },
        "Its feed hasn’t been readable since 20 Jun 2026: its server wasn’t available just then (503).",
    ),
    Cause.GONE: (
        {"state": "gone", "last_error_kind": "dns"},
        "leads to no server that this site can ask. Its posts stay",
    ),
    Cause.PAUSED: ({"state": "paused"}, "It is paused, by its owner or by the curators"),
    Cause.CHANGED: ({"is_drifting": True, "held_reason": "Secret words"}, "A curator looks at it before its new"),
    Cause.DOUBLED: ({"leads_to": "https://south.example/hush"}, "leads to that of another source of this site"),
    Cause.PENDING: ({"state": "pending", "last_ok_at": None}, "The curators have added it."),
    Cause.TAKEN_OFF: ({"state": "rejected"}, "It was here, and is neither read nor shown any more."),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_what_keeps_a_source_from_bringing_posts_is_told(client: Client, north: Feed, cause: Cause) -> None:
    fields, words = CAUSES[cause]
    double = make_feed("South") if cause == Cause.DOUBLED else None
    Feed.objects.filter(pk=north.pk).update(**fields, double_of=double)
    for url in (LINK, north.url, "https://north.example/"):
        told = said(client, url)
        assert told.startswith(f"{cause.value}. ")
        assert words in told
        assert "which we read" not in told, "where nothing is read, or all of it waits"
        assert [word for word in ("Secret", "hush") if word in told] == []


def test_a_first_failure_is_told_as_on_the_page_that_says_how_reading_goes(client: Client, north: Feed) -> None:
    error = {"last_error_kind": "http", "last_error": str(HttpStatus(status=503))}
    Feed.objects.update(failure_count=1, failing_since=NOW, last_polled_at=NOW, **error)
    told, sentence = said(client), "That happens to every server; we try again soon."
    assert told.startswith("Its feed couldn’t be read when we last looked. ")
    assert f"The last look failed: its server wasn’t available just then (503). {sentence}" in told
    assert "since" not in told
    assert sentence in client.get(f"/source/{north.slug}/status/").content.decode()


@pytest.mark.parametrize("path", ["/why/?url=https://north.example/", "/source/north/status/", "/source/north/"])
def test_a_feed_that_may_be_another_is_told_in_the_same_words_everywhere(
    client: Client, north: Feed, path: str
) -> None:
    Feed.objects.update(is_drifting=True)
    assert "looks different from before" in client.get(path).content.decode()


def test_a_post_is_named_in_the_language_of_its_feed_where_it_says_none(client: Client, north: Feed) -> None:
    brought(north)
    Feed.objects.update(language="ja")
    assert re.search(r'<a class="why-post" [^>]* dir="auto" lang="ja">Trains</a>', html_of(client, LINK))


def test_one_that_was_added_and_not_read_is_not_named(client: Client, north: Feed) -> None:
    fields = {"title": "Secret words", "last_error_kind": "tls", "last_error": "Secret certificate", "failure_count": 1}
    Feed.objects.update(state=Feed.State.PENDING, last_ok_at=None, **fields)
    told = said(client)
    assert "at the last look, its server’s certificate couldn’t be trusted." in told
    assert "Secret" not in told
    assert [way for way in ways(client) if way != "/about/"] == []


def test_a_pause_of_a_curator_is_told_as_that_of_an_owner(client: Client, north: Feed) -> None:
    pause(Feed.objects.all(), NOW)
    assert said(client).startswith("Its blog is paused here.")


def test_a_source_itself_is_told_with_its_posts(client: Client, north: Feed) -> None:
    brought(north)
    refresh_counts([north])
    Feed.objects.update(last_polled_at=NOW)
    for url in ("north.example", "http://www.north.example/feed.xml"):
        told = said(client, url)
        assert told.startswith("This blog is here. North has 1 post here, the newest of 23 Jun 2026. We last looked on")


def test_several_sources_are_named_where_it_may_be_any(client: Client) -> None:
    for number in (1, 2):
        make_feed(f"Part {number}", url=f"https://both.example/{number}.xml", site_url="https://both.example/")
    assert said(client, "both.example/post").startswith(
        "It may belong to one of these sources. No post with this address came here. Part 1"
    )
    assert said(client, "both.example").startswith("These blogs are here. Part 1")


def test_a_place_that_was_removed_says_so(client: Client) -> None:
    RemovedSource.objects.create(host="spam.example", reason="Casino spam")
    assert "spam.example was removed from this site on" in said(client, "https://spam.example/post")


def test_what_is_unknown_can_be_proposed(client: Client, settings: Settings) -> None:
    assert said(client).startswith("No blog that we read is at this address.")
    assert reverse("submit") in ways(client)
    settings.SUBMISSIONS = False
    assert reverse("submit") not in ways(client)


def test_every_cause_has_a_test() -> None:
    """Whoever adds one is told here that it needs one, too."""
    told = {*CAUSES, Cause.SHOWN, Cause.FOLDED, Cause.HELD, Cause.DROPPED, Cause.HIDDEN, Cause.LET_GO, Cause.NO_POST}
    told |= {Cause.OWN_PAGE, Cause.SOURCE, Cause.SOURCES, Cause.SEVERAL, Cause.ABSENT, Cause.REMOVED, Cause.UNKNOWN}
    assert told == {*Cause}


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", LINK, "hello", "https://unknown.example/"])
def test_the_page_is_well_formed_with_a_labelled_box(client: Client, north: Feed, url: str) -> None:
    brought(north, HOSTILE, language="de")
    page = Page(html_of(client, url, 400 if url == "hello" else 200))
    assert (page.faults, len(page.named("h1")), page.strange_scripts) == ([], 1, [])
    assert [label["for"] for label in page.named("label")] == ["why-url"]


def test_without_an_address_the_page_says_what_to_do_and_can_be_kept(client: Client) -> None:
    answer = client.get("/why/")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert "Paste the post’s address above" in answer.content.decode()


def test_an_answer_is_kept_nowhere_and_found_by_no_search_engine(client: Client, north: Feed) -> None:
    brought(north)
    for url in (LINK, "hello", "https://unknown.example/"):
        answer = client.get(address(url))
        assert (answer["Cache-Control"], answer["X-Robots-Tag"], answer.get("ETag")) == ("no-store", "noindex", None)
        assert not answer.cookies


def test_our_own_memory_keeps_no_answer(ask: Ask, north: Feed) -> None:
    brought(north, is_held=True)
    assert "It waits for a curator" in ask("/why/", f"url={quote(LINK)}").text
    Entry.objects.update(is_held=False)
    assert "It is here" in ask("/why/", f"url={quote(LINK)}").text


@pytest.mark.parametrize(
    "text",
    [HOSTILE, f"https://north.example/{HOSTILE}", "\x00", "\ud800", "a" * 5000, "https://north.example/" + "%00" * 50],
)
def test_hostile_text_is_text(client: Client, text: str) -> None:
    answer = client.get("/why/", {"url": text.encode("utf-8", "surrogatepass")})
    assert answer.status_code in {200, 400}
    html = answer.content.decode()
    assert "<script>alert" not in html
    assert "onerror=alert(2)>" not in html.replace("&gt;", "")
    assert len(html) < 20_000


def test_what_is_no_address_is_told_beside_the_box(client: Client) -> None:
    html = html_of(client, "hello", 400)
    assert 'value="hello"' in html
    assert 'aria-describedby="refusal"' in html
    assert re.search(r'<p class="refusal" id="refusal" role="alert">That is no web address\.', html)
    assert "<title>No address · " in html


def test_only_questions_are_answered(client: Client) -> None:
    assert client.post("/why/", {"url": LINK}).status_code == 405
    assert client.head(address(LINK)).status_code == 200


def test_who_comes_while_others_are_answered_is_told_to_try_again(client: Client, north: Feed) -> None:
    brought(north)
    with ExitStack() as stack:
        for _ in range(in_turn.AT_ONCE):
            stack.enter_context(why._in_turn.taken())
        answer = client.get(address(LINK))
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "2", "no-store")
        html = answer.content.decode()
        assert "Many are asking at this moment." in html
        assert f'value="{LINK}"' in html
        assert client.get("/why/").status_code == 200
    assert said(client).startswith("It is here.")


def test_no_line_of_the_log_has_the_address(
    client: Client, north: Feed, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.DEBUG), ExitStack() as stack:
        for text in (LINK, "hush hush", "https://north.example:99999/hush"):
            client.get(address(text))
        for _ in range(in_turn.AT_ONCE):
            stack.enter_context(why._in_turn.taken())
        client.get(address("https://hush.example/"))
    lines = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert [line for line in lines if "hush" in line or "trains" in line] == []
    assert [record.getMessage() for record in caplog.records if record.name == "django.request"] == []


# -- what it costs ---------------------------------------------------------------------------------------------------


@pytest.fixture
def known_features() -> None:
    _ = connection.features.supports_json_field  # asked once in a process, on SQLite with a query


@pytest.mark.usefixtures("known_features")
@pytest.mark.parametrize(
    ("url", "most"),
    [(LINK, 7), (f"{LINK}?a=b#c", 9), ("north.example", 3), ("nowhere.example/post", 4), ("/post/1/", 5)],
)
def test_an_answer_asks_few_questions_and_changes_nothing(client: Client, north: Feed, url: str, most: int) -> None:
    for number in range(30):
        brought(make_feed(), url=LINK, is_held=number % 2 == 0)
    Feed.objects.update(entry_count=31)  # of one that shows none, two more say why
    with CaptureQueriesContext(connection) as queries:
        client.get(address(url))
    asked = [query["sql"] for query in queries]
    assert len(asked) <= most, asked
    assert [sql for sql in asked if not sql.startswith("SELECT")] == []
