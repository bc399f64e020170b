"""What is pasted into the box is one address, however it is written; or a sentence says why it is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.post_keys import link_key
from aggregator.whereabouts.asked import Asked, NotAnAddress, as_shown, read

OURS = "https://planet.example"
LINK = "https://blog.example/2026/caf%C3%A9"


def asked(text: str) -> Asked:
    return read(text, OURS)


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        "http://blog.example/2026/caf%C3%A9/",
        "blog.example/2026/café",
        "www.blog.example/2026/caf%c3%a9",
        "  https://BLOG.example:443/2026/caf%C3%A9?utm_source=planet&utm_medium=rss \n",
        "<https://blog.example./2026/caf%C3%A9>",
        "“https://blog.example/2026/caf%C3%A9”,",
        "//blog.example/2026/café",
        "Look at https://blog.example/2026/café.",
        "https://blog.example/%32026/caf%C3%A9",
    ],
)
def test_all_spellings_of_a_post_have_its_key(text: str) -> None:
    assert link_key(LINK) in asked(text).keys[0]


def test_a_tilde_is_the_same_encoded_or_not() -> None:
    links = ["https://home.example/~ann/post", "https://home.example/%7Eann/post"]
    assert all(link_key(one) in asked(other).keys[0] for one in links for other in links)


def test_names_outside_ascii_are_looked_up_as_browsers_do() -> None:
    assert asked("bücher.example/neu").url == "https://xn--bcher-kva.example/neu"


def test_a_fragment_counts_first_and_is_left_out_then() -> None:
    assert asked("https://blog.example/changes#v2").keys == [
        [link_key("https://blog.example/changes#v2")],
        [link_key("https://blog.example/changes")],
    ]


def test_what_follows_a_question_mark_is_left_out_last() -> None:
    found = asked("https://blog.example/post?ref=planet")
    assert (len(found.keys), found.keys_without_query) == (1, [link_key("https://blog.example/post")])


def test_a_sites_own_address_is_that_of_no_post() -> None:
    assert [
        asked(text).keys for text in ("blog.example", "https://blog.example/", "https://blog.example/?utm_a=b")
    ] == [
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/post/12/", "/post/12/"),
        ("https://planet.example/post/12/?x=y#z", "/post/12/"),
        ("http://www.planet.example/source/a%C3%A4/", "/source/aä/"),
        ("planet.example", "/"),
        ("https://planet.example.org/post/12/", ""),
        ("https://planet.example:8443/post/12/", ""),
    ],
)
def test_a_page_of_ours_is_known_by_its_path(text: str, path: str) -> None:
    assert asked(text).own_path == path


def test_a_site_beside_a_port_is_ours_with_it() -> None:
    assert read("localhost:8000/post/1/", "http://localhost:8000").own_path == "/post/1/"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "no web address"),
        ("my post about trains", "no web address"),
        ("ann@blog.example", "mail address"),
        ("mailto:ann@blog.example?subject=x", "mail address"),
        ("javascript:alert(1)", "“javascript:”"),
        ("java\tscript:alert(1)", "no web address"),
        ("data:text/html,<script>", "“data:”"),
        ("file:///etc/passwd", "“file:”"),
        ("https://ann:secret@blog.example/", "Leave out the name and the password"),
        ("https://blog.example:99999/", "port"),
        ("https://", "no web address"),
        ("https://-..-/", "no web address"),
        ("https://[::1", "no web address"),
        ("https://blog.example/" + "a" * 2000, "longer than 2,000"),
        ("https://blog.example/" + "ü" * 900, "longer than 2000"),
        ("\x00\x01", "no web address"),
        ("https://" + "a." * 200 + "example/", "no web address"),
    ],
)
def test_what_is_no_address_is_told_so(text: str, words: str) -> None:
    with pytest.raises(NotAnAddress, match=words) as refused:
        asked(text)
    assert "secret" not in str(refused.value)


@given(
    st.text(max_size=300) | st.from_regex(r"(https?://|//|www\.|feed:)?[a-z.:@%#?/\[\]~ü\x00-]{0,80}", fullmatch=True)
)
def test_any_text_is_an_address_or_told_why_not(text: str) -> None:
    assert "\x00" not in as_shown(text)
    found = address_or_refusal(text)
    if isinstance(found, str):
        assert found.endswith(".")
        return
    assert found.url.isascii()
    assert found.url.startswith(("http://", "https://"))
    assert all(one.isascii() for one in [*found.spellings, *found.places, *found.hosts])
    assert len(found.places) <= 80


def address_or_refusal(text: str) -> Asked | str:
    try:
        return asked(text)
    except NotAnAddress as refused:
        return str(refused)
