"""Pictures that a page keeps in its own ways: in attributes of scripts, behind elements, in the text itself."""

from __future__ import annotations

import re

import pytest

from aggregator.ingest.images import MIN_EMBEDDED_CHARACTERS
from aggregator.ingest.sanitize import MAX_HTML_CHARACTERS, sanitize

BASE = "https://blog.example/post"
CAT = "https://blog.example/cat.jpg"


def clean(html: str) -> str:
    return re.sub(r' (?:rel|loading|referrerpolicy|decoding)="[^"]*"', "", sanitize(html, BASE).html)


def pictures(html: str) -> list[str]:
    return re.findall(r'<img src="([^"]*)"', clean(html))


@pytest.mark.parametrize(
    "picture",
    [
        *(
            f"<img {name}='/cat.jpg'>"
            for name in ("original", "file", "v-lazy", "ng-src", "data-layzr", "data-big", "_src")
        ),
        "<img src='static/image/common/none.gif' zoomfile='/cat.jpg' file='/cat-small.jpg'>",
        "<img :src=\"'/cat.jpg'\">",
        "<img uk-img='data-src:/cat.jpg'>",
        "<img src='data:,' data-anything='https://blog.example/cat.jpg'>",
        "<img class=lazy src='/tiny.jpg' data-original='/cat.jpg'>",
        "<amp-anim src='/cat.jpg' alt='A cat'></amp-anim>",
        "<input type=image src='/cat.jpg'>",
        "<picture><img src='/cat.jpg'><source srcset='/cat.webp'></picture>",
        "<picture><source srcset='/cat.webp'><amp-img src='/cat.jpg'></amp-img></picture>",
        "<div style='background-image: url(&quot;/cat.jpg&quot;)'></div>",
        "<a href='/full.jpg' style='color:red;background:#fff url(/cat.jpg) no-repeat'></a>",
        "<a href='/full.jpg'><span style='background:url(/cat.jpg)'><i></i></span></a>",
        "<div class=lazy data-bg='/cat.jpg'></div>",
        "<section data-background-image='url(/cat.jpg)'></section>",
        "<img src='/small/cat.jpg' data-src='/cat.jpg'>",
    ],
)
def test_a_picture_is_found_and_shown_once(picture: str) -> None:
    assert pictures(f"<p>Look:</p>{picture}") == [CAT]


def test_a_small_picture_of_the_same_name_beside_a_noscript_is_its_twin() -> None:
    small, large = "https://cdn.example/max/60/photo.jpg?q=20", "https://cdn.example/max/1400/photo.jpg"
    assert pictures(f"<img src='{small}'><noscript><img src='{large}'></noscript>") == [large]
    late = f"<img src='{small}'><canvas></canvas><img data-src='{large}'><noscript><img src='{large}'></noscript>"
    assert pictures(late) == [large]
    assert len(pictures("<img src='/a/1.jpg'><noscript><img src='/b/1.jpg'></noscript>")) == 2
    assert len(pictures("<img src='/one-photo.jpg'><noscript><img src='/other-photo.jpg'></noscript>")) == 2


@pytest.mark.parametrize(
    "no_picture",
    [
        "<img data-permalink='https://blog.example/page'>",
        "<img data-attachment-id='7' data-tiny='/tiny.jpg' class='x.jpg'>",
        "<div style='background-image:url(data:image/png;base64,AA)'></div>",
        "<div style='background:url(/cat.jpg)'>Words on it</div>",
        "<div style='background:url(/cat.jpg);width:1px'></div>",
        "<div style='background:url(/cat.jpg);display:none'></div>",
        "<div style='background:url(https://pixel.wp.com/b.gif)'></div>",
        "<div data-background='dark'></div>",
    ],
)
def test_what_only_decorates_or_is_none_is_left_out(no_picture: str) -> None:
    assert pictures(f"<p>Look:</p>{no_picture}") == []


@pytest.mark.parametrize(
    "source", ["cid:image001.png", "file:///C:/cat.png", "blob:https://x/1", "", "http://10.0.0.1/cat.png"]
)
def test_of_a_picture_that_nobody_gets_its_description_stays(source: str) -> None:
    assert clean(f"<p>Look: <img src='{source}' alt='A cat'></p>") == "<p>Look: [A cat]</p>"
    assert clean(f"<p>Look: <img src='{source}' alt='A cat' width=1 height=1></p>") == "<p>Look: </p>"


def test_a_picture_within_the_post_itself_is_a_link_to_the_post_and_pushes_no_words_out() -> None:
    data = "data:image/png;base64," + "A" * MIN_EMBEDDED_CHARACTERS
    assert clean(f"<p><img src='{data}' alt='Tides'></p>") == f'<p><a href="{BASE}">Picture: Tides</a></p>'
    assert clean("<p>x<img src='data:image/gif;base64,R0lGODlhAQ'></p>") == "<p>x</p>"
    large = f"<p>one</p><img src='{data}{'A' * MAX_HTML_CHARACTERS}'><p>two</p>"
    result = sanitize(large, BASE)
    assert ("<p>two</p>" in result.html, result.is_cut) == (True, False)
