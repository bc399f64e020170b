"""Invented posts of all shapes, each with the words and the media that a reader must find in what is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from hypothesis import strategies as st

HOST = "https://blog.example"


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
    _hidden("<script>{}</script>"),
    _hidden("<style>p {{ content: '{}' }}</style>"),
    _hidden("<!-- {} -->"),
    _hidden("<p hidden>{}</p>"),
    _hidden("<div style='display:none'>{}</div>"),
    _hidden("<form><input value='{0}'><textarea>{0}</textarea><select><option>{0}</select></form>"),
    _hidden("<svg><title>{0}</title><defs><text>{0}</text></defs><style>{0}</style><path d='M0'/></svg>"),
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


def missing(post: Invented, html: str) -> list[str]:
    """What of the post isn't in the HTML, and what must not be."""
    text = unescape(re.sub(r"<[^>]*>", " ", html))
    found = unescape(html)
    lost = [word for word in post.words if not re.search(rf"(?<![a-z0-9]){word}(?![a-z0-9])", text)]
    lost += [address for address in post.addresses if not re.search(rf'["\s]{re.escape(address)}["\s]', found)]
    return lost + [word for word in post.hidden if word in found]
