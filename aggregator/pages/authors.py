"""The page of an author: what one person wrote in one source or, if authors of several were joined, in all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import wraps
from posixpath import dirname
from urllib.parse import SplitResult, urlsplit

from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.urls import resolve, reverse

from aggregator.exchange.links import public_url
from aggregator.models import Author, EntryAuthor, Feed, FeedQuerySet, Ownership
from aggregator.models.visible import PUBLIC_STATES
from aggregator.models.written import entries_by, has_page, newer_ids_by, older_by

from .budget import LISTING_BYTES, POST_BYTES, SOURCE_BYTES
from .caching import View, public_page
from .keeping import kept_in_words
from .news import news, news_answer
from .paging import PAGE_ENTRIES, named_entry, page_of
from .views import paged

_BY_LINE = Ownership.Way.FEED_LINE


def only_source(slug: str) -> FeedQuerySet:
    """The one source in which the author of this slug wrote; none for a person of several, and for one without a page:
    by another ETag than that of an author who isn't here, strangers would learn of who is."""
    seen = Q(had_more=True) | Exists(EntryAuthor.objects.filter(author=OuterRef("pk")).shown())
    alone = Author.objects.persons().filter(seen, slug=slug, joined=None, is_hidden=False)
    return Feed.objects.public().filter(pk__in=alone.values("feed"))


def with_former_slugs(view: View) -> View:
    """The view of an author, which leads on where that is joined to another by now, or has another slug.

    Put it below `public_page`. Who was joined can be taken apart, so that way isn't for good.
    """

    @wraps(view)
    def page(request: HttpRequest, *, slug: str) -> HttpResponse:
        try:
            return view(request, slug=slug)
        except Http404:
            joined = Author.objects.filter(slug=slug).exclude(joined_to=None).select_related("joined_to").first()
            former = Author.objects.filter(former_slugs__slug=slug).select_related("joined_to").first()
            author = joined or former
            if author is None or author.person.slug == slug:
                raise
            person_or_404(author.person.slug)  # else the way there would tell of who has no page
        name = resolve(request.path_info).view_name
        to = HttpResponseRedirect if joined else HttpResponsePermanentRedirect
        return to(reverse(name, args=[author.person.slug]))

    return page


def person_or_404(slug: str) -> list[Author]:
    """The authors that are the person of this slug, with their feeds; first the one who stands for all."""
    person = Author.objects.persons().select_related("feed").filter(slug=slug).first()
    authors = person.all_of_person() if person else []
    if person is None or not has_page(person, authors):
        raise Http404
    return authors


@public_page(reads=["before"], of_source=only_source)
@with_former_slugs
def author(request: HttpRequest, slug: str) -> HttpResponse:
    authors = person_or_404(slug)
    before = named_entry(request, entries_by(authors))
    found = older_by(authors, before, PAGE_ENTRIES + 1).with_feed().with_copies().with_content_up_to(POST_BYTES)
    page = page_of(found, newer_ids_by(authors, before, PAGE_ENTRIES) if before else None)
    sources = sources_of(authors)
    only = sources[0] if len(sources) == 1 else None
    context = {
        "person": authors[0],
        "written_in": sources,
        "source": only,
        "home": proven_address(authors),
        "before": before,
        "kept": kept_in_words(),
        **paged(page, LISTING_BYTES if only else SOURCE_BYTES),
    }
    if before is None:
        context["news"] = news(page.entries, "author_news", slug)
    return render(request, "pages/author.html", context)


@public_page(of_source=only_source)
@with_former_slugs
def author_news(request: HttpRequest, slug: str) -> HttpResponse:
    """What an open page of the author asks."""
    return news_answer(older_by(person_or_404(slug), None, PAGE_ENTRIES), PAGE_ENTRIES)


def sources_of(authors: Collection[Author]) -> list[Feed]:
    """The sources in which a person wrote, as far as readers may know of them."""
    feeds = {author.feed_id: author.feed for author in authors if author.feed.state in PUBLIC_STATES}
    return list(feeds.values())


def proven_address(authors: Sequence[Author]) -> str:
    """The address of a person that may be called theirs (`rel="me"`); empty if there is none.

    The feed that gives it has an owner who has proven the blog, and it lies on that blog's site. Any other address is
    a claim that any feed can make of anybody: no link says it.
    """
    proven = {one.feed_id: one for one in Ownership.objects.proven().filter(feed__in=[one.feed_id for one in authors])}
    for one in authors:
        address = public_url(one.url)
        if address and one.feed_id in proven and lies_on_site(address, one.feed, proven[one.feed_id].way):
            return address
    return ""


def lies_on_site(address: str, feed: Feed, way: str) -> bool:
    """Whether an address lies on what the feed's owner has shown to be theirs: below the site's path, on the host of
    the feed. A line in the feed shows no more than the folder in which that lies."""
    url, feed_url = urlsplit(address), urlsplit(feed.url)
    site = urlsplit(feed.url.rpartition("/")[0] if way == _BY_LINE else feed.home_url)
    if not _host(url) or {_host(url), _host(site)} != {_host(feed_url)}:
        return False
    return f"{url.path.rstrip('/')}/".startswith(_folder(site.path))


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def _folder(path: str) -> str:
    is_file = "." in path.rpartition("/")[2]
    return f"{(dirname(path) if is_file else path).rstrip('/')}/"


def title_of(authors: Sequence[Author]) -> str:
    """What the person's page and feeds are called."""
    sources = sources_of(authors)
    return f"{authors[0].name} · {sources[0].shown_title}" if len(sources) == 1 else authors[0].name
