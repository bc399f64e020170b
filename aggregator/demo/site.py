"""The answer to every address of the demo at a moment: feeds, pages, images, a moved feed and a broken one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from .edition import Edition, edition_of
from .formats import MEDIA_TYPES, feed_bytes
from .library import FOLDER, Blog, Library
from .pages import blog_page, front_page, plain_page, post_page
from .publishing import DatedPost, Diary, published_posts

_IMAGE_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, ready to be sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """All of the demo's blogs at one base address (without a slash at its end)."""

    library: Library
    base_url: str
    planet_delay: timedelta
    """How much later than a blog's readers a planet hears of its posts."""
    images: Path = FOLDER / "images"

    def answer(self, path: str, diary: Diary, now: datetime) -> Answer:
        """What stands at `path` at `now`; 404 where nothing does."""
        for blog in self.library.blogs:
            if blog.moved_from and path == blog.moved_from:
                return _moved(self.base_url + blog.feed_path)
            if path == blog.feed_path:
                return self._feed(blog, diary, now)
            if path.startswith(f"/{blog.slug}/"):
                return self._page(blog, path.removeprefix(f"/{blog.slug}/"), diary, now)
        if path == "/":
            return _html(200, front_page(self.library, self.base_url))
        if path.startswith("/images/"):
            return self._image(path.removeprefix("/images/"))
        return _not_found()

    def _edition(self, blog: Blog, posts: tuple[DatedPost, ...], now: datetime) -> Edition:
        return edition_of(blog, self.library, posts, base_url=self.base_url, carried_before=now - self.planet_delay)

    def _feed(self, blog: Blog, diary: Diary, now: datetime) -> Answer:
        if blog.broken_status:
            return _html(blog.broken_status, plain_page("Something went wrong", "The cat is on the keyboard again."))
        edition = self._edition(blog, published_posts(self.library, diary, now), now)
        body = feed_bytes(edition)
        headers = {
            "Content-Type": f"{MEDIA_TYPES[blog.format]}; charset=utf-8",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
            "Cache-Control": "no-cache",
        }
        if edition.posts:
            headers["Last-Modified"] = format_datetime(edition.posts[0].published_at, usegmt=True)
        return Answer(200, body, headers)

    def _page(self, blog: Blog, rest: str, diary: Diary, now: datetime) -> Answer:
        posts = published_posts(self.library, diary, now)
        if not rest:
            return _html(200, blog_page(self._edition(blog, posts, now)))
        wanted = tuple(one for one in posts if one.post.key == f"{blog.slug}/{rest.removesuffix('/')}")
        edition = self._edition(blog, wanted, now)
        if not edition.posts:
            return _not_found()
        return _html(200, post_page(edition, edition.posts[0]))

    def _image(self, name: str) -> Answer:
        path = self.images / name
        # Only names that the folder lists: no path of the visitor's making reaches the disk.
        if path not in self.images.iterdir() or path.suffix not in _IMAGE_TYPES:
            return _not_found()
        return Answer(
            200, path.read_bytes(), {"Content-Type": _IMAGE_TYPES[path.suffix], "Cache-Control": "max-age=3600"}
        )


def conditional(answer: Answer, asked: Mapping[str, str]) -> Answer:
    """A 304 without body where the visitor has the current version already (RFC 9110 section 13.2.2).

    `asked` has the request's headers under lower-case names. If-None-Match decides; without it, If-Modified-Since.
    """
    if answer.status != 200 or not _is_known(answer.headers, asked):
        return answer
    kept = ("ETag", "Last-Modified", "Cache-Control")
    return Answer(304, b"", {name: value for name, value in answer.headers.items() if name in kept})


def _is_known(headers: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    tag = headers.get("ETag", "")
    if "if-none-match" in asked:
        known = {one.strip().removeprefix("W/") for one in asked["if-none-match"].split(",")}
        return bool(tag) and (tag in known or "*" in known)
    modified, since = _moment(headers.get("Last-Modified", "")), _moment(asked.get("if-modified-since", ""))
    return modified is not None and since is not None and modified <= since


def _moment(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _html(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _moved(address: str) -> Answer:
    answer = _html(301, plain_page("Moved", f"This feed lives at {address} now."))
    return Answer(answer.status, answer.body, {**answer.headers, "Location": address})


def _not_found() -> Answer:
    return _html(404, plain_page("Nothing here", "No blog of this demo has such a page."))
