from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from aggregator.ingest.errors import ConnectionFailed, TlsFailed
from aggregator.ingest.types import Response
from tests.certificates import Authority
from tests.ingest.asking import Names, ask
from tests.servers import Answer, FeedServer


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(b"<rss/>"))
        yield server


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def ask_secured(context: ssl.SSLContext, trusted: ssl.SSLContext | None, host: str = "blog.example") -> Response:
    with FeedServer(ssl_context=context) as server:
        server.add("/feed", Answer(b"<rss/>"))
        names = Names(blog_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
        return ask(server.url("/feed", host=host), resolver=names, ssl_context=trusted)


def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(authority: Authority) -> None:
    assert ask_secured(authority.server_context("blog.example"), authority.trusted()).body == b"<rss/>"


def test_the_dot_after_a_name_is_not_part_of_the_certificate(authority: Authority) -> None:
    context = authority.server_context("blog.example")
    with FeedServer(ssl_context=context) as server:
        server.add("/feed", Answer(b"<rss/>"))
        names = Names(blog_example_=[["127.0.0.1"]])
        assert ask(server.url("/feed", host="blog.example."), resolver=names, ssl_context=authority.trusted()).body


def test_the_server_is_told_the_name_that_is_asked_for(authority: Authority) -> None:
    told: list[str | None] = []
    context = authority.server_context("blog.example")
    context.sni_callback = lambda _socket, name, _context: told.append(name)
    ask_secured(context, authority.trusted())
    assert told == ["blog.example"]


def test_a_self_signed_certificate_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="signed by nobody we know"):
        ask_secured(authority.own_context(), None)


def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="signed by nobody we know"):
        ask_secured(authority.server_context("blog.example"), None)


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="for another name"):
        ask_secured(authority.server_context("blog.example"), authority.trusted(), host="other.example")


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    with pytest.raises(TlsFailed, match="has expired"):
        ask_secured(authority.server_context("blog.example", days_left=-1), authority.trusted())


def test_a_server_that_speaks_no_tls_is_said_plainly(server: FeedServer) -> None:
    server.add("/feed", Answer(b"plain"))
    with pytest.raises(ConnectionFailed, match="no encrypted connection"):
        ask(server.url("/feed").replace("http:", "https:"))


def test_a_bad_certificate_is_not_retried_without_encryption(authority: Authority) -> None:
    with FeedServer(ssl_context=authority.own_context()) as server:
        server.add("/feed", Answer(b"<rss/>"))
        with pytest.raises(TlsFailed):
            ask(server.url("/feed"))
        assert server.requests == []


def test_a_bad_certificate_is_not_hidden_by_the_next_address(authority: Authority) -> None:
    with FeedServer(ssl_context=authority.own_context()) as server, pytest.raises(TlsFailed):
        ask(server.url("/feed", host="blog.example"), resolver=Names(blog_example=[["127.0.0.1", "127.0.0.9"]]))
