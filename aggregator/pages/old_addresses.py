"""Addresses of planets that moved here: each leads for good to what stands in its place. No row is asked for."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

KEPT_SECONDS = 86400
"""How long browsers and proxies may go on without asking. It is for good, but for a slip in this list."""

PLACES = {
    "index.html": "front",
    "index.php": "front",
    "index.htm": "front",
    "mobile.html": "front",
    "planet.html": "front",
    "titles_only.html": "front",
    "atom/": "atom",
    "feed/": "atom",
    "feed/atom/": "atom",
    "index.atom": "atom",
    "index.rss": "rss",
    "index.xml": "rss",
    "rdf.xml": "rss",
    "feed.xml": "rss",
    "rss/": "rss",
    "rss.xml": "rss",
    "rss10.xml": "rss",
    "rss091.xml": "rss",
    "foafroll.xml": "opml",
    "opml/": "opml",
}
"""By the path, as Planet, Venus, Pluto, moonmoon and WordPress have it, the name of our page or feed."""


@require_safe
def _moved(request: HttpRequest, name: str) -> HttpResponsePermanentRedirect:
    response = HttpResponsePermanentRedirect(reverse(name))
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    if name != "front":  # other sites' scripts read feeds, and follow them only where each answer allows it
        response["Access-Control-Allow-Origin"] = "*"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


urlpatterns: list[URLPattern] = [
    path(old, partial(_moved, name=name), name=f"moved_{old}") for old, name in PLACES.items()
]
