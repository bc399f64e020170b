"""Adding one post by its address: look, correct, add; and the source of guests at the desk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from aggregator.curating.guests import GuestPost, add_post
from aggregator.models import Entry
from tests.curators import FEED, FEEDS, log_in, page, press
from tests.factories import NOW, make_category, make_feed
from tests.old_pages import OldPage, opened, words
from tests.servers import Answer, FeedServer
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db
GUEST = "admin:aggregator_entry_guest"
PAGE = b"""<!doctype html><title>A walk</title><meta name=author content=Ada><meta property=og:site_name content=Notes>
<meta property=article:published_time content=2026-06-23T10:00:00Z><meta name=description content="Along the river.">"""


@pytest.fixture
def client() -> Client:
    return log_in()


def looked_at(client: Client, address: str) -> OldPage:
    """The form that shows what the page at this address says."""
    return opened(client, GUEST, form="guest").send(address=address, do="look").again()


def test_a_post_is_looked_at_corrected_and_added(client: Client, feed_server: FeedServer) -> None:
    url = feed_server.add("/walk", Answer(PAGE, headers={"Content-Type": "text/html; charset=utf-8"}))
    form = looked_at(client, url)
    said = {
        name: [form.fields[name][0].strip()]
        for name in ("url", "title", "author", "site_name", "published_at", "excerpt")
    }
    assert said == {
        "url": [url],
        "title": ["A walk"],
        "author": ["Ada"],
        "site_name": ["Notes"],
        "published_at": ["2026-06-23 10:00"],
        "excerpt": ["Along the river."],
    }
    assert not Entry.objects.exists(), "nothing is saved by looking"
    answer = form.send(do="add", title="A long walk")
    assert "Added, and shown under “Guests”." in answer.words
    entry = Entry.objects.get()
    assert (entry.title, entry.excerpt, entry.url) == ("A long walk", "Along the river.", url)
    assert entry.published_at == datetime(2026, 6, 23, 10, tzinfo=UTC)
    assert feed_server.paths() == ["/walk"]


@pytest.mark.parametrize("address", ["http://169.254.169.254/", "not an address at all", ""])
def test_what_can_not_be_looked_at_is_said(client: Client, address: str) -> None:
    answer = opened(client, GUEST, form="guest").send(address=address, do="look")
    assert "Nothing was added." in answer.words
    assert 'class="errorlist' in answer.html


@pytest.mark.parametrize(("field", "value"), [("title", ""), ("url", "http://10.0.0.1/"), ("published_at", "soon")])
def test_what_is_wrong_with_a_post_is_said(client: Client, field: str, value: str) -> None:
    sent = {"url": "https://ada.example/", "title": "A walk", "do": "add", field: value}
    assert "Nothing was added." in words(press(client, GUEST, **sent))
    assert not Entry.objects.exists()


def test_a_post_is_added_once(client: Client) -> None:
    sent = {"url": "https://ada.example/", "title": "A walk", "do": "add"}
    press(client, GUEST, **sent)
    assert "It was added before: “A walk”." in words(press(client, GUEST, **sent))


def test_who_adds_what_is_here_hears_where_it_is_shown(client: Client) -> None:
    add_post(GuestPost("https://other.example/", "Other"), NOW)
    text = "Along the river and back, and then along the other side of it, and back once more."
    url = "https://ada.example/walk"
    item = make_item("walk", url=url, title="A walk", content_html=f"<p>{text}</p>", excerpt=text)
    store_items(make_feed("Ada’s notes", url="https://ada.example/feed"), item)
    told = words(press(client, GUEST, url=url, title="A walk", excerpt=text, do="add"))
    assert "It is here through Ada’s notes already, and is shown there." in told
    assert [entry.feed.title for entry in Entry.objects.listed().filter(url=url)] == ["Ada’s notes"]


def test_the_source_of_guests_has_a_page_and_no_address_to_change(client: Client) -> None:
    source = add_post(GuestPost("https://ada.example/", "A walk"), NOW).feed
    html = page(client, FEED, source.pk)
    assert 'name="url"' not in html
    assert "Poll now" not in html
    assert "which curators add one by one" in words(html)
    form = opened(client, FEED, source.pk, form="feed_form")
    form.send(title="Visitors", category=str(make_category("Web").pk), display="link")
    source.refresh_from_db()
    assert (source.title, source.category.name, source.display, source.url) == ("Visitors", "Web", "link", "")
    assert "posts that were added one by one" in words(page(client, FEEDS))


def test_who_may_not_add_entries_is_not_offered_it() -> None:
    reader = log_in(may=["change_feed", "view_entry", "change_entry"])
    assert "Add one post" not in page(reader, "admin:index")
    assert reader.get("/admin/aggregator/entry/guest/").status_code == 403
    writer = log_in(name="writer", may=["add_entry"])
    assert "Add one post" in page(writer, "admin:index")
    assert "Added, and shown" in press(writer, GUEST, url="https://ada.example/", title="A walk", do="add")
