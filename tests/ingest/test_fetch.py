from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from aggregator.ingest.errors import AddressRefused, HttpStatus
from aggregator.ingest.fetch import fetch
from aggregator.ingest.fingerprint import fingerprint
from aggregator.ingest.guard import GuardedTransport
from aggregator.ingest.types import Request
from tests.ingest.asking import LOOPBACK, ask, at_once
from tests.servers import Answer, FeedServer, Raw

FEED = b"<rss><channel><title>A feed</title></channel></rss>" * 20


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(FEED))
        yield server


def test_a_good_answer_carries_its_body_and_the_hash_of_it(server: FeedServer) -> None:
    response = ask(server.url("/feed"))
    assert (response.status, response.body, response.body_hash) == (200, FEED, fingerprint(FEED))


def test_headers_have_lower_case_names(server: FeedServer) -> None:
    url = server.add("/a", Answer(FEED, headers={"Content-TYPE": "text/xml", "X-Thing": "1"}))
    headers = ask(url).headers
    assert (headers["content-type"], headers["x-thing"]) == ("text/xml", "1")


def test_an_answer_without_redirect_has_no_permanent_url(server: FeedServer) -> None:
    assert ask(server.url("/feed")).permanent_url == ""


def test_we_say_who_we_are(server: FeedServer) -> None:
    ask(server.url("/feed"))
    assert server.requests[0].headers["user-agent"] == "Orrery/test"


def test_only_codings_that_can_be_unpacked_under_a_cap_are_asked_for(server: FeedServer) -> None:
    ask(server.url("/feed"))
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


def test_feeds_are_preferred_over_pages(server: FeedServer) -> None:
    ask(server.url("/feed"))
    accept = server.requests[0].headers["accept"]
    assert accept.index("application/atom+xml") < accept.index("text/html;q=0.5")


def test_no_validators_are_sent_the_first_time(server: FeedServer) -> None:
    ask(server.url("/feed"))
    assert not {"if-none-match", "if-modified-since"} & set(server.requests[0].headers)


@pytest.mark.parametrize("etag", ['"1"', 'W/"a b"', "unquoted", '"\xc3\xa9t\xe9"', '"' + "x" * 5000 + '"', '"a", "b"'])
def test_an_etag_comes_back_byte_for_byte(server: FeedServer, etag: str) -> None:
    url = server.add("/a", Answer(FEED, headers={"ETag": etag}))
    first = ask(url)
    ask(Request(url, etag=first.etag))
    assert server.requests[1].headers["if-none-match"] == etag


def test_a_last_modified_that_is_no_date_comes_back_byte_for_byte(server: FeedServer) -> None:
    url = server.add("/a", Answer(FEED, headers={"Last-Modified": "gestern, früh"}))
    ask(Request(url, last_modified=ask(url).last_modified))
    assert server.requests[1].headers["if-modified-since"] == "gestern, früh"


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "日本", "a\0b", " ", "\n"])
def test_a_validator_that_no_server_can_have_sent_is_left_out(server: FeedServer, value: str) -> None:
    ask(Request(server.url("/feed"), etag=value, last_modified=value))
    assert not {"if-none-match", "if-modified-since", "x-injected"} & set(server.requests[0].headers)


def test_an_unchanged_feed_has_no_body(server: FeedServer) -> None:
    url = server.add("/a", Answer(FEED, headers={"ETag": '"1"'}))
    response = ask(Request(url, etag='"1"'))
    assert (response.status, response.body, response.body_hash) == (304, b"", "")


def test_a_304_without_validators_keeps_the_old_ones(server: FeedServer) -> None:
    response = ask(Request(server.add("/a", Answer(status=304)), etag='"1"', last_modified="then"))
    assert (response.etag, response.last_modified) == ('"1"', "then")


def test_a_304_with_new_validators_replaces_the_old_ones(server: FeedServer) -> None:
    url = server.add("/a", Answer(status=304, headers={"ETag": '"2"', "Last-Modified": "now"}))
    response = ask(Request(url, etag='"1"', last_modified="then"))
    assert (response.etag, response.last_modified) == ('"2"', "now")


def test_a_200_without_validators_forgets_the_old_ones(server: FeedServer) -> None:
    response = ask(Request(server.url("/feed"), etag='"1"', last_modified="then"))
    assert (response.etag, response.last_modified) == ("", "")


def test_a_304_that_was_not_asked_for_is_an_error(server: FeedServer) -> None:
    with pytest.raises(HttpStatus, match="304"):
        ask(server.add("/a", Answer(status=304)))


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 403, 404, 410, 429, 500, 503, 599])
def test_any_other_status_is_an_error_that_names_it(server: FeedServer, status: int) -> None:
    with pytest.raises(HttpStatus) as caught:
        ask(server.add("/a", Answer(b"" if status == 204 else FEED, status=status)))
    assert caught.value.status == status


@pytest.mark.parametrize("value", ["120", "Sun, 07 Jun 2026 13:00:00 GMT", "-5"])
def test_retry_after_is_handed_on_as_sent(server: FeedServer, value: str) -> None:
    with pytest.raises(HttpStatus) as caught:
        ask(server.add("/a", Answer(status=429, headers={"Retry-After": value})))
    assert caught.value.retry_after == value


def test_a_browser_check_gets_its_own_words(server: FeedServer) -> None:
    with pytest.raises(HttpStatus, match="bot protection"):
        ask(server.add("/a", Answer(status=403, headers={"CF-Mitigated": "challenge"})))


CHALLENGE = b"<!doctype html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/h/b.js></script>"


@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize(("body", "coding"), [(CHALLENGE, ""), (gzip.compress(CHALLENGE), "gzip")], ids=["", "gzip"])
def test_a_browser_check_is_known_by_its_page_too(server: FeedServer, status: int, body: bytes, coding: str) -> None:
    headers = {"Content-Type": "text/html; charset=UTF-8", "Content-Encoding": coding}
    with pytest.raises(HttpStatus, match="bot protection"):
        ask(server.add("/a", Answer(body, status, headers)))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<!doctype html><p>Forbidden.", {"Content-Type": "text/html"}),
        (CHALLENGE, {"Content-Type": "text/plain"}),
        (CHALLENGE, {"Content-Type": "text/html", "Retry-After": "60"}),
        (b"\x1f\x8b\x08 torn", {"Content-Type": "text/html", "Content-Encoding": "gzip"}),
        (b"torn", {"Content-Type": "text/html", "Content-Encoding": "gzip, br"}),
    ],
)
def test_any_other_page_of_a_server_that_refuses_is_no_browser_check(
    server: FeedServer, body: bytes, headers: dict[str, str]
) -> None:
    with pytest.raises(HttpStatus) as error:
        ask(server.add("/a", Answer(body, 403, headers)))
    assert not error.value.is_challenge


def test_an_answer_that_a_proxy_changed_is_a_good_one(server: FeedServer) -> None:
    assert ask(server.add("/a", Answer(FEED, 203))).body == FEED


def test_the_servers_own_words_stay_out_of_the_error(server: FeedServer) -> None:
    with pytest.raises(HttpStatus) as caught:
        ask(server.add("/a", Raw([b"HTTP/1.1 418 <script>\r\nContent-Length: 6\r\n\r\nsecret"])))
    assert str(caught.value) == "The server answers with status 418 instead of a feed."


class Turns:
    """Writes down whose turn began and ended, and how many requests the server had seen by then."""

    def __init__(self, server: FeedServer) -> None:
        self.log: list[tuple[str, str, int]] = []
        self._server = server

    @asynccontextmanager
    async def __call__(self, host: str) -> AsyncIterator[None]:
        self.log.append(("begin", host, len(self._server.requests)))
        try:
            yield
        finally:
            self.log.append(("end", host, len(self._server.requests)))


def test_a_turn_is_held_during_each_hop(server: FeedServer) -> None:
    turns = Turns(server)
    with FeedServer(host="127.0.0.2") as other:
        ask(other.add("/old", Answer.redirect(server.url("/feed"))), turn=turns)
    assert turns.log == [
        ("begin", "127.0.0.2", 0),
        ("end", "127.0.0.2", 0),
        ("begin", "127.0.0.1", 0),
        ("end", "127.0.0.1", 1),
    ]


def test_a_turn_ends_when_the_request_fails(server: FeedServer) -> None:
    turns = Turns(server)
    with pytest.raises(HttpStatus):
        ask(server.url("/missing"), turn=turns)
    assert [event for event, _, _ in turns.log] == ["begin", "end"]


def test_no_turn_is_taken_for_an_address_that_is_refused(server: FeedServer) -> None:
    turns = Turns(server)
    with pytest.raises(AddressRefused):
        ask("http://10.0.0.1/", turn=turns)
    assert turns.log == []


def test_one_client_serves_many_feeds_at_once(server: FeedServer) -> None:
    server.add("/slow", Answer(FEED, delay_seconds=0.2))

    async def all_together() -> list[int]:
        async with GuardedTransport(LOOPBACK) as transport:
            asks = (fetch(transport, Request(server.url("/slow")), LOOPBACK, at_once) for _ in range(20))
            return [response.status for response in await asyncio.gather(*asks)]

    assert asyncio.run(all_together()) == [200] * 20


@pytest.mark.parametrize("host", ["xn--ls8h.example", "xn--.example", "xn--a.example"])
def test_a_name_that_can_be_asked_but_not_decoded_is_asked(server: FeedServer, host: str) -> None:
    response = ask(server.url("/feed", host=host), resolver=on_this_machine)
    assert (response.body, server.requests[0].headers["host"]) == (FEED, f"{host}:{server.port}")


async def on_this_machine(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]
