"""Who is believed about a request: the proxies that are named, and nobody else."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from config.proxies import believing

PROXIES = (ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("::1"))


def seen_by_the_site(peer: str, **said: str) -> tuple[str, str, list[str]]:
    """The client's address, the scheme and the names of what else of the proxy's headers is left."""
    seen: dict[str, Any] = {}

    def site(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **{f"HTTP_X_FORWARDED_{k}": v for k, v in said.items()}}
    believing(site, PROXIES)(environ, lambda *_: None)
    return seen["REMOTE_ADDR"], seen["wsgi.url_scheme"], [name for name in seen if "FORWARDED" in name]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.200.3", "::1", "::ffff:127.0.0.1", ""])
def test_a_proxy_says_who_asks_and_how(peer: str) -> None:
    assert seen_by_the_site(peer, FOR="203.0.113.9", PROTO="https") == ("203.0.113.9", "https", [])


@pytest.mark.parametrize("peer", ["203.0.113.1", "10.2.0.1", "2001:db8::1", "unix:", "localhost"])
def test_nobody_else_does(peer: str) -> None:
    assert seen_by_the_site(peer, FOR="203.0.113.9", PROTO="https", HOST="evil.example") == (peer, "http", [])


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("1.2.3.4, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9,2001:db8::7", "2001:db8::7"),
        ("unknown", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("203.0.113.9, ", "127.0.0.1"),
        ("<script>", "127.0.0.1"),
    ],
)
def test_only_what_the_proxy_itself_wrote_counts(said: str, client: str) -> None:
    assert seen_by_the_site("127.0.0.1", FOR=said)[0] == client


@pytest.mark.parametrize(
    ("said", "scheme"), [("https", "https"), ("http, https", "https"), ("HTTPS", "https"), ("gopher", "http")]
)
def test_the_scheme_is_one_of_the_two(said: str, scheme: str) -> None:
    assert seen_by_the_site("127.0.0.1", PROTO=said)[1] == scheme
