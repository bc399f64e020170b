"""How much of a blog's posts is given out: whole, an excerpt, or the title; on every page and in every feed."""

from __future__ import annotations

import pytest
from django.test import Client

from aggregator.models import Feed
from notifications.models import Notice
from notifications.notices.planner import plan
from tests.curators import FEED, log_in, press
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.notifications.outbox import make_device

pytestmark = pytest.mark.django_db

PAGES = ["/", "/category/django/", "/source/blog/", "/archive/2026/06/23/"]
FEEDS = [place + name for place in ("/", *PAGES[1:3]) for name in ("atom.xml", "rss20.xml", "feed.json")]
SEEN = {"full": (True, True), "excerpt": (False, True), "link": (False, False)}
"""Whether the text and the excerpt are seen in the feeds."""


def make_post(display: str) -> str:
    """The address of a post of a blog with this display."""
    feed = make_feed("Blog", slug="blog", category=make_category("Django"), display=display)
    entry = make_entry(feed, "HEADLINE", content_html="<p>WHOLE</p>", excerpt="BEGINNING")
    return entry.get_absolute_url()


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize("address", FEEDS)
@pytest.mark.parametrize("display", Feed.Display.values)
def test_a_feed_gives_out_as_much_as_the_blog_allows(client: Client, display: str, address: str) -> None:
    make_post(display)
    text = text_of(client, address)
    assert ("WHOLE" in text, "BEGINNING" in text) == SEEN[display]
    assert "HEADLINE" in text


@pytest.mark.parametrize("address", [*PAGES, "post"])
@pytest.mark.parametrize("display", Feed.Display.values)
def test_a_page_shows_the_text_only_of_full_posts(client: Client, display: str, address: str) -> None:
    post = make_post(display)
    text = text_of(client, post if address == "post" else address)
    assert ("WHOLE" in text, "HEADLINE" in text) == (display == "full", True)


@pytest.mark.parametrize("address", [*PAGES, "/archive/2026/06/", "post"])
def test_a_page_shows_nothing_but_the_title_of_a_blog_that_wants_that(client: Client, address: str) -> None:
    post = make_post("link")
    text = text_of(client, post if address == "post" else address)
    assert ("WHOLE" in text, "BEGINNING" in text, "HEADLINE" in text) == (False, False, True)


def test_the_page_of_a_post_is_described_by_its_excerpt_if_that_is_given_out(client: Client) -> None:
    assert '<meta name="description" content="BEGINNING"' in text_of(client, make_post("excerpt"))


def test_a_notice_names_the_post_and_quotes_nothing() -> None:
    make_device()
    make_entry(make_feed("Blog"), "HEADLINE", days_ago=0.001, content_html="<p>WHOLE</p>", excerpt="BEGINNING")
    plan(NOW)
    notice = Notice.objects.get()
    assert (notice.title, notice.body) == ("HEADLINE", "Blog")


@pytest.mark.parametrize("address", [*PAGES, *FEEDS, "post"])
def test_another_display_is_seen_at_once(client: Client, address: str) -> None:
    """By who asks with the validators of the page before, too."""
    post = make_post("full")
    address = post if address == "post" else address
    before = client.get(address)
    feed = Feed.objects.get()
    form = {name: getattr(feed, name) for name in ("title", "url", "site_url", "slug")}
    press(log_in(), FEED, feed.pk, **form, display="link")
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "WHOLE" not in after.content.decode()
