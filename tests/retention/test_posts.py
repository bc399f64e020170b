"""Posts that had their time are let go as a whole, stay known, and nothing of theirs comes back."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from aggregator.curating.entries import choose, hide, unhide
from aggregator.curating.feeds import reject, resume
from aggregator.filtering.judging import judge_anew
from aggregator.ingest.types import Enclosure as Found
from aggregator.ingest.types import Item
from aggregator.models import Enclosure, Entry, EntryQuerySet, Feed, PostsLetGo, PostsOfDay, site_change
from aggregator.models.counting import refresh_counts
from aggregator.retention.posts import let_go
from tests.factories import NOW, make_entry, make_feed, make_rule
from tests.stores import make_item, new_feed, store_items

pytestmark = pytest.mark.django_db

TEXT = f"<p>{' '.join(f'word{number}' for number in range(100))}.</p>"
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def kept_for_a_year(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_DAYS = 365


def run(now: datetime = NOW) -> int:
    return let_go(now, seconds=60)


def old_item(name: str = "old", **fields: object) -> Item:
    return make_item(name, **{"days_ago": 400, **fields})


def blog_with(*items: Item, **fields: object) -> Feed:
    """One whose first poll brought these items."""
    feed = new_feed(**fields)
    store_items(feed, *items)
    return feed


def emptied() -> EntryQuerySet:
    return Entry.objects.filter(emptied_at__isnull=False)


def titles(entries: EntryQuerySet) -> set[str]:
    return set(entries.values_list("title", flat=True))


def again(feed: Feed, *items: Item, **fields: object) -> None:
    """What these items bring when the feed is polled once more."""
    store_items(Feed.objects.get(pk=feed.pk), *items, now=LATER, **fields)


# -- what goes, and what stays ---------------------------------------------------------------------------------------


def test_the_text_goes_and_what_it_is_known_by_stays() -> None:
    beside = Found(url="https://blog.example/talk.mp3", media_type="audio/mpeg")
    feed = blog_with(old_item(tags=("engines",), source_title="Planet", enclosures=(beside,)), make_item("young"))
    before = Entry.objects.get(title="old")
    assert run() == 1
    after = Entry.objects.get(pk=before.pk)
    assert (after.content_html, after.excerpt, after.tags, after.source_title) == ("", "", [], "")
    assert not Enclosure.objects.exists()
    for name in ("guid", "url", "title", "author", "content_hash", "link_key", "id_key", "published_at", "timeline_at"):
        assert getattr(after, name) == getattr(before, name)
    assert titles(Entry.objects.listed().from_feed(feed)) == {"young"}


def test_without_limits_nothing_goes(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_DAYS = 0
    blog_with(old_item())
    assert run() == 0
    assert not emptied().exists()


def test_of_each_source_the_newest_stay(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_DAYS, settings.KEEP_ENTRIES_PER_FEED = 0, 2
    busy = blog_with(*(make_item(f"busy {days}", days_ago=days) for days in (400, 401, 402, 403)))
    same = make_feed()
    for number in range(4):  # of one moment, as of a feed without dates
        make_entry(same, f"same {number}", days_ago=500)
    make_entry(busy, "hidden", days_ago=1, is_hidden=True)
    make_entry(busy, "held", days_ago=1, is_held=True)
    refresh_counts([same])
    assert run() == 4
    assert titles(Entry.objects.listed()) == {"busy 400", "busy 401", "same 2", "same 3"}


def test_with_both_limits_what_is_beyond_either_goes(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_PER_FEED = 2
    blog_with(*(make_item(f"{days}", days_ago=days) for days in (1, 2, 3, 400)))
    run()
    assert titles(Entry.objects.listed()) == {"1", "2"}


def test_what_waits_for_a_curator_waits_on() -> None:
    make_entry(title="held", days_ago=400, is_held=True)
    run()
    assert not emptied().exists()


def test_hidden_and_dropped_ones_go_and_stay_hidden_and_dropped() -> None:
    feed = blog_with(old_item("hidden"), old_item("dropped"))
    make_rule(feed, "dropped")
    Entry.objects.filter(title="dropped").update(is_filtered=True)
    hide(Entry.objects.filter(title="hidden"), NOW)
    assert run() == 2
    again(feed, old_item("hidden"), old_item("dropped"))
    assert titles(Entry.objects.filter(is_hidden=True)) == {"hidden"}
    assert titles(Entry.objects.filter(is_filtered=True)) == {"dropped"}
    assert not Entry.objects.listed().exists()


def test_nobody_is_told_of_a_post_that_went() -> None:
    make_entry(days_ago=400, announced_at=None)
    run()
    assert not Entry.objects.unannounced().exists()


def test_it_is_done_in_small_steps_and_another_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.retention.posts.STEP_ENTRIES", 2)
    blog_with(*(old_item(f"old {number}") for number in range(5)))
    assert let_go(NOW, seconds=0) == 0
    assert run() == 5
    assert run() == 0


# -- groups ----------------------------------------------------------------------------------------------------------


def shown_with_copy(*, copy_days_ago: float) -> tuple[Entry, Entry]:
    blog, planet = make_feed(url="https://blog.example/feed.xml"), make_feed("Planet")
    for feed, days_ago in ((blog, 400), (planet, copy_days_ago)):
        store_items(feed, old_item(days_ago=days_ago, content_html=TEXT), now=NOW - timedelta(days=days_ago - 0.5))
    shown, copy = Entry.objects.get(feed=blog), Entry.objects.get(feed=planet)
    assert copy.duplicate_of == shown
    return shown, copy


def test_a_post_goes_with_all_its_copies() -> None:
    shown, copy = shown_with_copy(copy_days_ago=399)
    assert run() == 2
    assert set(emptied()) == {shown, copy}
    assert Entry.objects.get(pk=copy.pk).duplicate_of == shown


def test_what_younger_copies_are_folded_into_stays_whole() -> None:
    shown, copy = shown_with_copy(copy_days_ago=30)
    assert run() == 0
    assert run(NOW + timedelta(days=300)) == 0
    assert run(NOW + timedelta(days=340)) == 2
    assert set(emptied()) == {shown, copy}


def test_a_post_for_which_another_one_is_held_stays_whole() -> None:
    shown = make_entry(days_ago=400)
    make_entry(days_ago=400, is_held=True, held_for=shown)
    run()
    assert not emptied().exists()


def test_a_copy_that_was_not_folded_is_shown_and_never_folded_into_an_emptied_entry() -> None:
    """Its feed wasn't public when the other one went."""
    shown, copy = shown_with_copy(copy_days_ago=30)
    planet = Feed.objects.filter(pk=copy.feed_id)
    reject(planet, NOW)
    assert run() == 1
    resume(planet, NOW)
    assert set(Entry.objects.listed()) == {copy}
    hide(Entry.objects.filter(pk=copy.pk), NOW)
    unhide(Entry.objects.filter(pk__in=[copy.pk, shown.pk]), NOW)
    assert set(Entry.objects.listed()) == {copy}


def test_a_curator_cannot_choose_what_went() -> None:
    entry = make_entry(days_ago=400)
    run()
    choose(Entry.objects.filter(pk=entry.pk), NOW)
    assert not Entry.objects.filter(is_original=True).exists()


# -- nothing comes back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"guid": "urn:another"},
        {"url": "https://new.example/old/", "guid": "urn:another"},
        {"title": "A new title"},
        {"content_html": "<p>Other words</p>", "content_hash": "other", "excerpt": "Other words"},
        {"tags": ("new",)},
        {"enclosures": (Found(url="https://blog.example/talk.mp3"),)},
    ],
    ids=["as it was", "new id", "moved", "new title", "new text", "tags", "a file"],
)
def test_a_feed_that_still_has_it_brings_nothing_back(change: dict[str, object]) -> None:
    feed = blog_with(old_item(), make_item("young"))
    run()
    for _ in range(2):  # it is followed, so that it is known the next time, too
        again(feed, old_item(**change), make_item("young"))
    entry = emptied().get()
    assert (entry.content_html, entry.excerpt, entry.tags) == ("", "", [])
    assert not Enclosure.objects.exists()
    assert titles(Entry.objects.listed()) == {"young"}
    assert Entry.objects.count() == 2


def test_it_is_known_when_it_moved_and_was_renamed_step_by_step() -> None:
    feed = blog_with(old_item())
    run()
    moved = {"guid": "urn:other", "url": "https://new.example/x/"}
    again(feed, old_item(**moved))
    again(feed, old_item(**moved, title="Renamed", excerpt="Rewritten", content_html="<p>x</p>", content_hash="x"))
    assert Entry.objects.count() == 1


def test_a_feed_that_is_read_by_other_rules_brings_nothing_back() -> None:
    feed = blog_with(old_item(), make_item("young"))
    run()
    Feed.objects.update(content_version="0")
    again(feed, old_item(content_hash="by other rules", content_html="<p>anew</p>"), make_item("young"))
    assert emptied().get().content_html == ""
    assert emptied().get().content_hash == "by other rules"
    assert titles(Entry.objects.listed()) == {"young"}


def test_an_archive_under_new_ids_brings_nothing_back() -> None:
    names = [f"old {number}" for number in range(20)]
    feed = blog_with(*map(old_item, names))
    run()
    again(feed, *(old_item(name, guid=f"urn:new:{name}", url=f"https://new.example/{name}") for name in names))
    assert (Entry.objects.count(), emptied().count()) == (20, 20)


def test_another_feed_that_brings_it_once_more_brings_nothing_back() -> None:
    blog = blog_with(old_item())
    run()
    planet = make_feed("Planet")
    store_items(planet, old_item(guid="7"), now=LATER)
    assert Entry.objects.get(feed=planet).duplicate_of == Entry.objects.get(feed=blog)
    assert emptied().count() == 2
    assert not Entry.objects.listed().exists()
    assert not Entry.objects.unannounced().exists()


@pytest.mark.parametrize(
    "change",
    [{"days_ago": 0.1}, {"title": "What I think of it"}, {"days_ago": 300}],
    ids=["news", "another title", "another date"],
)
def test_what_may_be_another_post_is_shown(change: dict[str, object]) -> None:
    """Also news: who was quick to use an author's link can't have it taken for an old post."""
    blog_with(old_item())
    run()
    other = make_feed("Other")
    store_items(other, old_item(guid="7", **change), now=LATER)
    assert set(Entry.objects.listed()) == {Entry.objects.get(feed=other)}


def test_new_rules_leave_it_dropped() -> None:
    feed = blog_with(old_item(), make_item("young"))
    run()
    Entry.objects.filter(title="old").update(is_filtered=True)
    with site_change():
        judge_anew(feed, NOW)
    assert emptied().get().is_filtered


# -- all pages agree -------------------------------------------------------------------------------------------------


def test_counts_archive_source_and_neighbors_agree(client: Client) -> None:
    feed = blog_with(old_item(), make_item("young"), make_item("younger", days_ago=0.5))
    other = blog_with(old_item("other"))
    old = Entry.objects.get(title="old")
    run()
    counted = Counter(at.astimezone(UTC).date() for at in Entry.objects.listed().values_list("timeline_at", flat=True))
    assert PostsOfDay.objects.between(date(1990, 1, 1), date(2100, 1, 1)) == counted
    feed.refresh_from_db()
    other.refresh_from_db()
    assert (feed.entry_count, sum(feed.posts_by_month.values()), other.entry_count, other.newest_at) == (2, 2, 0, None)
    day = f"{old.timeline_at:/archive/%Y/%m/%d/}"
    for address in ("/", "/sources/", feed.get_absolute_url(), day, "/atom.xml", "/feed.json", "/opml.xml"):
        assert "/old/" not in client.get(address).content.decode(), address
    neighbor = Entry.objects.get(title="young")
    assert f"/post/{old.pk}/" not in client.get(neighbor.get_absolute_url()).content.decode()
    assert client.get(f"{feed.get_absolute_url()}?before={old.pk}").status_code == 200


def test_its_page_says_410_and_leads_on(client: Client) -> None:
    feed = blog_with(old_item())
    entry = Entry.objects.get()
    address = entry.get_absolute_url()
    assert client.get(address).status_code == 200
    run()
    response = client.get(address)
    page = response.content.decode()
    assert response.status_code == 410
    assert "kept here no longer" in page
    assert "for 365 days" in page
    assert f'href="{feed.get_absolute_url()}"' in page
    assert f'href="{entry.url}"' in page


def test_the_page_of_a_copy_says_410_too(client: Client) -> None:
    _, copy = shown_with_copy(copy_days_ago=399)
    run()
    assert client.get(copy.get_absolute_url()).status_code == 410


def test_what_was_hidden_says_404(client: Client) -> None:
    entry = make_entry(days_ago=400, is_hidden=True)
    run()
    assert client.get(entry.get_absolute_url()).status_code == 404


def test_what_was_hidden_later_says_404(client: Client) -> None:
    entry = make_entry(days_ago=400)
    run()
    hide(Entry.objects.filter(pk=entry.pk), NOW)
    assert client.get(entry.get_absolute_url()).status_code == 404


def test_a_source_without_posts_and_the_page_about_us_say_how_long_they_are_kept(client: Client) -> None:
    feed = blog_with(old_item())
    run()
    for address in (feed.get_absolute_url(), "/about/"):
        assert "Posts are kept here for 365 days." in client.get(address).content.decode()


def test_the_desk_says_what_was_let_go(admin_client: Client) -> None:
    blog_with(old_item())
    assert "None was so far." in admin_client.get("/admin/").content.decode()
    run()
    page = " ".join(admin_client.get("/admin/").content.decode().split())
    assert "Posts are kept for 365 days; then their text is let go. Last on 24 Jun 2026, of 1 post;" in page
    entry = Entry.objects.get()
    assert "its time was over" in admin_client.get(f"/admin/aggregator/entry/{entry.pk}/change/").content.decode()


def test_the_log_says_it_in_words(caplog: pytest.LogCaptureFixture) -> None:
    blog_with(old_item())
    with caplog.at_level(logging.INFO):
        run()
    assert "the text of 1 posts of 1 sources was let go: older than 365 days" in caplog.text


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_preview_says_what_would_go_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    feed = make_feed("Ada")
    for days in (1, 400, 500):
        make_entry(feed, timeline_at=now - timedelta(days=days))
    call_command("let_go", preview=True)
    told = capsys.readouterr().out
    assert "2  Ada" in told
    assert "The text of 2 posts would be let go, older than 365 days." in told
    assert not emptied().exists()
    call_command("let_go")
    assert "The text of 2 posts was let go." in capsys.readouterr().out
    assert PostsLetGo.objects.total() == 2


def test_without_limits_the_command_says_which_settings_there_are(settings: LazySettings) -> None:
    settings.KEEP_ENTRIES_DAYS = 0
    with pytest.raises(CommandError, match="KEEP_ENTRIES_DAYS nor KEEP_ENTRIES_PER_FEED"):
        call_command("let_go")
