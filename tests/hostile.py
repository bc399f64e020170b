"""Servers that hurt whoever asks them, each with what has to stand on its feed's row afterwards.

Names begin with the row of `THREATS.md` that they belong to.
"""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import brotli

from .documents import rss
from .factories import NOW
from .servers import Answer, Raw

MIB = 2**20
MAX_BYTES = MIB
"""What a feed may have in this run; small, so that bombs needn't be big."""
SECONDS = 10
"""What an answer may take in this run."""

FEED = rss("A feed that is never read", [("Never read", NOW)])
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
LOGIN_PAGE = b"<!doctype html><html><head><title>Log in</title></head><body><form></form></body></html>"
GOOD = b"HTTP/1.1 200 OK\r\n"

INSIDE = "127.0.4.1:{port}"
"""A server that answers, and that must never be asked; `{port}` is its port."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A server, or an address without one, and the error that it must end in."""

    kind: str
    sentence: str
    """A part of it."""
    answer: Answer | Raw = field(default_factory=lambda: Answer(FEED))
    more: Mapping[str, Answer | Raw] = field(default_factory=dict)
    """Answers at other paths of the same server."""
    address: str = ""
    """Of the feed, where it has no server."""
    tls: Literal["", "nobody", "expired", "another name"] = ""
    """What is wrong with the certificate; empty for plain http."""


def refused(address: str, host: str = "") -> Hostile:
    return Hostile("refused", f"{host} is not asked" if host else "is not asked", address=address)


def leads_to(address: str) -> Hostile:
    return Hostile("refused", "is not asked", Answer.redirect(address))


def slow(answer: Answer | Raw) -> Hostile:
    return Hostile("timeout", f"did not finish its answer within {SECONDS} seconds", answer)


def large(answer: Answer | Raw) -> Hostile:
    return Hostile("too_large", "The answer is larger than 1 MiB", answer)


def packed(body: bytes, coding: str, reason: str) -> Hostile:
    answer = Answer(body, headers={"Content-Encoding": coding})
    return Hostile("encoding", f"The compressed answer can't be unpacked: {reason}", answer)


def astray(reason: str, answer: Answer | Raw, **more: Answer) -> Hostile:
    return Hostile("redirect", reason, answer, {f"/{name}": each for name, each in more.items()})


def status(number: int, sentence: str, **headers: str) -> Hostile:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Hostile("http", sentence, Answer(FEED, status=number, headers=named))


def no_feed(body: bytes, what: str, content_type: str = "text/xml") -> Hostile:
    return Hostile("not_a_feed", f"This is {what}, not a feed", Answer(body, headers={"Content-Type": content_type}))


def no_http(data: bytes) -> Hostile:
    return Hostile("protocol", "is not valid HTTP", Raw([data], ending="hold"))


def broken_off(data: bytes, ending: Literal["close", "reset"]) -> Hostile:
    return Hostile("connection", "closed early", Raw([data], ending=ending))


def unreadable(body: bytes) -> Hostile:
    return Hostile("unreadable", "The feed is too broken to read", Answer(body))


SERVERS: dict[str, Hostile] = {
    "F1 this machine": refused(f"http://{INSIDE}/feed", "127.0.4.1"),
    "F1 this machine by its number": refused("http://2130707457:{port}/feed"),
    "F1 this machine in base 16": refused("http://0x7f.0.0x4.1:{port}/feed"),
    "F1 this machine in base 8": refused("http://0177.0.04.01:{port}/feed"),
    "F1 this machine, shortened": refused("http://127.0.1025:{port}/feed"),
    "F1 this machine by its name": refused("http://localhost:{port}/feed", "localhost"),
    "F1 this machine, mapped": refused("http://[::ffff:127.0.4.1]:{port}/feed"),
    "F1 private": refused("http://10.0.0.1/feed", "10.0.0.1"),
    "F1 metadata": refused("http://169.254.169.254/latest/", "169.254.169.254"),
    "F1 carrier": refused("http://100.64.0.1/feed", "100.64.0.1"),
    "F1 loopback of IPv6": refused("http://[::1]/feed"),
    "F1 translated": refused("http://[64:ff9b::a00:1]/feed"),
    "F1 multicast": refused("http://224.0.0.1/feed", "224.0.0.1"),
    "F2 to this machine": leads_to(f"http://{INSIDE}/feed"),
    "F2 to this machine by its number": leads_to("http://2130707457:{port}/feed"),
    "F2 to this machine without a scheme": leads_to(f"//{INSIDE}/feed"),
    "F2 to this machine behind a name": leads_to(f"http://blog.example@{INSIDE}/feed"),
    "F2 to this machine with backslashes": astray(
        "its target is not a web address", Answer.redirect(f"http:\\\\{INSIDE}\\feed")
    ),
    "F2 to this machine in the second step": Hostile(
        "refused", "127.0.4.1 is not asked", Answer.redirect("/b"), {"/b": Answer.redirect(f"http://{INSIDE}/")}
    ),
    "F2 into a private network": leads_to("http://192.168.0.1/feed"),
    "F2 to metadata": leads_to("http://169.254.169.254/latest/meta-data/"),
    "F2 to IPv6": leads_to("http://[fd00::1]/feed"),
    "F4 to a file": leads_to("file:///etc/passwd"),
    "F4 to ftp": leads_to("ftp://blog.example/feed"),
    "F4 to gopher": leads_to("gopher://blog.example/feed"),
    "F4 to data": leads_to("data:text/xml,<rss/>"),
    "F5 port of ssh": refused("http://203.0.114.1:22/feed", "203.0.114.1"),
    "F5 to the port of redis": leads_to("http://203.0.114.1:6379/feed"),
    "F6 silence": slow(Raw([], ending="hold")),
    "F6 late": slow(Answer(FEED, delay_seconds=20)),
    "F6 drip": slow(Answer(FEED, drip_seconds=0.1)),
    "F6 slow headers": slow(Raw([GOOD, *[b"X-Slow: 1\r\n"] * 200], pause_seconds=0.1)),
    "F6 hints without end": slow(Raw(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n"), pause_seconds=0.05)),
    "F6 a flood of hints": slow(Raw(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"))),
    "F6 stall": slow(Raw([GOOD + b"Content-Length: 100\r\n\r\n<rss>"], ending="hold")),
    "F6 drip without end": slow(Raw(itertools.chain([GOOD + b"\r\n"], itertools.repeat(b"x")), pause_seconds=0.05)),
    "F6 slow in each step": Hostile(
        "timeout",
        "did not finish its answer",
        Answer(status=302, headers={"Location": "/b"}, delay_seconds=6),
        {"/b": Answer(status=302, headers={"Location": "/c"}, delay_seconds=6)},
    ),
    "F7 without end": large(Raw(itertools.chain([GOOD + b"\r\n<rss>"], itertools.repeat(b" " * 1024)))),
    "F7 said to be ten gigabytes": large(Raw([GOOD + b"Content-Length: 10000000000\r\n\r\n"], ending="hold")),
    "F7 two megabytes": large(Answer(FEED + b" " * 2 * MIB)),
    "F8 bomb of gzip": large(Answer(gzip.compress(bytes(32 * MIB), 1), headers={"Content-Encoding": "gzip"})),
    "F8 bomb of deflate": large(Answer(zlib.compress(bytes(32 * MIB), 1), headers={"Content-Encoding": "deflate"})),
    "F8 bomb of many members": large(
        Answer(gzip.compress(bytes(MIB // 2), 1) * 40, headers={"Content-Encoding": "gzip"})
    ),
    "F8 members that hold nothing": large(
        Raw(itertools.chain([GOOD + b"Content-Encoding: gzip\r\n\r\n"], itertools.repeat(gzip.compress(b"") * 50)))
    ),
    "F8 gzip in gzip": packed(gzip.compress(gzip.compress(FEED)), "gzip, gzip", "it is packed more than once"),
    "F9 gzip that is cut short": packed(gzip.compress(FEED)[:-9], "gzip", "it is cut short"),
    "F9 noise as gzip": packed(b"\x00\x01\x9f" * 99, "gzip", "it is not packed the way its header says"),
    "F9 deflate that is damaged": packed(b"\x78\x9c" + b"?" * 99, "deflate", "it is not packed the way"),
    "F9 brotli": packed(brotli.compress(FEED), "br", "it is in a coding that was not asked for"),
    "F10 circle": astray("it leads in a circle", Answer.redirect("/b"), b=Answer.redirect("/feed")),
    "F10 to itself": astray("it leads in a circle", Answer.redirect("/feed")),
    "F10 thirty steps": astray(
        "it takes more than 5 steps",
        Answer.redirect("/0"),
        **{str(step): Answer.redirect(f"/{step + 1}") for step in range(30)},
    ),
    "F10 nowhere": astray("it names no target", Answer(status=302)),
    "F10 bytes": astray("its target is not a web address", Answer.redirect("http://[\xff\xfe/")),
    "F11 for good to a parked page": Hostile(
        "not_a_feed", "This is a web page, not a feed", Answer.redirect("/parked", 301), {"/parked": Answer(LOGIN_PAGE)}
    ),
    "F12 gone": status(410, "The feed is gone for good"),
    "F12 come back in an eternity": status(429, "asks us to come less often", Retry_After="1000000000000000000"),
    "F12 come back yesterday": status(503, "not available just now", Retry_After="-5"),
    "F12 come back on no day": status(503, "not available just now", Retry_After="Smarch the 13th"),
    "F13 login page": no_feed(LOGIN_PAGE, "a web page", "text/html"),
    "F13 nothing": Hostile("empty", "The answer is empty", Answer(b"")),
    "F13 white space": Hostile("empty", "The answer is empty", Answer(b" \r\n\t\r\n")),
    "F13 304 that was not asked for": Hostile("http", "304", Answer(status=304)),
    "F13 image": no_feed(PNG, "an image"),
    "F13 words": no_feed(b"404 page not found", "plain text"),
    "F13 another list": no_feed(b'<opml version="2.0"><body/></opml>', "an OPML list of feeds"),
    "F14 no headers": no_http(b"<rss>from before HTTP had headers</rss>\r\n\r\n"),
    "F14 bytes": no_http(b"\0\1\2\3\r\n\r\n"),
    "F14 another protocol": no_http(b"SSH-2.0-OpenSSH\r\n\r\n"),
    "F14 no status": no_http(b"HTTP/1.1 abc OK\r\n\r\n"),
    "F14 no header": no_http(GOOD + b"No colon here\r\n\r\n"),
    "F14 two lengths": no_http(GOOD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "F14 less than nothing": no_http(GOOD + b"Content-Length: -1\r\n\r\n"),
    "F14 bad chunk": no_http(GOOD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"),
    "F14 unknown transfer": no_http(GOOD + b"Transfer-Encoding: rot13\r\n\r\nabc"),
    "F14 4 MB of headers": no_http(GOOD + b"X-Filler: " + b"x" * 4 * MIB + b"\r\n\r\n"),
    "F14 hangs up": broken_off(b"", "close"),
    "F14 resets": broken_off(GOOD, "reset"),
    "F14 short body": broken_off(GOOD + b"Content-Length: 100\r\n\r\n<rss>", "close"),
    "F14 half a chunk": broken_off(GOOD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n<rss>", "reset"),
    "F15 signed by nobody": Hostile("tls", "signed by nobody we know", tls="nobody"),
    "F15 expired": Hostile("tls", "has expired", tls="expired"),
    "F15 another name": Hostile("tls", "it is for another address", tls="another name"),
    "F16 password in the next address": leads_to("http://ada:secret@blog.example/feed"),
    "X1 document type without end": no_feed(b"<!DOCTYPE rss [" + b"<!--" * 2000 + FEED, "plain text"),
    "X3 200 000 levels of JSON": no_feed(b"[" * 200_000, "plain text"),
    "X5 torn before its first post": unreadable(b"<rss><channel><title>Torn</title><item><title>Ha"),
    "X5 nothing but marks": unreadable(b"<rss>&&&<//></rss>"),
    "X10 torn JSON Feed": unreadable(b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1'),
}
"""Every one of these ends in an error, and in this one."""
