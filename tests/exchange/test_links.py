from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.links import public_uri, public_url, without_password


@pytest.mark.parametrize(
    "url", ["https://blog.example/a?b=c#d", "http://[2001:db8::1]:8080/feed", "HTTPS://B.example/"]
)
def test_a_web_address_stays_reachable(url: str) -> None:
    assert public_url(url).lower() == url.lower()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "view-source:https://a.example/",
        "//a.example/x",
        "/admin/logout/",
        "https://",
        "https:///path",
        "http://[broken/",
    ],
)
def test_anything_else_gives_way_to_the_fallback(url: str) -> None:
    assert public_url(url, "/post/1/") == "/post/1/"


def test_name_and_password_are_not_shown() -> None:
    assert public_url("https://ann:secret@feeds.example/f.xml") == "https://feeds.example/f.xml"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://ann:secret@feeds.example/f.xml", "https://…@feeds.example/f.xml"),
        ("ann:secret@feeds.example", "…@feeds.example"),
        ("ftp://ann:s@cret@feeds.example/@ann", "ftp://…@feeds.example/@ann"),
        ("https://social.example/@ann?to=a@b.example", "https://social.example/@ann?to=a@b.example"),
        ("not an address", "not an address"),
    ],
)
def test_a_report_repeats_no_password(written: str, shown: str) -> None:
    assert without_password(written) == shown


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://a.example/?y[]=1#[2]", "https://a.example/?y%5B%5D=1#%5B2%5D"),
        ("https://[2001:db8::1]:8443/f[1].mp3", "https://[2001:db8::1]:8443/f%5B1%5D.mp3"),
        ("https://a.example/ü b|c?d={%7E}", "https://a.example/%C3%BC%20b%7Cc?d=%7B%7E%7D"),
        ("https://a.example/~x/a,b;c=(d)'!*@:$+?e=%20&f=/?#g", "https://a.example/~x/a,b;c=(d)'!*@:$+?e=%20&f=/?#g"),
        ("javascript:alert([1])", ""),
        ("", ""),
    ],
)
def test_a_uri_holds_nothing_that_rfc_3986_forbids(url: str, written: str) -> None:
    assert public_uri(url) == written


@given(path=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="?#\t\n\r")))
def test_whatever_stands_after_the_host_is_encoded_as_python_does_it(path: str) -> None:
    encoded = quote(path, safe="/:@!$&'()*+,;=~%")
    assert public_uri(f"https://a.example/x{path}x") == f"https://a.example/x{encoded}x"
