"""Posts as blogs write them: what is hard to show to everybody, and what isn't valid as it came."""

from __future__ import annotations

from urllib.parse import quote

from aggregator.ingest.anchors import prefix_of
from aggregator.ingest.sanitize import sanitize
from aggregator.ingest.types import Item
from tests.stores import make_item

PICTURE = "https://pictures.example/wp-content/uploads/2026/06/a-bridge-{}.jpg"

PICTURES = f"""
<p><img src="{PICTURE.format(1)}" alt="A bridge in fog" width="60" height="40"></p>
<p><a href="{PICTURE.format(2)}"><img src="{PICTURE.format(2)}"></a> <a href="https://other.example/walks/"><img
 src="{PICTURE.format(3)}" alt=""></a> <a href="https://other.example/">
<img src="{PICTURE.format(4)}" alt=" " width="50%"
 height="auto" border="0" align="left" srcset="{PICTURE.format(4)} 2x, {PICTURE.format(5)} 3x"></a></p>
<figure><a href="https://other.example/album"><picture><source srcset="{PICTURE.format(6)}">
<img src="{PICTURE.format(6)}"
 sizes="(max-width: 600px) 100vw, 600px" srcset="{PICTURE.format(6)} 300w, {PICTURE.format(7)} 600w"></picture></a>
 <figcaption>An album</figcaption></figure>
<p><a href="https://other.example/spoken"><span><b> <img src="{PICTURE.format(8)}"></b></span><br></a>
<a href="https://empty.example/"></a><a href="mailto:somebody@other.example"><img src="{PICTURE.format(9)}"></a></p>
"""

STRUCTURE = """
<h1>A heading of the post</h1><p>Words.<h3>Deeper</h3><h2></h2><p>More words<ul><p>not an item</p><li>one<li>two</ul>
<h4 id="x">Anchored</h4><p><a href="#x">up</a> <time datetime="when?">then</time> <a href="#nowhere">nowhere</a></p>
<dl><dd>first a meaning</dd><dt>then a term</dt></dl><dl>words</dl><ol start="x"><li value="3">three</li></ol>
<center><font color="#eee" size="7">Old words</font></center><marquee>moving</marquee><blink>blinking</blink>
<details><p>without a summary</p></details><details>
<summary>A <a href="https://a.example/">link</a> in it</summary>x</details>
<details><p>late</p><summary>comes late</summary></details><summary>alone</summary>
<figure>A <figcaption>one</figcaption> middle <figcaption>two</figcaption></figure>
<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <rt>alone</rt> <bdo dir="rtl">odrO</bdo> <abbr>W3C</abbr>
<q cite="x y">quoted</q>
<p><div>a block in a paragraph</div></p><span><div><p>a block in a span</p></div></span><b><ul>
<li>a list in bold</li></ul></b>
<a href="https://a.example/one"><a href="https://a.example/two">two links</a></a>
<a href="https://a.example/block"><div><p>A block that is a link</p></div></a> <a href="https://a.example/o">
<details><summary>in a link</summary></details></a>
<a href="http://a.example/a b?c=d e|f[g]&h=<i>#j k">odd address</a> <a href="https://[::1">broken</a>
<a href="https://bücher.example/ä%zz">letters</a>
<button>press</button> <input value="type"> <label>label</label> <hr><p></p><p> </p><wbr><del datetime="x">gone</del>
<p lang="en-x-nothing">language</p><p lang="xx-Ölf" dir="sideways">odd</p><p lang="qq">unknown</p>
<svg><title>drawing</title><path d="M0 0"/></svg><math><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac></math>
<object data="x.swf"><p>instead</p></object><audio controls src="https://a.example/a.mp3"></audio>
<video controls><source src="https://a.example/v.mp4"><track src="x.vtt"></video>
<iframe src="https://www.youtube.com/embed/abc"></iframe>
"""

TABLES = """
<table border="1" cellpadding="2" width="100%" summary="old"><caption>Sums</caption><tr>
<th>Year<th scope="col">Posts</tr>
<tr><td>2025</td><td align="right" rowspan="3">12</td></tr><tr><td colspan="2">2026</td></tr></table>
<table><td>no row</td><p>words in a table</p><caption>late</caption></table><table></table><table><tr></tr></table>
<table><tr><td colspan="3">wide</td></tr><tr><th></th><td>one</td></tr></table>
<table><tbody></tbody><thead><tr><th>after</th></tr></thead><tfoot><tr><td>f</td></tr></tfoot><tr><td>b</td></tr>
</table>
<table><tr><td>outer <table><tr><td>inner</td></tr></table></td></tr></table>
"""

CODE = f"""
<pre><code class="language-python">def answer():\n    return {"6 * " * 60}9</code></pre>
<pre lang="python" class="brush: py">print("no code element")</pre>
<p>Press <kbd>Ctrl</kbd>, see <samp>out</samp>, <var>n</var>,
<code>short()</code>, <tt>old</tt>, H<sub>2</sub>O, x<sup>2</sup><sup><a href="#fn1" id="fnref1">1</a></sup>.</p>
<blockquote cite="https://a.example/"><p>Quoted</p><cite>Somebody</cite></blockquote>
<div class="footnotes"><ol><li id="fn1">A note <a href="#fnref1">↩</a></li></ol></div>
"""

ARABIC = """<p>مرحبا بالعالم، هذا <a href='https://a.example/'>رابط</a> في نص.</p>
<ul><li>واحد</li></ul><pre><code>x = 1</code></pre>"""

LONG = "<p>" + "Many words of one post that goes on. " * 120 + "</p>" + PICTURES


def post(name: str, html: str, **fields: object) -> Item:
    """An item as a poll of ours would bring it, cleaned."""
    clean = sanitize(html, "https://blog.example/post/", prefix_of("https://blog.example/feed.xml", name))
    fields.setdefault("url", f"https://blog.example/{quote(name)}/")
    return make_item(name, content_html=clean.html, excerpt=clean.excerpt, content_hash=name, **fields)
