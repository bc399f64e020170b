from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from aggregator.ingest.errors import AddressRefused, BadRedirect, FetchError, HttpStatus
from aggregator.ingest.fetch import fetch
from aggregator.ingest.guard import GuardedTransport
from aggregator.ingest.types import Request
from tests.ingest.asking import LOOPBACK, Names, ask, at_once
from tests.servers import Answer, FeedServer, Seen

FEED = b"<rss><channel><title>A feed</title></channel></rss>" * 20


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(FEED))
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: FeedServer, status: int) -> None:
    response = ask(server.add("/old", Answer.redirect("/feed", status)))
    assert (response.body, response.url) == (FEED, server.url("/feed"))


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        ([301], "/1"),
        ([308, 301], "/2"),
        ([301, 302, 301], "/1"),
        ([302], ""),
        ([302, 301], ""),
        ([307], ""),
        ([303, 308], ""),
    ],
)
def test_the_permanent_url_is_the_end_of_the_leading_permanent_redirects(
    server: FeedServer, statuses: list[int], end: str
) -> None:
    for number, status in enumerate(statuses):
        server.add(f"/{number}", Answer.redirect(f"/{number + 1}", status))
    server.add(f"/{len(statuses)}", Answer(FEED))
    assert ask(server.url("/0")).permanent_url == (server.url(end) if end else "")


def test_a_304_after_a_redirect_tells_the_permanent_url_too(server: FeedServer) -> None:
    server.add("/new", Answer(FEED, headers={"ETag": '"1"'}))
    response = ask(Request(server.add("/old", Answer.redirect("/new", 301)), etag='"1"'))
    assert (response.status, response.permanent_url) == (304, server.url("/new"))


def test_a_redirect_may_be_relative_and_carry_a_fragment(server: FeedServer) -> None:
    server.add("/blog/feed", Answer(FEED))
    assert ask(server.add("/blog/old", Answer.redirect("feed#top"))).url == server.url("/blog/feed")


def test_a_redirect_in_utf_8_is_followed(server: FeedServer) -> None:
    server.add("/caf%C3%A9", Answer(FEED))
    assert ask(server.add("/old", Answer.redirect("/café".encode().decode("latin-1")))).body == FEED


@pytest.mark.parametrize(
    ("name", "looked_up"), [("straße", "xn--strae-oqa"), ("💩", "xn--ls8h"), ("STRASSE", "strasse")]
)
def test_a_redirect_asks_the_host_that_browsers_ask(server: FeedServer, name: str, looked_up: str) -> None:
    there = f"http://{name}.example:{server.port}/new".encode().decode("latin-1")
    server.add("/new", Answer(FEED))
    found = ask(server.add("/old", Answer.redirect(there)), resolver=Names(**{f"{looked_up}.example": [["127.0.0.1"]]}))
    assert found.url == f"http://{looked_up}.example:{server.port}/new"


def test_five_redirects_are_followed(server: FeedServer) -> None:
    for number in range(5):
        server.add(f"/{number}", Answer.redirect(f"/{number + 1}"))
    server.add("/5", Answer(FEED))
    assert ask(server.url("/0")).body == FEED


def test_a_sixth_redirect_is_not_followed(server: FeedServer) -> None:
    for number in range(30):
        server.add(f"/{number}", Answer.redirect(f"/{number + 1}"))
    with pytest.raises(BadRedirect, match="more than 5"):
        ask(server.url("/0"))
    assert len(server.requests) == 6


@pytest.mark.parametrize("target", ["/b", "/a"])
def test_a_circle_is_noticed_at_once(server: FeedServer, target: str) -> None:
    server.add("/b", Answer.redirect("/a"))
    with pytest.raises(BadRedirect, match="circle"):
        ask(server.add("/a", Answer.redirect(target)))


def test_a_redirect_without_location_is_an_error(server: FeedServer) -> None:
    with pytest.raises(BadRedirect, match="no target"):
        ask(server.add("/a", Answer(status=302)))


@pytest.mark.parametrize(
    "location",
    [
        "http://[::1",
        "http://host:port/",
        "http://\xff\xfe/",
        "http://[zz]/",
        ":http://[#a%?1",
        "http://xn--a/",
        "http:///nowhere",
        "http:\\\\127.0.0.1\\",
        "data:text/xml,<rss/>",
        "feed:http://127.0.0.1/",
        "%@",
        "http://" + "a" * 5000,
        "/" + "a" * 70_000,
        "\x01\x02",
    ],
)
def test_rubbish_in_location_is_an_error_of_ours(server: FeedServer, location: str) -> None:
    with pytest.raises(FetchError):
        ask(server.add("/a", Answer.redirect(location)), resolver=Names())


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "http://2130706434:{port}/",
        "http://0x7f.2:{port}/",
        "http://ok@127.0.0.1:{port}/feed",
        "http://127.0.0.1:{port}\\@127.0.0.2:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:{port}/",
        "http://8.8.8.8:22/",
    ],
)
def test_a_redirect_to_what_may_not_be_asked_is_refused(server: FeedServer, location: str) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(ip_network("127.0.0.1/32"),))
    with FeedServer(host="127.0.0.2") as inner:
        url = server.add("/a", Answer.redirect(location.format(port=inner.port)))
        with pytest.raises(AddressRefused):
            ask(url, policy)
        assert inner.requests == []


def test_validators_go_along_the_whole_chain(server: FeedServer) -> None:
    ask(Request(server.add("/old", Answer.redirect("/feed")), etag='"1"'))
    assert [seen.headers["if-none-match"] for seen in server.requests] == ['"1"', '"1"']


def page_to(target: str, seconds: int = 0) -> Answer:
    """A web page that sends its readers on."""
    page = f'<!doctype html><head><meta http-equiv="refresh" content="{seconds};url={target}"></head><p>Moved.'
    return Answer(page.encode(), headers={"Content-Type": "text/html", "ETag": '"page"'})


def test_a_page_that_sends_its_readers_on_is_followed_but_is_no_move(server: FeedServer) -> None:
    server.add("/new", Answer(FEED, headers={"ETag": '"1"', "Last-Modified": "yesterday"}))
    server.add("/page", page_to("/new"))
    response = ask(server.add("/old", Answer.redirect("/page", 301)))
    assert (response.body, response.url) == (FEED, server.url("/new"))
    assert response.permanent_url == server.url("/page")
    # With them, the page's server could say next time that the page hasn't changed.
    assert (response.etag, response.last_modified) == ("", "")


def test_a_page_that_sends_its_readers_on_later_is_the_answer(server: FeedServer) -> None:
    assert ask(server.add("/old", page_to("/feed", seconds=30))).url == server.url("/old")


def test_a_page_that_reloads_itself_is_the_answer(server: FeedServer) -> None:
    assert ask(server.add("/old", page_to("/old"))).etag == '"page"'


@pytest.mark.parametrize("body", [b"", b"<!doctype html><p>Moved."])
def test_a_header_that_sends_readers_on_is_followed_but_is_no_move(server: FeedServer, body: bytes) -> None:
    response = ask(server.add("/old", Answer(body, headers={"Refresh": "0; URL=/feed", "ETag": '"page"'})))
    assert (response.url, response.permanent_url, response.etag) == (server.url("/feed"), "", "")


@pytest.mark.parametrize("header", ["300", "300; url=/feed", "0; url=/old", "0; url=javascript:x", ""])
def test_a_header_that_sends_nobody_on_changes_nothing(server: FeedServer, header: str) -> None:
    url = server.add("/old", Answer(b"<!doctype html><p>Hello", headers={"Refresh": header}))
    assert ask(url).url == url


def test_a_feed_that_asks_programs_to_reload_it_is_the_answer(server: FeedServer) -> None:
    url = server.add("/feed", Answer(FEED, headers={"Refresh": "5; url=/elsewhere"}))
    assert ask(url).url == url


def test_a_choice_that_names_one_target_is_followed_but_is_no_move(server: FeedServer) -> None:
    response = ask(server.add("/old", Answer.redirect("/feed", 300)))
    assert (response.url, response.permanent_url) == (server.url("/feed"), "")


def test_a_choice_without_a_target_is_an_error(server: FeedServer) -> None:
    with pytest.raises(HttpStatus, match="300"):
        ask(server.add("/old", Answer(b"<p>Choose", status=300)))


def test_pages_count_among_the_redirects(server: FeedServer) -> None:
    for number in range(30):
        server.add(f"/{number}", page_to(f"/{number + 1}") if number % 2 else Answer.redirect(f"/{number + 1}"))
    with pytest.raises(BadRedirect, match="more than 5"):
        ask(server.url("/0"))
    assert len(server.requests) == 6


def test_two_pages_that_send_readers_to_each_other_are_a_circle(server: FeedServer) -> None:
    server.add("/b", page_to("/a"))
    with pytest.raises(BadRedirect, match="circle"):
        ask(server.add("/a", page_to("/b")))


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://[::1]:{port}/", "http://8.8.8.8:22/"])
def test_a_page_leads_nowhere_where_a_redirect_may_not(server: FeedServer, target: str) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(ip_network("127.0.0.1/32"),))
    with pytest.raises(AddressRefused):
        ask(server.add("/a", page_to(target.format(port=server.port))), policy)


def test_no_cookie_is_kept(server: FeedServer) -> None:
    def bake(seen: Seen) -> Answer:
        return Answer(FEED, headers={"Set-Cookie": "a=b; Path=/"})

    server.add("/old", Answer(status=302, headers={"Location": "/new", "Set-Cookie": "a=b; Path=/"}))
    server.add("/new", bake)

    async def twice() -> None:
        async with GuardedTransport(LOOPBACK) as transport:
            for _ in range(2):
                await fetch(transport, Request(server.url("/old")), LOOPBACK, at_once)

    asyncio.run(twice())
    assert [seen.headers.get("cookie") for seen in server.requests] == [None] * 4
