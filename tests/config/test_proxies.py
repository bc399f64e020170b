"""Who is believed about a request: the proxies that are named, and nobody else."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from config.proxies import MAX_PEERS, believing, unread_variable

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


# -- addresses that lead to themselves -------------------------------------------------------------------------------

NAME = "planet.example.org"


def warnings(caplog: pytest.LogCaptureFixture, *requests: dict[str, str], https_host: str = NAME) -> list[str]:
    """What the log says of these requests."""
    site = believing(lambda environ, start_response: [], PROXIES, https_host)
    for request in requests:
        site({"wsgi.url_scheme": "http", "HTTP_HOST": NAME, "PATH_INFO": "/", **request}, lambda *_: None)
    return [record.getMessage() for record in caplog.records]


ELSEWHERE = {"REMOTE_ADDR": "10.9.0.5", "HTTP_X_FORWARDED_PROTO": "https"}


def test_a_proxy_that_is_not_believed_is_named_once_with_the_variable(caplog: pytest.LogCaptureFixture) -> None:
    [said] = warnings(caplog, ELSEWHERE, ELSEWHERE, ELSEWHERE)
    assert "peer=10.9.0.5" in said
    assert "add its address to TRUSTED_PROXIES" in said
    assert "FORWARDED_ALLOW_IPS" not in said


def test_the_variable_of_other_web_servers_is_said_to_be_unread(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    [said] = warnings(caplog, ELSEWHERE)
    assert "FORWARDED_ALLOW_IPS is set, and isn't read here" in said
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.1")
    assert unread_variable() == ""


@pytest.mark.parametrize(
    "told", [{"HTTP_FORWARDED": "for=203.0.113.9;proto=https"}, {"HTTP_SEC_FETCH_MODE": "navigate"}]
)
def test_a_proxy_that_says_it_in_another_way_or_not_at_all_is_named_too(
    caplog: pytest.LogCaptureFixture, told: dict[str, str]
) -> None:
    believed, unknown = warnings(caplog, {"REMOTE_ADDR": "10.1.0.5", **told}, {"REMOTE_ADDR": "10.9.0.5", **told})
    assert "Let it set X-Forwarded-Proto" in believed
    assert "add its address to TRUSTED_PROXIES" in unknown


@pytest.mark.parametrize(
    "request_",
    [
        {"REMOTE_ADDR": "10.1.0.5", "HTTP_X_FORWARDED_PROTO": "https"},
        {"REMOTE_ADDR": "10.1.0.5", "HTTP_X_FORWARDED_PROTO": "http"},
        {"REMOTE_ADDR": "10.9.0.5"},
        {**ELSEWHERE, "HTTP_HOST": "www.example.org"},
        {**ELSEWHERE, "PATH_INFO": "/healthz"},
    ],
    ids=["believed", "asked by http", "asked without a proxy", "led to another host", "led nowhere"],
)
def test_a_redirect_that_leads_elsewhere_is_no_news(caplog: pytest.LogCaptureFixture, request_: dict[str, str]) -> None:
    assert warnings(caplog, request_) == []


def test_where_no_request_is_led_to_https_nobody_is_warned(caplog: pytest.LogCaptureFixture) -> None:
    assert warnings(caplog, ELSEWHERE, https_host="") == []


def test_who_pretends_to_be_many_proxies_writes_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    many = [{**ELSEWHERE, "REMOTE_ADDR": f"198.51.100.{number}"} for number in range(100)]
    assert len(warnings(caplog, *many)) == MAX_PEERS
