"""The feeds that feedparser is tested with, as a web server gives them out; fetched by `make corpus`, not kept here."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from tests.needs import need_file
from tests.servers import Answer, FeedServer

FOLDER = Path(__file__).resolve().parent.parent / "var" / "corpus"
ITS_OWN_SERVER = "http://localhost:8097"
"""Where the corpus expects to be served; redirects in it lead there."""

_HEADER = re.compile(rb"^Header:\s+([^:]+):(.+)$", re.MULTILINE)
_CODINGS = {".gz": "gzip", ".z": "deflate"}


def need_corpus() -> dict[str, bytes]:
    """Every document by its name ("wellformed/rss/item_title.xml"), of the feedparser that is installed."""
    path = FOLDER / f"feedparser-{version('feedparser')}.tar.gz"
    with tarfile.open(need_file(path, "make corpus, which asks the package index")) as archive:
        found = {}
        for member in archive:
            _, _, name = member.name.partition("/tests/")
            if member.isfile() and PurePosixPath(name).suffix in {".xml", *_CODINGS}:
                found[name] = archive.extractfile(member).read()  # type: ignore[union-attr]
    return found


def headers_of(name: str, body: bytes) -> dict[str, str]:
    """The headers that a document asks for in its first comment, with names in the usual case."""
    coding = _CODINGS.get(PurePosixPath(name).suffix)
    if coding:
        return {"Content-Type": "application/xml", "Content-Encoding": coding}
    named = {key.decode().title(): value.decode().strip() for key, value in _HEADER.findall(body)}
    return {"Content-Type": "application/xml"} | named


def serve(corpus: dict[str, bytes], servers: Sequence[FeedServer]) -> dict[str, str]:
    """Gives each document to one of the servers, in turn; returns their addresses by name."""
    addresses = {}
    for number, (name, body) in enumerate(sorted(corpus.items())):
        server = servers[number % len(servers)]
        addresses[name] = server.add(f"/tests/{name}", _answer(name, body, server.url))
    for server in servers:
        server.add("/-/return-304.xml", Answer(status=304))
        server.add("/tests/http/target.xml", Answer(corpus["http/target.xml"]))
    return addresses


def _answer(name: str, body: bytes, url: Callable[[str], str]) -> Answer:
    headers = headers_of(name, body)
    status = int(headers.pop("Status", "200"))
    if "Location" in headers:
        headers["Location"] = url(headers["Location"].removeprefix(ITS_OWN_SERVER))
    return Answer(body, status=status, headers=headers)
