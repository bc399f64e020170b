"""Code and lists of tasks as their authors wrote them, without what programs and styles put around them."""

from __future__ import annotations

import time

import pytest

from tests.ingest.test_shown import clean


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("<pre><span class='linenos'>1</span>a = 2\n<span class='linenos'>2</span>b</pre>", "<pre>a = 2\nb</pre>"),
        (
            (
                "<pre class='chroma'><code><span class='line'><span class='ln'>1</span><b>a\n</b></span>"
                "<span class='line'><span class='ln'>2</span><span class='cl'>b</span></span></code></pre>"
            ),
            "<pre><code><b>a\n</b>b</code></pre>",
        ),
        (
            (
                "<table class='highlighttable'><tr><td class='linenos'><pre>1\n2</pre></td><td class='code'>"
                "<pre>a\nb</pre></td></tr></table>"
            ),
            "<table><tbody><tr><td><pre>a\nb</pre></td></tr></tbody></table>",
        ),
        (
            (
                "<table><tr><td class='lntd'><pre><code><span class='lnt'>1\n</span></code></pre></td>"
                "<td class='lntd'><pre><code>42</code></pre></td></tr></table>"
            ),
            "<table><tbody><tr><td><pre><code>42</code></pre></td></tr></tbody></table>",
        ),
        ("<p>In <span class='ln'>2026</span> we</p>", "<p>In 2026 we</p>"),
        (
            "<table><tr><td class='blob-num' data-line-number='1'></td><td>a</td></tr></table>",
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
        ("<div class='gutter'>Words of mine</div>", "<div>Words of mine</div>"),
        (
            "<div class='gutter'><img src='https://e.org/a.png' alt='a'></div>",
            '<div><img src="https://e.org/a.png" alt="a"></div>',
        ),
        ("<pre class='line-numbers'><code>42</code></pre>", "<pre><code>42</code></pre>"),
        (
            "<pre><code><span class='line'>a</span><span class='line'>b</span></code></pre>",
            "<pre><code>a\nb</code></pre>",
        ),
        (
            "<pre><b class='line'>a</b>\n<span class='line'></span>\n<span class='line'>b</span></pre>",
            "<pre><b>a</b>\n\nb</pre>",
        ),
        (
            "<pre><code><span class='token-line'>a<br></span><span class='token-line'>b</span></code></pre>",
            "<pre><code>a<br>b</code></pre>",
        ),
        ("<p><span class='line'>a</span><span class='line'>b</span></p>", "<p>ab</p>"),
    ],
)
def test_code_has_the_words_and_lines_of_its_author(code: str, written: str) -> None:
    assert clean(code) == written


@pytest.mark.parametrize(
    "button",
    [
        "<button>Copy</button>",
        "<button class='copy-btn'>⧉</button>",
        "<button title='Copy to clipboard'><svg></svg></button>",
        "<button data-clipboard-text='a'>📋</button>",
        "<button type='button'>Kopieren</button>",
    ],
)
def test_a_button_that_copies_code_is_none_of_its_words(button: str) -> None:
    assert clean(f"<div>{button}<pre>a</pre></div>") == "<div><pre>a</pre></div>"


def test_other_buttons_keep_their_words_apart() -> None:
    assert clean("<p><button>One</button><button>Two</button></p>") == "<p>One Two</p>"
    assert clean("<p><label>C</label><label>C++</label></p>") == "<p>C C++</p>"


@pytest.mark.parametrize(
    ("tasks", "written"),
    [
        ("<li><input type=checkbox checked disabled> done", "<li>☑ done</li>"),
        ("<li><input type='checkbox'>to do", "<li>☐ to do</li>"),
        ("<li><p><label><input type=checkbox> to do</label></p>", "<li><p>☐ to do</p></li>"),
        ("<li>I agree <input type=checkbox>", "<li>I agree </li>"),
    ],
)
def test_a_list_of_tasks_says_what_is_done(tasks: str, written: str) -> None:
    assert clean(f"<ul>{tasks}</ul>") == f"<ul>{written}</ul>"


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("10<span style='vertical-align: super; font-size: 60%'>6</span>", "10<sup>6</sup>"),
        ("10<span class='superscript'>6</span>", "10<sup>6</sup>"),
        ("H<span style='VERTICAL-ALIGN:sub'>2</span>O", "H<sub>2</sub>O"),
        ("<span style='text-decoration:underline line-through'>no</span>", "<s>no</s>"),
        ("<font style='font-weight:700'>bold</font>", "<b>bold</b>"),
        ("<span style='font-style:italic'>i</span>", "<i>i</i>"),
        ("<b style='font-weight:normal'>all</b>", "all"),
        ("<span style='display:block'>a</span><span style='display:block'>b</span>", "<div>a</div><div>b</div>"),
        ("<span style='vertical-align:middle;color:red'>a</span>", "a"),
        ("<div style='direction:rtl'>a</div>", '<div dir="rtl">a</div>'),
        ("<fieldset><legend>Name</legend>in</fieldset>", "<div><div>Name</div>in</div>"),
        (
            "<ol reversed start=3 type=a><li value=7>a</ol>",
            '<ol start="3" reversed="" type="a"><li value="7">a</li></ol>',
        ),
        ("<ol type=disc><li value=x>a</ol>", "<ol><li>a</li></ol>"),
        ("<details open><summary>a</summary>b</details>", "<details open><summary>a</summary>b</details>"),
        ("<dfn title='what it is'>a</dfn>", '<dfn title="what it is">a</dfn>'),
    ],
)
def test_what_styles_and_attributes_say_stays_in_elements(html: str, written: str) -> None:
    assert clean(html) == written


@pytest.mark.parametrize(
    ("image", "written"),
    [
        ("<img src='cid:1' alt='A cat'>", "[A cat]"),
        ("<img src='file:///C:/cat.png' title='A cat'>", "[A cat]"),
        (f"<img src='data:image/png;base64,{'A' * 500}' alt='A cat'>", "[A cat]"),
        ("<img src='data:image/gif;base64,R0lGOD' alt='A cat'>", "[A cat]"),
        ("<img src='cid:1' alt='A cat' width=1 height=1>", ""),
        ("<img src='/a.png' title='A cat'>", '<img src="https://blog.example/a.png" alt="A cat">'),
        ("<map><area href='/x' alt='North'><area></map>", '<a href="https://blog.example/x">North</a>'),
        ("<map><area href='https://e.example/'></map>", '<a href="https://e.example/">e.example</a>'),
    ],
)
def test_a_picture_out_of_reach_leaves_its_words_and_its_links(image: str, written: str) -> None:
    assert clean(f"<p>x {image}</p>") == f"<p>x {written}</p>"


FLOODS = {
    "numbers": "<span class=gutter>" * 20_000 + "x" + "</span>" * 20_000,
    "buttons": "<button>" * 20_000 + "x" + "</button>" * 20_000,
    "notes": "<span class=sidenote>" * 20_000 + "x" + "</span>" * 20_000,
    "toggles": "<label class=margin-toggle>" * 20_000 + "x" + "</label>" * 20_000,
    "panels": "<a href=#a>x</a>" + "<div hidden id=a>" * 20_000 + "x" + "</div>" * 20_000,
    "scripts": "<script/>" * 20_000 + "</script>x",
    "drawings": "<mjx-container>" + "<svg data-mml-node>" * 20_000 + "</svg>" * 20_000,
    "sources": "<span data-tex=x>" * 20_000 + "</span>" * 20_000,
    "signs": "<a class=headerlink href=#a>" * 10_000 + "¶" + "</a>" * 10_000,
}


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_of_such_is_read_in_linear_time(flood: str) -> None:
    started = time.process_time()
    clean(flood)
    assert time.process_time() - started < 20
