"""Documents that hurt whoever reads them; all can be read. Names begin with the row of `THREATS.md`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from .servers import Answer


@dataclass(frozen=True, slots=True)
class Odd:
    """A document, and the titles of all of its entries."""

    answer: Answer
    titles: Sequence[str] = ("Before", "After")


def odd(inner: str = "", *, doctype: str = "", **headers: str) -> Odd:
    """An RSS feed in which something stands between two sound posts."""
    return Odd(answer(document(inner, doctype=doctype).encode(), **headers))


def document(inner: str, *, doctype: str = "", declared: str = "utf-8", before: str = "Before") -> str:
    return (
        f'<?xml version="1.0" encoding="{declared}"?>{doctype}<rss version="2.0"><channel><title>Odd</title>'
        f"<item><title>{before}</title><guid>before</guid></item>{inner}"
        "<item><title>After</title><guid>after</guid></item></channel></rss>"
    )


def answer(body: bytes, **headers: str) -> Answer:
    return Answer(
        body, headers={"Content-Type": "application/xml"} | {k.replace("_", "-"): v for k, v in headers.items()}
    )


def with_item(inner: str, *, title: str = "Between", doctype: str = "") -> Odd:
    """The same, and what stands there is a post called "Between"."""
    found = odd(f"<item><title>{title}</title>{inner}</item>", doctype=doctype)
    return Odd(found.answer, ("Before", "Between", "After"))


def in_bytes(text: str, encoding: str, *, declared: str, **headers: str) -> Odd:
    """A feed whose first title says what its encoding must not damage."""
    body = document("", declared=declared, before=text).encode(encoding)
    return Odd(answer(body, **headers), (text, "After"))


LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))

DOCUMENTS: dict[str, Odd] = {
    "X1 a billion laughs": with_item(
        "<description>&l9;</description>", doctype=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]>'
    ),
    "X1 one long entity, often": with_item(
        f"<description>{'&a;' * 20_000}</description>", doctype=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'
    ),
    "X2 a file of this machine": with_item(
        "<description>&f;</description>", doctype='<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    ),
    "X2 an address": with_item(
        "<description>&f;</description>", doctype='<!DOCTYPE rss SYSTEM "http://127.0.4.1:{port}/x.dtd">'
    ),
    "X2 an inclusion": odd(
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.4.1:{port}/include"/>'
    ),
    "X2 a stylesheet": odd(doctype='<?xml-stylesheet href="http://127.0.4.1:{port}/style.xsl"?>'),
    "X3 20 000 levels of XML": with_item("<a>" * 20_000 + "</a>" * 20_000),
    "X3 40 000 levels of HTML": with_item(f"<description>{'&lt;div&gt;' * 40_000}</description>"),
    "X4 an author of dots": with_item(f"<author>a@{'a.' * 30_000}</author>"),
    "X4 an author of letters": with_item(f"<author>{'a' * 100_000}</author>"),
    "X5 characters that don't exist": with_item(
        "<description>&#xd800;&#x110000;&#99999999999999;text</description>",
    ),
    "X5 a polygon of words": with_item(
        "<georss:polygon xmlns:georss='http://www.georss.org/georss'>1 2 x 4</georss:polygon>"
    ),
    "X5 a year before all years": with_item("<pubDate>-1-01-01T00:00:00Z</pubDate>"),
    "X5 half an address": with_item("<link>http://[broken/</link>"),
    "X6 control characters": with_item("\x0b<guid>\x00\x01</guid>", title="Bet\x00w\x08een"),
    "X6 control characters as references": with_item("<guid>&#1;x</guid>", title="Bet&#0;w&#8;een"),
    "X7 two wrong bytes": Odd(
        answer(document("", before="Straße 🎉").encode() + b"<!-- \xff \xfe -->"), ("Straße 🎉", "After")
    ),
    "X8 Windows as UTF-8": in_bytes("Straße", "cp1252", declared="utf-8"),
    "X8 UTF-8 as Latin-1": in_bytes("Straße", "utf-8", declared="iso-8859-1"),
    "X8 UTF-8 with a header that lies": in_bytes(
        "Straße", "utf-8", declared="utf-8", Content_Type="text/xml; charset=iso-8859-1"
    ),
    "X8 Klingon": in_bytes("Straße", "utf-8", declared="klingon", Content_Type="text/xml; charset=klingon"),
    "X8 a codec that is no encoding": in_bytes("Straße", "utf-8", declared="zlib"),
    "X8 a mainframe": in_bytes("Straße", "cp037", declared="cp037"),
    "X9 UTF-16 that says UTF-8": in_bytes("Plain", "utf-16", declared="utf-8"),
    "X9 UTF-32": in_bytes("日本", "utf-32", declared="utf-32"),
    "X9 UTF-16 without a mark": in_bytes("Plain", "utf-16-le", declared="utf-16"),
    "X9 three marks": Odd(answer(b"\xef\xbb\xbf" * 3 + b"\n\n" + document("").encode())),
    "X10 JSON Feed": Odd(
        Answer(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "Odd",
                    "items": [{"id": 1, "title": "Before"}, {"id": [], "url": {}}, {"id": "2", "title": "After"}],
                }
            ).encode(),
            headers={"Content-Type": "application/feed+json"},
        )
    ),
    "F12 an ETag of odd bytes": odd(ETag='"\xc3\xa9t\xe9"'),
    "F16 cookies": odd(Set_Cookie="id=1; Path=/"),
    "I2 one guid for all": Odd(
        answer(
            b"<rss><channel><title>Odd</title><item><title>One</title><guid>x</guid></item>"
            b"<item><title>Two</title><guid>x</guid></item><item><title>Three</title><guid>x</guid></item></channel></rss>"
        ),
        ("One", "Two", "Three"),
    ),
    "I4 neither guid nor link": with_item("<description>Some text.</description>"),
    "I8 dates without a calendar": with_item("<pubDate>9999-12-31T23:59:59-12:00</pubDate>"),
}
