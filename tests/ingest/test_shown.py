"""What a page shows by scripts, styles and players reaches the reader without them; what it hides stays hidden."""

from __future__ import annotations

import re
import time

import pytest

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.sanitize import sanitize

BASE_URL = "https://blog.example/posts/1"
PREFIX = prefix_of("https://blog.example/feed", "1")
SAME_ON_ALL = re.compile(r' (?:rel|loading|referrerpolicy|decoding)="[^"]*"')


def clean(html: str, prefix: str = "") -> str:
    """Without what all links and images have."""
    once = sanitize(html, BASE_URL, prefix)
    assert sanitize(once.html, BASE_URL, prefix) == once
    return SAME_ON_ALL.sub("", once.html)


# Hidden


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>draft</p>",
        "<p HIDDEN=''>draft<p>kept</p>",
        "<div style='display:none'><p>draft</p> and <b>more</b></div>",
        "<span style='DISPLAY : NONE !important'>draft</span>",
        "<div style='visibility: hidden'>draft</div>",
        "<div style='max-height:0px; overflow:hidden'>draft</div>",
        "<div style='font-size:0;line-height:0'>draft</div>",
        "<span style='mso-hide:all;color:#fff'>draft</span>",
        "<span style='position:absolute;left:-9999px'>draft</span>",
        "<span style='position:absolute; clip: rect(0 0 0 0)'>draft</span>",
        "<div class='preheader'>draft</div>",
        "<div style='display:none'><div>draft</div></div>",
        "<span aria-hidden='true'>5k</span><span class='sr-only'>draft</span>",
        "<span class='screen-reader-text'>draft</span><span aria-hidden='true'>5k</span>",
    ],
)
def test_what_the_author_hides_stays_hidden(hidden: str) -> None:
    html = clean(f"<p>Dear all.</p>{hidden}<p>Yours</p>")
    assert "draft" not in html
    assert "Dear all." in html
    assert "Yours" in html


@pytest.mark.parametrize(
    "seen",
    [
        "<div style='opacity:0'>word</div>",
        "<div style='height:0;overflow:hidden;padding-bottom:56%'>word</div>",
        "<div style='font-size:0'><span style='font-size:16px'>word</span></div>",
        "<div style='font-size:0'><img src='/a.png' alt='word'></div>",
        "<div style='font-size:0.9em'>word</div>",
        "<div style='max-height:10px;overflow:hidden'>word</div>",
        "<div style='margin-left:-20px'>word</div>",
        "<p hidden=until-found>word</p>",
        "<p hidden>word",
        "<details><summary>more</summary>word</details>",
        "<a href='https://e.org/'><svg></svg><span class='sr-only'>word</span></a>",
        "<pre>a { display: none } word</pre>",
        "<p title='hidden'>word</p>",
        "<p style='-webkit-backface-visibility:hidden'>word</p>",
        "<p style='--m-display:none'>word</p>",
        "<p style='display:block'></p><p style='position:relative;top:-100px'>word</p>",
        "<noscript><p>How a JavaScript engine works: word</p></noscript>",
    ],
)
def test_what_can_be_seen_stays(seen: str) -> None:
    assert "word" in clean(f"<p>Dear all.</p>{seen}")


@pytest.mark.parametrize("wrapper", ["<div style='display:none'>{}</div>", "<div hidden><p>{}</p></div>"])
def test_a_post_that_waits_for_a_script_as_a_whole_is_shown(wrapper: str) -> None:
    assert "All of it." in clean(wrapper.format("All of it.") + "<script>show()</script>")


# Formulas

FRACTION = "<mfrac><mn>3</mn><mn>1</mn></mfrac>"
TEX = "<annotation encoding='application/x-tex'>\\frac{3}{1}</annotation>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (f"<math><semantics><mrow>{FRACTION}</mrow>{TEX}</semantics></math>", "<code>\\frac{3}{1}</code>"),
        (f"<math alttext='three over one'>{FRACTION}</math>", "three over one"),
        (f"<math>{FRACTION}</math>", "(3)/(1)"),
        ("<math><mi>r</mi><mo>=</mo><msup><mi>a</mi><mn>2</mn></msup></math>", "r=a^2"),
        ("<math><msub><mi>a</mi><mn>1</mn></msub><mn>3</mn></math>", "a_1 3"),
        ("<math><mn>3</mn><mn>1</mn></math>", "3 1"),
        ("<math><msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt></math>", "√(x+1)"),
        ("<math><mroot><mi>x</mi><mn>3</mn></mroot></math>", "√[3](x)"),
        ("<math><msup><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mn>10</mn></msup></math>", "(x+1)^10"),
        (
            "<math><msubsup><mi>x</mi><mi>i</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></msubsup></math>",
            "x_i^(n+1)",
        ),
        ("<math><munderover><mo>∑</mo><mn>0</mn><mi>n</mi></munderover><mi>k</mi></math>", "∑_0^n k"),
        ("<math><mover><mi>x</mi><mo>¯</mo></mover></math>", "x¯"),
        ("<math><mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac></math>", "(n choose k)"),
        ("<math><mfenced><mn>1</mn><mn>2</mn></mfenced></math>", "(1, 2)"),
        (
            (
                "<math><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr>"
                "<mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable></math>"
            ),
            "[1, 2; 3, 4]",
        ),
        ("<m:math><m:msup><m:mi>a</m:mi><m:mn>2</m:mn></m:msup></m:math>", "a^2"),
        ("<math><mn>2</mn><mo>&#x2062;</mo><mi>x</mi></math>", "2 x"),
        (
            (
                f"<span class='katex'><span class='katex-mathml'><math>{FRACTION}{TEX}</math></span>"
                "<span class='katex-html' aria-hidden='true'><span>31</span></span></span>"
            ),
            "<code>\\frac{3}{1}</code>",
        ),
        (f"<i><math>{FRACTION}</math></i><span aria-hidden='true'>31</span>", "<i>(3)/(1)</i>"),
        (f"<span aria-hidden='true'>31</span><math>{FRACTION}</math>", "(3)/(1)"),
        (
            (
                "<mjx-container class='MathJax'><mjx-math aria-hidden='true'>31</mjx-math>"
                f"<mjx-assistive-mml><math>{FRACTION}</math></mjx-assistive-mml></mjx-container>"
            ),
            "(3)/(1)",
        ),
        (
            (
                "<span class='MathJax_Preview'>31</span><span class='MathJax'><nobr aria-hidden='true'>31</nobr>"
                f"<span class='MJX_Assistive_MathML'><math>{FRACTION}</math></span></span>"
                "<script type='math/tex'>\\frac{3}{1}</script>"
            ),
            "<code>\\frac{3}{1}</code>",
        ),
        ("<script type='math/tex; mode=display'>a &lt; b</script>", "<code>a &lt; b</code>"),
        ("<script type='math/tex'>a</script><script type='math/tex'>b</script>", "<code>a</code><code>b</code>"),
        ("<img src='https://s0.wp.com/latex.php?latex=a' alt='a' class='latex'>", None),
    ],
)
def test_a_formula_stands_there_once_and_right(formula: str, text: str | None) -> None:
    expected = '<img src="https://s0.wp.com/latex.php?latex=a" alt="a">' if text is None else text
    assert clean(f"<p>Area {formula} here.</p>") == f"<p>Area {expected} here.</p>"


def test_a_formula_whose_end_is_missing_or_far_swallows_nothing() -> None:
    post = "<p>one <math><mi>x</mi> two</p><p>three <img src=/a.png></p></math><math>four"
    html = clean(post)
    assert all(word in html for word in ("one", "two", "three", "four", "/a.png"))


# Embeds


@pytest.mark.parametrize(
    ("embed", "link"),
    [
        ("<iframe src='/embed/9' title='Wheel'></iframe>", '<a href="https://blog.example/embed/9">Wheel</a>'),
        ("<iframe src='https://pen.example/9'></iframe>", '<a href="https://pen.example/9">Embedded: pen.example</a>'),
        (
            "<iframe src='about:blank' data-litespeed-src='https://pen.example/9'></iframe>",
            '<a href="https://pen.example/9">Embedded: pen.example</a>',
        ),
        (
            "<iframe src='https://www.youtube.com/embed/videoseries?list=PLx_1'></iframe>",
            '<a href="https://www.youtube.com/playlist?list=PLx_1">Video: youtube.com</a>',
        ),
        (
            "<iframe src='https://www.youtube.com/embed/abcdefghijk?list=PLx&start=90'></iframe>",
            '<a href="https://www.youtube.com/watch?v=abcdefghijk&amp;list=PLx&amp;t=90s">Video: youtube.com</a>',
        ),
        (
            "<iframe src='https://player.vimeo.com/video/12?h=0a1b2c'></iframe>",
            '<a href="https://vimeo.com/12/0a1b2c">Video: vimeo.com</a>',
        ),
        (
            "<iframe src='https://open.spotify.com/embed/episode/x' title='Ep 4'></iframe>",
            '<a href="https://open.spotify.com/episode/x">Audio: Ep 4</a>',
        ),
        (
            "<audio controls src='/a.mp3'></audio>",
            '<a href="https://blog.example/a.mp3">Audio: a.mp3 (blog.example)</a>',
        ),
        (
            "<audio><source src='/a.mp3'><source src='/a.ogg'>Your browser can't play this.</audio>",
            (
                '<a href="https://blog.example/a.mp3">Audio: a.mp3 (blog.example)</a> '
                '<a href="https://blog.example/a.ogg">Audio: a.ogg (blog.example)</a>'
            ),
        ),
        (
            "<video title='Surf' poster='/p.jpg'><source src='/v.mp4' type='video/mp4'></video>",
            '<img src="https://blog.example/p.jpg" alt=""> <a href="https://blog.example/v.mp4">Video: Surf</a>',
        ),
        (
            "<video src='/v.mp4'>A seal on a rock</video>",
            '<a href="https://blog.example/v.mp4">Video: v.mp4 (blog.example)</a> A seal on a rock',
        ),
        (
            "<video src='/v.mp4'><p>No JavaScript? <a href='/v.mp4'>Download</a></p></video>",
            '<a href="https://blog.example/v.mp4">Video: v.mp4 (blog.example)</a>',
        ),
        (
            "<object data='/s.pdf' type='application/pdf'><a href='/s.pdf'>Slides</a></object>",
            (
                '<a href="https://blog.example/s.pdf">PDF: s.pdf (blog.example)</a>'
                '<a href="https://blog.example/s.pdf">Slides</a>'
            ),
        ),
        ("<object data='/x.png' type='image/png'></object>", '<img src="https://blog.example/x.png" alt="">'),
        (
            (
                "<object><param name='movie' value='https://www.youtube.com/v/abcdefghijk'>"
                "<embed src='https://www.youtube.com/v/abcdefghijk'></object>"
            ),
            '<a href="https://www.youtube.com/watch?v=abcdefghijk">Video: youtube.com</a>',
        ),
        ("<embed src='/song.mid' title='Song'>", '<a href="https://blog.example/song.mid">Audio: Song</a>'),
        (
            "<lite-youtube videoid='abcdefghijk' playlabel='Talk'></lite-youtube>",
            '<a href="https://www.youtube.com/watch?v=abcdefghijk">Video: Talk</a>',
        ),
        (
            "<script src='https://gist.github.com/jo/0a1b2c3d.js?file=a.py'></script>",
            '<a href="https://gist.github.com/jo/0a1b2c3d">Code: gist.github.com</a>',
        ),
        ("<object>Just words</object>", "Just words"),
        (
            "<iframe data-src='/e'></iframe><noscript><iframe src='/e' title='E'></iframe></noscript>",
            '<a href="https://blog.example/e">Embedded: blog.example</a>',
        ),
        (
            "<iframe src='https://cdn.embedly.com/w?url=https%3A%2F%2Fpen.example%2F9'></iframe>",
            '<a href="https://pen.example/9">Embedded: pen.example</a>',
        ),
        *(
            (frame, "")
            for frame in (
                "<iframe src='https://t.example/' width=1 height=1></iframe>",
                "<iframe src='https://t.example/' style='display:none'></iframe>",
                "<iframe src='https://t.example/' hidden></iframe>",
                "<iframe src='https://www.googletagmanager.com/ns.html?id=1'></iframe>",
                "<iframe src='https://www.facebook.com/plugins/like.php?href=x'></iframe>",
                "<iframe src='javascript:1'></iframe>",
                "<noscript><iframe src='https://www.googletagmanager.com/ns.html'></iframe></noscript>",
            )
        ),
    ],
)
def test_what_is_embedded_becomes_a_named_link(embed: str, link: str) -> None:
    assert clean(f"<div>{embed}</div>") in (f"<div>{link}</div>", "" if not link else None)


def test_words_and_links_of_embeds_stand_apart() -> None:
    html = clean("one<iframe src=/a title=A></iframe><iframe src=/b title=B></iframe>two")
    assert re.sub(r"<[^>]+>", "", html) == "one A B two"


# Pictures


@pytest.mark.parametrize(
    "picture",
    [
        "<noscript><img src='/cat.png'></noscript>",
        "<img src='data:image/gif;base64,R0lGOD' data-src='/cat.png'><noscript><img src='/cat.png'></noscript>",
        "<noscript><img src='/cat.png'></noscript><img class='lazyload' src='data:,' data-src='/cat.png'>",
        "<img class='lazy' src='/tiny.jpg'><noscript><img src='/cat.png'></noscript>",
        "<img style='display:none' data-cfsrc='/cat.png'><noscript><img src='/cat.png'></noscript>",
        "<img style='display:none' data-cfsrc='/cat.png'>",
        "<picture><source srcset='/cat.png' type='image/webp'></picture>",
        "<img src='/blank.gif' data-orig-file='/cat.png'>",
        "<img src='/img/1x1.trans.gif' data-large_image='/cat.png'>",
        "<img src='/cat.png' data-large-file='/cat-large.png'>",
        "<img src='/spacer.gif' width=1 height=1 data-lazyload='/cat.png'>",
        *(
            f"<img src='/grey.gif' {name}='/cat.png'>"
            for name in (
                *("data-src", "data-lazy-src", "data-original", "data-cfsrc", "data-lazyload", "data-lazy", "data-url"),
                *("data-orig-file", "data-ezsrc", "data-echo", "data-full-url", "data-image", "data-hi-res-src"),
                *("nitro-lazy-src", "lazy-src", "data-pagespeed-lazy-src", "data-actualsrc", "data-litespeed-src"),
            )
        ),
    ],
)
def test_a_picture_that_waits_for_a_script_is_shown_once(picture: str) -> None:
    html = clean(f"<p>Look:</p>{picture}")
    assert re.findall(r' src="([^"]*)"', html) == ["https://blog.example/cat.png"]


def test_a_picture_of_sources_alone_keeps_its_words() -> None:
    html = "<picture><source data-srcset='/cat.webp 2x'><img alt='A cat' width=20></picture>"
    assert clean(html) == (
        '<img src="https://blog.example/cat.webp" srcset="https://blog.example/cat.webp 2x" alt="A cat" width="20">'
    )


@pytest.mark.parametrize(
    ("noscript", "words"),
    [
        ("<noscript>Please enable JavaScript to see <a href='/c'>comments</a>.</noscript>", ""),
        (
            "<noscript><a href='/poll'>Take our poll</a></noscript>",
            '<a href="https://blog.example/poll">Take our poll</a>',
        ),
        ("<noscript><p>Plain words</p></noscript>", "<p>Plain words</p>"),
        ("<noscript>open", "open"),
    ],
)
def test_words_for_those_without_scripts_are_for_us(noscript: str, words: str) -> None:
    assert clean(f"<h2>One</h2>{noscript}") == f"<h2>One</h2>{words}"


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("<img src='/emoji/72x72/1f642.png' alt='🙂' class='wp-smiley'>", "🙂"),
        ("<img src='/s/icon_smile.gif' alt=':)' class='wp-smiley'>", ":)"),
        ("<img src='/x.png' alt='🎉' class='emoji'>", "🎉"),
        ("<img src='https://cdn.example/twemoji/72x72/1f600.png' alt='😀'>", "😀"),
        ("<img src='/x.png' alt='' class='emoji'>", '<img src="https://blog.example/x.png" alt="">'),
        ("<img src='/x.png' alt='🙂' width=16>", '<img src="https://blog.example/x.png" alt="🙂" width="16">'),
    ],
)
def test_a_smiley_is_text(image: str, text: str) -> None:
    assert clean(f"<p>Good {image} day</p>") == f"<p>Good {text} day</p>"


# Links within the post


def test_a_footnote_keeps_both_ends() -> None:
    post = '<p>Text<sup id="ref:1"><a href="#fn:1">1</a></sup></p><ol><li id="fn:1">Note <a href="#ref%3A1">↩</a></ol>'
    assert clean(post, PREFIX) == (
        f'<p>Text<sup id="{PREFIX}ref:1"><a href="#{PREFIX}fn:1">1</a></sup></p>'
        f'<ol><li id="{PREFIX}fn:1">Note <a href="#{PREFIX}ref:1">↩</a></li></ol>'
    )


@pytest.mark.parametrize(
    ("post", "written"),
    [
        ("<a href='#n'>1</a><a name='n'></a>x", f'<a href="#{PREFIX}n">1</a><span id="{PREFIX}n"></span>x'),
        (f"<a href='{BASE_URL}#n'>1</a><p id=n>x</p>", f'<a href="#{PREFIX}n">1</a><p id="{PREFIX}n">x</p>'),
        ("<a href='#n'>1</a><section id=n>x</section>", f'<a href="#{PREFIX}n">1</a><div id="{PREFIX}n">x</div>'),
        ("<a href='#n'>1</a><time id=n>x</time>", f'<a href="#{PREFIX}n">1</a><span id="{PREFIX}n">x</span>'),
        ("<a href='#é'>1</a><p id=é>x</p>", f'<a href="#{PREFIX}é">1</a><p id="{PREFIX}é">x</p>'),
        ("<a href='#n'>1</a><p id=n>x</p><p id=n>y</p>", f'<a href="#{PREFIX}n">1</a><p id="{PREFIX}n">x</p><p>y</p>'),
        # What is open when an element around it ends is opened again after it: the same place a second time.
        (
            "<a href='#n'>1</a><b>x<span id=n>y</b>z</span>",
            f'<a href="#{PREFIX}n">1</a><b>x<span id="{PREFIX}n">y</span></b>z',
        ),
        (
            "<a href='#n'>1</a><b>x<i lang=de id=n>y</b>z</i>",
            f'<a href="#{PREFIX}n">1</a><b>x<i lang="de" id="{PREFIX}n">y</i></b><i lang="de">z</i>',
        ),
        ("<p id=location>x</p><p name=cookie>y</p>", "<p>x</p><p>y</p>"),
        ("<a href='#n'>1</a>", f'<a href="{BASE_URL}#n">1</a>'),
        ("<a href='/other#n'>1</a><p id=n>x</p>", '<a href="https://blog.example/other#n">1</a><p>x</p>'),
    ],
)
def test_an_id_stays_where_a_link_of_the_post_leads(post: str, written: str) -> None:
    assert clean(post, PREFIX) == written


def test_an_id_of_any_kind_can_only_come_out_with_the_prefix() -> None:
    html = clean("<a href='#a b\"c'>1</a><p id='a b&quot;c'>x</p>", PREFIX)
    assert re.fullmatch(rf'<a href="#({PREFIX}[0-9a-f]+)">1</a><p id="\1">x</p>', html)


def test_two_posts_have_no_id_in_common() -> None:
    others = {prefix_of(feed, guid) for feed in ("https://a.example/", "https://b.example/") for guid in ("1", "2")}
    assert len(others) == 4


@pytest.mark.parametrize(
    ("heading", "written"),
    [
        ('<h2 id="a">Use<a class="headerlink" href="#a" title="Link">¶</a></h2>', "<h2>Use</h2>"),
        ('<section id="a"><h2>Use<a href="#a">#</a></h2></section>', "<div><h2>Use</h2></div>"),
        ('<h2 id="a"><a href="#a" aria-hidden="true">🔗</a>Use</h2>', "<h2>Use</h2>"),
        ('<h2 id="a"><a class="anchor" href="#a"><svg></svg></a>Use</h2>', "<h2>Use</h2>"),
        ('<h2 id="a">Use</h2><a href="#a"><span class="sr-only">Section titled Use</span></a>', "<h2>Use</h2>"),
        ('<a class="anchor" href="#a">#</a><h2 id="a">Use</h2>', "<h2>Use</h2>"),
        (f'<h2 id="a">Use <a href="{BASE_URL}#a">Permalink</a></h2>', "<h2>Use </h2>"),
        ('<h2 id="a">Use<a class="hash-link" href="#a">\u200b</a></h2>', "<h2>Use</h2>"),
        (
            '<h2 id="a"><a class="anchor" href="#a">Use</a></h2>',
            f'<h2 id="{PREFIX}a"><a href="#{PREFIX}a">Use</a></h2>',
        ),
        (
            '<h2 id="a">C<a href="#n"><sup>1</sup></a></h2><p id="n">x</p>',
            f'<h2>C<a href="#{PREFIX}n"><sup>1</sup></a></h2><p id="{PREFIX}n">x</p>',
        ),
        ("<h2>C# and F#</h2>", "<h2>C# and F#</h2>"),
    ],
)
def test_a_heading_loses_the_link_to_itself(heading: str, written: str) -> None:
    assert clean(heading, PREFIX) == written


# Floods

FLOODS = {
    "maths": "<math>" * 20_000 + "</math>" * 20_000,
    "powers": "<math>" + "<msup>" * 20_000 + "x" + "</msup>" * 20_000 + "</math>",
    "drawn formulas": "<span class=katex>" * 15_000 + "</span>" * 15_000,
    "doubles": "<math>x</math><b aria-hidden=true>" * 10_000 + "</b>" * 10_000,
    "objects": "<object data=x>" * 15_000 + "</object>" * 15_000,
    "films": "<video><source src=x>" * 10_000 + "</video>" * 10_000,
    "noscripts": "<noscript><img src=x>" * 8_000 + "</noscript>" * 8_000,
    "hidden": "<div style=visibility:visible>" * 10_000 + "</div>" * 10_000,
    "for hearing": "<b class=sr-only>" * 15_000 + "x" + "</b>" * 15_000,
    "anchors": "".join(f"<a href=#{n} id={n}>" for n in range(15_000)),
    "headings": "<h1><a href=#x>#</a>" * 10_000 + "</h1>" * 10_000,
    "attributes": "<img " + "".join(f"data-{n}-src=true " for n in range(20_000)) + ">",
    "long names": "<img data-" + "a-" * 100_000 + ">",
}


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_of_such_is_read_in_linear_time(flood: str) -> None:
    started = time.process_time()
    sanitize(flood, BASE_URL, PREFIX)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("size", ['width="1" height="1"', "height='0'", "width=1px"])
def test_a_pixel_in_a_drawing_is_no_picture(size: str) -> None:
    image = f'<image {size} href="https://a.example/p"/>'
    assert clean(f'<svg>{image}<image width="10" href="https://a.example/q"/></svg>').count("<img") == 1
