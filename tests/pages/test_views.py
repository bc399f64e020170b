"""The public pages, asked for as a browser does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from aggregator.models import Entry, Feed, SiteState, Tick
from aggregator.models.counting import refresh_counts
from tests.factories import NOW, make_category, make_entry, make_feed, unsaved_entry
from tests.outline import Page, page_at, titles
from tests.tagged import tag_all

pytestmark = pytest.mark.django_db


def link_to(client: Client, address: str, name: str) -> str:
    """Where the pager's link of a class leads, empty without one."""
    return next((link["href"] for link in page_at(client, address).classed(name)), "")


@pytest.fixture
def site() -> Entry:
    """Two categories, three feeds, posts over three months; returns one of the posts."""
    django, web = make_category("Django"), make_category("Web")
    feeds = [make_feed("North", category=django), make_feed("South", category=web), make_feed("Loner")]
    Entry.objects.bulk_create(
        unsaved_entry(feeds[days % 3], f"Post of day {days}", days_ago=days) for days in range(1, 80)
    )
    refresh_counts(feeds)
    newest = make_entry(feeds[0], "The newest", days_ago=0)
    tag_all("Post", "Other")
    return newest


def addresses(entry: Entry) -> list[str]:
    older = Entry.objects.from_feed(entry.feed).oldest_first()[3]
    return [
        reverse("front"),
        reverse("category", args=["django"]),
        reverse("category", args=["django"]) + f"?before={older.pk}",
        reverse("source", args=["north"]),
        reverse("source", args=["north"]) + f"?before={older.pk}",
        reverse("sources"),
        reverse("post", args=[older.pk]),
        reverse("month", args=[2026, 5]),
        reverse("day", args=[2026, 6, 1]),
        reverse("about"),
        reverse("tag", args=["post"]),
        reverse("tag", args=["post"]) + f"?before={older.pk}",
        reverse("tags"),
        reverse("follow"),
    ]


PAGES = range(14)


@pytest.mark.parametrize("number", PAGES)
def test_a_page_asks_the_database_a_few_questions(client: Client, site: Entry, number: int) -> None:
    SiteState.objects.current()
    _ = connection.features.supports_json_field  # asked once in a process, on SQLite with a query
    address = addresses(site)[number]
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    most = 7 if address.startswith("/tag/") else 6  # the tag, and what stands under it
    if "before" in address:  # where that stands; and what is below and above it, which for a category begins at feeds
        most += {"category": 1, "tag": 2}.get(address.split("/")[1], 0)
    assert len(queries) <= most, [query["sql"] for query in queries]


@pytest.mark.parametrize("number", PAGES)
def test_a_page_sets_no_cookie_and_is_the_same_for_all(client: Client, site: Entry, number: int) -> None:
    response = client.get(addresses(site)[number])
    assert (dict(response.cookies), "cookie" in response.get("Vary", "").lower()) == ({}, False)


@pytest.mark.parametrize("number", PAGES)
def test_a_page_is_well_formed_with_one_h1(client: Client, site: Entry, number: int) -> None:
    page = page_at(client, addresses(site)[number])
    assert (page.faults, len(page.named("h1"))) == ([], 1)


@pytest.mark.parametrize("number", PAGES)
def test_a_page_has_nothing_inline(client: Client, site: Entry, number: int) -> None:
    page = page_at(client, addresses(site)[number])
    inline = [
        tag for tag, attributes in page.elements if "style" in attributes or any(n.startswith("on") for n in attributes)
    ]
    scripts = [attributes for attributes in page.named("script") if not attributes.get("src")]
    assert (inline, scripts, page.named("style")) == ([], [], [])


@pytest.mark.parametrize("number", PAGES)
def test_a_page_answers_head_without_a_body(client: Client, site: Entry, number: int) -> None:
    response = client.head(addresses(site)[number])
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("number", PAGES)
def test_a_page_takes_no_post(client: Client, site: Entry, number: int) -> None:
    assert client.post(addresses(site)[number]).status_code == 405


@pytest.mark.parametrize("number", PAGES)
def test_a_page_names_its_address_on_this_site(client: Client, site: Entry, number: int, settings: Settings) -> None:
    settings.WEBSITE_URL = "https://planet.example"
    address = addresses(site)[number]
    whole = Entry.objects.filter(pk=address.split("/")[2]).first() if address.startswith("/post/") else None
    assert canonical(client, address) == [whole.url if whole else f"https://planet.example{address}"]


def canonical(client: Client, address: str) -> list[str | None]:
    return [link["href"] for link in page_at(client, address).named("link") if link["rel"] == "canonical"]


@pytest.mark.parametrize(
    ("display", "fields", "is_the_authors"),
    [
        ("full", {}, True),
        ("full", {"url": ""}, False),
        ("full", {"url": "javascript:alert(1)"}, False),
        ("full", {"content_html": ""}, False),
        ("excerpt", {}, False),
        ("link", {}, False),
    ],
)
def test_the_canonical_address_of_a_post_that_is_shown_whole_is_its_authors(
    client: Client, settings: Settings, display: str, fields: dict[str, str], is_the_authors: bool
) -> None:
    settings.WEBSITE_URL = "https://planet.example"
    entry = make_entry(make_feed(display=display), **fields)
    here = entry.get_absolute_url()
    assert canonical(client, here) == [entry.url if is_the_authors else f"https://planet.example{here}"]


def test_an_unchanged_page_is_not_sent_again_by_its_tag(client: Client, site: Entry) -> None:
    tag = client.get("/")["ETag"]
    assert client.get("/", headers={"if-none-match": tag}).status_code == 304


def test_a_site_where_nothing_changed_yet_has_no_date_but_a_tag(client: Client, site: Entry) -> None:
    first = client.get("/")
    assert "Last-Modified" not in first
    assert client.get("/", headers={"if-none-match": first["ETag"]}).status_code == 304


def test_a_changed_site_is_sent_again(client: Client, site: Entry) -> None:
    tag = client.get("/")["ETag"]
    SiteState.objects.touch(NOW)
    assert client.get("/", headers={"if-none-match": tag}).status_code == 200


def test_the_front_page_limits_each_feed(client: Client, settings: Settings) -> None:
    settings.FRONT_PAGE_ENTRIES_PER_FEED = 2
    busy, calm = make_feed(), make_feed()
    for days in range(1, 6):
        make_entry(busy, f"busy {days}", days_ago=days)
    make_entry(calm, "calm", days_ago=30)
    assert titles(client, "/") == ["busy 1", "busy 2", "calm"]


def test_the_front_page_limits_all_entries(client: Client, settings: Settings) -> None:
    settings.FRONT_PAGE_ENTRIES = 2
    for days in (3, 1, 2):
        make_entry(title=f"day {days}", days_ago=days)
    assert titles(client, "/") == ["day 1", "day 2"]


def test_posts_of_one_moment_keep_the_order_of_their_document(client: Client) -> None:
    feed = make_feed()
    for title in ("last in the feed", "second", "first in the feed"):
        make_entry(feed, title, days_ago=1)
    assert titles(client, "/") == ["first in the feed", "second", "last in the feed"]


@pytest.mark.parametrize("state", [state for state in Feed.State.values if state != "active"])
def test_only_active_feeds_are_on_the_front_page(client: Client, state: str) -> None:
    make_entry(make_feed(state=state))
    assert titles(client, "/") == []


def test_hidden_posts_and_copies_are_on_no_page(client: Client) -> None:
    feed = make_feed("North")
    shown = make_entry(feed, "shown", days_ago=1)
    make_entry(feed, "hidden", days_ago=1, is_hidden=True)
    make_entry(feed, "copy", days_ago=1, duplicate_of=shown)
    pages = ["/", "/source/north/", "/archive/2026/06/", "/archive/2026/06/23/"]
    assert [titles(client, address) for address in pages] == [["shown"]] * 4


def test_a_run_links_the_feed_by_its_icon_and_the_site_by_its_title(client: Client) -> None:
    make_entry(make_feed("North & Co", url="https://n.example/feed?a=1&b=2", site_url="https://n.example/"))
    html = client.get("/").content.decode()
    start, end = html.index('<h3 class="run-source">'), html.index("</h3>")
    run = Page(html[start : end + 5])
    assert [link["href"] for link in run.named("a")] == ["https://n.example/feed?a=1&b=2", "https://n.example/"]
    assert run.named("img")[0]["alt"] == "feed"


def test_a_title_leads_to_the_post_at_its_author(client: Client) -> None:
    make_entry(url="https://blog.example/post/")
    link = page_at(client, "/").classed("u-url")[0]
    assert (link["href"], link["rel"]) == ("https://blog.example/post/", "noopener")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "data:text/html,x"])
def test_a_title_without_a_web_address_leads_to_our_page_of_it(client: Client, url: str) -> None:
    entry = make_entry(url=url)
    assert page_at(client, "/").classed("u-url")[0]["href"] == f"/post/{entry.pk}/"


def test_a_feed_password_is_on_no_page(client: Client) -> None:
    feed = make_feed("North", url="https://ann:opensesame@n.example/feed.xml")
    entry = make_entry(feed)
    for address in ("/", "/source/north/", "/sources/", f"/post/{entry.pk}/"):
        assert "opensesame" not in client.get(address).content.decode()


def test_the_permalink_is_the_time_of_the_post_and_leads_to_our_page(client: Client) -> None:
    entry = make_entry(timeline_at=datetime(2026, 6, 7, 1, 37, tzinfo=UTC))
    page = page_at(client, "/")
    assert page.classed("entry-permalink")[0]["href"] == f"/post/{entry.pk}/"
    assert page.named("time")[0]["datetime"] == "2026-06-07T01:37:00+00:00"


def test_another_publication_date_is_said_in_words(client: Client) -> None:
    make_entry(days_ago=1, published_at=NOW - timedelta(days=21))
    assert "published 3 Jun 2026" in client.get("/").content.decode()


def test_markup_in_titles_names_and_authors_is_text(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    category = make_category(evil, slug="evil")
    feed = make_feed(evil, category=category, description=evil, slug="evil")
    entry = make_entry(feed, evil, author=evil, source_title=evil, excerpt=evil, language='"><script>')
    for address in ("/", "/category/evil/", "/source/evil/", "/sources/", f"/post/{entry.pk}/", "/archive/2026/06/"):
        page = page_at(client, address)
        assert (page.strange_scripts, page.faults) == ([], [])


def test_a_feed_of_excerpts_shows_excerpts(client: Client) -> None:
    make_entry(make_feed(display="excerpt"), content_html="<p>whole</p>", excerpt="a part")
    html = client.get("/").content.decode()
    assert ("a part" in html, "whole" in html) == (True, False)


def test_a_feed_of_titles_shows_neither_text_nor_excerpt(client: Client) -> None:
    make_entry(make_feed(display="link"), content_html="<p>whole</p>", excerpt="a part")
    html = client.get("/").content.decode()
    assert ("a part" in html, "whole" in html) == (False, False)


def test_a_language_is_told_to_screen_readers(client: Client) -> None:
    make_entry(language="ar")
    assert page_at(client, "/").classed("prose")[0]["lang"] == "ar"


def test_a_post_is_marked_up_for_machines(client: Client) -> None:
    make_entry(author="Ada")
    page = page_at(client, "/")
    names = ("h-feed", "h-entry", "u-url", "e-content", "dt-published", "p-author", "h-card")
    assert [name for name in names if not page.classed(name)] == []


def test_a_category_shows_its_feeds_alone(client: Client) -> None:
    make_entry(make_feed(category=make_category("Django")), "mine")
    make_entry(make_feed(category=make_category("Web")), "other")
    assert titles(client, "/category/django/") == ["mine"]


def test_older_posts_of_a_category_leave_nothing_out(client: Client, settings: Settings) -> None:
    settings.FRONT_PAGE_ENTRIES_PER_FEED = 1
    category = make_category("Django")
    busy, calm = make_feed(category=category), make_feed(category=category)
    for days in range(1, 5):
        make_entry(busy, f"busy {days}", days_ago=days)
    make_entry(calm, "calm", days_ago=9)
    first = titles(client, "/category/django/")
    older = titles(client, "/category/django/" + link_to(client, "/category/django/", "pager-older"))
    assert (first, older) == (["busy 1", "calm"], ["busy 2", "busy 3", "busy 4", "calm"])


def test_paging_through_a_source_shows_every_post_once(client: Client) -> None:
    feed = make_feed("North")
    entries = [unsaved_entry(feed, f"post {number}", days_ago=number // 7) for number in range(130)]
    made = [entry.title for entry in Entry.objects.bulk_create(entries)]
    seen: list[str] = []
    address: str = "/source/north/"
    while address:
        seen += titles(client, address)
        query = link_to(client, address, "pager-older")
        address = f"/source/north/{query}" if query else ""
    assert sorted(seen) == sorted(made)


def test_the_newer_page_ends_where_the_older_one_began(client: Client) -> None:
    feed = make_feed("North")
    Entry.objects.bulk_create(unsaved_entry(feed, f"post {number}", days_ago=number) for number in range(200))
    second = "/source/north/" + link_to(client, "/source/north/", "pager-older")
    third = "/source/north/" + link_to(client, second, "pager-older")
    back = "/source/north/" + link_to(client, third, "pager-newer")
    assert titles(client, back) == titles(client, second)


def test_before_the_first_pages_worth_newer_means_the_first_page(client: Client) -> None:
    feed = make_feed("North")
    entries = [make_entry(feed, days_ago=number) for number in range(5)]
    assert link_to(client, f"/source/north/?before={entries[2].pk}", "pager-newer") == "?"


@pytest.mark.parametrize("before", ["", "x", "-1", "1.5", "0", "²", "٣", "9" * 18, "9" * 5000, "99999999"])
@pytest.mark.parametrize("address", ["/source/north/", "/category/django/"])
def test_a_page_after_no_post_is_not_found(client: Client, address: str, before: str) -> None:
    make_entry(make_feed("North", category=make_category("Django")))
    assert client.get(address, {"before": before}).status_code == 404


def test_a_page_after_another_sources_post_is_not_found(client: Client) -> None:
    make_entry(make_feed("North"))
    assert client.get("/source/north/", {"before": make_entry().pk}).status_code == 404


@pytest.mark.parametrize("address", ["/source/north/", "/category/django/", "/archive/2026/06/24/"])
@pytest.mark.parametrize("withheld", [{"is_hidden": True}, {"is_held": True}, {"is_filtered": True}])
def test_a_page_opened_before_its_last_post_was_hidden_leads_on(
    client: Client, address: str, withheld: dict[str, bool]
) -> None:
    feed = make_feed("North", category=make_category("Django"))
    make_entry(feed, "older", days_ago=0.3)
    last = make_entry(feed, "hidden", days_ago=0.2, **withheld)
    make_entry(feed, "newer", days_ago=0.1)
    refresh_counts([feed])
    assert titles(client, f"{address}?before={last.pk}") == ["older"]


def test_a_feed_that_readers_may_not_see_has_no_page_after_its_posts(client: Client) -> None:
    entry = make_entry(make_feed("North", state="rejected", category=make_category("Django")), days_ago=0.2)
    for address in ("/source/north/", "/category/django/", "/archive/2026/06/24/"):
        assert client.get(address, {"before": entry.pk}).status_code == 404


def test_a_month_shows_its_days_and_leads_to_months_with_posts(client: Client) -> None:
    for title, moment in [
        ("march", "2026-03-31"),
        ("june", "2026-06-01"),
        ("late june", "2026-06-30"),
        ("august", "2026-08-01"),
    ]:
        make_entry(title=title, timeline_at=datetime.fromisoformat(f"{moment}T23:59:00Z"))
    refresh_counts(Feed.objects.all())
    assert titles(client, "/archive/2026/06/") == ["late june", "june"]
    assert link_to(client, "/archive/2026/06/", "pager-older") == "/archive/2026/03/"
    assert link_to(client, "/archive/2026/06/", "pager-newer") == "/archive/2026/08/"


def test_a_full_month_still_leads_to_all_of_its_days(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, "first of the month", timeline_at=datetime(2026, 6, 1, tzinfo=UTC))
    Entry.objects.bulk_create(
        Entry(feed=feed, guid=f"many-{number}", timeline_at=datetime(2026, 6, 20, tzinfo=UTC)) for number in range(250)
    )
    refresh_counts([feed])
    page = page_at(client, "/archive/2026/06/")
    assert len(page.classed("entry")) == 200
    assert {link["href"] for link in page.classed("calendar-day")} == {"/archive/2026/06/01/", "/archive/2026/06/20/"}


def test_a_day_shows_all_of_its_posts_and_leads_to_days_with_posts(client: Client) -> None:
    for title, moment in [
        ("before", "2026-05-30T10:00"),
        ("morning", "2026-06-02T00:00"),
        ("night", "2026-06-02T23:59"),
        ("after", "2026-06-09T00:00"),
    ]:
        make_entry(title=title, timeline_at=datetime.fromisoformat(f"{moment}:00Z"))
    refresh_counts(Feed.objects.all())
    assert titles(client, "/archive/2026/06/02/") == ["night", "morning"]
    assert link_to(client, "/archive/2026/06/02/", "pager-older") == "/archive/2026/05/30/"
    assert link_to(client, "/archive/2026/06/02/", "pager-newer") == "/archive/2026/06/09/"


def test_the_front_page_leads_into_the_archive(client: Client) -> None:
    make_entry(timeline_at=datetime(2026, 5, 31, 23, 59, tzinfo=UTC))
    assert link_to(client, "/", "pager-older") == "/archive/2026/05/"


@pytest.mark.parametrize(
    "address",
    [
        "/archive/2026/13/",
        "/archive/2026/00/",
        "/archive/0000/01/",
        "/archive/9999/12/",
        "/archive/2026/6/",
        "/archive/2026/02/30/",
        "/archive/2026/06/00/",
        "/archive/2026/06/31/",
        "/category/none/",
        "/source/none/",
        "/post/1/",
        "/post/99999999999999999999999/",
        "/nothing/here",
    ],
)
def test_an_address_of_nothing_is_not_found_in_plain_words(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "Nothing is at this address." in response.content.decode()


def test_a_day_of_many_posts_has_pages_that_meet(client: Client) -> None:
    feed = make_feed()
    Entry.objects.bulk_create(unsaved_entry(feed, f"post {number}", days_ago=number / 1000) for number in range(130))
    make_entry(feed, "the day before", days_ago=1)
    refresh_counts([feed])
    address, seen = "/archive/2026/06/24/", list[str]()
    for count in (60, 60, 10):
        found = titles(client, address)
        assert len(found) == count
        seen += found
        last, address = address, link_to(client, address, "pager-older").replace("?", "/archive/2026/06/24/?")
    assert seen == [f"post {number}" for number in range(130)]
    assert address == "/archive/2026/06/23/"
    assert link_to(client, last, "pager-newer").startswith("?")
    assert "Later that day" in client.get(last).content.decode()
    assert client.get("/archive/2026/06/23/?before=999999").status_code == 404


def test_an_empty_day_is_a_page(client: Client) -> None:
    assert "Nothing was posted on 24 Jun 2026." in client.get("/archive/2026/06/24/").content.decode()


def test_a_post_leads_to_its_neighbors_of_the_same_feed(client: Client) -> None:
    feed = make_feed()
    older, entry, newer = (make_entry(feed, days_ago=days) for days in (3, 2, 1))
    make_entry(days_ago=2.5)
    address = f"/post/{entry.pk}/"
    assert link_to(client, address, "pager-older") == f"/post/{older.pk}/"
    assert link_to(client, address, "pager-newer") == f"/post/{newer.pk}/"


def test_a_copy_of_a_post_leads_to_the_post(client: Client) -> None:
    entry = make_entry()
    copy = make_entry(duplicate_of=entry)
    response = client.get(f"/post/{copy.pk}/")
    assert (response.status_code, response["Location"]) == (302, f"/post/{entry.pk}/")


def test_a_hidden_post_is_not_found(client: Client) -> None:
    assert client.get(f"/post/{make_entry(is_hidden=True).pk}/").status_code == 404


def test_sources_are_those_that_readers_may_know_of(client: Client) -> None:
    for state in Feed.State.values:
        make_feed(f"feed that is {state}", state=state)
    html = client.get("/sources/").content.decode()
    shown = [state for state in Feed.State.values if f"feed that is {state}" in html]
    assert shown == ["active", "paused", "gone"]


def test_a_source_that_was_turned_down_has_no_page(client: Client) -> None:
    make_feed("North", state="rejected")
    assert client.get("/source/north/").status_code == 404


def test_who_knows_some_page_hears_of_a_source_that_was_turned_down_what_all_hear_of_none(client: Client) -> None:
    make_feed("North", state="rejected")
    SiteState.objects.touch(NOW)
    etag = client.get("/")["ETag"]
    answers = [client.get(f"/source/{slug}/", HTTP_IF_NONE_MATCH=etag) for slug in ("north", "nowhere")]
    assert answers[0].status_code == answers[1].status_code


def test_a_paused_source_says_so(client: Client) -> None:
    make_feed("North", state="paused")
    assert "Paused: no new posts" in client.get("/source/north/").content.decode()


def test_a_site_without_blogs_tells_curators_where_to_add_them(client: Client) -> None:
    html = client.get("/").content.decode()
    assert "No posts yet." in html
    assert reverse("admin:index") in html


def test_a_site_whose_blogs_were_never_read_does_not_say_that_none_was_chosen(client: Client) -> None:
    make_feed(state="pending", failure_count=1)
    html = client.get("/").content.decode()
    assert "as soon as a blog has been read" in html
    assert "chosen" not in html


def test_a_site_without_posts_says_that_they_are_on_their_way(client: Client) -> None:
    make_feed()
    assert "on their way" in client.get("/").content.decode()


def test_a_category_without_posts_says_so(client: Client) -> None:
    make_category("Django")
    assert "Nothing in <bdi>Django</bdi> yet." in client.get("/category/django/").content.decode()


def test_navigation_names_the_categories_in_the_curators_order(client: Client) -> None:
    for name, position in (("Web", 2), ("Django", 1)):
        make_feed(category=make_category(name, position=position))
    make_category("Empty")
    links = [link["href"] for link in page_at(client, "/").classed("section")]
    assert links == ["/", "/category/django/", "/category/web/", "/sources/", "/about/"]


def test_about_tells_when_we_last_looked_even_when_nothing_changed(client: Client) -> None:
    tag = client.get("/")["ETag"]
    Tick.objects.note(datetime(2026, 6, 24, 11, 58, tzinfo=UTC))
    response = client.get("/about/", headers={"if-none-match": tag})
    assert "24 Jun 2026 11:58am GMT" in response.content.decode()
    assert response["Cache-Control"] == "no-cache"


def test_about_tells_how_often_we_look(client: Client, settings: Settings) -> None:
    settings.POLL_INTERVAL_MIN_SECONDS, settings.POLL_INTERVAL_MAX_SECONDS = 1800, 86400
    assert "at least once in 24 hours, up to once in 30 minutes" in client.get("/about/").content.decode()


def test_about_names_one_span_where_all_blogs_are_asked_equally_often(client: Client, settings: Settings) -> None:
    settings.POLL_INTERVAL_MIN_SECONDS, settings.POLL_INTERVAL_MAX_SECONDS = 30, 60
    assert "again and again: about once in 1 minute, and less often if" in client.get("/about/").content.decode()


def test_about_names_all_reasons_why_a_post_can_wait_or_be_left_out(client: Client, settings: Settings) -> None:
    settings.FEED_POSTS_PER_DAY = 7
    html = client.get("/about/").content.decode()
    reasons = ("more than 7 times in a day", "its words are others", "have rules for a blog", "hid it", "old posts")
    assert [reason for reason in reasons if reason not in html] == []
    settings.FEED_POSTS_PER_DAY = 0
    assert "times in a day" not in client.get("/about/").content.decode()


def test_a_source_whose_posts_all_wait_does_not_say_that_it_has_none(client: Client) -> None:
    make_entry(make_feed("North"), is_held=True)
    html = client.get("/source/north/").content.decode()
    assert "No posts yet" not in html
    assert "Of its posts, 1 waits for a curator." in html
    assert reverse("about") in html


def test_every_page_has_the_strict_policy(client: Client) -> None:
    for address in ("/", "/about/", "/nothing/here"):
        policy = client.get(address)["Content-Security-Policy"]
        assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)


def test_static_files_and_refusals_have_the_strict_policy_too(client: Client, settings: Settings) -> None:
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    static = client.get("/static/icons/orrery.svg")
    static.close()
    refused = client.get("/", headers={"host": "evil.example"})
    assert (static.status_code, refused.status_code) == (200, 400)
    assert all("default-src 'none'" in answer["Content-Security-Policy"] for answer in (static, refused))


def test_a_broken_page_says_so_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("aggregator.pages.views.days_of", break_down)
    client.raise_request_exception = False
    SiteState.objects.current()
    response = client.get("/")
    page = Page(response.content.decode())
    assert (response.status_code, page.faults, len(page.named("h1"))) == (500, [], 1)


def test_a_request_for_another_host_is_refused_in_plain_words(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


def test_two_blogs_of_one_name_are_told_apart(client: Client) -> None:
    for host in ("one.example", "two.example"):
        make_entry(make_feed("Journal", url=f"https://{host}/feed", site_url=f"https://{host}/"))
    make_entry(make_feed("Almanac"))
    html = client.get("/").content.decode()
    assert [f"<bdi>Journal</bdi> (<bdi>{host}</bdi>)</a>" in html for host in ("one.example", "two.example")] == [
        True
    ] * 2
    assert "<bdi>Almanac</bdi></a>" in html
    for slug, host in (("journal", "one.example"), ("journal-2", "two.example")):
        for page in ("", "status/"):
            assert f"Visit <bdi>{host}</bdi></a>" in client.get(f"/source/{slug}/{page}").content.decode()
