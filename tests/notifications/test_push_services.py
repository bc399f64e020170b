from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.push_services import (
    MAX_ENDPOINT_CHARACTERS,
    MAX_HOST_CHARACTERS,
    EndpointRefused,
    Service,
    check_endpoint,
    operator_of,
)

ALLOWED = re.compile(
    r"fcm\.googleapis\.com|jmt17\.google\.com|updates-autopush\.(stage|dev)\.mozaws\.net"
    r"|.+\.(push\.services\.mozilla\.com|push\.apple\.com|notify\.windows\.com)"
)


@pytest.mark.parametrize(
    ("endpoint", "origin", "service"),
    [
        ("https://fcm.googleapis.com/fcm/send/a:b-c_d", "https://fcm.googleapis.com", Service.GOOGLE),
        (
            "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
            "https://updates.push.services.mozilla.com",
            Service.MOZILLA,
        ),
        ("https://jmt17.google.com/fcm/send/a:b-c_d", "https://jmt17.google.com", Service.GOOGLE),
        (
            "https://updates-autopush.stage.mozaws.net/wpush/v2/gAAAA",
            "https://updates-autopush.stage.mozaws.net",
            Service.MOZILLA,
        ),
        (
            "https://updates-autopush.dev.mozaws.net/wpush/v1/gAAAA",
            "https://updates-autopush.dev.mozaws.net",
            Service.MOZILLA,
        ),
        ("https://web.push.apple.com/QGuQ", "https://web.push.apple.com", Service.APPLE),
        (
            "https://wns2-par02p.notify.windows.com/w/?token=BQYA%2f%3d",
            "https://wns2-par02p.notify.windows.com",
            Service.MICROSOFT,
        ),
    ],
)
def test_the_well_known_push_services_are_allowed(endpoint: str, origin: str, service: Service) -> None:
    assert check_endpoint(endpoint, []) == origin
    assert operator_of(origin) is service


def test_an_origin_is_lower_case_and_without_the_default_port() -> None:
    assert check_endpoint("HTTPS://FCM.GoogleAPIs.com:443/x", []) == "https://fcm.googleapis.com"


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https:",
        "https://",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:0443/x/\n",
        "https://fcm.googleapis.com:/x",
        "https://fcm.googleapis.com./x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://evil.example/x.push.apple.com/",
        "https://evil.example\\.push.apple.com/x",
        "https://evil.example#.push.apple.com/x",
        "https://evil.example?.push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://push.apple.com/x",
        "https://.push.apple.com/x",
        "https://a..push.apple.com/x",
        "https://-.push.apple.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://android.fcm.googleapis.com/x",
        "https://www.google.com/x",
        "https://mail.jmt17.google.com/x",
        "https://autopush.stage.mozaws.net/x",
        "https://jmt17.google.com.evil.example/x",
        "https://fcm。googleapis。com/x",
        "https://ｆcm.googleapis.com/x",
        "https://f\u200bcm.googleapis.com/x",
        "https://x.push.serv\u0131ces.mozilla.com/x",
        "https://x.push.app\u212ae.com/x",
        "https://fcm.googleapis.com/\x00",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/a#b",
        "https://fcm.googleapis.com/a\\b",
        "https://fcm.googleapis.com/x\r\nHost: evil.example",
        " https://fcm.googleapis.com/x",
        "https://fcm.googleapis.com\t/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://localhost/x",
        "https://169.254.169.254/latest/meta-data/",
        "//fcm.googleapis.com/x",
        "wss://fcm.googleapis.com/x",
    ],
)
def test_any_other_address_is_refused(endpoint: str) -> None:
    with pytest.raises(EndpointRefused):
        check_endpoint(endpoint, [])


def test_an_endless_address_is_refused() -> None:
    start = "https://fcm.googleapis.com/"
    assert check_endpoint(start + "a" * (MAX_ENDPOINT_CHARACTERS - len(start)), [])
    with pytest.raises(EndpointRefused):
        check_endpoint(start + "a" * (MAX_ENDPOINT_CHARACTERS - len(start) + 1), [])


def test_an_endless_host_is_refused() -> None:
    suffix = ".push.apple.com"
    host = ("a." * 253)[: MAX_HOST_CHARACTERS - len(suffix) - 1] + "b" + suffix
    assert check_endpoint(f"https://{host}/x", [])
    with pytest.raises(EndpointRefused):
        check_endpoint(f"https://b{host}/x", [])


@pytest.mark.parametrize(
    ("endpoint", "extra", "origin"),
    [
        ("https://push.example/UP?x=1", "push.example", "https://push.example"),
        ("https://push.example:443/UP", "push.example:443", "https://push.example"),
        ("https://localhost:8443/x", "LOCALHOST:8443", "https://localhost:8443"),
    ],
)
def test_hosts_that_the_site_adds_are_allowed(endpoint: str, extra: str, origin: str) -> None:
    assert check_endpoint(endpoint, [extra]) == origin


@pytest.mark.parametrize(
    ("endpoint", "extra"),
    [
        ("https://localhost:8444/x", "localhost:8443"),
        ("https://localhost/x", "localhost:8443"),
        ("http://localhost:8443/x", "localhost:8443"),
        ("https://a.push.example/x", "push.example"),
        ("https://push.example/x", "https://push.example"),
        ("https://push.example/x", "*.example"),
        ("https://push.example/x", ""),
    ],
)
def test_an_added_host_allows_itself_and_no_more(endpoint: str, extra: str) -> None:
    with pytest.raises(EndpointRefused):
        check_endpoint(endpoint, [extra])


def test_a_refusal_keeps_the_address_to_itself() -> None:
    with pytest.raises(EndpointRefused) as caught:
        check_endpoint("https://evil.example/secret-token", [])
    assert "secret-token" not in str(caught.value)


WORDS = (
    r"https:// http:// fcm.googleapis.com .push.apple.com evil.example @ : 443 80 / \ ? # . %2e %00 。 ． [::1] a - //"
)
PIECES = st.sampled_from([*WORDS.split(), "127.0.0.1", "xn--", "\x00", "\t", "\n", " ", "\u212a"])


@given(st.lists(PIECES | st.text(max_size=3), max_size=9).map("".join))
def test_whatever_is_let_through_leads_to_a_push_service(endpoint: str) -> None:
    try:
        origin = check_endpoint(endpoint, [])
    except EndpointRefused:
        return
    parsed = urlsplit(endpoint)
    assert ALLOWED.fullmatch(str(parsed.hostname))
    assert (parsed.scheme, parsed.port or 443, parsed.username) == ("https", 443, None)
    assert origin == f"https://{parsed.hostname}"


@given(
    st.text(), st.sampled_from(["https://{}/x", "https://{}.push.apple.com/x", "https://fcm.googleapis.com{}", "{}"])
)
def test_no_text_makes_it_raise_anything_else(text: str, frame: str) -> None:
    try:
        origin = check_endpoint(frame.format(text), [])
    except EndpointRefused:
        return
    assert ALLOWED.fullmatch(origin.removeprefix("https://"))
