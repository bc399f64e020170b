from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.demo.library import Library, Post
from aggregator.demo.publishing import (
    MAX_PUBLICATIONS,
    Diary,
    next_slot,
    publish_next,
    published_posts,
    read_diary,
    write_diary,
)

EPOCH = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)


def make_post(slug: str, *, title: str = "A title", age: timedelta | None = None) -> Post:
    return Post(blog="ink", slug=slug, title=title, author="A. Writer", html="<p>Text.</p>", age=age)


LIBRARY = Library(
    blogs=(),
    posts=(make_post("old", age=timedelta(days=3)), make_post("fresh", age=timedelta(hours=1))),
    upcoming=(make_post("first"), make_post("second"), make_post("third", title="")),
)


def published_after(count: int) -> tuple[Diary, list[Post]]:
    diary, posts = Diary(EPOCH), []
    for minute in range(count):
        diary, post = publish_next(LIBRARY, diary, EPOCH + timedelta(minutes=minute))
        posts.append(post)
    return diary, posts


def test_a_slot_is_ten_seconds_before_the_full_minute() -> None:
    assert next_slot(EPOCH.replace(second=20, microsecond=7), 60) == EPOCH.replace(second=50)


def test_the_moment_of_a_slot_leads_to_the_next_one() -> None:
    assert next_slot(EPOCH.replace(second=50), 60) == EPOCH.replace(minute=1, second=50)


@pytest.mark.parametrize("every_seconds", [1, 7, 60, 300])
def test_the_next_slot_is_never_more_than_one_interval_away(every_seconds: int) -> None:
    waits = [next_slot(EPOCH + timedelta(seconds=s), every_seconds) - EPOCH - timedelta(seconds=s) for s in range(600)]
    assert all(timedelta() < wait <= timedelta(seconds=every_seconds) for wait in waits)


def test_a_post_of_an_age_came_out_that_long_before_the_first_start() -> None:
    newest = published_posts(LIBRARY, Diary(EPOCH), EPOCH)[0]
    assert (newest.post.slug, newest.published_at) == ("fresh", EPOCH - timedelta(hours=1))


def test_upcoming_posts_are_not_out_before_their_turn() -> None:
    assert {dated.post.slug for dated in published_posts(LIBRARY, Diary(EPOCH), EPOCH)} == {"old", "fresh"}


def test_nothing_is_dated_later_than_now() -> None:
    diary, _ = published_after(3)
    assert published_posts(LIBRARY, diary, EPOCH + timedelta(minutes=1))[0].published_at == EPOCH + timedelta(minutes=1)


def test_posts_come_out_in_turn() -> None:
    assert [post.slug for post in published_after(3)[1]] == ["first", "second", "third"]


def test_a_second_round_has_other_addresses() -> None:
    posts = published_after(6)[1]
    assert len({post.key for post in posts}) == 6


@pytest.mark.parametrize("rounds", [2, 3, 7, 12])
def test_a_repeated_post_has_a_title_and_a_text_of_its_own(rounds: int) -> None:
    of_first = [post for post in published_after(3 * rounds)[1] if post.slug.startswith("first")]
    assert len({post.title for post in of_first}) == rounds
    assert of_first[1].html != of_first[0].html


def test_a_post_is_repeated_in_its_own_language() -> None:
    hebrew = Library((), (), (replace(make_post("a", title="א"), language="he"),))
    diary, _ = publish_next(hebrew, Diary(EPOCH), EPOCH)
    again = publish_next(hebrew, diary, EPOCH)[1]
    assert again.title == "שוב: א"
    assert again.html.startswith('<p lang="he" dir="rtl">')


def test_a_note_without_a_title_gets_none_when_it_is_repeated() -> None:
    assert published_after(6)[1][5].title == ""


def test_a_diary_that_is_read_again_shifts_no_date(tmp_path: Path) -> None:
    diary, _ = published_after(4)
    write_diary(tmp_path / "diary.json", diary)
    assert read_diary(tmp_path / "diary.json", now=EPOCH + timedelta(days=2)) == diary


def test_without_a_diary_the_demo_starts_now(tmp_path: Path) -> None:
    assert read_diary(tmp_path / "none.json", now=EPOCH) == Diary(EPOCH)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"epoch": 3}', '{"epoch": "2026-06-07T12:00:00+00:00", "published": [{}]}']
)
def test_a_diary_that_cannot_be_read_is_begun_anew(text: str, tmp_path: Path) -> None:
    (tmp_path / "diary.json").write_text(text)
    assert read_diary(tmp_path / "diary.json", now=EPOCH) == Diary(EPOCH)


def test_a_diary_does_not_grow_for_ever() -> None:
    diary, _ = published_after(MAX_PUBLICATIONS + 5)
    assert len(diary.publications) == MAX_PUBLICATIONS


def test_a_post_that_was_taken_out_of_the_library_is_forgotten() -> None:
    diary, _ = published_after(2)
    smaller = Library((), LIBRARY.posts, LIBRARY.upcoming[1:])
    assert "first" not in {dated.post.slug for dated in published_posts(smaller, diary, EPOCH + timedelta(hours=1))}
