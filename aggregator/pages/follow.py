"""How readers follow the site: addresses to copy, and what reads them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aggregator.models import Feed, Tag

from .caching import public_page


@public_page()
def follow(request: HttpRequest) -> HttpResponse:
    feeds = Feed.objects.public()
    context = {
        "source_count": feeds.count(),
        "has_files": feeds.filter(has_enclosures=True).exists(),
        "has_tags": Tag.objects.with_page().exists(),
    }
    return render(request, "pages/follow.html", context)
