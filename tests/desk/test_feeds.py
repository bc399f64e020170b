"""Adding, polling, pausing and deleting feeds in the admin; the worker is played by a poll in the foreground."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from aggregator.desk import polling as desk_polling
from aggregator.desk.entries import VERBS
from aggregator.desk.feed_page import BUTTONS
from aggregator.models import Entry, Feed, SiteState
from aggregator.polling.conductor import poll
from aggregator.worker import QUEUE_AWAY, Reply
from tests.curators import ADDING, FEED, FEEDS, act, log_in, page, press
from tests.documents import rss
from tests.factories import NOW, make_category, make_entry, make_feed, make_rule
from tests.servers import Answer, FeedServer

pytestmark = [pytest.mark.django_db, pytest.mark.queue]
POSTS = [("Two", NOW), ("One", NOW)]
ARCHIVE = [(f"Old {number}", NOW - timedelta(days=30 + number)) for number in range(8)]


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    def poll_at_once(feed_ids: list[int], seconds: float) -> Reply:
        poll(Feed.objects.filter(pk__in=feed_ids))
        return Reply.DONE

    monkeypatch.setattr(desk_polling, "poll_and_wait", poll_at_once)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_polling, "poll_and_wait", lambda feed_ids, seconds: Reply.LATE)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the worker was asked to poll."""
    ids: list[int] = []
    monkeypatch.setattr(desk_polling, "poll_soon", ids.extend)
    return ids


# -- adding ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("worker")
def test_adding_a_feed_says_what_was_found_and_leads_to_its_page(client: Client, feed_server: FeedServer) -> None:
    url = feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS)))
    response = client.post(reverse(ADDING), {"url": url}, follow=True)
    feed = Feed.objects.get()
    assert response.redirect_chain[-1][0] == reverse(FEED, args=[feed.pk])
    assert "Found “Fresh Paint” with 2 entries." in response.content.decode()


@pytest.mark.usefixtures("worker")
def test_who_may_only_add_feeds_hears_what_was_found_too(feed_server: FeedServer) -> None:
    url = feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS)))
    assert "Found “Fresh Paint” with 2 entries." in press(log_in(may=["add_feed"]), ADDING, url=url)


@pytest.mark.usefixtures("worker")
def test_who_may_only_add_feeds_hears_of_a_double_too(feed_server: FeedServer) -> None:
    make_feed(url=feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS))))
    head = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    url = feed_server.add("/", Answer(head, headers={"Content-Type": "text/html"}))
    assert "Not added." in press(log_in(may=["add_feed"]), ADDING, url=url)


@pytest.mark.usefixtures("worker")
def test_adding_a_blogs_address_finds_its_feed(client: Client, feed_server: FeedServer) -> None:
    feed_url = feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS)))
    head = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    url = feed_server.add("/", Answer(head, headers={"Content-Type": "text/html"}))
    assert f"Found “Fresh Paint” at {feed_url} with 2 entries." in press(client, ADDING, url=url)
    assert Feed.objects.get().url == feed_url


@pytest.mark.usefixtures("worker")
def test_adding_the_blog_of_a_known_feed_adds_nothing(client: Client, feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS))))
    head = b'<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    url = feed_server.add("/", Answer(head, headers={"Content-Type": "text/html"}))
    assert "Not added." in press(client, ADDING, url=url)
    assert Feed.objects.get() == feed


@pytest.mark.usefixtures("worker")
def test_adding_a_broken_feed_says_why_it_cannot_be_read(client: Client, feed_server: FeedServer) -> None:
    html = press(client, ADDING, url=feed_server.url("/nothing"))
    assert "There is nothing at this address (404)." in html
    assert Feed.objects.get().state == "pending"


@pytest.mark.usefixtures("no_worker")
def test_adding_without_a_worker_says_so(client: Client) -> None:
    assert "is it running?" in press(client, ADDING, url="https://blog.example/feed")
    assert Feed.objects.get().state == "pending"


@pytest.mark.usefixtures("no_worker")
def test_the_category_and_the_title_of_a_new_feed_are_kept(client: Client) -> None:
    shelf = make_category()
    press(client, ADDING, url="https://blog.example/feed", title="Our name", category=shelf.pk)
    feed = Feed.objects.get()
    assert (feed.title, feed.category, feed.slug) == ("Our name", shelf, "our-name")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://10.0.0.1/", "outside the public internet"),
        ("file:///etc/passwd", "Only http and https addresses can be used"),
        ("https://user:secret@blog.example/", "Passwords in addresses are not supported"),
        ("", "This field is required"),
    ],
)
def test_an_address_that_must_not_be_asked_is_refused_on_the_form(client: Client, url: str, sentence: str) -> None:
    assert sentence in press(client, ADDING, url=url)
    assert not Feed.objects.exists()


def test_a_known_address_is_refused_with_a_link_to_its_feed(client: Client) -> None:
    feed = make_feed("<b>Bold</b>", url="https://blog.example/feed")
    html = press(client, ADDING, url="http://BLOG.example:80/feed")
    assert f'<a href="{reverse(FEED, args=[feed.pk])}">&lt;b&gt;Bold&lt;/b&gt;</a> (active)' in html
    assert Feed.objects.count() == 1


# -- changing --------------------------------------------------------------------------------------------------------


def form_of(feed: Feed, **changes: object) -> dict[str, object]:
    names = ("title", "url", "site_url", "display", "slug")
    return {name: getattr(feed, name) for name in names} | changes


def test_saving_a_feed_raises_the_version(client: Client) -> None:
    feed, before = make_feed(), SiteState.objects.current().version
    press(client, FEED, feed.pk, **form_of(feed, title="A better title"))
    feed.refresh_from_db()
    assert feed.title == "A better title"
    assert SiteState.objects.current().version > before


def test_a_feed_keeps_its_own_address(client: Client) -> None:
    feed = make_feed()
    Feed.objects.update(etag='"1"')
    press(client, FEED, feed.pk, **form_of(feed))
    feed.refresh_from_db()
    assert feed.etag == '"1"'


def test_a_feed_cannot_take_the_address_of_another(client: Client) -> None:
    feed, other = make_feed(), make_feed("The other one")
    assert "This feed is here already" in press(client, FEED, feed.pk, **form_of(feed, url=other.url))
    feed.refresh_from_db()
    assert feed.url != other.url


def test_a_site_address_must_be_a_web_address(client: Client) -> None:
    feed = make_feed()
    assert "Only http and https" in press(client, FEED, feed.pk, **form_of(feed, site_url="javascript:alert(1)"))


def test_technical_fields_are_not_for_editing(client: Client) -> None:
    feed = make_feed(failure_count=3)
    Feed.objects.update(etag='"1"')
    press(client, FEED, feed.pk, **form_of(feed, etag='"2"', failure_count=0, state="paused"))
    feed.refresh_from_db()
    assert (feed.etag, feed.failure_count, feed.state) == ('"1"', 3, "active")


# -- buttons ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("worker")
def test_poll_now_says_how_much_is_new(client: Client, feed_server: FeedServer) -> None:
    feed = make_feed("Fresh Paint", url=feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS))))
    assert "Fresh Paint: 2 entries new." in press(client, "admin:aggregator_feed_poll", feed.pk)
    assert "there is nothing new" in press(client, "admin:aggregator_feed_poll", feed.pk)


@pytest.mark.usefixtures("worker")
def test_poll_now_says_that_the_server_wants_rest(client: Client, feed_server: FeedServer) -> None:
    asked = make_feed(url=feed_server.add("/asked", Answer(status=503, headers={"Retry-After": "3600"})))
    sibling = make_feed("Fresh Paint", url=feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS))))
    press(client, "admin:aggregator_feed_poll", asked.pk)
    html = press(client, "admin:aggregator_feed_poll", sibling.pk)
    assert ("Fresh Paint: Its server asked to be left alone until" in html, "nothing new" in html) == (True, False)


@pytest.mark.usefixtures("worker")
def test_poll_now_says_what_was_kept_back(client: Client, feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS))))
    make_rule(feed, "a post that nobody wrote", action="keep")
    html = press(client, "admin:aggregator_feed_poll", feed.pk)
    assert ("2 posts dropped by rules" in html, "there is nothing new" in html) == (True, False)


@pytest.mark.usefixtures("worker")
def test_poll_now_says_what_waits_for_a_decision(client: Client, feed_server: FeedServer) -> None:
    feed = make_feed("Fresh Paint", url=feed_server.add("/feed", Answer(rss("Fresh Paint", ARCHIVE))))
    make_entry(feed, "The newest")
    html = press(client, "admin:aggregator_feed_poll", feed.pk)
    message = "Fresh Paint: 8 posts held: republished archive?"
    assert (message in html, "there is nothing new" in html) == (True, False)


@pytest.mark.usefixtures("worker")
def test_poll_now_says_what_went_wrong(client: Client, feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.url("/nothing"))
    assert "There is nothing at this address (404)." in press(client, "admin:aggregator_feed_poll", feed.pk)


@pytest.mark.usefixtures("no_worker")
def test_poll_now_without_a_worker_says_so(client: Client) -> None:
    assert "is it running?" in press(client, "admin:aggregator_feed_poll", make_feed().pk)


@pytest.fixture
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", refuse)


def make_waiting(title: str = "A", **fields: Any) -> Feed:
    return make_feed(title, next_poll_at=timezone.now() + timedelta(hours=9), **fields)


def is_due(feed: Feed) -> bool:
    return Feed.objects.due(timezone.now()).filter(pk=feed.pk).exists()


@pytest.mark.usefixtures("no_queue")
def test_poll_now_without_a_queue_says_so_and_the_feed_is_due(client: Client) -> None:
    feed = make_waiting()
    html = unescape(press(client, "admin:aggregator_feed_poll", feed.pk))
    assert f"{QUEUE_AWAY} The feed is polled as soon as it can be." in html
    assert is_due(feed)


@pytest.mark.usefixtures("no_queue")
def test_poll_now_without_a_queue_promises_nothing_of_a_server_that_rests(client: Client) -> None:
    feed = make_waiting(rests_until=timezone.now() + timedelta(hours=9))
    Feed.objects.update(resting_host=feed.host)
    html = unescape(press(client, "admin:aggregator_feed_poll", feed.pk))
    assert (f"{QUEUE_AWAY} Its server asked to be left alone" in html, is_due(feed)) == (True, False)


@pytest.mark.usefixtures("no_queue")
def test_adding_without_a_queue_says_so(client: Client, feed_server: FeedServer) -> None:
    url = feed_server.add("/feed", Answer(rss("Fresh Paint", POSTS)))
    html = unescape(client.post(reverse(ADDING), {"url": url}, follow=True).content.decode())
    assert f"Added. {QUEUE_AWAY} The feed is polled as soon as it can be." in html
    assert is_due(Feed.objects.get())


@pytest.mark.usefixtures("no_queue")
def test_chosen_feeds_are_due_without_a_queue_and_what_is_stopped_is_counted(client: Client) -> None:
    one, two, paused = make_waiting("A"), make_waiting("B"), make_waiting("C", state="paused")
    html = unescape(act(client, FEEDS, "poll_now", [one, two, paused]))
    assert f"{QUEUE_AWAY} It polls 2 feeds as soon as it can. Not one feed: stopped" in html
    assert [is_due(feed) for feed in (one, two, paused)] == [True, True, False]


def test_a_feed_whose_worker_never_answered_is_due(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its task may be lost with the queue, and what was said holds nevertheless."""
    monkeypatch.setattr(desk_polling, "WAIT_SECONDS", 0.1)
    feed = make_waiting()
    assert "is it running?" in press(client, "admin:aggregator_feed_poll", feed.pk)
    HUEY.flush()
    assert is_due(feed)


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [("pause", "active", "paused"), ("resume", "paused", "active"), ("reject", "pending", "rejected")],
)
def test_a_button_changes_the_state(client: Client, verb: str, before: str, after: str) -> None:
    feed = make_feed(state=before)
    address = f"admin:aggregator_feed_{verb}"
    assert reverse(address, args=[feed.pk]) in page(client, FEED, feed.pk)
    press(client, address, feed.pk, apply="Yes")  # which is needed where more is asked
    feed.refresh_from_db()
    assert feed.state == after


def test_a_button_is_noted_in_the_history(client: Client) -> None:
    feed = make_feed()
    press(client, "admin:aggregator_feed_pause", feed.pk)
    assert "Pressed “pause”." in page(client, "admin:aggregator_feed_history", feed.pk)


# -- actions ---------------------------------------------------------------------------------------------------------


def test_polling_chosen_feeds_asks_the_worker(client: Client, asked: list[int]) -> None:
    one, two, _ = make_feed(), make_feed(), make_feed()
    assert "asked to poll 2 feeds" in act(client, FEEDS, "poll_now", [one, two])
    assert set(asked) == {one.pk, two.pk}


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [("pause", "active", "paused"), ("resume", "gone", "active"), ("reject", "active", "rejected")],
)
def test_an_action_changes_the_state_of_chosen_feeds(client: Client, action: str, before: str, after: str) -> None:
    chosen, other = make_feed(state=before), make_feed(state=before)
    act(client, FEEDS, action, [chosen], apply="Yes")
    states = [Feed.objects.get(pk=feed.pk).state for feed in (chosen, other)]
    assert states == [after, before]


def test_an_action_that_has_nothing_to_do_says_so(client: Client) -> None:
    assert "None of them was active." in act(client, FEEDS, "pause", [make_feed(state="gone")])


def test_the_category_of_many_is_asked_for_first(client: Client) -> None:
    feed = make_feed("<i>Italic</i>")
    html = act(client, FEEDS, "set_category", [feed])
    assert "&lt;i&gt;Italic&lt;/i&gt;" in html
    assert 'name="category"' in html


def test_the_category_of_many_is_set(client: Client) -> None:
    shelf, feeds = make_category("Shelf"), [make_feed(), make_feed()]
    assert "2 feeds now in Shelf." in act(client, FEEDS, "set_category", feeds, apply="1", category=shelf.pk)
    assert shelf.feeds.count() == 2


def test_the_category_of_many_is_taken_away(client: Client) -> None:
    feed = make_feed(category=make_category())
    act(client, FEEDS, "set_category", [feed], apply="1", category="")
    assert Feed.objects.get().category is None


# -- deleting --------------------------------------------------------------------------------------------------------


def test_deleting_a_feed_names_it_and_counts_its_entries(client: Client) -> None:
    feed = make_feed("Old Blog")
    make_entry(feed, "A post of it"), make_entry(feed)
    html = page(client, "admin:aggregator_feed_delete", feed.pk)
    assert "Posts, also those that readers don’t see: 2" in html
    assert "A post of it" not in html


def test_deleting_a_feed_takes_its_entries_along(client: Client) -> None:
    feed, before = make_feed(), SiteState.objects.current().version
    make_entry(feed)
    press(client, "admin:aggregator_feed_delete", feed.pk, post="yes")
    assert not Entry.objects.exists()
    assert SiteState.objects.current().version > before


def test_chosen_feeds_are_deleted(client: Client) -> None:
    chosen, other = make_entry().feed, make_feed()
    act(client, FEEDS, "delete_selected", [chosen], post="yes")
    assert Feed.objects.get() == other


# -- who may what ----------------------------------------------------------------------------------------------------

CHANGING = [*(f"feed_{button.verb}" for button in BUTTONS), *(f"entry_{verb}" for verb in VERBS)]


def target_of(name: str) -> str:
    entry = make_entry()
    return reverse(f"admin:aggregator_{name}", args=[entry.feed_id if name.startswith("feed") else entry.pk])


@pytest.mark.parametrize("name", CHANGING)
def test_a_get_changes_nothing(client: Client, name: str) -> None:
    assert client.get(target_of(name)).status_code == 405


@pytest.mark.parametrize("name", CHANGING)
def test_a_post_without_a_token_is_refused(name: str) -> None:
    assert log_in(checks_csrf=True).post(target_of(name)).status_code == 403


@pytest.mark.parametrize("name", CHANGING)
def test_a_curator_who_may_only_look_cannot_press(name: str) -> None:
    assert log_in(may=["view_feed", "view_entry"]).post(target_of(name)).status_code == 403


@pytest.mark.parametrize("name", CHANGING)
def test_strangers_are_sent_to_the_login(name: str) -> None:
    response = Client().post(target_of(name))
    assert response.headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("name", CHANGING)
def test_a_button_of_a_row_that_is_gone_leads_to_a_sentence(client: Client, name: str) -> None:
    kind = name.partition("_")[0]
    assert f"This {kind} is not here any more: it was deleted" in press(client, f"admin:aggregator_{name}", 999)


def test_who_may_only_look_sees_the_page_without_buttons() -> None:
    entry = make_entry()
    html = page(log_in(may=["view_feed", "view_entry"]), FEED, entry.feed_id)
    assert "Poll now" not in html
    assert ">Hide<" not in html


def test_who_may_not_delete_feeds_cannot() -> None:
    feed = make_feed()
    client = log_in(may=["view_feed", "change_feed"])
    assert client.post(reverse("admin:aggregator_feed_delete", args=[feed.pk]), {"post": "yes"}).status_code == 403
    assert Feed.objects.get() == feed
