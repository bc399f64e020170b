"""The pages of tags: what stands under one, and all that have a page, however many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, register_converter, resolve, reverse

from aggregator.models import Entry, EntryTag, Tag, TagBacklog, TagQuerySet
from aggregator.models.entry_tag import listed_of
from aggregator.models.tag import MIN_PAGE_POSTS
from aggregator.models.tag_key import key_of_slug
from aggregator.search.query import Name

from .asked import query_string
from .blogroll import page_links, pages
from .budget import POST_BYTES, SOURCE_BYTES
from .caching import View, public_page
from .letters import SIGNS, by_letter
from .news import news, news_answer
from .paging import PAGE_ENTRIES, Page, named_entry, page_of
from .views import paged

PAGE_TAGS = 200
"""On one page; so many are shown at once before there are ways by letter."""
MAX_LETTERS = 250
"""With ways of their own: as many as the alphabets of a dozen scripts have. A blog can bring tags in all signs that
there are."""


class TagSlug:
    """A tag's key in an address, or whatever else somebody wrote there."""

    regex = "[^/]{1,200}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TagSlug, "tag_slug")


def of_tag(view: View) -> View:
    """The view of a tag, by its slug. Raises Http404 if there is none that readers may know of.

    It leads on from other spellings, and from a tag that was joined into another. Put it below `public_page`: browsers
    would remember a redirect for ever.
    """

    @wraps(view)
    def page(request: HttpRequest, *, slug: str, **kwargs: Any) -> HttpResponse:
        tag = Tag.objects.of_key(key_of_slug(slug))
        if tag is None or tag.is_hidden:
            raise Http404
        if tag.slug == slug:
            return view(request, tag=tag, **kwargs)
        if not EntryTag.objects.listed_under(tag).exists():
            raise Http404  # a redirect would say that somebody files posts under it
        name = resolve(request.path_info).view_name
        return HttpResponsePermanentRedirect(reverse(name, kwargs={**kwargs, "slug": tag.slug}))

    return page


@public_page(reads=["before"])
@of_tag
def tag(request: HttpRequest, tag: Tag) -> HttpResponse:
    before = named_entry(request, Entry.objects.of_public_feeds().filter(entry_tags__tag=tag))
    page = page_under(tag, before)
    if before is None and len(page.entries) < MIN_PAGE_POSTS:
        if not page.entries:
            raise Http404  # of what nobody may see, nobody learns the name
        return HttpResponseRedirect(search_for(tag))
    context: dict[str, Any] = {"tag": tag, "before": before, "is_filling": TagBacklog.objects.exists()}
    if before is None:
        context["news"] = news(page.entries, "tag_news", tag.slug)
    return render(request, "pages/tag.html", {**context, **paged(page, SOURCE_BYTES)})


@public_page()
@of_tag
def tag_news(request: HttpRequest, tag: Tag) -> HttpResponse:
    """What an open page of the tag asks."""
    entries = listed_of(EntryTag.objects.listed_under(tag).newest_first().entry_ids(PAGE_ENTRIES))
    if not entries:
        raise Http404
    return news_answer(entries, PAGE_ENTRIES)


def page_under(tag: Tag, before: Entry | None) -> Page:
    """A page of what stands under a tag: the newest, or what comes after `before`."""
    rows = EntryTag.objects.listed_under(tag)
    older = (rows.older_than(before) if before else rows).newest_first().entry_ids(PAGE_ENTRIES + 1)
    newer = rows.newer_than(before).oldest_first().entry_ids(PAGE_ENTRIES) if before else None
    return page_of(listed_of(older).with_feed().with_copies().with_content_up_to(POST_BYTES), newer)


def search_for(tag: Tag) -> str:
    """The address of a search for what stands under a tag."""
    return reverse("search") + query_string(str(Name("tag", tag.slug)))


# -- all of them -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the tags, which have pages of their own."""

    name: str
    count: int
    tags: TagQuerySet
    args: tuple[str, ...] = ()
    label: str = ""
    """What its name is read as, if that is no word."""

    @property
    def url(self) -> str:
        return self.url_of(1)

    def url_of(self, number: int) -> str:
        """The address of its page of this number."""
        return reverse("tags_under", args=self.args if number == 1 else (*self.args, number))


@public_page()
def tags(request: HttpRequest) -> HttpResponse:
    letters = letters_of_tags()
    count = sum(letter.count for letter in letters)
    shown = Tag.objects.with_page()
    if count <= PAGE_TAGS:
        return show(request, {"tags": list(shown.by_name()[:PAGE_TAGS]), "count": count})
    most_used = shown.most_used()[:PAGE_TAGS]
    in_order = sorted(most_used, key=lambda tag: (tag.plain_name, tag.pk))
    return show(request, {"tags": in_order, "count": count, "letters": letters, "is_most_used": True})


@public_page()
def under_letter(request: HttpRequest, letter: str, number: int = 1) -> HttpResponse:
    letters = letters_of_tags()
    part = next((part for part in letters if part.args == (letter,)), None)
    if part is None:
        raise Http404
    paginator = Paginator(part.tags.by_name(), PAGE_TAGS)
    paginator.count = part.count
    try:
        page = paginator.page(number)
    except EmptyPage as error:
        raise Http404 from error
    context = {
        "tags": list(page.object_list),
        "count": sum(letter.count for letter in letters),
        "letters": letters,
        "part": part,
        "page": page,
        "page_links": page_links(part.url_of, paginator, number),
        "newer_url": part.url_of(number - 1) if page.has_previous() else "",
        "older_url": part.url_of(number + 1) if page.has_next() else "",
    }
    return show(request, context)


def letters_of_tags() -> list[Part]:
    counts, shown = Tag.objects.with_page().count_by_first_character(), Tag.objects.with_page()
    return [
        Part(
            name=letter,
            count=sum(counts[character] for character in characters),
            tags=shown.beginning_with(characters),
            args=(letter if letter != SIGNS else "other",),
            label="Digits and signs" if letter == SIGNS else "",
        )
        for letter, characters in _few_letters(by_letter(counts), counts).items()
    ]


def _few_letters(letters: dict[str, list[str]], counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Those with most tags; the characters of all others stand with the signs."""
    if len(letters) <= MAX_LETTERS:
        return letters
    most = sorted(letters, key=lambda letter: -sum(counts[character] for character in letters[letter]))[:MAX_LETTERS]
    others = [character for letter in letters if letter not in most for character in letters[letter]]
    few = {letter: letters[letter] for letter in letters if letter in most and letter != SIGNS}
    return {**few, SIGNS: [*(letters[SIGNS] if SIGNS in most else ()), *others]}


def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "pages/tags.html", {**context, "is_filling": TagBacklog.objects.exists()})


urlpatterns: list[URLPattern] = [
    path("tags/", tags, name="tags"),
    *pages("tags/letter/<str:letter>/", under_letter, "tags_under"),
    path("tag/<tag_slug:slug>/", tag, name="tag"),
    path("tag/<tag_slug:slug>/new.json", tag_news, name="tag_news"),
]
