"""Invented posts of all shapes, each with the words and the media that a reader must find in what is made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape

from hypothesis import strategies as st

HOST = "https://blog.example"
_SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


@dataclass(frozen=True)
class Invented:
    """A piece of a post, or a post."""

    html: str
    words: tuple[str, ...] = ()
    """Which can be seen."""
    addresses: tuple[str, ...] = ()
    """Of pictures, sounds, films and frames."""
    hidden: tuple[str, ...] = ()
    """Words that nobody may see."""


class Namer:
    """Words and addresses that occur once, so that none can be found by chance."""

    def __init__(self) -> None:
        self.count = 0

    def word(self, kind: str = "w") -> str:
        self.count += 1
        return f"{kind}{self.count}q"

    def address(self, extension: str) -> str:
        self.count += 1
        return f"{HOST}/media/f{self.count}q.{extension}"


Piece = Callable[[Namer], Invented]


def _text(form: str, count: int = 1) -> Piece:
    def piece(name: Namer) -> Invented:
        words = tuple(name.word() for _ in range(count))
        return Invented(form.format(*words), words)

    return piece


def _media(form: str, *extensions: str, count: int = 0) -> Piece:
    def piece(name: Namer) -> Invented:
        addresses = tuple(name.address(extension) for extension in extensions)
        words = tuple(name.word() for _ in range(count))
        return Invented(form.format(*addresses, *words), words, addresses)

    return piece


def _hidden(form: str) -> Piece:
    def piece(name: Namer) -> Invented:
        word = name.word("hidden")
        return Invented(form.format(word), hidden=(word,))

    return piece


PIECES = [
    _text("<p>{} and <em>{}</em> with <a href='/x'>{}</a></p>", 3),
    _text("<h2 id=h>{}<a class=headerlink href=#h>¶</a></h2><p>{}</p>", 2),
    _text("<ul><li>{}<li>{}<ol><li>{}</ol></ul>", 3),
    _text("<blockquote><p>{}</blockquote><hr>{}", 2),
    _text("<pre><code class=language-python>if {} &lt; {}:\n    pass</code></pre>", 2),
    _text("<xmp>{} <b></xmp>"),
    _text("<table><caption>{}</caption><tr><th>{}<td>{}</table>", 3),
    _text("<table>{}<tr>{}</table>", 2),
    _text("<dl><dt>{}<dd>{}</dl>", 2),
    _text("<details><summary>{}</summary>{}</details>", 2),
    _text("<p dir=rtl lang=he>שלום {} <bdi>{}</bdi></p>", 2),
    _text("<p>{}<sup id=r1><a href=#n1>{}</a></sup></p><ol><li id=n1>{} <a href=#r1>back</a></ol>", 3),
    _text("<ruby>{}<rt>{}</rt></ruby>", 2),
    _text("<section><header>{}</header><custom-box>{}</custom-box></section>", 2),
    _text("<p>{}</p><noscript><p>{}</p></noscript>", 2),
    _text("<math><mfrac><mi>{}</mi><mi>{}</mi></mfrac></math>", 2),
    _text("<math><mi>x1</mi><annotation encoding='application/x-tex'>{}</annotation></math>"),
    _text("<script type='math/tex'>{}</script>"),
    _text("<p>{} <button>{}</button> <label>{}</label></p>", 3),
    _text("<a href='/x'><svg></svg><span class=sr-only>{}</span></a>"),
    _text("<p>1 < 2 &amp; {}<br>{}", 2),
    _text("<div style='opacity:0'>{}</div><p style='font-size:12px'>{}</p>", 2),
    _text("<img class=wp-smiley src=/e.png alt='{}'>"),
    _text("<form action=/f><p>{}</p><label>{} <input></label><button>{}</button></form>", 3),
    _text("<svg><g><text>{}</text><text>{} <tspan>{}</tspan></text></g></svg>", 3),
    _text("<svg><foreignObject><div>{}</div></foreignObject></svg>"),
    _text("<applet code=X><p>{}</p></applet><canvas>{}</canvas>", 2),
    _text("<img src='cid:1' alt='{}'><img src='file:///c/1.png' alt='{}'>", 2),
    _text("<iframe srcdoc='<p>{}</p><script>1</script>'></iframe>"),
    _text("<map name=m><area href=/a alt='{}'><area href=/b alt='{}'></map>", 2),
    _text("<img class=emoji src=/e.png title='{}'>"),
    _text("<span style='display:block'>{}</span><span style='display:block'>{}</span>", 2),
    _text("<fieldset><legend>{}</legend>{}</fieldset>", 2),
    _text("<p><button>{}</button><label>{}</label></p>", 2),
    _text("<ul><li><input type=checkbox checked>{}<li><p><input type=checkbox>{}</ul>", 2),
    _text("<pre><code><span class=line>{}</span><span class=line>{}</span></code></pre>", 2),
    _text("<pre><span class=lineno>1</span>{}\n<span class=lineno>2</span>{}</pre>", 2),
    _text("<table><tr><td class=linenos><pre>1</pre><td><pre>{}</pre></table>"),
    _text("<p>{}<label class=margin-toggle>⊕</label><span class=sidenote>{}</span>{}</p>", 3),
    _text("<p id=r9>{}<a href='/#fn-9'>{}</a></p><p id=fn-9>{} <a href='#r9'>up</a></p>", 3),
    _text("<a href='#p9'>{}</a><div id=p9 style='display:none'>{}</div>", 2),
    _text("<a href='#q9'>{}</a><dialog id=q9>{}</dialog>", 2),
    _text("<dl><dt id=t>{}<a class=headerlink href=#t>¶</a><dd>{}</dl>", 2),
    _text("<span data-tex='{}'>x2</span>"),
    _text("<span class=katex><span class=katex-mathml>x{}</span><span class=katex-html>x</span></span>"),
    _text("<span class=katex><span class=katex-html><span class=mord>{}</span></span></span>"),
    _text(
        "<p>Drawn: <mjx-container><mjx-math><mjx-mtext><mjx-utext>{}</mjx-utext></mjx-mtext></mjx-math></mjx-container>"
    ),
    _text("<p>Drawn: <mjx-container><svg><g data-mml-node='mtext'><text>{}</text></g></svg></mjx-container>"),
    _text("<p>Written: <script type='math/mml'><math><mi>{}</mi></math></script>"),
    _text("<script type='math/tex'>% <![CDATA[\n{} %]]></script>"),
    _text("<script src='/x.js'/>{} <style/> {}", 2),
    _text("<map><area href='/north' alt='{}'></map>"),
    _text("<img src='cid:1' alt='{}'>"),
    _text("10<span style='vertical-align:super'>{}</span>"),
    _text("<custom-note><slot>{}</slot></custom-note><hgroup><h2>{}</h2><p>{}</p></hgroup>", 3),
    _media("<img src='{}' alt='x'>", "png"),
    _media("<figure><img src='{}' srcset='{} 2x'><figcaption>{}</figcaption></figure>", "jpg", "jpg", count=1),
    _media("<a href='/x'><img src='{}'></a>", "jpg"),
    _media("<img src='data:,' data-lazy-src='{}'>", "png"),
    _media("<div><noscript><img src='{}'></noscript></div>", "png"),
    _media("<img data-src='{0}' style='display:none'><noscript><img src='{0}'></noscript>", "png"),
    _media("<picture><source srcset='{}'><img alt=x></picture>", "webp"),
    _media("<iframe src='{}' title='{}'></iframe>", "html", count=1),
    _media("<p>{1}<iframe src='{0}'></iframe>{2}</p>", "html", count=2),
    _media("<video controls poster='{}'><source src='{}'><source src='{}'>{}</video>", "jpg", "mp4", "webm", count=1),
    _media("<audio src='{}' controls></audio>", "mp3"),
    _media("<object data='{}' type='application/pdf'><p>{}</p></object>", "pdf", count=1),
    _media("<object type='image/png' data='{}'></object>", "png"),
    _media("<embed src='{}'>", "mid"),
    _media("<x-player src='{}' poster='{}'></x-player>", "mp4", "jpg"),
    _media("<portal src='{}'></portal><oembed url='{}'></oembed>", "html", "html"),
    _media("<div style='background-image:url({})'></div><p>{}</p>", "jpg", count=1),
    _media("<a href='/x' style='background:url({})'></a><div data-bg='{}'></div>", "jpg", "png"),
    _media("<svg><image href='{}'/></svg>", "png"),
    _media("<img data-strange-name='{}'><img file='{}' src='/none.gif'>", "png", "jpg"),
    _media("<img src='{}'><img src='{}' alt='{}'>", "mp4", "pdf", count=1),
    _media("<iframe srcdoc='<img src=&quot;{}&quot;>'></iframe>", "png"),
    _media("<frameset><frame src='{}'></frameset>", "html"),
    _media("<blockquote class=instagram-media data-instgrm-permalink='{}'></blockquote>", "html"),
    _media("<div data-oembed-url='{}'></div><div class=fb-post data-href='{}'></div>", "html", "html"),
    _media("<div class=tweet data-attrs='{{&quot;url&quot;:&quot;{}&quot;}}'></div>", "html"),
    _media(
        "<script type='application/json' class=wp-playlist-script>"
        '{{"type":"audio","tracks":[{{"src":"{}","title":"{}"}}]}}</script>',
        "mp3",
        count=1,
    ),
    _media("<object data='/p.swf?mp3={}'></object>", "mp3"),
    _media('<video data-setup=\'{{"sources":[{{"src":"{}"}}]}}\'></video>', "mp4"),
    _media("<picture><img src='{}'><source srcset='/other.webp'></picture>", "png"),
    _media("<form><input type=image src='{}'></form>", "png"),
    _media("<iframe src='about:blank' data-src-cmplz='{}'></iframe>", "html"),
    _media("<p><button data-audio='{}'>{}</button></p>", "mp3", count=1),
    _media("<div class=delayed data-src='{}'></div>", "jpg"),
    _text("<p style='white-space:pre-wrap'>{}\n{}</p><code style='white-space:pre'>{}</code>", 3),
    _text("<div class=spoiler style='display:none'>{}</div>"),
    _hidden("<script>{}</script>"),
    _hidden("<style>p {{ content: '{}' }}</style>"),
    _hidden("<!-- {} -->"),
    _hidden("<p hidden>{}</p>"),
    _hidden("<div style='display:none'>{}</div>"),
    _hidden("<form><input value='{0}'><textarea>{0}</textarea><select><option>{0}</select></form>"),
    _hidden("<svg><title>{0}</title><defs><text>{0}</text></defs><style>{0}</style><path d='M0'/></svg>"),
    _hidden("<dialog>{}</dialog>"),
    _hidden("<div popover>{}</div>"),
    _hidden("<template>{}</template>"),
    _hidden("<div style='overflow:hidden;height:1px'>{}</div>"),
    _hidden("<pre>x <button class='copy'>Copy {}</button></pre>"),
    _hidden("<p>x <math><mi>x</mi></math><img aria-hidden=true alt='{}' src='/f.svg'></p>"),
    _hidden("<noscript>{} needs JavaScript</noscript>"),
    _hidden("<datalist><option>{0}</datalist><template>{0}</template>"),
    _hidden("<div class='fb-like' data-href='/{0}'></div><div data-url='/{0}'></div>"),
    _hidden("<img src='http://192.168.0.1/{0}.png'><audio src='http://nas/{0}.mp3'></audio>"),
    _hidden("<iframe srcdoc='<p hidden>{0}</p><iframe srcdoc={0}></iframe>'></iframe>"),
    _hidden("<iframe src='https://www.googletagmanager.com/{}'></iframe>"),
    _hidden("<img src='https://pixel.wp.com/{}.gif'>"),
    _hidden("<img width=1 height=1 src='/{}.gif'>"),
]
"""Functions that make a piece of each kind, with new words."""


def joined(choices: list[int], *, wrapped: bool) -> Invented:
    """A post of these pieces, with one word that can always be seen."""
    name = Namer()
    first = name.word()
    pieces = [Invented(f"<p>{first}</p>", (first,)), *(PIECES[choice](name) for choice in choices)]
    html = "\n".join(piece.html for piece in pieces)
    return Invented(
        f"<article><div>{html}</div></article>" if wrapped else html,
        tuple(word for piece in pieces for word in piece.words),
        tuple(address for piece in pieces for address in piece.addresses),
        tuple(word for piece in pieces for word in piece.hidden),
    )


POSTS = st.builds(joined, st.lists(st.integers(0, len(PIECES) - 1), min_size=1, max_size=8), wrapped=st.booleans())
"""Posts as hypothesis draws them."""


WAYS = ("rss", "double", "cdata", "json", "json text", "atom", "atom text", "atom section", "encoded")
"""How a feed can hand over HTML: each is seen in the wild, some against the rules."""


def document(post: Invented, way: str) -> str:
    """A feed of one post that is handed over in this way."""
    link, html = f"{HOST}/1", post.html
    if way.startswith("json"):
        content = {"content_text" if way == "json text" else "content_html": f"<div>{html}</div>"}
        item = {"id": "1", "url": link, **content}
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": [item]})
    if way.startswith("atom"):
        kind, text = {
            "atom": (" type='html'", escape(html)),
            "atom text": ("", escape(f"<div>{html}</div>")),
            "atom section": (" type='html'", f"<![CDATA[{html.replace(']]>', ']]&gt;')}]]>"),
        }[way]
        entry = f"<entry><id>1</id><title>One</title><link href='{link}'/><content{kind}>{text}</content></entry>"
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>b</id>{entry}</feed>'
    texts = {
        "rss": f"<description>{escape(html)}</description>",
        "double": f"<description>{escape(escape(f'<div>{html}</div>'))}</description>",
        "cdata": f"<description>{escape(f'<![CDATA[{html}]]>')}</description>",
        "encoded": f"<media:description>{'caption ' * 2000}</media:description><description>Begins</description>"
        f"<content:encoded>{escape(html)}</content:encoded><itunes:summary>{'summary ' * 2000}</itunes:summary>",
    }
    item = f"<item><guid isPermaLink='false'>1</guid><link>{link}</link><title>One</title>{texts[way]}</item>"
    return f'<rss version="2.0" {_SPACES}><channel><title>Blog</title>{item}</channel></rss>'


def missing(post: Invented, html: str) -> list[str]:
    """What of the post isn't in the HTML, and what must not be."""
    text = unescape(re.sub(r"<[^>]*>", " ", html))
    found = unescape(html)
    lost = [word for word in post.words if not re.search(rf"(?<![a-z0-9]){word}(?![a-z0-9])", text)]
    lost += [address for address in post.addresses if not re.search(rf'["\s]{re.escape(address)}["\s]', found)]
    return lost + [word for word in post.hidden if word in found]
