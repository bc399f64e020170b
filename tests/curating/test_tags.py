"""Curators hide, name, join and part tags; posts follow in steps, and old ones come under their tags."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client

from aggregator.curating import retagging
from aggregator.curating.retagging import renew_month, retag
from aggregator.curating.tags import TagRefused, alone_with_names, hide, join, rename, show, take_apart
from aggregator.models import EntryTag, SiteState, Tag, TagBacklog, TagOfMonth, site_change, steps
from aggregator.models.tag_of_month import MAX_TAGS
from tests.factories import NOW, make_entry, make_feed
from tests.models.test_tagging import assert_all_is_told, counts, tags_of
from tests.stores import make_item, new_feed, store_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts() -> None:
    """Three posts under "py" or "python", one of them under both."""
    items = [make_item("a", tags=("py",)), make_item("b", tags=("python",)), make_item("c", tags=("python", "py"))]
    store_items(make_feed(), *items, make_item("d", tags=("python",)))


def tag(key: str) -> Tag:
    return Tag.objects.get(key=key)


def call(name: str, to: str) -> None:
    with site_change():
        alone_with_names()
        rename(tag(name), to, NOW)


def version() -> int:
    return SiteState.objects.current().version


def go_on() -> int:
    return retag(NOW, seconds=60)


def test_a_hidden_tag_counts_on_and_can_be_shown_again(posts: None) -> None:
    before = version()
    assert hide(Tag.objects.filter(key="py"), NOW) == 1
    assert version() != before
    assert hide(Tag.objects.filter(key="py"), NOW) == 0
    assert show(Tag.objects.filter(key="py"), NOW) == 1
    assert counts() == {"py": 2, "python": 3}


def test_joined_tags_are_one_and_a_post_of_both_stands_there_once(posts: None) -> None:
    joined = join(Tag.objects.all(), NOW)
    assert joined is not None
    assert (joined[0].name, joined[1]) == ("python", 1)
    assert go_on() == 2
    assert go_on() == 0
    assert counts() == {"python": 4}
    assert EntryTag.objects.count() == 4
    assert_all_is_told()


def test_later_posts_of_a_joined_tag_stand_under_the_other(posts: None) -> None:
    join(Tag.objects.all(), NOW)
    go_on()
    store_items(make_feed(), make_item("e", tags=("PY",)))
    assert tags_of("e") == ["python"]


def test_what_leads_to_a_joined_tag_is_joined_with_it(posts: None) -> None:
    store_items(make_feed(), *(make_item(f"long {n}", tags=("python language",)) for n in range(9)))
    join(Tag.objects.filter(key__in=["py", "python"]), NOW)
    join(Tag.objects.filter(key__in=["python", "python_language"]), NOW)
    go_on()
    assert set(Tag.objects.exclude(joined_into=None).values_list("joined_into__key", flat=True)) == {"python_language"}
    assert counts() == {"python language": 13}
    assert sorted(Tag.objects.keys_of("PY")) == ["py", "python", "python_language"]
    assert_all_is_told()


def test_tags_taken_apart_have_their_own_posts_again(posts: None) -> None:
    join(Tag.objects.all(), NOW)
    go_on()
    assert take_apart(Tag.objects.filter(key="py"), NOW) == 1
    go_on()
    assert counts() == {"py": 2, "python": 3}
    assert Tag.objects.filter(parted_from__isnull=False).count() == 0
    assert_all_is_told()


def test_the_worker_goes_on_in_small_steps(posts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retagging, "STEP_ENTRIES", 1)
    join(Tag.objects.all(), NOW)
    assert go_on() == 2
    take_apart(Tag.objects.filter(key="py"), NOW)
    go_on()
    assert counts() == {"py": 2, "python": 3}


def test_one_tag_alone_is_joined_with_nothing(posts: None) -> None:
    assert join(Tag.objects.filter(key="py"), NOW) is None


def test_a_name_in_other_letters_is_the_same_tag(posts: None) -> None:
    call("python", "Python")
    assert (tag("python").name, Tag.objects.count()) == ("Python", 2)


def test_another_name_leads_to_the_same_posts_and_the_one_of_before_too(posts: None) -> None:
    before = tag("python").pk
    call("python", "The Language")
    assert (tag("the_language").pk, tag("the_language").name) == (before, "The Language")
    store_items(make_feed(), make_item("e", tags=("python",)), make_item("f", tags=("the-language",)))
    assert tags_of("e") == tags_of("f") == ["The Language"]
    call("the_language", "python")
    assert (tag("python").pk, tag("the_language").joined_into_id) == (before, before)
    assert counts() == {"py": 2, "python": 5}


@pytest.mark.parametrize("name", ["py", "PY", "#py", "", "!!!", "https://example.com/", "Uncategorized"])
def test_a_name_is_refused_that_another_tag_has_or_that_is_none(posts: None, name: str) -> None:
    with pytest.raises(TagRefused):
        call("python", name)
    assert tag("python").name == "python"


def test_hidden_tags_have_no_keys_and_unknown_ones_their_own(posts: None) -> None:
    hide(Tag.objects.filter(key="py"), NOW)
    assert [Tag.objects.keys_of(name) for name in ("Py", "Python", "New One", "--")] == [
        [],
        ["python"],
        ["new_one"],
        [],
    ]


# -- posts of before ---------------------------------------------------------------------------------------------------


@pytest.fixture
def old_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Posts that were stored before there were tags; the third feed is not public."""
    monkeypatch.setattr(retagging, "STEP_ENTRIES", 3)
    feeds = [make_feed(), make_feed(), make_feed(state="rejected")]
    entries = [make_entry(feeds[n % 3], f"p{n}", days_ago=n + 1, tags=["Old", f"n{n % 2}"]) for n in range(12)]
    TagBacklog.objects.create(pk=1, below=entries[-1].pk + 1)


def test_the_worker_puts_old_posts_under_their_tags(old_site: None) -> None:
    before = version()
    assert go_on() == 12
    assert counts() == {"Old": 8, "n0": 4, "n1": 4}
    assert not TagBacklog.objects.exists()
    assert version() != before
    assert_all_is_told()


def test_a_worker_that_is_ended_goes_on_where_it_was(old_site: None) -> None:
    assert retag(NOW, seconds=0) == 0
    assert retagging._fill(NOW) == 3
    assert retagging._fill(NOW) == 3
    assert TagBacklog.objects.get().below == min(EntryTag.objects.values_list("entry", flat=True))
    go_on()
    assert counts() == {"Old": 8, "n0": 4, "n1": 4}
    assert_all_is_told()


def test_polls_and_the_worker_meet_at_old_posts(old_site: None) -> None:
    feed, item = make_feed(), make_item("meets", tags=("one",))
    store_items(feed, item)
    TagBacklog.objects.update(below=feed.entries.get().pk + 1)
    store_items(feed, replace(item, tags=("two",)), now=NOW + timedelta(hours=1))
    go_on()
    assert tags_of("meets") == ["two"]
    assert_all_is_told()


def test_pages_say_that_old_posts_are_still_to_come(old_site: None, client: Client) -> None:
    retagging._fill(NOW)
    retagging._fill(NOW)
    said = "Older posts are still being sorted"
    assert [said in client.get(page).content.decode() for page in ("/tags/", "/tag/old/")] == [True, True]
    go_on()
    assert [said in client.get(page).content.decode() for page in ("/tags/", "/tag/old/")] == [False, False]


# -- what was written about --------------------------------------------------------------------------------------------


def written_about() -> list[str]:
    renew_month(NOW)
    return [tag.name for tag in TagOfMonth.objects.shown()]


def test_what_several_sources_wrote_about_is_told_and_the_most_widespread_first() -> None:
    one, other, third = make_feed(), new_feed(), make_feed()
    store_items(one, *(make_item(f"spam {n}", tags=("pills", "shared")) for n in range(9)))
    store_items(other, make_item("b", tags=("shared", "all")), make_item("old", days_ago=40, tags=("past",)))
    store_items(third, make_item("c", tags=("all", "Shared", "past")))
    store_items(make_feed(state="paused"), make_item("d", tags=("all", "alone")))
    assert written_about() == ["shared", "all"]


def test_a_few_are_told_and_no_more() -> None:
    for name in "ab":
        store_items(make_feed(), make_item(name, tags=tuple(f"t{n}" for n in range(20))))
    assert len(written_about()) == MAX_TAGS


def test_it_is_told_anew_only_when_it_is_another(client: Client) -> None:
    for name in "ab":
        store_items(make_feed(), make_item(name, tags=("one",)))
    assert renew_month(NOW)
    before = version()
    assert not renew_month(NOW)
    assert version() == before
    assert "Written about this month" in client.get("/").content.decode()


def test_a_tag_that_is_hidden_is_told_no_more_at_once(client: Client) -> None:
    for name in "ab":
        store_items(make_feed(), make_item(name, tags=("one",)))
    assert written_about() == ["one"]
    hide(Tag.objects.all(), NOW)
    assert TagOfMonth.objects.shown() == []
    assert "Written about this month" not in client.get("/").content.decode()


def test_what_a_worker_of_before_brings_after_an_upgrade_comes_under_its_tags() -> None:
    make_entry(tags=["Old"])
    import_module("aggregator.migrations.0033_tags").note_older_entries(apps, None)
    make_entry(tags=["Old"])
    go_on()
    assert counts() == {"Old": 2}
    assert not TagBacklog.objects.exists()


def test_others_have_the_database_as_long_as_the_worker_has(old_site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("aggregator.models.steps.time.sleep", pauses.append)
    go_on()
    assert len(pauses) == 4
    assert min(pauses) >= steps.MIN_PAUSE_SECONDS
