"""What a page embeds in ways of its own: by a script alone, an empty or a custom element, a page within it."""

from __future__ import annotations

import re
import time
from html import escape

import pytest

from aggregator.ingest.address import is_private, media_link, reachable_link
from aggregator.ingest.sanitize import sanitize

BASE = "https://blog.example/post"
SAME_ON_ALL = re.compile(r' (?:rel|loading|referrerpolicy|decoding)="[^"]*"')
FILM = "https://www.youtube.com/watch?v=abcdefghijk"


def clean(html: str, base_url: str = BASE) -> str:
    return SAME_ON_ALL.sub("", sanitize(html, base_url).html)


def links(html: str) -> list[tuple[str, str]]:
    """The address and the words of each."""
    return re.findall(r'<a href="([^"]*)">([^<]*)</a>', clean(html))


def quoted(settings: str) -> str:
    return escape(settings, quote=True)


PLAYLIST = (
    '{"type":"audio","tracks":[{"src":"https:\\/\\/blog.example\\/a.mp3","title":"Ebb"},'
    '{"src":"/b.mp3"},{"title":"no"}]}'
)


@pytest.mark.parametrize(
    ("embed", "address", "words"),
    [
        # Scripts alone
        ("<script src='//gist.github.com/0a1b2c3d.js'></script>", "https://gist.github.com/0a1b2c3d", "Code"),
        (
            "<script src='https://git.example/jo/x/-/snippets/7.js'></script>",
            "https://git.example/jo/x/-/snippets/7",
            "",
        ),
        ("<script src='https://asciinema.org/a/14.js' id=asciicast-14></script>", "https://asciinema.org/a/14", ""),
        (
            "<script src='https://www.buzzsprout.com/1/2-tide.js?player=small'></script>",
            "https://www.buzzsprout.com/1/2-tide",
            "Audio",
        ),
        (
            "<script src='https://telegram.org/js/widget.js' data-telegram-post='jo/6'></script>",
            "https://t.me/jo/6",
            "",
        ),
        (
            "<script src='//speakerdeck.com/assets/embed.js' data-id=4e8></script>",
            "https://speakerdeck.com/player/4e8",
            "Slides",
        ),
        (
            "<script class=podigee-podcast-player src='https://player.example/p.js' data-configuration='https://show.podigee.io/1/embed'></script>",
            "https://show.podigee.io/1/embed",
            "Audio",
        ),
        (
            "<script src='https://emgithub.com/embed.js?target=https%3A%2F%2Fgithub.com%2Fa%2Fb%2Fx.py%23L1'></script>",
            "https://github.com/a/b/x.py#L1",
            "Code",
        ),
        (
            "<script src='https://fast.wistia.com/embed/medias/abc123.jsonp'></script>",
            "https://fast.wistia.net/embed/iframe/abc123",
            "Video",
        ),
        # Empty elements that a script fills
        (
            "<blockquote class=instagram-media data-instgrm-permalink='https://www.instagram.com/p/A/'></blockquote>",
            "https://www.instagram.com/p/A/",
            "",
        ),
        (
            "<blockquote class=tiktok-embed cite='https://www.tiktok.com/@a/video/7'><section> </section></blockquote>",
            "https://www.tiktok.com/@a/video/7",
            "",
        ),
        (
            "<div data-bluesky-uri='at://did:plc:x/app.bsky.feed.post/3kabc'></div>",
            "https://bsky.app/profile/did:plc:x/post/3kabc",
            "",
        ),
        ("<p class=codepen data-slug-hash=wheel data-user=jo></p>", "https://codepen.io/jo/pen/wheel", ""),
        (
            "<div class='fb-video' data-href='https://www.facebook.com/x/videos/1/'></div>",
            "https://www.facebook.com/x/videos/1/",
            "",
        ),
        (
            "<div class='wistia_embed wistia_async_Abc123'> </div>",
            "https://fast.wistia.net/embed/iframe/Abc123",
            "Video",
        ),
        ("<div class=youtube-player data-id=abcdefghijk></div>", FILM, "Video"),
        ("<div data-youtube-id=abcdefghijk></div>", FILM, "Video"),
        ("<div class=media data-oembed-url='https://vimeo.com/12'><div></div></div>", "https://vimeo.com/12", "Video"),
        (
            """<div class=tweet data-attrs='{"url":"https://x.example/1","full_text":"High water"}'></div>""",
            "https://x.example/1",
            "High water",
        ),
        ("""<div class=youtube-wrap data-attrs='{"videoId":"abcdefghijk"}'></div>""", FILM, "Video"),
        # Custom elements, and others with an address of their own
        ("<portal src='https://pen.example/9'></portal>", "https://pen.example/9", "Embedded"),
        ("<oembed url='https://vimeo.com/12'></oembed>", "https://vimeo.com/12", "Video"),
        ("<model-viewer src='/a.glb' alt='A buoy'></model-viewer>", "https://blog.example/a.glb", "A buoy"),
        ("<hls-video src='/x.m3u8'></hls-video>", "https://blog.example/x.m3u8", "Video: x.m3u8"),
        (
            "<fb:video href='https://www.facebook.com/x/videos/1/'></fb:video>",
            "https://www.facebook.com/x/videos/1/",
            "",
        ),
        ("<amp-twitter data-tweetid=12></amp-twitter>", "https://twitter.com/i/status/12", ""),
        ("<amp-instagram data-shortcode=Ab></amp-instagram>", "https://www.instagram.com/p/Ab/", ""),
        ("<drupal-url data-embed-url='https://vimeo.com/12'></drupal-url>", "https://vimeo.com/12", "Video"),
        (
            "<lite-youtube videoid=abcdefghijk><a href='https://youtu.be/abcdefghijk'>Play it</a></lite-youtube>",
            "https://youtu.be/abcdefghijk",
            "Play it",
        ),
        (
            """<video-js data-setup='{"sources":[{"src":"/v.mp4"}]}'></video-js>""",
            "https://blog.example/v.mp4",
            "Video",
        ),
        # Old players, whose files may still be there
        (
            "<object data='/player.swf?mp3=/a.mp3'><param name=movie value='/player.swf?mp3=/a.mp3'></object>",
            "https://blog.example/a.mp3",
            "Audio",
        ),
        (
            "<embed src='https://gone.example/p.swf' flashvars='w=1&amp;audioUrl=/a.mp3'>",
            "https://blog.example/a.mp3",
            "Audio",
        ),
        ("<frameset><frame src='/f.html'></frameset>", "https://blog.example/f.html", "Embedded"),
        (
            "<img usemap='#m' src='/m.png'><map name=m><area href='/n' alt=North></map>",
            "https://blog.example/n",
            "North",
        ),
        ("<img src='/surf.mp4' alt='The surf'>", "https://blog.example/surf.mp4", "Video: The surf"),
        ("<img src='/surf.avi' alt='The surf'>", "https://blog.example/surf.avi", "Video: The surf"),
        ("<object data='/book.m4b'></object>", "https://blog.example/book.m4b", "Audio: book.m4b"),
        # Pages behind players
        ("<embed src='http://www.youtube.com/v/abcdefghijk&amp;hl=en&amp;fs=1&amp;'>", FILM, "Video"),
        ("<iframe src='https://codepen.io/jo/embed/wheel?tab=js'></iframe>", "https://codepen.io/jo/pen/wheel", ""),
        ("<iframe src='https://toot.example/@jo/11/embed'></iframe>", "https://toot.example/@jo/11", ""),
        ("<iframe src='https://tube.example/videos/embed/u-1'></iframe>", "https://tube.example/w/u-1", "Video"),
        ("<iframe src='https://archive.org/embed/tide'></iframe>", "https://archive.org/details/tide", ""),
        (
            "<iframe src='https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/jo/x'></iframe>",
            "https://soundcloud.com/jo/x",
            "Audio",
        ),
        # What lies in the page alone can be seen there
        ("<video src='blob:https://blog.example/1'></video>", BASE, "Video"),
        ("<audio src='http://192.168.1.2/a.mp3'></audio>", BASE, "Audio"),
        ("<audio src='http://localhost:4000/a.mp3'></audio>", "https://blog.example/a.mp3", "Audio"),
    ],
)
def test_what_a_script_would_draw_is_one_named_link(embed: str, address: str, words: str) -> None:
    [(href, said)] = links(f"<p>one</p>{embed}<p>two</p>")
    assert href == address
    assert said.startswith(words)
    assert said


@pytest.mark.parametrize(
    "nothing",
    [
        "<script src='https://platform.twitter.com/widgets.js'></script>",
        "<script src='https://stats.example/count.js'></script>",
        "<div class=fb-like data-href='https://blog.example/'></div>",
        "<div class=addthis_toolbox data-url='https://blog.example/'></div>",
        "<g:plusone href='javascript:1'></g:plusone>",
        "<div data-attrs='{'></div>",
        "<div data-bluesky-uri='at://x/other/1'></div>",
        "<x-y src='javascript:alert(1)'></x-y>",
        "<x-y src='https://www.googletagmanager.com/ns.html'></x-y>",
        "<audio></audio>",
    ],
)
def test_what_draws_nothing_or_counts_readers_is_no_link(nothing: str) -> None:
    assert links(f"<p>one</p>{nothing}") == []


def test_a_quoted_post_that_says_something_by_itself_has_no_second_link() -> None:
    post = "<blockquote class=instagram-media data-instgrm-permalink='https://i.example/p/1/'><a href='https://i.example/p/1/'>Tide</a></blockquote>"
    assert links(post) == [("https://i.example/p/1/", "Tide")]


GIST = "<script src='https://gist.github.com/potter/0a1b2c3d.js'></script>"


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (f"<p>Look here:{GIST}and there</p>", "Look here: Code: gist.github.com and there"),
        (GIST + GIST.replace("0a", "9f"), "Code: gist.github.com Code: gist.github.com"),
        (f"<iframe src='{FILM}'></iframe>{GIST}", "Video: youtube.com Code: gist.github.com"),
        (f"<p><b>Film</b><iframe src='{FILM}'></iframe></p>", "Film Video: youtube.com"),
        (f"<p>One.</p>{GIST}<p>Two.</p>", "One. Code: gist.github.com Two."),
    ],
)
def test_words_and_links_do_not_run_into_each_other(html: str, words: str) -> None:
    assert sanitize(html, BASE).excerpt == words


def test_a_list_of_recordings_is_a_link_for_each_unless_it_has_them() -> None:
    script = f"<script type='application/json' class='wp-playlist-script'>{PLAYLIST}</script>"
    ebb, flow = (
        ("https://blog.example/a.mp3", "Audio: Ebb"),
        ("https://blog.example/b.mp3", "Audio: b.mp3 (blog.example)"),
    )
    assert links(f"<div><audio controls></audio>{script}</div>") == [ebb, flow]
    listed = "<noscript><ol><li><a href='/a.mp3'>Ebb</a></li></ol></noscript>"
    assert links(f"<div>{listed}{script}</div>") == [(ebb[0], "Ebb"), flow]
    assert "tracks" not in clean(script.replace(PLAYLIST, '{"tracks": [[[')) + clean(script)


def test_the_page_within_a_frame_is_part_of_the_post_and_as_safe_as_it() -> None:
    page = "<p onclick=x>Words</p><p hidden>no</p><script>1</script><img src=/a.png><iframe srcdoc=deeper></iframe>"
    assert (
        clean(f'<iframe srcdoc="{quoted(page)}"></iframe>')
        == '<p>Words</p><img src="https://blog.example/a.png" alt="">'
    )
    assert links(f'<iframe src="https://pen.example/9" srcdoc="{quoted(page)}"></iframe>') == [
        ("https://pen.example/9", "Embedded: pen.example")
    ]


def test_a_picture_that_an_object_shows_is_there_once() -> None:
    html = clean("<object data='/d.svg' type='image/svg+xml'><img src='/d.png'></object>")
    assert html == '<img src="https://blog.example/d.svg" alt="">'
    assert "Two tides" in clean("<object data='/d.svg' type='image/svg+xml'><p>Two tides</p></object>")


@pytest.mark.parametrize(
    ("drawing", "seen"),
    [
        ("<svg><text>Low</text><g><text>high <tspan>water</tspan></text></g></svg>", "Low high water"),
        ("<svg><foreignObject><div>A &lt; B</div></foreignObject></svg>", "A &lt; B"),
        ("<svg><defs><text>no</text></defs><style>no</style><title>no</title><text>yes</text></svg>", "yes"),
        ("<svg><title>Share</title><path d='M0'/></svg>", ""),
        ("<svg><text>one</svg>two", "one two"),
        ("<svg><text><script>1</script><![CDATA[x]]>ok</text></svg>", "xok"),
        ("<svg><image xlink:href='/p.png'/></svg>", '<img src="https://blog.example/p.png" alt="">'),
        ("<svg><image href='javascript:1'/><image href='data:image/png;base64,A'/></svg>", ""),
    ],
)
def test_of_a_drawing_its_words_and_pictures_are_seen(drawing: str, seen: str) -> None:
    assert clean(f"<p>a</p>{drawing}").removeprefix("<p>a</p>").strip() == seen


def test_a_form_is_no_form_but_its_words_and_pictures_stay() -> None:
    post = "<form action=/f><p>Post</p><img src=/a.png><label>Name <input name=q></label><textarea>no</textarea></form>"
    assert clean(post) == '<div><p>Post</p><img src="https://blog.example/a.png" alt="">Name </div>'


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:4000/a.png?x=1", "https://blog.example/a.png?x=1"),
        ("http://127.0.0.1/a.png", "https://blog.example/a.png"),
        ("http://10.0.0.5/a.png", ""),
        ("http://192.168.0.1/a.png", ""),
        ("http://[fd00::1]/a.png", ""),
        ("http://nas/a.png", ""),
        ("http://nas.local/a.png", ""),
        ("http://2130706433/a.png", ""),
        ("http://0x7f.1/a.png", ""),
        ("https://93.184.216.34/a.png", "https://93.184.216.34/a.png"),
        ("https://localhost.example/a.png", "https://localhost.example/a.png"),
        ("https://xn--bcher-kva.example/a.png", "https://xn--bcher-kva.example/a.png"),
    ],
)
def test_nothing_is_loaded_from_the_networks_of_readers(url: str, address: str) -> None:
    assert media_link(url, BASE) == address
    assert re.findall(r' src="([^"]*)"', clean(f"<img src='{url}'>").replace("&amp;", "&")) == (
        [address] if address else []
    )


def test_where_the_blog_itself_is_private_so_may_be_what_it_shows() -> None:
    assert media_link("http://10.0.0.5/a.png", "http://10.0.0.5/feed") == "http://10.0.0.5/a.png"
    assert media_link("/a.png", "http://localhost:8000/feed") == "http://localhost:8000/a.png"
    assert reachable_link("http://10.0.0.5/post", BASE) == "http://10.0.0.5/post"
    assert (is_private(""), is_private("https://blog.example")) == (False, False)


FLOODS = {
    "custom elements": "<x-y src=/a>" * 12_000,
    "custom within each other": "<x-y src=/a>" * 10_000 + "</x-y>" * 10_000,
    "empty elements": "<div data-oembed-url=/a></div>" * 15_000,
    "empty within each other": "<div data-oembed-url=/a>" * 8_000 + "</div>" * 8_000,
    "settings": f"<div data-attrs='{{{'[' * 100_000}'></div>" * 5,
    "playlists": f"<script class=wp-playlist-script type=application/json>{PLAYLIST}</script>" * 3_000,
    "pages within": '<iframe srcdoc="<b>x</b>"></iframe>' * 6_000,
    "drawings": "<svg><text>x</text></svg>" * 15_000,
    "drawing within": "<svg>" * 10_000 + "<text>" * 10_000 + "x" + "</svg>" * 10_000,
    "drawn links": "<svg><image " + "href=" * 100_000 + "></svg>",
    "backgrounds": "<div style='background:url(/a.png)'>" * 8_000 + "</div>" * 8_000,
    "open styles": f"<div style='background:{'url(' * 400}'></div>" * 500,
    "flash": f"<embed src='/p.swf?{'a=b&' * 400}'>" * 500,
    "strange names": "<img " + "".join(f"x{n}=a.png " for n in range(20_000)) + ">",
    "endings": f"<img src='/{'.mp4' * 490}x'>" * 400,
}


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_of_such_is_read_in_linear_time(flood: str) -> None:
    started = time.process_time()
    sanitize(flood, BASE)
    assert time.process_time() - started < 20
