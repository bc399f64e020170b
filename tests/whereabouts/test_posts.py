"""Which post an address is taken to be of, where several rows could be it."""

from __future__ import annotations

import pytest

from aggregator.folding.fold import identify
from aggregator.models import Entry, Feed
from aggregator.whereabouts.answer import answer
from aggregator.whereabouts.asked import read
from aggregator.whereabouts.causes import Cause
from aggregator.whereabouts.posts import MAX_ROWS
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db
ADDRESS = "https://ada.example/trains"


def add(feed: Feed, url: str, guid: str, days_ago: int) -> Entry:
    entry = make_entry(feed, url=url, guid=guid, days_ago=days_ago)
    identify(entry)
    entry.save()
    return entry


def answered(url: str = ADDRESS) -> tuple[Cause, str]:
    """The cause, and the title of the source that answers for the address."""
    found = answer(read(url, "https://planet.example"))
    return found.cause, found.post.feed.title if found.post else ""


@pytest.fixture
def ada() -> Feed:
    return make_feed("Ada", url="https://ada.example/feed.xml", site_url="https://ada.example/")


@pytest.fixture
def mallory() -> Feed:
    """It says that Ada's site is its own, which any feed can say."""
    return make_feed("Mallory", url="https://evil.example/feed.xml", site_url="https://ada.example/")


def test_a_feed_that_copies_the_id_of_a_post_does_not_stand_for_it(ada: Feed, mallory: Feed) -> None:
    add(ada, ADDRESS, "17", days_ago=3)
    add(mallory, "https://evil.example/x", ADDRESS, days_ago=1)
    assert answered() == (Cause.SHOWN, "Ada")


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"is_held": True}, Cause.HELD),
        ({"is_hidden": True}, Cause.HIDDEN),
        ({"is_filtered": True}, Cause.DROPPED),
        ({"emptied_at": NOW}, Cause.LET_GO),
    ],
)
def test_nor_for_one_that_readers_do_not_see(ada: Feed, mallory: Feed, fields: dict[str, object], cause: Cause) -> None:
    post = add(ada, ADDRESS, "17", days_ago=3)
    Entry.objects.filter(pk=post.pk).update(**fields)
    for number in range(MAX_ROWS + 1):
        add(mallory, f"https://evil.example/{number}", f"{ADDRESS}#{number}" if number else ADDRESS, days_ago=1)
    assert answered() == (cause, "Ada")


def test_nor_for_one_that_never_came(ada: Feed, mallory: Feed) -> None:
    add(mallory, "https://evil.example/x", ADDRESS, days_ago=1)
    for url in (ADDRESS, f"{ADDRESS}?page=2", f"{ADDRESS}#part"):
        assert answered(url) == (Cause.ABSENT, "")


def test_nor_on_a_host_that_both_share() -> None:
    ann = make_feed("Ann", url="https://host.example/ann/feed", site_url="https://host.example/ann/")
    neighbor = make_feed("Bob", url="https://host.example/bob/feed", site_url="https://host.example/bob/")
    post = add(ann, "https://host.example/ann/trains", "17", days_ago=3)
    Entry.objects.filter(pk=post.pk).update(is_held=True)
    add(neighbor, "https://host.example/bob/x", "https://host.example/ann/trains", days_ago=1)
    assert answered("https://host.example/ann/trains") == (Cause.HELD, "Ann")


@pytest.mark.parametrize(
    ("url", "site_url"),
    [
        ("https://ada.example/feed.xml", ""),
        ("https://www.ada.example/blog/feed.xml", "https://ada.example/blog/"),
        ("https://feeds.example/ada", "https://ada.example/"),
        ("https://feeds.example/ada", "http://www.ada.example/blog/"),
    ],
)
def test_the_feed_of_that_place_may_call_its_post_so(url: str, site_url: str) -> None:
    feed = make_feed("Ada", url=url, site_url=site_url)
    add(feed, "https://proxy.example/~r/ada/1", ADDRESS, days_ago=1)
    assert answered() == (Cause.SHOWN, "Ada")
    assert answered(f"{ADDRESS}?page=2") == (Cause.SHOWN, "Ada")


def test_so_may_each_of_many_on_one_host_whose_short_addresses_lie_at_no_ones_place() -> None:
    for name in ("ann", "bob", "cy", "dee"):
        feed = make_feed(name, url=f"https://host.example/feed/@{name}", site_url=f"https://host.example/@{name}")
        add(feed, f"https://host.example/@{name}/trains-17", f"https://host.example/p/{name}", days_ago=1)
    assert answered("https://host.example/p/cy") == (Cause.SHOWN, "cy")


def test_a_feed_of_another_place_may_not() -> None:
    links = make_feed("Links of the day", url="https://links.example/feed", site_url="https://links.example/")
    add(links, "https://links.example/1", ADDRESS, days_ago=1)
    assert answered() == (Cause.UNKNOWN, "")


def test_a_copy_at_the_address_itself_answers_for_it_wherever_it_is_read(mallory: Feed) -> None:
    planet = make_feed("A planet", url="https://other.example/atom.xml", site_url="https://other.example/")
    add(planet, ADDRESS, "urn:1", days_ago=1)
    assert answered() == (Cause.SHOWN, "A planet")
