"""Feeds that change hands, through real polls: what a new owner publishes waits, what an author changes passes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aggregator.curating import deciding
from aggregator.curating.entries import hide, unhide
from aggregator.curating.feeds import revise
from aggregator.models import Entry, Feed
from aggregator.storing.drift import MIN_KNOWN_POSTS
from tests.documents import atom, rss
from tests.factories import NOW
from tests.polls import pending, poll_one
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db
POSTS = [(f"Walk {number}", NOW - timedelta(days=number)) for number in range(1, 11)]
SPINS = [(f"Spin {number}", NOW - timedelta(minutes=number)) for number in range(1, 11)]
SOLD = {"site_url": "https://casino.example/", "feed_id": "urn:casino", "language": "id"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def blog(feed_server: FeedServer) -> Feed:
    """A blog that was read well and showed its ten posts."""
    feed = pending(feed_server.add("/feed", Answer(atom("Walks", POSTS))), site_url="")
    Feed.objects.update(title="")
    return poll_one(feed).feed


@pytest.fixture
def casino(blog: Feed, feed_server: FeedServer) -> Feed:
    """The same blog after its domain was sold."""
    return poll_anew(feed_server, blog, atom("Casino", SPINS, **SOLD), LATER)


def poll_anew(server: FeedServer, feed: Feed, document: bytes, now: datetime = LATER) -> Feed:
    server.add("/feed", Answer(document))
    return poll_one(feed, now).feed


def shown() -> set[str]:
    return set(Entry.objects.listed().values_list("title", flat=True))


WALKS = {title for title, _ in POSTS}


# -- sold ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("casino")
def test_posts_of_a_new_owner_are_stored_and_not_shown() -> None:
    assert Entry.objects.count() == 20
    assert shown() == WALKS


@pytest.mark.usefixtures("casino")
def test_posts_of_a_new_owner_are_not_announced() -> None:
    assert not Entry.objects.unannounced().exists()


def test_the_row_says_what_jumped(casino: Feed) -> None:
    assert casino.is_drifting
    assert "casino.example, no longer to blog.example" in casino.held_reason


def test_a_new_owner_does_not_rename_the_blog(casino: Feed) -> None:
    assert (casino.title, casino.site_url, casino.language) == ("Walks", "https://blog.example/", "en")


def test_a_new_owner_does_not_get_through_with_the_second_poll(casino: Feed, feed_server: FeedServer) -> None:
    spins = [("Spin 11", NOW), *SPINS]
    poll_anew(feed_server, casino, atom("Casino", spins, **SOLD), NOW + timedelta(hours=2))
    assert Entry.objects.get(title="Spin 11").is_held
    assert shown() == WALKS


def test_links_of_held_posts_do_not_become_the_blogs_own(feed_server: FeedServer) -> None:
    """In RSS without an id and a language, only the links tell what it is."""
    casino = "https://casino.example/"
    feed = poll_one(pending(feed_server.add("/feed", Answer(rss("Walks", POSTS))))).feed
    poll_anew(feed_server, feed, rss("Casino", SPINS, site_url=casino))
    bets = [(f"Bet {number}", NOW) for number in range(10)]
    assert poll_anew(feed_server, feed, rss("Casino", bets, site_url=casino), NOW + timedelta(hours=2)).is_drifting
    assert shown() == WALKS


def test_a_new_owner_who_first_serves_nothing_is_no_better_known(blog: Feed, feed_server: FeedServer) -> None:
    quiet = {**SOLD, "site_url": "https://blog.example/"}
    poll_anew(feed_server, blog, atom("Walks", [], **quiet))
    assert poll_anew(feed_server, blog, atom("Casino", SPINS, **quiet), NOW + timedelta(hours=2)).is_drifting


def test_posts_that_take_the_numbers_of_old_ones_change_nothing(feed_server: FeedServer) -> None:
    def numbered(posts: list[tuple[str, datetime]], site_url: str, language: str) -> bytes:
        document = rss("Numbers", posts, site_url=site_url).decode()
        for number, (title, _) in enumerate(posts):
            address = site_url + title.lower().replace(" ", "-")
            document = document.replace(f"<guid>{address}</guid>", f'<guid isPermaLink="false">{number}</guid>')
        return document.replace("<channel>", f"<channel><language>{language}</language>").encode()

    url = feed_server.add("/feed", Answer(numbered(POSTS, "https://blog.example/", "en")))
    feed = poll_one(pending(url)).feed
    assert poll_anew(feed_server, feed, numbered(SPINS, "https://casino.example/", "id")).is_drifting
    assert shown() == WALKS


def test_a_redirect_of_a_new_owner_moves_nothing(casino: Feed, feed_server: FeedServer) -> None:
    before = casino.url
    feed_server.add("/elsewhere", Answer(atom("Casino", [("Spin 12", NOW), *SPINS], **SOLD)))
    feed_server.add("/feed", Answer.redirect("/elsewhere", status=301))
    assert poll_one(casino, NOW + timedelta(hours=2)).feed.url == before


def test_a_feed_that_is_itself_again_goes_on(casino: Feed, feed_server: FeedServer) -> None:
    feed = poll_anew(feed_server, casino, atom("Walks", [("Walk 0", NOW), *POSTS]), NOW + timedelta(hours=2))
    assert not feed.is_drifting
    assert shown() == WALKS | {"Walk 0"}


def test_what_was_held_stays_held_for_its_own_reason_when_the_feed_is_itself_again(
    casino: Feed, feed_server: FeedServer
) -> None:
    feed = poll_anew(feed_server, casino, atom("Walks", [("Walk 0", NOW), *POSTS]), NOW + timedelta(hours=2))
    assert feed.held_count == 10
    assert "casino.example" in feed.held_reason


# -- not sold --------------------------------------------------------------------------------------------------------

NEW = [("Walk 0", NOW)]
HARMLESS = {
    "new software": atom("Walks", NEW + POSTS, feed_id="urn:uuid:1"),
    "new software with another language": atom("Walks", NEW + POSTS, feed_id="urn:uuid:1", language="de"),
    "a refined language": atom("Walks", NEW + POSTS, language="en-US"),
    "no language": atom("Walks", NEW + POSTS, language=""),
    "www": atom("Walks", NEW + POSTS, site_url="https://www.blog.example/"),
    "plain http": atom("Walks", NEW + POSTS, site_url="http://blog.example/"),
    "a sub-domain": atom("Walks", NEW + POSTS, site_url="https://walks.blog.example/"),
    "another domain, with the old posts": atom("Walks", NEW + POSTS, site_url="https://walks.example/"),
    "RSS instead of Atom": rss("Walks", NEW + POSTS),
    "a long absence": atom("Walks", NEW),
}


@pytest.mark.parametrize("document", HARMLESS.values(), ids=HARMLESS)
def test_a_blog_that_changes_without_changing_hands_goes_on(
    blog: Feed, feed_server: FeedServer, document: bytes
) -> None:
    assert not poll_anew(feed_server, blog, document).is_drifting
    assert "Walk 0" in shown()
    assert not Entry.objects.held().exists()


def test_an_id_that_changed_with_the_software_is_the_known_one_from_then_on(
    blog: Feed, feed_server: FeedServer
) -> None:
    feed = poll_anew(feed_server, blog, atom("Walks", NEW + POSTS, feed_id="urn:uuid:1"))
    assert feed.reported_id == "urn:uuid:1"


def test_a_blog_that_moved_by_redirect_together_with_its_links_goes_on(
    feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    """Under new ids, in new software, without one old post."""
    feed = poll_one(pending(feed_server.add("/feed", Answer(atom("Walks", POSTS, site_url=feed_server.url("/")))))).feed
    again = [(f"Hike {number}", NOW + timedelta(minutes=number)) for number in range(5)]
    goal = elsewhere.add("/feed", Answer(atom("Hikes", again, site_url=elsewhere.url("/"), feed_id="urn:hikes")))
    feed_server.add("/feed", Answer.redirect(goal, status=301))
    assert not poll_one(feed, LATER).feed.is_drifting
    assert "Hike 1" in shown()


def test_a_planet_may_gain_a_member_from_anywhere(feed_server: FeedServer) -> None:
    def member(number: int) -> str:
        return rss(
            "", [(f"Post {number}", NOW - timedelta(hours=number))], site_url=f"https://blog{number}.example/"
        ).decode()

    def planet(numbers: range) -> bytes:
        items = "".join(member(number).partition("<description/>")[2].partition("</channel>")[0] for number in numbers)
        return f"<rss version='2.0'><channel><title>Planet</title>{items}</channel></rss>".encode()

    feed = poll_one(pending(feed_server.add("/feed", Answer(planet(range(20, 30)))))).feed
    assert not poll_anew(feed_server, feed, planet(range(10))).is_drifting


def test_a_feed_with_few_posts_is_taken_as_it_comes(feed_server: FeedServer) -> None:
    few = POSTS[: MIN_KNOWN_POSTS - 1]
    feed = poll_one(pending(feed_server.add("/feed", Answer(atom("Walks", few))))).feed
    assert not poll_anew(feed_server, feed, atom("Casino", SPINS, **SOLD)).is_drifting


def test_the_first_poll_is_no_drift(feed_server: FeedServer) -> None:
    feed = pending(feed_server.add("/feed", Answer(atom("Casino", SPINS, **SOLD))))
    assert not poll_one(feed).feed.is_drifting


# -- deciding --------------------------------------------------------------------------------------------------------


@pytest.fixture
def accepted(casino: Feed) -> Feed:
    unhide(Entry.objects.from_feed(casino).held(), NOW)
    casino.refresh_from_db()
    return casino


def test_a_feed_whose_held_posts_are_shown_is_known_as_it_is_now(accepted: Feed, feed_server: FeedServer) -> None:
    assert (accepted.is_drifting, accepted.held_count, accepted.held_reason) == (False, 0, "")
    new = [(f"Spin {number}", NOW + timedelta(minutes=number)) for number in range(20, 30)]
    feed = poll_anew(feed_server, accepted, atom("Casino", new, **SOLD), NOW + timedelta(hours=2))
    assert not feed.is_drifting
    assert "Spin 20" in shown()


def test_a_feed_that_was_accepted_is_read_anew_at_once(accepted: Feed) -> None:
    feed = poll_one(accepted, NOW + timedelta(hours=2)).feed
    assert (feed.title, feed.reported_id, feed.language) == ("Casino", "urn:casino", "id")
    assert accepted.next_poll_at == NOW


def test_showing_some_of_the_held_posts_accepts_nothing(casino: Feed) -> None:
    unhide(Entry.objects.filter(pk=Entry.objects.held()[0].pk), NOW)
    casino.refresh_from_db()
    assert (casino.is_drifting, casino.held_count) == (True, 9)


def test_hiding_the_held_posts_accepts_nothing(casino: Feed, feed_server: FeedServer) -> None:
    hide(Entry.objects.held(), NOW)
    feed = poll_anew(feed_server, casino, atom("Casino", [("Spin 11", NOW), *SPINS], **SOLD), NOW + timedelta(hours=2))
    assert (feed.is_drifting, feed.held_count) == (True, 1)


def test_a_feed_that_is_accepted_after_its_held_posts_were_hidden_is_known_as_it_is_now(
    casino: Feed, feed_server: FeedServer
) -> None:
    hide(Entry.objects.held(), NOW)
    deciding.accept(Feed.objects.all(), NOW)
    casino.refresh_from_db()
    feed = poll_anew(feed_server, casino, atom("Casino", [("Spin 11", NOW), *SPINS], **SOLD), NOW + timedelta(hours=2))
    assert (feed.is_drifting, feed.held_count) == (False, 0)
    assert [title for title in shown() if title.startswith("Spin")] == ["Spin 11"]


def test_showing_an_old_post_of_a_feed_whose_held_ones_are_hidden_accepts_nothing(casino: Feed) -> None:
    hide(Entry.objects.held(), NOW)
    hide(Entry.objects.filter(title="Walk 1"), NOW)
    unhide(Entry.objects.filter(title="Walk 1"), NOW)
    casino.refresh_from_db()
    assert casino.is_drifting


def test_a_new_address_by_a_curators_hand_is_a_new_beginning(casino: Feed, feed_server: FeedServer) -> None:
    casino.url = feed_server.add("/mine", Answer(atom("Mine", [("Hike", NOW)], feed_id="urn:mine", language="de")))
    revise(casino, ["url"], NOW)
    assert not poll_one(casino, NOW + timedelta(hours=2)).feed.is_drifting
    assert "Hike" in shown()


def test_a_feed_that_never_drifted_keeps_what_is_known_of_it_when_its_archive_is_shown(blog: Feed) -> None:
    Entry.objects.filter(title="Walk 3").update(is_held=True)
    unhide(Entry.objects.filter(title="Walk 3"), NOW)
    blog.refresh_from_db()
    assert (blog.reported_id, blog.language) == ("urn:blog", "en")
