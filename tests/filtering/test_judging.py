"""Entries judged by the rules of their feed: as they come, when they change, and when the rules do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from aggregator.filtering import judging as filtering
from aggregator.filtering.judging import judge_anew, judge_waiting
from aggregator.models import Entry, Feed, FilterRule, SiteState
from aggregator.polling.conductor import poll
from aggregator.tasks import judge_older_entries
from notifications.models import Notice
from notifications.notices.planner import plan
from tests.factories import NOW, make_category, make_entry, make_feed, make_rule
from tests.notifications.outbox import make_device
from tests.servers import Answer, FeedServer
from tests.stores import make_item, store_items

pytestmark = [pytest.mark.django_db, pytest.mark.queue]
ENDLESS = "(a|aa)+$"
BAIT = "a" * 200 + "!"
LATER = NOW + timedelta(hours=1)
SUBJECTS = Path(__file__).parent.parent / "feeds" / "subjects.xml"


def shown() -> set[str]:
    return set(Entry.objects.listed().values_list("title", flat=True))


def dropped() -> set[str]:
    return set(Entry.objects.filter(is_filtered=True).values_list("title", flat=True))


# -- as they come ----------------------------------------------------------------------------------------------------


def test_a_new_post_that_a_rule_drops_is_stored_and_not_shown() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    store_items(feed, make_item("An advert"), make_item("A post"))
    assert (shown(), dropped()) == ({"A post"}, {"An advert"})


def test_what_was_dropped_does_not_come_back_as_new() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    store_items(feed, make_item("An advert"))
    again = store_items(feed, make_item("An advert"), now=LATER)
    assert (again.new, again.changed, dropped()) == (0, 0, {"An advert"})


@pytest.mark.parametrize(("field", "is_dropped"), [("whole", True), ("text", False), ("any", False)])
def test_what_a_picture_shows_is_part_of_the_whole_as_planets_look_there(field: str, is_dropped: bool) -> None:
    feed = make_feed()
    make_rule(feed, "ad & more", field=field, is_regex=True)
    picture = '<p>A pot.</p><img src="https://ada.example/a.png" alt="Ad &amp; more">'
    store_items(feed, make_item("A post", content_html=picture))
    assert dropped() == ({"A post"} if is_dropped else set())


def test_rules_hold_for_their_own_feed_alone() -> None:
    feed, other = make_feed(), make_feed()
    make_rule(feed, "advert")
    store_items(other, make_item("An advert"))
    assert shown() == {"An advert"}


@pytest.mark.parametrize(
    ("field", "pattern"), [("title", "one"), ("tag", "two"), ("author", "three"), ("text", "four")]
)
def test_each_part_of_a_post_can_be_asked_for(field: str, pattern: str) -> None:
    feed = make_feed()
    make_rule(feed, pattern, field=field, action="keep")
    item = make_item("One", tags=("Two",), author="Three", content_html="<p>Fo<b>ur</b></p>")
    store_items(feed, item, make_item("Another"))
    assert shown() == {"One"}


def test_markup_is_no_text() -> None:
    feed = make_feed()
    make_rule(feed, "strong", field="text")
    store_items(feed, make_item("One", content_html="<p><strong>Loud</strong></p>"))
    assert shown() == {"One"}


def test_a_dropped_post_is_not_to_be_announced_and_was_not() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    store_items(feed, make_item("An advert", days_ago=0))
    entry = Entry.objects.get()
    assert entry.announced_at == entry.first_seen_at


def test_a_post_that_an_edit_makes_an_advert_is_dropped() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    store_items(feed, make_item("one", title="A post"))
    store_items(feed, make_item("one", title="An advert"), now=LATER)
    assert dropped() == {"An advert"}


def test_a_post_that_an_edit_makes_no_advert_is_shown_in_its_place() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    store_items(feed, make_item("one", title="An advert"))
    before = Entry.objects.get()
    store_items(feed, make_item("one", title="A post"), now=LATER)
    entry = Entry.objects.listed().get()
    assert (entry.title, entry.timeline_at, entry.announced_at) == ("A post", before.timeline_at, before.announced_at)


def test_a_rule_that_takes_too_long_drops_nothing_and_says_so_on_its_row() -> None:
    feed = make_feed()
    rule = make_rule(feed, ENDLESS, is_regex=True)
    store_items(feed, make_item("one", title=BAIT))
    rule.refresh_from_db()
    assert (Entry.objects.listed().count(), rule.out_of_time_at) == (1, NOW)


def test_counts_tell_shown_from_dropped() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    feed = store_items(feed, make_item("An advert"), make_item("Two adverts"), make_item("A post")).feed
    make_rule(feed, "adverts")
    judge_anew(feed, NOW)
    feed.refresh_from_db()
    assert (feed.entry_count, feed.filtered_count) == (1, 2)


def test_a_poll_obeys_the_rules(feed_server: FeedServer) -> None:
    feed = make_feed(url=feed_server.add("/feed", Answer(SUBJECTS.read_bytes())))
    make_rule(feed, "planet:python", field="tag", action="keep")
    make_rule(feed, "sponsor(ed)?", field="any", is_regex=True)
    poll(Feed.objects.filter(pk=feed.pk), clock=lambda: NOW)
    assert (shown(), len(dropped())) == ({"Faster imports"}, 3)


# -- tags ------------------------------------------------------------------------------------------------------------


def test_tags_are_stored() -> None:
    store_items(make_feed(), make_item("one", tags=("Python", "PyCon")))
    assert Entry.objects.get().tags == ["Python", "PyCon"]


def test_other_tags_are_an_edit() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", tags=("Python",)))
    again = store_items(feed, make_item("one", tags=("Rust",)), now=LATER)
    assert (again.changed, Entry.objects.get().tags) == (1, ["Rust"])


def test_another_order_of_tags_is_no_edit() -> None:
    feed = make_feed()
    store_items(feed, make_item("one", tags=("Python", "PyCon")))
    assert store_items(feed, make_item("one", tags=("PyCon", "Python")), now=LATER).changed == 0


def test_tags_of_posts_from_before_tags_were_stored_are_taken_over_without_an_edit() -> None:
    feed = make_feed()
    make_rule(feed, "advert", field="tag")
    store_items(feed, make_item("one"))
    again = store_items(feed, make_item("one", tags=("Advert",)), now=LATER)
    entry = Entry.objects.get()
    assert (again.changed, entry.edit_count, entry.tags, entry.is_filtered) == (0, 0, ["Advert"], True)


# -- when the rules change -------------------------------------------------------------------------------------------


def test_new_rules_drop_what_is_there() -> None:
    feed = make_feed()
    make_entry(feed, "An advert"), make_entry(feed, "A post")
    make_rule(feed, "advert")
    judge_anew(feed, NOW)
    assert (shown(), dropped()) == ({"A post"}, {"An advert"})


def test_without_the_rule_the_post_is_back_in_its_place_and_not_announced() -> None:
    feed = make_feed()
    entry = make_entry(feed, "An advert", days_ago=2)
    rule = make_rule(feed, "advert")
    judge_anew(feed, NOW)
    rule.delete()
    judge_anew(feed, LATER)
    back = Entry.objects.listed().get()
    assert (back.timeline_at, back.announced_at) == (entry.timeline_at, entry.first_seen_at)


def test_rules_leave_hidden_posts_hidden() -> None:
    feed = make_feed()
    make_entry(feed, "An advert", is_hidden=True, is_filtered=True)
    judge_anew(feed, NOW)
    assert shown() == set()


def test_a_post_that_waits_for_its_notice_and_is_dropped_is_not_announced() -> None:
    make_device()
    feed = make_feed()
    make_entry(feed, "An advert", days_ago=0.001)
    make_rule(feed, "advert")
    judge_anew(feed, NOW)
    plan(NOW)
    assert not Notice.objects.exists()


def test_judging_anew_raises_the_version_of_the_site() -> None:
    before = SiteState.objects.current().version
    judge_anew(make_feed(), NOW)
    assert SiteState.objects.current().version > before


def test_judging_anew_forgets_that_a_rule_took_too_long() -> None:
    feed = make_feed()
    rule = make_rule(feed, "advert", out_of_time_at=NOW)
    judge_anew(feed, NOW)
    rule.refresh_from_db()
    assert rule.out_of_time_at is None


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Feed:
    """A feed with more adverts than are judged at once."""
    monkeypatch.setattr(filtering, "BATCH_ENTRIES", 2)
    feed = make_feed()
    for days in range(5, 0, -1):
        make_entry(feed, f"Advert {days}", days_ago=days)
    make_rule(feed, "advert")
    return feed


def test_the_newest_posts_are_judged_at_once(archive: Feed) -> None:
    judge_anew(archive, NOW)
    assert dropped() == {"Advert 1", "Advert 2"}


def test_the_worker_judges_the_older_ones(archive: Feed) -> None:
    judge_anew(archive, NOW)
    assert judge_waiting(NOW, seconds=60) == 3
    archive.refresh_from_db()
    assert (shown(), archive.filtered_count, archive.unjudged_below) == (set(), 5, None)


def test_the_worker_does_so_at_its_next_tick(archive: Feed) -> None:
    judge_anew(archive, NOW)
    judge_older_entries.call_local()
    assert shown() == set()


def test_the_worker_goes_on_where_its_time_was_over(archive: Feed) -> None:
    judge_anew(archive, NOW)
    assert judge_waiting(NOW, seconds=0) == 0
    judge_waiting(NOW, seconds=60)
    assert shown() == set()


def test_new_rules_make_the_worker_begin_again(archive: Feed) -> None:
    judge_anew(archive, NOW)
    judge_waiting(NOW, seconds=60)
    FilterRule.objects.all().delete()
    judge_anew(archive, NOW)
    judge_waiting(NOW, seconds=60)
    assert len(shown()) == 5


# -- copies ----------------------------------------------------------------------------------------------------------

LINK = "https://ada.example/engines/"


@pytest.fixture
def copies() -> dict[str, Feed]:
    """One post, at its blog and through a planet; the blog's is shown."""
    blog = make_feed("Ada", url="https://ada.example/feed", site_url="https://ada.example/")
    planet = make_feed("Planet", url="https://planet.example/feed", site_url="https://planet.example/")
    for feed in (blog, planet):
        store_items(feed, make_item("Engines", url=LINK), title=feed.title, site_url=feed.site_url)
    return {"blog": blog, "planet": planet}


def shown_in() -> list[str]:
    return list(Entry.objects.listed().values_list("feed__title", flat=True))


def test_the_copy_of_a_dropped_post_takes_its_place(copies: dict[str, Feed]) -> None:
    make_rule(copies["blog"], "engines")
    judge_anew(copies["blog"], NOW)
    assert shown_in() == ["Planet"]


def test_a_post_that_comes_back_takes_its_place_from_the_copy(copies: dict[str, Feed]) -> None:
    rule = make_rule(copies["blog"], "engines")
    judge_anew(copies["blog"], NOW)
    rule.delete()
    judge_anew(copies["blog"], NOW)
    assert shown_in() == ["Ada"]


def test_a_dropped_copy_is_not_named_beside_the_post(copies: dict[str, Feed]) -> None:
    make_rule(copies["planet"], "engines")
    judge_anew(copies["planet"], NOW)
    [entry] = Entry.objects.listed().with_copies()
    assert entry.also_in == []


# -- what readers see ------------------------------------------------------------------------------------------------


def addresses_of(feed: Feed) -> list[str]:
    pages = ["/", "/category/django/", f"/source/{feed.slug}/", "/archive/2026/06/", "/archive/2026/06/23/"]
    feeds = ["atom.xml", "rss20.xml", "feed.json"]
    places = ["/", "/category/django/", f"/source/{feed.slug}/"]
    return [*pages, *(place + name for place in places for name in feeds)]


@pytest.mark.parametrize("index", range(14))
def test_a_dropped_post_is_on_no_page_and_in_no_feed(client: Client, index: int) -> None:
    feed = make_feed(category=make_category("Django"))
    make_entry(feed, "SHOWN"), make_entry(feed, "DROPPED", is_filtered=True)
    [address] = addresses_of(feed)[index : index + 1]
    text = client.get(address).content.decode()
    assert ("SHOWN" in text, "DROPPED" in text) == (True, False)


def test_a_dropped_post_has_no_page(client: Client) -> None:
    assert client.get(make_entry(is_filtered=True).get_absolute_url()).status_code == 404
