"""What programs of blogs leave for scripts, styles and the mouse reaches readers who have none of them."""

from __future__ import annotations

from html import escape

import pytest

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.sanitize import sanitize

from .test_embeds import BASE, clean, links
from .test_enclosures import document

BBC = "http://bbc.co.uk/2009/01/ppgRss"
FILM = "https://www.youtube.com/watch?v=abcdefghijk"


def attrs(classes: str, settings: str, name: str = "div") -> str:
    return f'<{name} class="{classes}" data-attrs="{escape(settings)}"></{name}>'


@pytest.mark.parametrize(
    "name", ["data-src-cmplz", "uc-src", "suppressedsrc", "consent-original-src-_", "data-embed-url"]
)
def test_a_frame_that_waits_for_consent_is_a_link(name: str) -> None:
    assert [href for href, _ in links(f'<iframe src="about:blank" {name}="https://pen.example/9"></iframe>')] == [
        "https://pen.example/9"
    ]


def test_a_frame_of_one_pixel_that_grows_is_no_counter() -> None:
    grown = '<iframe src="https://pen.example/9" style="width: 1px; min-width: 100%" title="Tides"></iframe>'
    assert links(grown) == [("https://pen.example/9", "Tides")]
    assert links(grown.replace("; min-width: 100%", "")) == []


@pytest.mark.parametrize(
    ("html", "address", "words"),
    [
        (
            f'<div data-html="{escape("<iframe src=//www.youtube.com/embed/abcdefghijk></iframe>")}"></div>',
            FILM,
            "Video",
        ),
        (
            """<div data-block-json='{"providerName":"Y","url":"https://youtu.be/abcdefghijk"}'><p></p></div>""",
            FILM,
            "Video",
        ),
        (
            '<figure data-npf="{&quot;url&quot;:&quot;https://va.example/x.mp4&quot;}"></figure>',
            "https://va.example/x.mp4",
            "Video",
        ),
        ('<figure class="tmblr-embed" data-url="https%3A%2F%2Fyoutu.be%2Fabcdefghijk"></figure>', FILM, "Video"),
        ('<div data-url="/a.mp3" data-title="Ebb"></div>', "https://blog.example/a.mp3", "Audio: Ebb"),
        ('<button data-audio="/a.ogg?x=1">Hear it</button>', "https://blog.example/a.ogg?x=1", "Audio"),
        ('<div class="flourish-embed" data-src="story/12"></div>', "https://public.flourish.studio/story/12/", "Chart"),
        ('<div class="infogram-embed" data-id="0a-1" data-title="Tides"></div>', "https://infogram.com/0a-1", "Tides"),
        ('<blockquote class="imgur-embed-pub" data-id="a/Ab"></blockquote>', "https://imgur.com/a/Ab", "Picture"),
        ('<div class="typeform-widget" data-url="https://x.example/to/a"></div>', "https://x.example/to/a", "Embedded"),
        ('<script src="https://secure.polldaddy.com/p/12.js"></script>', "https://poll.fm/12", "Poll"),
        (
            '<script src="https://datawrapper.dwcdn.net/AbC/embed.js"></script>',
            "https://datawrapper.dwcdn.net/AbC/",
            "Chart",
        ),
        ('<a data-pin-do="embedPin" href="https://pin.example/1"></a>', "https://pin.example/1", "pin.example"),
        ('<div class="wp-block-embed__wrapper">\nhttps://youtu.be/abcdefghijk\n</div>', FILM, "Video"),
        (
            attrs("digest-post-embed", '{"title":"The ebb","canonical_url":"https://o.example/p"}'),
            "https://o.example/p",
            "The ebb",
        ),
        (attrs("native-audio-embed", '{"mediaUploadId":"a"}'), BASE, "Audio"),
        (attrs("poll-embed", '{"id":12}'), BASE, "Poll"),
    ],
)
def test_what_names_its_film_sound_or_page_in_an_attribute_is_one_named_link(
    html: str, address: str, words: str
) -> None:
    [(href, said)] = links(f"<p>one</p>{html}<p>two</p>")
    assert (href, said.startswith(words)) == (address, True)


@pytest.mark.parametrize(
    "nothing",
    [
        '<a class="share" href="https://x.example/intent"><i></i></a>',
        '<img src="/a.gif" data-mp4="/a.mp4">',
        '<div data-html="true"></div>',
        '<div data-block-json="{&quot;url&quot;:&quot;/a&quot;}"></div>',
        attrs("button", '{"id":"x"}'),
    ],
)
def test_what_is_no_place_for_a_film_is_no_link(nothing: str) -> None:
    assert [said for _, said in links(f"<p>one</p>{nothing}") if said] == []


def test_the_people_and_galleries_of_substack_are_there() -> None:
    person = attrs("mention-wrap", '{"name":"Ada Moor","id":1}', "span")
    assert clean(f"<p>With {person} at sea</p>") == "<p>With Ada Moor at sea</p>"
    gallery = '{"gallery":{"images":[{"src":"/1.png"},{"src":"/2.png"},{}],"caption":"Low <water>","alt":"Sand"}}'
    assert clean(attrs("image-gallery-embed", gallery)) == (
        '<div><img src="https://blog.example/1.png" alt="Sand">'
        '<img src="https://blog.example/2.png" alt="Sand"> Low &lt;water&gt; </div>'
    )


@pytest.mark.parametrize(
    "html",
    [
        '<div class="delayed" data-src="/pier.jpg" data-alt="Pier"></div>',
        '<figure itemid="/pier.jpg" title="Pier"><figcaption>So</figcaption></figure>',
        '<video poster="/spacer.png" title="Pier" style="background:url(\'/pier.jpg\')" src="/v.mp4"></video>',
    ],
)
def test_a_picture_that_a_script_or_a_style_puts_into_an_empty_element_is_there_once(html: str) -> None:
    image = '<img src="https://blog.example/pier.jpg" alt="Pier">'
    assert clean(html).count("<img") == clean(html).count(image) == 1
    assert clean(f"{html}<img src='/pier.jpg'>").count("pier.jpg") == (2 if "video" in html else 1)
    assert "<img" not in clean('<div data-src="chart/12"></div>')


def test_the_words_at_the_mouse_stay_where_they_say_more_than_the_description() -> None:
    assert clean('<img src="/c.png" alt="Buoy" title="It &lt;drifts&gt;">') == (
        '<img src="https://blog.example/c.png" alt="Buoy" title="It &lt;drifts&gt;">'
    )
    assert "title" not in clean('<img src="/c.png" alt="Buoy" title="Buoy"><img src="/d.png" title="Buoy">')


@pytest.mark.parametrize(
    "opens",
    [
        "<button aria-controls=s>Show</button>",
        "<a role=button data-target='#s'>Show</a>",
        "<a data-bs-target='#s'>Show</a>",
        "<button onclick=\"toggle('s')\">Show</button>",
    ],
)
def test_what_a_button_of_the_post_opens_stands_open(opens: str) -> None:
    assert "butler" in clean(f"<p>Who?</p>{opens}<div id=s style='display:none'>The butler</div>")
    assert "butler" not in clean(f"<p>Who?</p>{opens}<div id=other style='display:none'>The butler</div>")


def test_a_spoiler_is_no_draft() -> None:
    assert "butler" in clean("<p>Who?</p><div class=spoiler-body style='display:none'>The butler</div>")


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<p style='white-space:pre-wrap'>One\ntwo\n\nthree</p>", "<p>One<br>\ntwo<br>\n<br>\nthree</p>"),
        ("<div style='WHITE-SPACE: pre-line'>\nOne\n<b>two</b></div>", "<div>One<br>\n<b>two</b></div>"),
        ("<code style='white-space:pre'>a:\n    b</code>", "<pre><code>a:\n    b</code></pre>"),
        ("<div style='white-space:pre-wrap'><p>One</p>\n<p>two</p></div>", "<div><p>One</p>\n<p>two</p></div>"),
        ("<div style='white-space:pre-wrap'><pre>a\nb</pre></div>", "<div><pre>a\nb</pre></div>"),
        ("<p style='white-space:nowrap'>One\ntwo</p>", "<p>One\ntwo</p>"),
    ],
)
def test_lines_that_a_style_keeps_are_kept(html: str, written: str) -> None:
    assert clean(html) == written


def test_a_first_letter_that_floats_stays_with_its_word() -> None:
    assert clean("<p><span style='display:block;float:left'>T</span>he tide</p>") == "<p>The tide</p>"


@pytest.mark.parametrize(("style", "kind"), [("lower-alpha", "a"), ("upper-latin", "A"), ("lower-roman", "i")])
def test_a_list_keeps_the_letters_that_a_style_gives_it(style: str, kind: str) -> None:
    assert clean(f"<ol style='list-style-type: {style}'><li>x</li></ol>") == f'<ol type="{kind}"><li>x</li></ol>'
    assert clean("<ol style='list-style-type: disc'><li>x</li></ol>") == "<ol><li>x</li></ol>"


def test_the_number_of_a_note_does_not_run_into_a_year() -> None:
    link = '<p>In 1999<a class="footnote-anchor" id="a1" href="#n1">1</a> so.</p>'
    note = f'{link}<div><a id="n1" href="#a1">1</a> Sea.</div>'
    once = sanitize(note, BASE, prefix_of("f", "1"))
    assert "1999<sup><a " in once.html
    assert once.excerpt.startswith("In 1999¹ so.")
    assert sanitize(once.html, BASE, prefix_of("f", "1")) == once


def test_a_formula_of_an_element_for_scripts_is_its_source() -> None:
    assert clean('<amp-mathml data-formula="\\frac{3}{1}"></amp-mathml>') == "<code>\\frac{3}{1}</code>"


@pytest.mark.parametrize(
    ("inner", "url", "media_type"),
    [
        ('<media:embed url="https://tube.example/e/1"/>', "https://tube.example/e/1", "text/html"),
        (
            '<media:group><media:peerLink type="application/x-bittorrent" href="https://t.example/x.torrent"/></media:group>',
            "https://t.example/x.torrent",
            "application/x-bittorrent",
        ),
        (
            f'<ppg:enclosureSecure xmlns:ppg="{BBC}" url="https://b.example/s.mp3" length="9"/>',
            "https://b.example/s.mp3",
            "audio/mpeg",
        ),
    ],
)
def test_players_torrents_and_second_addresses_stand_beside_the_text(inner: str, url: str, media_type: str) -> None:
    space = 'xmlns:media="http://search.yahoo.com/mrss/"'
    [one] = document(
        f'<rss version="2.0" {space}><channel><title>S</title><item><title>T</title>{inner}</item></channel></rss>'
    ).items
    assert [(each.url, each.media_type) for each in one.enclosures] == [(url, media_type)]
