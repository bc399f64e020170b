"""A changed address shows nothing new until a curator accepts it; meanwhile the old one is read and shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.curating.adding import FeedRefused
from aggregator.curating.feeds import reject, resume
from aggregator.models import Entry, Feed, Ownership, Submission
from aggregator.submissions.moving import accept_move
from aggregator.submissions.ownership import ask_for_look
from aggregator.submissions.proving import look_for_codes
from aggregator.submissions.tokens import token_of
from tests.at_once import together
from tests.documents import atom
from tests.factories import NOW, make_feed
from tests.polls import poll_one
from tests.servers import Answer, FeedServer

from .owners import make_owner, page_of, send

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def blog(server: FeedServer, *titles: str) -> str:
    return server.add("/feed", Answer(atom("Walks", [(title, NOW - timedelta(hours=2)) for title in titles])))


@pytest.fixture
def feed(feed_server: FeedServer) -> Feed:
    feed = make_feed("Walks", url=blog(feed_server, "Old walk"), site_url=feed_server.url("/"), last_ok_at=None)
    poll_one(feed)
    feed.refresh_from_db()
    return feed


def proposed(feed: Feed, url: str, **fields: object) -> Submission:
    """The new address that its owner named, as it is once the worker has looked."""
    response = send(make_owner(feed), "move", address=url)
    assert "Thank you" in response.content.decode()
    Submission.objects.update(**{"state": "waiting", "feed_url": url, **fields})
    return Submission.objects.get(moves=feed)


def shown(feed: Feed) -> set[str]:
    return set(Entry.objects.listed().filter(feed=feed).values_list("title", flat=True))


def test_until_it_is_accepted_the_old_address_is_read_and_the_new_one_is_not(
    feed: Feed, feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    proposed(feed, blog(elsewhere, "New walk"))
    blog(feed_server, "Old walk", "Another old walk")
    poll_one(feed, LATER)
    assert shown(feed) == {"Old walk", "Another old walk"}
    assert elsewhere.requests == []
    html = Client().get(feed.get_absolute_url()).content.decode()
    assert elsewhere.url("/feed") not in html


def test_accepted_it_is_read_there_and_its_posts_stay(feed: Feed, elsewhere: FeedServer) -> None:
    move = proposed(feed, blog(elsewhere, "New walk"), site_url=elsewhere.url("/"))
    accept_move(move, LATER)
    feed.refresh_from_db()
    assert (feed.url, feed.host, feed.state, feed.next_poll_at) == (move.feed_url, "127.0.0.2", "active", LATER)
    poll_one(feed, LATER)
    assert shown(feed) == {"Old walk", "New walk"}


def test_the_site_follows_unless_a_curator_wrote_it(feed: Feed, elsewhere: FeedServer) -> None:
    move = proposed(feed, blog(elsewhere, "New walk"), site_url="https://new.example/")
    Feed.objects.update(site_url="https://by.curator.example/")
    accept_move(move, LATER)
    assert Feed.objects.get(pk=feed.pk).site_url == "https://by.curator.example/"
    Feed.objects.update(url="https://old.example/feed", site_url="", reported_site_url="")
    accept_move(move, LATER)
    feed.refresh_from_db()
    assert (feed.site_url, feed.reported_site_url) == ("https://new.example/",) * 2  # and goes on following


def test_what_is_listed_by_now_is_refused_and_nothing_changes(feed: Feed, elsewhere: FeedServer) -> None:
    move = proposed(feed, blog(elsewhere, "New walk"), site_url="https://new.example/")
    make_feed("Mallory", url=move.feed_url)
    before = Feed.objects.filter(pk=feed.pk).values().get()
    with pytest.raises(FeedRefused, match="Mallory"):
        accept_move(move, LATER)
    assert Feed.objects.filter(pk=feed.pk).values().get() == before


def test_what_was_removed_is_refused_with_its_reason(feed: Feed) -> None:
    spam = make_feed(url="https://spam.example/feed", site_url="https://spam.example/")
    reject(Feed.objects.filter(pk=spam.pk), NOW, reason="Casino spam")
    html = send(make_owner(feed), "move", address="https://spam.example/new").content.decode()
    assert "Casino spam" in html
    assert not Submission.objects.exists()


def test_what_was_removed_meanwhile_is_refused_too(feed: Feed) -> None:
    move = proposed(feed, "https://spam.example/feed")
    spam = make_feed(url="https://spam.example/other", site_url="https://spam.example/")
    reject(Feed.objects.filter(pk=spam.pk), NOW, reason="Casino spam")
    with pytest.raises(FeedRefused, match="Casino spam"):
        accept_move(move, LATER)


def test_a_source_that_was_taken_off_meanwhile_does_not_move(feed: Feed) -> None:
    move = proposed(feed, "https://new.example/feed")
    reject(Feed.objects.filter(pk=feed.pk), NOW)
    with pytest.raises(FeedRefused, match="no longer here"):
        accept_move(move, LATER)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://169.254.169.254/", "is not asked"),
        ("mailto:x@y.example", "Only http and https"),
        ("", "is empty"),
        ("https://other.example/feed", "here already"),
        ("SAME", "the address that it has"),
    ],
)
def test_an_address_that_can_be_none_is_refused_in_a_sentence(address: str, why: str, feed: Feed) -> None:
    make_feed(url="https://other.example/feed")
    html = send(make_owner(feed), "move", address=feed.url if address == "SAME" else address).content.decode()
    assert why in html
    assert not Submission.objects.exists()


def test_one_new_address_waits_at_a_time_and_can_be_taken_back(feed: Feed) -> None:
    move = proposed(feed, "https://new.example/feed")
    owner = Ownership.objects.get(feed=feed)
    html = page_of(owner)
    assert "It waits for a curator" in html
    assert "Take that back first" in send(owner, "move", address="https://third.example/").content.decode()
    assert "All stays as it is" in send(owner, "withdraw").content.decode()
    move.refresh_from_db()
    assert (move.state, move.decided_at is None) == ("withdrawn", False)
    assert 'value="move"' in page_of(owner)
    assert "No new address waits" in send(owner, "withdraw").content.decode()


def test_the_owner_reads_what_was_decided(feed: Feed) -> None:
    proposed(feed, "https://new.example/feed", state="declined", decided_at=NOW, reason="promotion", words="Sorry.")
    html = page_of(Ownership.objects.get(feed=feed))
    assert "it was declined on 24 Jun 2026" in html
    assert "It is there to sell something. Sorry." in html


@pytest.mark.django_db(transaction=True)
def test_of_tabs_that_press_at_once_one_is_heard(feed: Feed) -> None:
    owner = make_owner(feed)
    page = page_of(owner)
    answers = together(lambda _: send(owner, "pause", page=page).status_code)
    assert sorted(map(str, answers)) == ["200", "409", "409", "409"]
    assert [did for _, did in Ownership.objects.get().deeds] == ["paused it"]


@pytest.mark.django_db(transaction=True)
def test_an_owner_and_curators_at_once_leave_one_state(feed: Feed) -> None:
    """And nobody waits for ever: all take the same locks in one order."""
    move = proposed(feed, "https://new.example/feed")
    owner = Ownership.objects.get(feed=feed)
    page, row = page_of(owner), Feed.objects.filter(pk=feed.pk)
    work = [
        lambda: send(owner, "pause", page=page).status_code,
        lambda: accept_move(move, LATER),
        lambda: resume(row, LATER),
        lambda: look_for_codes(LATER, seconds=1),
    ]
    ask_for_look(owner, LATER)
    answers = together(lambda number: work[number]())
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert Feed.objects.get().url == "https://new.example/feed"


def test_an_owner_who_is_asked_back_is_led_to_where_the_answer_is_written(feed: Feed) -> None:
    owner = make_owner(feed)
    move = Submission.objects.create(address="https://new.example/", host="new.example", moves=feed, state="asked")
    answering = reverse("submission", args=[token_of("submission", move.key)])
    asked = page_of(owner)
    assert "Your answer" in Client().get(answering).content.decode()
    Submission.objects.update(state="waiting")
    assert [f'href="{answering}"' in html for html in (asked, page_of(owner))] == [True, False]
