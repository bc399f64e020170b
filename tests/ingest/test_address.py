"""One spelling for a feed's address; links that can stand on a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.address import (
    absolute_link,
    host_of,
    link_identity,
    mail_link,
    normalize_url,
    without_tracking,
)
from tests.examples import examples

SPELLINGS = [
    "https://example.org/feed",
    "  https://example.org/feed\n",
    "HTTPS://Example.ORG/feed",
    "https://example.org:443/feed",
    "https://example.org./feed",
    "https://example.org/feed#latest",
    "example.org/feed",
    "//example.org/feed",
    "feed:https://example.org/feed",
    "https://exam\u200bple.org/fe\ted",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_feed_has_one_address(spelling: str) -> None:
    assert normalize_url(spelling) == "https://example.org/feed"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org", "https://example.org/"),
        ("http://example.org:80", "http://example.org/"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("localhost:8000/feed", "https://localhost:8000/feed"),
        ("feed://example.org/x", "http://example.org/x"),
        ("feed://https://example.org/x", "https://example.org/x"),
        ("feeds://example.org/x", "https://example.org/x"),
        ("itpc://example.org/x", "http://example.org/x"),
        ("pcast:https://example.org/x", "https://example.org/x"),
        ("podcast://example.org/x", "http://example.org/x"),
        ("rss://example.org/x", "http://example.org/x"),
        ("view-source:https://example.org/x", "https://example.org/x"),
        ("http://https://example.org/x", "https://example.org/x"),
        ("https://https//example.org/x", "https://example.org/x"),
        ("http:/example.org/x", "http://example.org/x"),
        ("http//example.org/x", "http://example.org/x"),
        ("https:example.org/x", "https://example.org/x"),
        ("https：//example.org/x", "https://example.org/x"),
        ("<https://example.org/x>", "https://example.org/x"),
        ("“https://example.org/x”", "https://example.org/x"),
        ("https://example.org/x'", "https://example.org/x'"),
        ("https:8080/x", "https://https:8080/x"),
        ("https://bücher.example/é?q=ü", "https://xn--bcher-kva.example/%C3%A9?q=%C3%BC"),
        ("https://example.org/%c3%a9%zz a", "https://example.org/%C3%A9%25zz%20a"),
        ("https://example.org/?b=2&a=1&utm_source=x", "https://example.org/?b=2&a=1&utm_source=x"),
        ("https://example.org/Case/", "https://example.org/Case/"),
        ("http://[2001:DB8:0::1]:80/", "http://[2001:db8::1]/"),
        ("https://my_blog.example.org/", "https://my_blog.example.org/"),
        # Letters that IDNA 2003 made others of, and with them other owners' names.
        ("https://straße.example/feed", "https://xn--strae-oqa.example/feed"),
        ("https://FAẞ.example/", "https://xn--fa-hia.example/"),
        ("https://βόλος.example/", "https://xn--nxasmm1c.example/"),
        ("https://βόλοσ.example/", "https://xn--nxasmq6b.example/"),
        # What looks alike is one name.
        ("https://BÜCHER。Example./", "https://xn--bcher-kva.example/"),
        ("https://bu\u0308cher.example/", "https://xn--bcher-kva.example/"),
        ("https://ｂｌｏｇ.example/", "https://blog.example/"),
        # IDNA 2008 has no place for them, but people live there.
        ("https://💩.example/", "https://xn--ls8h.example/"),
        ("https://☃.example/", "https://xn--n3h.example/"),
    ],
)
def test_an_address_is_written_in_its_normal_form(written: str, address: str) -> None:
    assert normalize_url(written) == address


@pytest.mark.parametrize("name", ["straße", "faß", "βόλος", "bücher", "💩", "BÜCHER"])
def test_a_link_leads_to_the_same_host_as_a_feed_s_address(name: str) -> None:
    url = f"https://{name}.example/"
    assert absolute_link(url, "") == absolute_link("/", url) == normalize_url(url)


@pytest.mark.parametrize("name", ["\u0308x", "a.\u0301b", "x" * 64, "ü" * 60, "\ufdd0", "a\u2100b", "a..ü"])
def test_a_name_that_no_host_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no valid host"):
        normalize_url(f"https://{name}.example/")


@pytest.mark.parametrize("spelling", [*SPELLINGS, "https://bücher.example/é %41", "http://[::1]:8080/?"])
def test_a_normal_address_is_its_own_normal_form(spelling: str) -> None:
    assert normalize_url(normalize_url(spelling)) == normalize_url(spelling)


@pytest.mark.parametrize(
    "hopeless",
    [
        "",
        "   ",
        "not an address",
        "ftp://example.org/feed",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:jane@example.org",
        "data:text/xml,<rss/>",
        "feed:file:///etc/passwd",
        "itpc:javascript:alert(1)",
        "feed:",
        "feed://",
        "feed:" * 5000,
        "feed:" * 5000 + "file:///x",
        "https://",
        "https:///path",
        "https://exa mple.org/",
        "https://example..org/",
        "https://.org/",
        "https://example.org\\@127.0.0.1/",
        "https://ex%61mple.org/",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://example.org:port/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://" + "a" * 64 + ".org/",
        "https://" + "a." * 200 + "org/",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_cannot_be_asked_over_http_is_refused(hopeless: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        normalize_url(hopeless)


@pytest.mark.parametrize("address", ["https://user:secret@example.org/", "http://user@example.org/feed"])
def test_a_password_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValueError, match="Passwords in addresses are not supported") as caught:
        normalize_url(address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
        ("/a", "https://blog.example/a"),
        ("a.png", "https://blog.example/posts/a.png"),
        ("../a", "https://blog.example/a"),
        ("?page=2", "https://blog.example/posts/1?page=2"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("HTTP://Example.ORG:80", "http://example.org/"),
        ("ht\ttps://exa\nmple.org/", "https://example.org/"),
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("/\\evil.example/", "https://blog.example/%5Cevil.example/"),
        ('/a"><script>', "https://blog.example/a%22%3E%3Cscript%3E"),
    ],
)
def test_a_link_is_made_absolute(written: str, link: str) -> None:
    assert absolute_link(written, "https://blog.example/posts/1") == link


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript:1",
        "x:1",
        "vbscript:x",
        "data:text/html,x",
        "blob:https://example.org/1",
        "view-source:https://example.org/",
        "file:///etc/passwd",
        "mailto:jane@example.org",
        "tag:example.org,2024:1",
        "https://",
        "https://exa<mple.org/",
        "http://[::1/",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_web_link_is_dropped(bad: str) -> None:
    assert absolute_link(bad, "https://blog.example/posts/1") == ""


LABEL = "x" * 62
HOSTS = ["e.org", "www.a-b.example", "E.org", "a..b", "-", "a_b", "é.fr", "1.2.3.4", "[::1]", "e.org.", "a.b.c.d.e"]
HOSTS += [f"{LABEL}.e", f"{LABEL}x.e", f"{LABEL}xx.e", ".".join([LABEL] * 4), ".".join([LABEL] * 5)]
PORTS = ["", ":", ":80", ":0080", ":443", ":8080", ":0", ":9999", ":65536"]
RESTS = st.text("/?aB1.;:=&+%'~|é[]\\", max_size=8)


@examples(1000)
@given(st.sampled_from(["http", "https", "HTTP"]), st.sampled_from(HOSTS), st.sampled_from(PORTS), RESTS)
def test_a_link_has_the_spelling_of_a_feeds_address(scheme: str, host: str, port: str, rest: str) -> None:
    link = f"{scheme}://{host}{port}/{rest}"
    try:
        spelled = normalize_url(link)
    except ValueError:
        spelled = ""
    assert absolute_link(link, "") == spelled
    assert absolute_link(f"{link}#a b", "") == (spelled and f"{spelled}#a%20b")
    assert absolute_link(f"{link}#a", "") == (spelled and f"{spelled}#a")


def test_a_relative_link_without_a_base_is_dropped() -> None:
    assert absolute_link("/admin/logout/", "") == ""


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("https://e.org/?utm_source=a&UTM_Medium=b&fbclid=c&gclid=d&mc_eid=e", "https://e.org/"),
        ("https://e.org/?a=1&utm_source=x&b=%20#top", "https://e.org/?a=1&b=%20#top"),
        ("https://e.org/?utm%5Fsource=x#top", "https://e.org/#top"),
        ("https://e.org/?automatic=1&b", "https://e.org/?automatic=1&b"),
        ("https://e.org/a#utm_source=x", "https://e.org/a#utm_source=x"),
    ],
)
def test_tracking_parameters_leave_and_others_stay(written: str, clean: str) -> None:
    assert without_tracking(written) == clean


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("mailto:jane@example.org", "mailto:jane@example.org"),
        ("MAILTO:jane@example.org?body=x", "mailto:jane@example.org"),
        ("mailto:javascript:alert(1)", ""),
        ("mailto:", ""),
        ("https://jane@example.org", ""),
    ],
)
def test_a_mail_link_is_one_mailbox(written: str, link: str) -> None:
    assert mail_link(written) == link


def test_the_host_is_named_without_www() -> None:
    assert host_of("https://www.youtube.com/watch") == "youtube.com"


@pytest.mark.parametrize(
    "link",
    [
        "https://blog.example/post",
        "http://blog.example/post/",
        "https://www.blog.example/post?utm_source=feed",
    ],
)
def test_spellings_of_one_link_have_one_identity(link: str) -> None:
    assert link_identity(link) == "blog.example/post"


@pytest.mark.parametrize(
    ("link", "identity"),
    [
        ("https://blog.example:8080/", "blog.example:8080"),
        ("https://blog.example/?p=1", "blog.example?p=1"),
        ("https://blog.example/post/#two", "blog.example/post#two"),
        ("", ""),
    ],
)
def test_a_links_identity_keeps_what_tells_posts_apart(link: str, identity: str) -> None:
    assert link_identity(link) == identity
