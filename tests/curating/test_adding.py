from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.curating.adding import FeedRefused, add_feed, category_named, drop_doubles
from aggregator.models import Category, Feed, SiteState
from tests.factories import make_category, make_feed

pytestmark = pytest.mark.django_db


def version() -> int:
    return SiteState.objects.current().version


def test_a_new_feed_is_pending_and_due() -> None:
    feed, is_new = add_feed("https://blog.example/feed.xml")
    feed.refresh_from_db()
    assert (is_new, feed.state, feed.host) == (True, "pending", "blog.example")
    assert Feed.objects.due(feed.created_at + timedelta(seconds=1)).get() == feed


SPELLINGS = [
    "https://blog.example/feed.xml",
    "HTTPS://Blog.Example/feed.xml",
    "https://blog.example:443/feed.xml",
    "https://blog.example./feed.xml",
    "https://blog.example/feed.xml#top",
    "http://blog.example/feed.xml",
    "http://blog.example:80/feed.xml",
    "blog.example/feed.xml",
    "feed://blog.example/feed.xml",
    "feed:https://blog.example/feed.xml",
    "  https://blog.example/feed.xml\n",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_feed_in_another_spelling_is_the_same_feed(spelling: str) -> None:
    first, _ = add_feed("https://blog.example/feed.xml")
    again, is_new = add_feed(spelling)
    assert (again, is_new) == (first, False)


def test_an_https_address_finds_the_feed_that_was_added_with_http() -> None:
    first, _ = add_feed("http://blog.example/feed.xml")
    assert add_feed("https://blog.example/feed.xml") == (first, False)


def test_two_paths_of_a_host_are_two_feeds() -> None:
    add_feed("https://blog.example/a.xml")
    assert add_feed("https://blog.example/b.xml")[1]


REFUSED = [
    "",
    "file:///etc/passwd",
    "ftp://blog.example/feed",
    "javascript:alert(1)",
    "https://user:secret@blog.example/feed",
    "http://10.0.0.1/feed",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fc00::1]/feed",
    "http://[::ffff:10.0.0.1]/",
    "http://167772161/",
    "https://",
    "https://blog.example/" + 2000 * "a",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_must_not_be_asked_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(FeedRefused, match=r"\.$|@ sign\.$"):
        add_feed(address)
    assert not Feed.objects.exists()


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(FeedRefused) as refusal:
        add_feed("https://user:secret@blog.example/feed")
    assert "secret" not in str(refusal.value)


def test_a_known_feed_stays_as_it_is() -> None:
    known = make_feed("The old title", url="https://blog.example/feed")
    add_feed("https://blog.example/feed", title="Another title", category="Another")
    known.refresh_from_db()
    assert (known.title, known.category) == ("The old title", None)


def test_a_feed_that_was_turned_down_is_known_when_it_is_added_again() -> None:
    make_feed(url="https://blog.example/feed", state=Feed.State.REJECTED)
    feed, is_new = add_feed("https://blog.example/feed")
    assert (feed.state, is_new) == ("rejected", False)


def test_a_site_address_that_is_no_web_address_is_left_out() -> None:
    feed, _ = add_feed("https://blog.example/feed", site_url="javascript:alert(1)")
    assert feed.site_url == ""


def test_a_title_becomes_one_line() -> None:
    feed, _ = add_feed("https://blog.example/feed", title="A\x00 title\n of  two lines" + 400 * "x")
    assert feed.title.startswith("A title of two lines")
    assert len(feed.title) <= 300


def test_adding_a_pending_feed_leaves_the_pages_as_they_are() -> None:
    before = version()
    add_feed("https://blog.example/feed", category="New")
    assert version() == before


def test_a_double_that_its_first_poll_found_is_dropped() -> None:
    double = make_feed(state=Feed.State.PENDING, last_error_kind="already_listed")
    failing = make_feed(state=Feed.State.PENDING, last_error_kind="dns")
    active = make_feed(last_error_kind="already_listed")
    assert drop_doubles([double.pk, failing.pk, active.pk]) == [double]
    assert set(Feed.objects.all()) == {failing, active}


# -- categories --------------------------------------------------------------------------------------------------------


def test_a_category_is_made_on_demand() -> None:
    feed, _ = add_feed("https://blog.example/feed", category="Web frameworks")
    assert (feed.category.name, feed.category.slug) == ("Web frameworks", "web-frameworks")


def test_a_category_is_found_in_whatever_case() -> None:
    python = make_category("Python")
    assert category_named("python") == python


def test_categories_with_one_slug_get_two() -> None:
    slugs = {category_named(name).slug for name in ("C", "C++", "C#")}
    assert slugs == {"c", "c-2", "c-3"}


def test_a_category_without_latin_letters_has_a_slug() -> None:
    assert category_named("日本").slug == "category"


def test_a_blank_category_is_none() -> None:
    assert category_named(" \x00 ") is None
    assert not Category.objects.exists()
