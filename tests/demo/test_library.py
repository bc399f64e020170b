from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from aggregator.demo.library import FOLDER, Blog, Format, LibraryError, Post, load_library, parse_age, parse_post

LIBRARY = load_library()
EVERY_POST = LIBRARY.posts + LIBRARY.upcoming
NAMES = [post.key for post in EVERY_POST]

BLOGS_TOML = """
[[blog]]
slug = "ink"
title = "Ink"
subtitle = "s"
author = "A. Writer"
category = "Web"
format = "rss"
about = "a"
"""


def make_blog() -> Blog:
    return Blog("ink", "Ink", "s", "A. Writer", "Web", Format.RSS, "a")


def make_library(folder: Path, **files: str) -> Path:
    """A demo folder with one blog; each file's name is written with a dunder for the slash."""
    (folder / "blogs.toml").write_text(BLOGS_TOML)
    for name, text in files.items():
        path = folder / "posts" / "ink" / f"{name.replace('__', '/')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_an_age_counts_days_hours_and_minutes() -> None:
    assert parse_age("2d 5h 10m") == timedelta(days=2, hours=5, minutes=10)


@pytest.mark.parametrize("text", ["", "soon", "5", "2d5h", "-2d"])
def test_an_age_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(LibraryError):
        parse_age(text)


def test_a_post_without_an_author_is_by_the_author_of_its_blog() -> None:
    assert parse_post("title: T\n\n<p>x</p>", blog=make_blog(), name="01-t.html").author == "A. Writer"


def test_the_number_before_a_file_name_is_not_part_of_the_address() -> None:
    assert parse_post("title: T\n\n<p>x</p>", blog=make_blog(), name="07-a-tale.html").slug == "a-tale"


def test_a_misspelled_header_is_an_error() -> None:
    with pytest.raises(LibraryError, match="unknown header titel"):
        parse_post("titel: T\n\n<p>x</p>", blog=make_blog(), name="01-t.html")


def test_two_posts_of_one_name_are_an_error(tmp_path: Path) -> None:
    folder = make_library(tmp_path, **{"01-a": "age: 1d\n\n<p>x</p>", "upcoming__02-a": "title: A\n\n<p>x</p>"})
    with pytest.raises(LibraryError, match="two posts"):
        load_library(folder)


def test_a_published_post_without_an_age_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no age"):
        load_library(make_library(tmp_path, **{"01-a": "title: A\n\n<p>x</p>"}))


def test_upcoming_posts_come_from_one_blog_after_the_other() -> None:
    first_round = [post.blog for post in LIBRARY.upcoming[: len({post.blog for post in LIBRARY.upcoming})]]
    assert len(first_round) == len(set(first_round))


def test_the_demo_has_enough_to_show() -> None:
    healthy = {blog.slug for blog in LIBRARY.blogs if not blog.broken_status}
    assert len(healthy) >= 9
    assert {blog.category for blog in LIBRARY.blogs} == {"Django", "Web", "Packaging"}
    assert len([post for post in LIBRARY.posts if post.blog in healthy]) >= 60
    assert len(LIBRARY.upcoming) >= 30


def test_the_demo_writes_every_format() -> None:
    assert {blog.format for blog in LIBRARY.blogs} == set(Format)


def test_no_post_waits_for_a_blog_that_is_broken() -> None:
    broken = {blog.slug for blog in LIBRARY.blogs if blog.broken_status}
    assert not [post.key for post in LIBRARY.upcoming if post.blog in broken]


def test_a_post_is_in_the_language_of_its_blog() -> None:
    assert {post.language for post in EVERY_POST if post.blog == "shulei-hadaf"} == {"he"}


@pytest.mark.parametrize("post", EVERY_POST, ids=NAMES)
def test_a_post_is_well_formed(post: Post) -> None:
    assert len(ElementTree.fromstring(f"<div>{post.html}</div>")) > 0


@pytest.mark.parametrize("post", EVERY_POST, ids=NAMES)
def test_an_image_of_a_post_is_there_and_described(post: Post) -> None:
    for image in ElementTree.fromstring(f"<div>{post.html}</div>").iter("img"):
        assert (FOLDER / image.attrib["src"].removeprefix("/")).is_file()
        assert image.attrib["alt"]


def test_every_image_is_used() -> None:
    used = {name for post in EVERY_POST for name in re.findall(r'src="/images/([^"]+)"', post.html)}
    assert used == {path.name for path in (FOLDER / "images").iterdir()}


@pytest.mark.parametrize("post", EVERY_POST, ids=NAMES)
def test_a_post_has_no_heading_of_the_first_level(post: Post) -> None:
    assert ElementTree.fromstring(f"<div>{post.html}</div>").find(".//h1") is None


@pytest.mark.parametrize(
    "post", [post for post in EVERY_POST if post.blog == "shulei-hadaf"], ids=lambda post: post.key.partition("/")[2]
)
def test_a_hebrew_post_says_its_language_and_direction(post: Post) -> None:
    wrapper = ElementTree.fromstring(f"<div>{post.html}</div>")[0]
    assert (wrapper.get("lang"), wrapper.get("dir")) == ("he", "rtl")
