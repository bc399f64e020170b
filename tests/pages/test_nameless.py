"""Links, headings and cells of posts that say nothing get a name, or are none any more."""

from __future__ import annotations

import pytest

from aggregator.ingest.sanitize import sanitize
from aggregator.pages.nameless import MAX_NAME_CHARACTERS, bytes_of_names, name_of, with_names
from aggregator.templatetags.pages import below_title
from tests.processor_time import at_most

PICTURE = '<img src="https://a.example/1.png" alt="{}">'


def shown(html: str) -> str:
    return with_names(below_title(html))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://a.example/large.jpg", "Picture"),
        ("https://a.example/large.JPEG?w=900#x", "Picture"),
        ("https://a.example/i.gif", "Picture"),
        ("https://www.a.example/walks/", "a.example"),
        ("https://a.example/notjpg", "a.example"),
        ("https://a.example", "a.example"),
        ("mailto:me@a.example?subject=x", "me@a.example"),
        ("#p0123456789ab-note", "Picture"),
        ("https://[broken", "Picture"),
        ("https://" + "long." * 60 + "example/", ("long." * 60 + "example")[-MAX_NAME_CHARACTERS:]),
    ],
)
def test_a_link_is_named_by_where_it_leads(address: str, name: str) -> None:
    assert name_of(address) == name


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (
            f'<a href="https://b.example/">{PICTURE.format("")}</a>',
            f'<a href="https://b.example/">{PICTURE.format("b.example")}</a>',
        ),
        (
            f'<a href="https://b.example/"> <b>{PICTURE.format("")}</b><br>{PICTURE.format("")}</a>',
            f'<a href="https://b.example/"> <b>{PICTURE.format("b.example")}</b><br>{PICTURE.format("")}</a>',
        ),
        (
            f'<h2><a href="https://b.example/">{PICTURE.format("")}</a></h2>',
            f'<h5><a href="https://b.example/">{PICTURE.format("b.example")}</a></h5>',
        ),
        ('<p>a<a href="https://b.example/"></a>b</p>', "<p>ab</p>"),
        ('<a href="https://b.example/" id="p0-x"> <br></a>', '<span id="p0-x"> <br></span>'),
        ('<h2 dir="rtl"></h2><h3>&nbsp;<b></b></h3>', '<div dir="rtl"></div><div>&nbsp;<b></b></div>'),
        (f"<h3>{PICTURE.format('')}</h3>", f"<div>{PICTURE.format('')}</div>"),
        ('<tr><th scope="col" colspan="2"></th><th>x</th></tr>', '<tr><td colspan="2"></td><th>x</th></tr>'),
    ],
)
def test_what_says_nothing_is_named_or_no_more_what_it_was(stored: str, expected: str) -> None:
    assert shown(stored) == expected


@pytest.mark.parametrize(
    "stored",
    [
        f'<a href="https://b.example/">{PICTURE.format("A bridge")}</a>',
        f'<a href="https://b.example/">{PICTURE.format("")} and words</a>',
        f'<a href="https://b.example/">{PICTURE.format("")}{PICTURE.format("A bridge")}</a>',
        f"<p>{PICTURE.format('')}</p>",
        f"<h5>{PICTURE.format('A bridge')}</h5>",
        "<h5>Words</h5><table><thead><tr><th><b>x</b></th></tr></thead></table>",
        '<a href="https://b.example/">x</a> <a href="https://c.example/">y</a>',
    ],
)
def test_what_has_a_name_stays_as_it_is(stored: str) -> None:
    assert shown(stored) == stored


def test_no_address_writes_into_the_page() -> None:
    hostile = """<a href='https://a"onerror=x<b>&amp;.example/"><script>'><img src="https://a.example/1.png"></a>"""
    clean = sanitize(hostile, "https://a.example/").html
    assert "<script" not in shown(clean)
    assert (
        shown('<a href="mailto:&quot;&lt;i&gt;&#x27;@x">' + PICTURE.format("") + "</a>").count(
            'alt="&quot;&lt;i&gt;&#x27;@x"'
        )
        == 1
    )


def test_the_page_counts_what_names_take() -> None:
    linked = f'<a href="mailto:{"&quot;" * 80}@x">{PICTURE.format("")}</a>' * 50
    assert len(shown(linked)) - len(linked) <= bytes_of_names(linked)


@pytest.mark.parametrize(
    "piece", ["<a >", '<a href="x"> ', '<a href="x"><img alt="">', "<h5>", "<h5><b>", "<th>", "<th> ", "<a </a>"]
)
def test_no_post_takes_long(piece: str) -> None:
    with at_most(2):
        with_names(piece * 100_000)
