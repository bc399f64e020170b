"""Where a blog may show whose it is: its feed, its page, and files that only who has the place can put there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import dirname
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["feed", "page", "file"]
FILE_PATH = ".well-known/orrery.txt"


@dataclass(frozen=True, slots=True)
class Place:
    """An address where a mark may be."""

    kind: Kind
    url: str


KIND_OF_WAY: dict[str, Kind] = {"line": "feed", "meta": "page", "rel_me": "page", "file": "file"}


def places_of(feed_url: str, site_url: str, *, way: str = "") -> list[Place]:
    """Where to look, one after the other; first where the mark was the last time, if `way` says that.

    A file counts below the site's own path: at the root of the host only if the site is there, as the host may have
    many. A feed on another host than its site may have it at the root of that one, which none but who serves the feed
    can write to.
    """
    site = site_url or _root(feed_url)
    places = [Place("page", site), Place("feed", feed_url), *(Place("file", url) for url in file_urls(feed_url, site))]
    return sorted(places, key=lambda place: place.kind != KIND_OF_WAY.get(way))


def file_urls(feed_url: str, site_url: str) -> Sequence[str]:
    """The addresses of the file, the site's first."""
    site, feed = urlsplit(site_url), urlsplit(feed_url)
    folder = site.path if site.path.endswith("/") else _folder_of(site.path)
    below = f"{site.scheme}://{site.netloc}{folder}{FILE_PATH}"
    is_elsewhere = _bare(site.hostname) != _bare(feed.hostname)
    return [below, f"{_root(feed_url)}{FILE_PATH}"] if is_elsewhere else [below]


def _folder_of(path: str) -> str:
    """`/alice/` of `/alice`, as of `/alice/index.html`: a last step with a dot in it is a file."""
    last = path.rpartition("/")[2]
    folder = dirname(path) if "." in last else path
    return f"{folder.rstrip('/')}/"


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")
