from __future__ import annotations

import asyncio
import dataclasses
import socket
import tracemalloc
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest

from aggregator.ingest.errors import AddressRefused, ConnectionFailed, IngestError, NameNotFound
from aggregator.ingest.guard import GuardedTransport, check_url, is_public
from tests.ingest.asking import LOOPBACK, PUBLIC, Names, ask
from tests.servers import Answer, FeedServer, Raw

ALL_PORTS = frozenset(range(1, 65536))

# Every spelling of an address that must not be reached, in the form in which it stands in a URL.
PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.1.",
    "127。0。0。1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.0.0.9",
    "192.0.0.192",
    "168.63.129.16",
    "0xa83f8110",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::808:808]",
    "[64:ff9b:1::a00:1]",
    "[2001:db8::1]",
    "[2001:4:112::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2002:7f00:1::]",
    "[2002:808:808::1]",
    "[3fff::1]",
]


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.add("/feed", Answer(b"<rss/>"))
        yield server


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_an_address_that_is_not_public_is_refused_before_any_look_up(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(f"http://{host}/feed", PUBLIC)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "134744072", "[2606:4700:4700::1111]", "blog.example", "xn--bcher-kva.example"]
)
def test_a_public_address_and_a_name_pass(host: str) -> None:
    check_url(f"https://{host}/feed", PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://blog.example/feed",
        "gopher://blog.example/",
        "data:text/xml,<rss/>",
        "feed://blog.example/feed",
        "feed:http://blog.example/feed",
        "javascript:alert(1)",
        "//blog.example/feed",
        "blog.example/feed",
        "",
    ],
)
def test_a_scheme_other_than_http_and_https_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match="only http and https"):
        check_url(url, PUBLIC)


@pytest.mark.parametrize("port", [22, 25, 6379, 81, 65535])
def test_an_odd_port_is_refused(port: int) -> None:
    with pytest.raises(AddressRefused, match=f"port {port}"):
        check_url(f"http://blog.example:{port}/feed", PUBLIC)


@pytest.mark.parametrize(
    "netloc", ["blog.example", "blog.example:80", "blog.example:443", "blog.example:8080", "8.8.8.8:8443"]
)
def test_the_ports_of_the_web_pass(netloc: str) -> None:
    check_url(f"http://{netloc}/feed", PUBLIC)


@pytest.mark.parametrize(
    "url", ["http://user:pw@blog.example/", "http://ok@8.8.8.8/", "http://blog.example\\@8.8.8.8/"]
)
def test_an_address_with_credentials_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match="name or a password"):
        check_url(url, PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "http:///feed",
        "http://[::1",
        "http://[zz]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1%é]/",
        "http://exa mple/",
        "http://a..b/",
        "http://.example/",
        "http://%31%32%37.0.0.1/",
        "http://blog.example:99999/",
        "http://\ud800/",
        "http://h\0/",
        "http:\\\\127.0.0.1/",
        "http://" + "a" * 300 + ".example/",
        "http://" + "a." * 200 + "example/",
        "http://" + "ü" * 50_000 + "/",
        "x" * 70_000,
    ],
)
def test_rubbish_is_refused_in_at_most_300_characters(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        check_url(url, PUBLIC)
    assert len(str(caught.value)) <= 300


def test_long_addresses_that_are_refused_do_not_add_up_in_memory() -> None:
    """Strangers write them, also into redirects, and a worker lives for months."""
    tracemalloc.start()
    for number in range(50):
        with pytest.raises(AddressRefused):
            check_url(f"http://{number}.{'a' * 60_000}/", PUBLIC)
    kept_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept_bytes < 1_000_000


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2606:4700::1%eth0"])
def test_an_address_with_a_zone_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


def test_an_allowed_network_is_exempt_from_the_address_and_port_rules() -> None:
    check_url("http://127.0.0.1:6379/feed", LOOPBACK)


def test_the_exemption_of_one_network_covers_no_other() -> None:
    with pytest.raises(AddressRefused):
        check_url("http://10.0.0.1/feed", LOOPBACK)


def test_an_odd_port_of_a_public_address_is_refused_beside_an_exemption() -> None:
    with pytest.raises(AddressRefused, match="port 6379"):
        check_url("http://8.8.8.8:6379/feed", LOOPBACK)


def test_a_name_that_leads_to_a_public_address_gets_no_odd_port_through_an_exemption() -> None:
    with pytest.raises(AddressRefused, match="port 6379"):
        ask("http://blog.example:6379/", resolver=Names(blog_example=[["8.8.8.8"]]))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost"])
def test_no_connection_is_made_to_a_refused_address(server: FeedServer, host: str) -> None:
    policy = dataclasses.replace(PUBLIC, allowed_ports=ALL_PORTS)
    with pytest.raises(AddressRefused):
        ask(server.url("/feed", host=host), policy)
    assert server.requests == []


@pytest.mark.parametrize(
    "answers",
    [
        ["10.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["2606:4700::1", "::1"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%lo"],
    ],
)
def test_a_name_with_any_private_address_is_refused(answers: list[str]) -> None:
    with pytest.raises(AddressRefused):
        ask("http://blog.example/", PUBLIC, resolver=Names(blog_example=[answers]))


def test_the_connection_goes_to_the_address_that_was_checked(server: FeedServer) -> None:
    with FeedServer(host="127.0.0.2") as other:
        names = Names(blog_example=[["127.0.0.1"], ["127.0.0.2"]])
        ask(server.url("/feed", host="blog.example"), resolver=names)
        assert (server.paths(), other.paths(), names.asked) == (["/feed"], [], ["blog.example"])


def test_the_name_is_looked_up_again_at_every_hop(server: FeedServer) -> None:
    names = Names(blog_example=[["127.0.0.1"], ["10.0.0.1"]])
    server.add("/old", Answer.redirect(server.url("/feed", host="blog.example")))
    with pytest.raises(AddressRefused):
        ask(server.url("/old", host="blog.example"), resolver=names)


def test_an_exempt_address_beside_a_private_one_is_refused(server: FeedServer) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(ip_network("127.0.0.1/32"),))
    with pytest.raises(AddressRefused):
        ask(server.url("/feed", host="blog.example"), policy, resolver=Names(blog_example=[["127.0.0.1", "127.0.0.2"]]))


def test_host_header_and_response_url_keep_the_name(server: FeedServer) -> None:
    url = server.url("/feed", host="blog.example")
    response = ask(url, resolver=Names(blog_example=[["127.0.0.1"]]))
    assert (server.requests[0].headers["host"], response.url) == (f"blog.example:{server.port}", url)


@pytest.mark.parametrize("answers", [["127.0.0.9", "127.0.0.1"], ["::1", "127.0.0.1"]])
def test_the_next_address_is_tried_where_nobody_answers(server: FeedServer, answers: list[str]) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(*LOOPBACK.allowed_networks, ip_network("::1/128")))
    names = Names(blog_example=[answers])
    assert ask(server.url("/feed", host="blog.example"), policy, resolver=names).status == 200


def test_the_client_refuses_the_same_without_fetch(server: FeedServer) -> None:
    async def ask_plainly() -> None:
        async with httpx.AsyncClient(transport=GuardedTransport(LOOPBACK)) as client:
            await client.get(server.url("/feed", host="user:pw@127.0.0.1"))

    with pytest.raises(AddressRefused):
        asyncio.run(ask_plainly())
    assert server.requests == []


def test_a_name_without_address_is_not_found() -> None:
    with pytest.raises(NameNotFound):
        ask("http://blog.example/", resolver=Names(blog_example=[[]]))


@pytest.mark.parametrize(
    ("number", "kind"),
    [(socket.EAI_NONAME, NameNotFound), (socket.EAI_FAIL, NameNotFound), (socket.EAI_AGAIN, ConnectionFailed)],
)
def test_a_failing_name_server_is_told_from_an_unknown_name(number: int, kind: type[IngestError]) -> None:
    async def fail(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(number, "no")

    with pytest.raises(kind):
        ask("http://blog.example/", resolver=fail)


def test_the_systems_resolver_answers_by_default(server: FeedServer) -> None:
    policy = dataclasses.replace(LOOPBACK, allowed_networks=(*LOOPBACK.allowed_networks, ip_network("::1/128")))
    assert ask(server.url("/feed", host="localhost"), policy).status == 200


def test_proxies_of_the_environment_are_ignored(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with FeedServer(host="127.0.0.2") as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        ask(server.url("/feed"))
        assert proxy.requests == []


def test_passwords_of_netrc_are_ignored(server: FeedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    ask(server.url("/feed"))
    assert "authorization" not in server.requests[0].headers


def test_nobody_at_a_port_is_said_plainly() -> None:
    with FeedServer() as server:
        url = server.url("/feed")
    with pytest.raises(ConnectionFailed, match="nobody answers at that port"):
        ask(url)


def test_a_connection_reset_is_said_plainly(server: FeedServer) -> None:
    with pytest.raises(ConnectionFailed, match="closed early"):
        ask(server.add("/reset", Raw([], ending="reset")))


def test_a_refused_address_is_named_once() -> None:
    with pytest.raises(AddressRefused) as refused:
        check_url("http://10.0.0.1/feed", PUBLIC)
    assert str(refused.value) == "10.0.0.1 is not asked: it is outside the public internet."


def test_another_spelling_of_a_refused_address_is_resolved() -> None:
    with pytest.raises(AddressRefused) as refused:
        check_url("http://2130706433/", PUBLIC)
    assert str(refused.value) == "2130706433 is not asked: it leads to 127.0.0.1, outside the public internet."
