"""Feeds that lie over several polls, through a real server and a real database, and what readers see of them."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aggregator.ingest import guard
from aggregator.ingest.errors import AddressRefused
from aggregator.models import Entry, Feed
from aggregator.polling.conductor import poll
from aggregator.polling.outcomes import Outcome
from tests.curators import IMPORT, log_in, press
from tests.documents import rss
from tests.factories import NOW, make_feed
from tests.outline import Page
from tests.polls import outcomes_of
from tests.servers import Answer, FeedServer, Raw, Seen

pytestmark = [pytest.mark.django_db, pytest.mark.queue]
POSTS = [("Two", NOW - timedelta(hours=5)), ("One", NOW - timedelta(days=2))]
HOUR = timedelta(hours=1)


def channel(*items: str) -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>Blog</title>{inner}</channel></rss>".encode()


def item(title: str, guid: str = "", link: str = "", date: datetime | None = None, text: str = "") -> str:
    parts = {
        "title": title,
        "guid": guid,
        "link": link,
        "pubDate": f"{date:%a, %d %b %Y %H:%M:%S} GMT" if date else "",
        "description": text or f"About {title}.",
    }
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)


def pending(url: str) -> Feed:
    return make_feed(url=url, state=Feed.State.PENDING, last_ok_at=None)


def poll_one(feed: Feed, now: datetime = NOW) -> Outcome:
    [outcome] = outcomes_of(Feed.objects.filter(pk=feed.pk), clock=lambda: now)
    return outcome


def poll_often(feed: Feed, times: int = 3) -> list[Outcome]:
    return [poll_one(feed, NOW + number * HOUR) for number in range(times)]


def titles() -> list[str]:
    return sorted(Entry.objects.values_list("title", flat=True))


def each_time(*bodies: bytes) -> Callable[[Seen], Answer]:
    """Another body at each request, the last one for ever."""
    left = itertools.chain(bodies, itertools.repeat(bodies[-1]))
    return lambda _: Answer(next(left))


# -- identity ----------------------------------------------------------------------------------------------------------


def test_an_impostor_with_the_ids_of_a_blog_changes_none_of_its_posts(
    feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    true = channel(item("True", "post-1", "https://blog.example/1", NOW - 2 * HOUR))
    false = channel(item("False", "post-1", "https://evil.example/1", NOW - HOUR))
    victim = pending(feed_server.add("/feed", Answer(true)))
    impostor = pending(elsewhere.add("/feed", Answer(false)))
    for feed in (victim, impostor, victim):
        poll_one(feed)
    found = Entry.objects.values_list("feed", "title", "url").order_by("pk")
    assert list(found) == [
        (victim.pk, "True", "https://blog.example/1"),
        (impostor.pk, "False", "https://evil.example/1"),
    ]


def test_three_posts_of_one_id_are_three_at_every_poll(feed_server: FeedServer) -> None:
    bodies = [channel(*(item(title, "same") for title in order)) for order in ("ABC", "CAB", "BCA")]
    poll_often(pending(feed_server.add("/feed", each_time(*bodies))))
    assert titles() == ["A", "B", "C"]


def test_ids_and_tracking_that_change_at_every_poll_bring_no_post_twice(feed_server: FeedServer) -> None:
    def body(visit: int) -> bytes:
        link = f"https://blog.example/{{}}?utm_source=rss&utm_campaign={visit}"
        return channel(*(item(title, f"{title}-{visit}", link.format(title), NOW - HOUR) for title in "ABC"))

    poll_often(pending(feed_server.add("/feed", each_time(*map(body, range(4))))), 4)
    assert titles() == ["A", "B", "C"]


def test_posts_with_neither_id_nor_link_are_there_once(feed_server: FeedServer) -> None:
    bodies = [channel(item("Alone", text="Some text.")), channel(item("New"), item("Alone", text="Some text."))]
    poll_often(pending(feed_server.add("/feed", each_time(*bodies))))
    assert titles() == ["Alone", "New"]


@pytest.mark.parametrize("guid", ["javascript:alert(1)", "tag:blog.example,2026:1", "data:text/html,x", "just words"])
def test_an_id_that_is_no_address_is_never_a_link(feed_server: FeedServer, client: Client, guid: str) -> None:
    poll_one(pending(feed_server.add("/feed", Answer(channel(item("Post", guid))))))
    page = Page(client.get("/").content.decode())
    assert [link["href"] for link in page.named("a") if guid in link["href"]] == []
    assert Entry.objects.get().url == ""


def test_a_feed_of_many_spellings_is_one_feed(feed_server: FeedServer) -> None:
    feed_server.add("/feed", Answer(rss("Blog", POSTS)))
    client = log_in()
    host = f"127.0.0.1:{feed_server.port}"
    spellings = [f"http://{host}/feed", f"HTTP://{host}/feed#top", f"https://{host}/feed", f" feed://{host}/feed "]
    outlines = "".join(f'<outline text="x" xmlUrl="{spelling}"/>' for spelling in spellings)
    opml = SimpleUploadedFile("feeds.opml", f"<opml version='2.0'><body>{outlines}</body></opml>".encode())
    press(client, IMPORT, file=opml)
    assert list(Feed.objects.values_list("url", flat=True)) == [f"http://{host}/feed"]


# -- dates -------------------------------------------------------------------------------------------------------------


def test_a_post_from_the_future_does_not_stay_on_top(feed_server: FeedServer) -> None:
    future, past = item("Future", "f", date=datetime(2097, 1, 1)), item("Past", "p", date=NOW - HOUR)  # noqa: DTZ001
    feed = pending(feed_server.add("/feed", each_time(channel(future, past), channel(item("New", "n"), future, past))))
    poll_one(feed)
    poll_one(feed, NOW + HOUR)
    assert list(Entry.objects.newest_first().values_list("title", flat=True)) == ["New", "Future", "Past"]


def test_a_first_poll_of_posts_from_the_future_stands_at_that_poll_and_stays_there(feed_server: FeedServer) -> None:
    coming = [item(f"Event {n}", f"{n}", date=NOW + timedelta(days=n)) for n in range(2, 9)]
    feed = pending(feed_server.add("/feed", each_time(channel(*coming), channel(item("New", "n"), *coming))))
    poll_one(feed)
    poll_one(feed, NOW + HOUR)
    assert {entry.timeline_at for entry in Entry.objects.exclude(title="New")} == {NOW}
    assert not Entry.objects.exclude(title="New").filter(announced_at=None).exists()


def test_a_date_that_is_now_at_every_poll_moves_nothing_and_is_announced_once(feed_server: FeedServer) -> None:
    bodies = [channel(item("Post", "1", date=NOW + number * HOUR)) for number in range(4)]
    poll_often(pending(feed_server.add("/feed", each_time(*bodies))), 4)
    entry = Entry.objects.get()
    assert (entry.timeline_at, entry.announced_at) == (NOW, NOW)


@pytest.mark.parametrize(
    "date", ["-1-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "the day after", "0", "9" * 99]
)
def test_a_date_that_no_calendar_has_costs_no_post(feed_server: FeedServer, client: Client, date: str) -> None:
    odd = f"<title>Odd</title><guid>o</guid><pubDate>{date}</pubDate>"
    poll_one(pending(feed_server.add("/feed", Answer(channel(odd, item("Sound", "s"))))))
    assert titles() == ["Odd", "Sound"]
    assert client.get("/").status_code == client.get("/atom.xml").status_code == 200


# -- what vanishes, what moves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "later",
    [channel(), b"", b"<rss><channel><title>Blog</title><item><title>Ha", b"<!doctype html><html><body>Log in</body>"],
    ids=["emptied", "nothing", "cut off", "login page"],
)
def test_posts_stay_whatever_becomes_of_their_feed(feed_server: FeedServer, later: bytes) -> None:
    poll_often(pending(feed_server.add("/feed", each_time(rss("Blog", POSTS), later))))
    assert titles() == ["One", "Two"]


def test_a_feed_that_is_rebuilt_brings_no_flood(feed_server: FeedServer) -> None:
    old = [(f"Old {number}", NOW - timedelta(days=30 + number)) for number in range(50)]
    feed = pending(feed_server.add("/feed", each_time(rss("Blog", POSTS), rss("Blog", [*POSTS, *old]))))
    poll_often(feed)
    assert Entry.objects.listed().count() == 2
    assert Entry.objects.count() == 52


def test_a_feed_that_moves_to_another_site_is_read_there_at_once_and_keeps_its_address(
    feed_server: FeedServer, elsewhere: FeedServer
) -> None:
    move = Answer.redirect(elsewhere.add("/new", Answer(rss("Blog", [("Three", NOW), *POSTS]))), status=301)
    answers = itertools.chain([Answer(rss("Blog", POSTS))], itertools.repeat(move))
    feed = pending(feed_server.add("/feed", lambda _: next(answers)))
    found = []
    for hours in (0, 1, 2, 27):
        poll_one(feed, NOW + hours * HOUR)
        feed.refresh_from_db()
        found.append((feed.host, len(titles())))
    assert found == [("127.0.0.1", 2), ("127.0.0.1", 3), ("127.0.0.1", 3), ("127.0.0.2", 3)]


def test_a_move_that_is_taken_back_is_not_followed(feed_server: FeedServer, elsewhere: FeedServer) -> None:
    move = Answer.redirect(elsewhere.add("/new", Answer(rss("Blog", POSTS))), status=301)
    answers = itertools.cycle([Answer(rss("Blog", POSTS)), move])
    feed = pending(feed_server.add("/feed", lambda _: next(answers)))
    for hours in range(0, 96, 12):
        poll_one(feed, NOW + hours * HOUR)
    feed.refresh_from_db()
    assert feed.host == "127.0.0.1"


def test_a_move_to_a_parked_page_is_an_error_and_the_address_stays(feed_server: FeedServer) -> None:
    feed_server.add("/parked", Answer(b"<!doctype html><html><body>For sale</body></html>"))
    feed = pending(feed_server.add("/feed", Answer(rss("Blog", POSTS))))
    poll_one(feed)
    url = feed_server.add("/feed", Answer.redirect("/parked", status=301))
    for day in range(1, 5):
        poll_one(feed, NOW + day * 24 * HOUR)
    feed.refresh_from_db()
    assert (feed.url, feed.last_error_kind, titles()) == (url, "not_a_feed", ["One", "Two"])


# -- politeness --------------------------------------------------------------------------------------------------------


def test_a_feed_that_is_gone_is_not_asked_the_next_day(feed_server: FeedServer) -> None:
    pending(feed_server.add("/feed", Answer(status=410)))
    for day in range(3):
        poll(clock=lambda now=NOW + day * 24 * HOUR: now)  # type: ignore[misc]
    assert feed_server.paths() == ["/feed"]


@pytest.mark.parametrize(
    ("wish", "shortest", "longest"),
    [
        ("7200", 2 * HOUR, 3 * HOUR),
        ("1000000000000000000", timedelta(days=6), timedelta(days=8)),
        ("-5", timedelta(minutes=30), 2 * HOUR),
        ("Wed, 24 Jun 2026 15:00:00 GMT", 3 * HOUR, 4 * HOUR),
    ],
)
def test_a_server_that_asks_for_time_gets_it_within_reason(
    feed_server: FeedServer, wish: str, shortest: timedelta, longest: timedelta
) -> None:
    feed = pending(feed_server.add("/feed", Answer(status=429, headers={"Retry-After": wish})))
    poll_one(feed)
    feed.refresh_from_db()
    assert shortest <= feed.next_poll_at - NOW <= longest


def test_an_odd_etag_comes_back_as_it_was_and_a_cookie_never(feed_server: FeedServer) -> None:
    headers = {"ETag": '"\xc3\xa9t\xe9"', "Set-Cookie": "id=1; Path=/"}
    poll_often(pending(feed_server.add("/feed", Answer(rss("Blog", POSTS), headers=headers))), 2)
    second = feed_server.requests[1].headers
    assert (second["if-none-match"], "cookie" in second) == (headers["ETag"], False)


# -- what readers and curators see -------------------------------------------------------------------------------------


def test_a_relative_link_leads_to_the_blog_and_never_to_us(feed_server: FeedServer, client: Client) -> None:
    text = '<a href="/admin/logout/">one</a> <a href="../up">two</a> <a href="?q">three</a> <img src="x.png">'
    body = channel(item("Post", "1", "https://blog.example/a/b", text=text))
    poll_one(pending(feed_server.add("/feed", Answer(body))))
    html = client.get("/").content.decode()
    prose = html[html.index('<div class="prose') : html.index("entry-foot")]
    assert re.findall(r'(?:href|src)="([^"]*)"', prose) == [
        "https://blog.example/admin/logout/",
        "https://blog.example/up",
        "https://blog.example/a/b?q",
        "https://blog.example/a/x.png",
    ]


ODD_TITLES = {
    "a megabyte": "word " * 200_000,
    "one endless word": "x" * 100_000,
    "white space": " \t\n\u00a0\u3000 ",
    "nothing to see": "\u200b\u200d\ufeff" * 2000,
    "from right to left": "\u202eevil\u202c and \u2066isolated",
    "towers of marks": "Z" + "\u0301" * 3000,
    "controls": "a\u0007b\u009fc",
}


@pytest.mark.parametrize("name", ODD_TITLES)
def test_an_odd_title_is_short_readable_and_harmless(feed_server: FeedServer, client: Client, name: str) -> None:
    body = channel(item(ODD_TITLES[name].replace("\u0007", ""), "1", "https://blog.example/1"), item("Next", "2"))
    poll_one(pending(feed_server.add("/feed", Answer(body))))
    [title] = [text for kind, text in Page(client.get("/").content.decode()).outline if kind == "entry"][:1]
    assert 0 < len(title) <= 300
    assert re.search("[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]", title) is None
    assert re.search("\u0301{20}", title) is None


def test_the_servers_own_words_reach_nobody(feed_server: FeedServer) -> None:
    words = "<script>alert(1)</script>"
    feed = pending(feed_server.add("/feed", Raw([f"HTTP/1.1 503 {words}\r\n\r\n{words}".encode()])))
    poll_one(feed)
    feed.refresh_from_db()
    page = log_in().get(f"/admin/aggregator/feed/{feed.pk}/change/").content.decode()
    assert ("alert" in feed.last_error, "alert(1)" in page) == (False, False)


def test_a_list_that_names_files_and_addresses_opens_none_of_them(feed_server: FeedServer) -> None:
    entity = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{feed_server.url("/secret")}">]>'
    opml = f'{entity}<opml version="2.0"><body><outline text="&x;" xmlUrl="https://b.example/"/></body></opml>'
    page = press(log_in(), IMPORT, file=SimpleUploadedFile("feeds.opml", opml.encode()))
    assert (feed_server.requests, Feed.objects.count(), "opml" in page.lower()) == ([], 0, True)


def test_a_list_cannot_add_what_may_not_be_asked() -> None:
    addresses = ["file:///etc/passwd", "http://10.0.0.1/feed", "javascript:alert(1)", "http://ada:secret@b.example/"]
    outlines = "".join(f'<outline text="x" xmlUrl="{address}"/>' for address in addresses)
    opml = f"<opml version='2.0'><body>{outlines}</body></opml>".encode()
    page = press(log_in(), IMPORT, file=SimpleUploadedFile("feeds.opml", opml))
    assert (Feed.objects.count(), "secret" in page) == (0, False)


def test_what_feeds_say_makes_no_line_of_the_log(feed_server: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="aggregator")
    forged = "One\r\nERROR forged\x1b[31m"
    feed_server.add("/feed", Answer(channel(item(forged, forged, f"https://blog.example/{forged}"))))
    feed_server.add("/away", Answer.redirect("http://10.0.0.1/forged\x1b[31m"))
    for path in ("/feed", "/away"):
        poll_one(pending(feed_server.url(path)))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("aggregator")]
    assert len(lines) >= 2
    assert [line for line in lines if "forged" in line or "\n" in line or "\x1b" in line] == []


@pytest.mark.parametrize("path", ["/", "/atom.xml", "/rss20.xml", "/feed.json", "/opml.xml"])
def test_mail_addresses_of_authors_are_given_out_nowhere(feed_server: FeedServer, client: Client, path: str) -> None:
    writers = ["ada@blog.example (Ada)", "Ada &lt;ada@blog.example&gt;", "ada@blog.example"]
    posts = [item(f"Post {number}", str(number)) + f"<author>{name}</author>" for number, name in enumerate(writers)]
    poll_one(pending(feed_server.add("/feed", Answer(channel(*posts)))))
    response = client.get(path)
    assert (response.status_code, b"ada@" in response.content) == (200, False)


# -- headers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/sources/", "/atom.xml", "/feed.json", "/nothing", "/admin/", "/admin/login/"])
def test_every_answer_forbids_what_no_page_of_ours_does(client: Client, path: str) -> None:
    response = client.get(path)
    directives = {name: set(values) for name, *values in map(str.split, response["Content-Security-Policy"].split(";"))}
    nothing, own = {"'none'"}, {"'self'"}
    expected = {"default-src": nothing, "base-uri": nothing, "object-src": nothing, "frame-ancestors": nothing}
    assert {name: directives[name] for name in (*expected, "script-src", "form-action")} == {
        **expected,
        "script-src": own,
        "form-action": own,
    }
    assert (response["X-Content-Type-Options"], response["Referrer-Policy"]) == ("nosniff", "same-origin")


@pytest.mark.parametrize("header", ["x-forwarded-host", "forwarded", "x-host", "x-original-url"])
@pytest.mark.parametrize("path", ["/", "/atom.xml", "/feed.json", "/opml.xml"])
def test_no_answer_repeats_a_host_that_a_request_names(client: Client, path: str, header: str) -> None:
    response = client.get(path, {"x": "evil.example"}, headers={header: "host=evil.example"})
    assert (response.status_code, b"evil.example" in response.content) == (200, False)


def test_pages_of_curators_are_kept_by_no_shared_cache() -> None:
    assert "private" in log_in().get("/admin/")["Cache-Control"]


# -- names that change their addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/feed", "/old"])
def test_a_name_that_points_inwards_after_the_check_leads_a_poll_nowhere(
    feed_server: FeedServer, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, path: str
) -> None:
    """It has an allowed address when it is first looked up, and from then on one that is not: for the next poll, and
    for a redirect to the same name."""
    asked: list[str] = []

    async def look_up(_: object, host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    monkeypatch.setattr(guard, "_look_up", look_up)
    settings.FETCH_ALLOWED_NETWORKS = (ip_network("127.0.0.1/32"),)
    feed_server.add("/feed", Answer(rss("Blog", POSTS)))
    feed_server.add("/old", Answer.redirect(feed_server.url("/feed", host="blog.example")))
    feed = pending(feed_server.url(path, host="blog.example"))
    outcomes = poll_often(feed, times=2)
    assert [outcome.new for outcome in outcomes] == ([2, 0] if path == "/feed" else [0, 0])
    assert outcomes[-1].feed.last_error_kind == AddressRefused.kind
    assert feed_server.paths() == [path]
    assert asked == ["blog.example"] * (2 if path == "/feed" else 3)
