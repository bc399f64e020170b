"""The lists of our sources: what a reader of feeds takes along at once, and what other programs find us recommend."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from aggregator.exchange.opml import write_opml
from aggregator.exchange.outgoing import on_this_site
from aggregator.models import Category, Feed, FeedQuerySet
from aggregator.pages.caching import site_state
from aggregator.pages.former_slugs import of_category

from .documents import public_document, with_face


@public_document
def opml(request: HttpRequest) -> HttpResponse:
    return _response(request, settings.SITE_NAME, Feed.objects.public())


@public_document
def recommendations(request: HttpRequest) -> HttpResponse:
    """The same list where programs look for it that know no more than the site's name (opml.org, "blogrolls")."""
    response = _response(request, settings.SITE_NAME, Feed.objects.public())
    response["Link"] = f'<{on_this_site(reverse("opml"))}>; rel="canonical"'
    return response


@public_document
@of_category
def category_opml(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    return _response(request, f"{category.name} · {settings.SITE_NAME}", category.feeds.public())


def _response(request: HttpRequest, title: str, feeds: FeedQuerySet) -> HttpResponse:
    # The list's date is that of the site's last change: the same list twice is the same bytes.
    document = write_opml(title, feeds.with_address().with_category().by_title(), now=site_state(request).changed_at)
    return HttpResponse(with_face(document), content_type="text/x-opml; charset=utf-8")
