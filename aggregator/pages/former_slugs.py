"""A category's addresses by a slug that it had before lead for good to those that it has now."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve, reverse

from aggregator.models import Category

from .caching import View


def of_category(view: View) -> View:
    """The view of a category, which leads on where that has another slug by now; all else of the path stays.

    Put it below `public_page`: browsers would remember a redirect for ever, and the slug may become another's.
    """

    @wraps(view)
    def page(request: HttpRequest, *, slug: str, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, slug=slug, **kwargs)
        except Http404:
            category = Category.objects.filter(former_slugs__slug=slug).first()
            if category is None or category.slug == slug:  # it has a page, but not this one
                raise
        name = resolve(request.path_info).view_name
        return HttpResponsePermanentRedirect(reverse(name, kwargs={**kwargs, "slug": category.slug}))

    return page
