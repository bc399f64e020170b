"""The demo's blogs and posts, read from the files beside this module.

`blogs.toml` names the blogs. A post is a file `posts/<blog>/NN-slug.html`: header lines, an empty line, HTML
that is well-formed XML. `age: 2d 5h` says how long before the demo's first start it was published; posts in `upcoming/`
have no age and wait for their turn. Addresses that begin with a slash lead to the demo's own server.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_NUMBERED = re.compile(r"^\d+-")


class LibraryError(ValueError):
    """A file of the demo doesn't say what it must; the message names it."""


class Format(StrEnum):
    """How a blog writes its feed."""

    ATOM = "atom"
    ATOM_XHTML = "atom-xhtml"
    RSS = "rss"
    RDF = "rdf"
    JSON = "json"


FEED_NAMES = {
    Format.ATOM: "atom.xml",
    Format.ATOM_XHTML: "atom.xml",
    Format.RSS: "feed.xml",
    Format.RDF: "index.rdf",
    Format.JSON: "feed.json",
}


@dataclass(frozen=True, slots=True)
class Blog:
    """One blog of `blogs.toml`."""

    slug: str
    title: str
    subtitle: str
    author: str
    category: str
    format: Format
    about: str
    language: str = "en"
    moved_from: str = ""
    """The path that its feed had before; answers with a permanent redirect."""
    broken_status: int = 0
    """What its feed answers instead of a feed; 0 for a blog in good health."""
    carries: tuple[str, ...] = ()
    """Slugs of the blogs that it gathers, which makes it a planet."""

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def feed_path(self) -> str:
        return f"/{self.slug}/{FEED_NAMES[self.format]}"

    @property
    def known_path(self) -> str:
        """Where the world believes the feed to be: its old path after a move."""
        return self.moved_from or self.feed_path


@dataclass(frozen=True, slots=True)
class Post:
    """One post as its file has it."""

    blog: str
    slug: str
    title: str
    author: str
    html: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    age: timedelta | None = None
    """Time between its publication and the demo's first start; None while it is upcoming."""
    source: str = ""
    """In a planet: the title of the blog that it came from, one that isn't part of the demo."""

    @property
    def key(self) -> str:
        return f"{self.blog}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Library:
    """All blogs, in the order of `blogs.toml`, and all posts."""

    blogs: tuple[Blog, ...]
    posts: tuple[Post, ...]
    """Published before the demo starts."""
    upcoming: tuple[Post, ...]
    """Published while it runs, one blog after the other."""

    def blog(self, slug: str) -> Blog | None:
        return next((blog for blog in self.blogs if blog.slug == slug), None)


def parse_age(text: str) -> timedelta:
    """The length of "2d 5h 10m". Raises LibraryError if it can't be read."""
    if not re.fullmatch(r"\d+[dhm]( \d+[dhm])*", text):
        msg = f"not an age: {text!r}"
        raise LibraryError(msg)
    return sum((timedelta(**{_UNITS[part[-1]]: int(part[:-1])}) for part in text.split()), timedelta())


def parse_post(text: str, *, blog: Blog, name: str) -> Post:
    """The post in a file called `name`. Raises LibraryError for a header that can't be read."""
    head, empty_line, html = text.partition("\n\n")
    header = dict(_header_line(line, name) for line in head.splitlines())
    unknown = header.keys() - {"title", "author", "age", "tags", "source"}
    if unknown or not empty_line:
        msg = f"{blog.slug}/{name}: {'unknown header ' + min(unknown) if unknown else 'no text after the header'}"
        raise LibraryError(msg)
    return Post(
        blog=blog.slug,
        slug=_NUMBERED.sub("", name.removesuffix(".html")),
        title=header.get("title", ""),
        author=header.get("author", blog.author),
        html=html.strip(),
        language=blog.language,
        tags=tuple(tag.strip() for tag in header.get("tags", "").split(",") if tag.strip()),
        age=parse_age(header["age"]) if "age" in header else None,
        source=header.get("source", ""),
    )


def load_library(folder: Path = FOLDER) -> Library:
    """The demo's content. Raises LibraryError if a file is at fault."""
    tables = tomllib.loads((folder / "blogs.toml").read_text(encoding="utf-8"))["blog"]
    blogs = tuple(_blog(table) for table in tables)
    posts: list[Post] = []
    shelves: list[list[Post]] = []
    for blog in blogs:
        home = folder / "posts" / blog.slug
        posts += _read_posts(home, blog)
        shelves.append(_read_posts(home / "upcoming", blog))
    library = Library(blogs, tuple(posts), _round_robin(shelves))
    _check(library)
    return library


def _header_line(line: str, name: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon:
        msg = f"{name}: not a header line: {line!r}"
        raise LibraryError(msg)
    return key.strip(), value.strip()


def _blog(table: dict[str, Any]) -> Blog:
    return Blog(**{**table, "format": Format(table["format"]), "carries": tuple(table.get("carries", ()))})


def _read_posts(folder: Path, blog: Blog) -> list[Post]:
    return [
        parse_post(path.read_text(encoding="utf-8"), blog=blog, name=path.name)
        for path in sorted(folder.glob("*.html"))
    ]


def _round_robin(shelves: list[list[Post]]) -> tuple[Post, ...]:
    longest = max((len(shelf) for shelf in shelves), default=0)
    return tuple(shelf[turn] for turn in range(longest) for shelf in shelves if turn < len(shelf))


def _check(library: Library) -> None:
    keys = [post.key for post in library.posts + library.upcoming]
    faults = [f"{key}: two posts of that name" for key in keys if keys.count(key) > 1]
    faults += [f"{post.key}: no age" for post in library.posts if post.age is None]
    faults += [f"{post.key}: upcoming, but with an age" for post in library.upcoming if post.age is not None]
    if faults:
        raise LibraryError(faults[0])
