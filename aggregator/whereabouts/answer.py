"""The answer to one address: its cause, and what it takes to say it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import Resolver404, resolve

from .asked import Asked
from .causes import Cause
from .posts import PostAnswer, own_post, post_at, shown_post_at
from .sources import Place, SourceAnswer, own_source, place_of, removed_place

_PAGES_OF_POSTS = {"post", "post_part"}
_PAGES_OF_SOURCES = {"source", "source_status", "source_atom", "source_rss", "source_json_feed"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One cause of all that could be: of a post, of the sources at whose place the address lies, or of neither."""

    cause: Cause
    post: PostAnswer | None = None
    sources: list[SourceAnswer] = field(default_factory=list)
    removed: str = ""
    """Of a place that was removed: the sentence that says so, with the curators' reason."""

    @property
    def lead(self) -> str:
        return self.cause.value


def answer(asked: Asked) -> Answer:
    """What became of the post, the blog or the feed at this address."""
    if asked.own_path:
        return _of_own_page(asked.own_path)
    place = place_of(asked)
    sources = place.sources
    if sources and sources[0].is_itself and sources[0].is_home:
        return _of_sources(sources, asked)
    if post := _post(asked, place):
        return Answer(post.cause, post)
    return _of_sources(sources, asked)


def _post(asked: Asked, place: Place) -> PostAnswer | None:
    exactly = (found for keys in asked.keys if (found := post_at(keys, place.is_of_claimant)))
    return next(exactly, None) or shown_post_at(asked.keys_without_query, place.is_of_claimant)


def _of_sources(sources: list[SourceAnswer], asked: Asked) -> Answer:
    is_here = bool(sources) and sources[0].cause != Cause.TAKEN_OFF
    if not is_here and (removed := removed_place(asked)):
        return Answer(Cause.REMOVED, removed=removed)
    if len(sources) > 1:
        return Answer(Cause.SOURCES if sources[0].is_itself else Cause.SEVERAL, sources=sources)
    return Answer(sources[0].cause, sources=sources) if sources else Answer(Cause.UNKNOWN)


def _of_own_page(path: str) -> Answer:
    """Of a page of ours that shows a post or a source; of all others, be they there or not, nothing is told."""
    try:
        page = resolve(path)
    except Resolver404:
        return Answer(Cause.OWN_PAGE)
    if page.url_name in _PAGES_OF_POSTS:
        post = own_post(page.kwargs["pk"])
        return Answer(post.cause, post) if post else Answer(Cause.NO_POST)
    sources = own_source(page.kwargs["slug"]) if page.url_name in _PAGES_OF_SOURCES else []
    return Answer(sources[0].cause, sources=sources) if sources else Answer(Cause.OWN_PAGE)
