"""Addresses of planets that moved here: each leads for good to what stands in its place. No row is asked for."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

KEPT_SECONDS = 86400
"""How long browsers and proxies may go on without asking. It is for good, but for a slip in this list."""

_OLD = {
    "front": "index.html index.htm index.php mobile.html planet.html output.html titles_only.html",
    "atom": "atom atom/ atom.php atom10.xml atom03.xml feed feed/ feed/atom feed/atom/ feed.atom feeds feeds/ "
    "feeds/atom/ index.atom planet.atom",
    "rss": "feed.xml feed.rss feed/rss/ feed/rss2/ feed/rdf/ feeds/rss/ index.rss index.xml index.rdf planet.xml "
    "planet.rss planet.rdf rdf.xml rss rss/ rss.xml rss.rdf rss.php rss1.xml rss2.xml rss10.xml rss091.xml "
    "rss092.xml rss92.xml",
    "opml": "foafroll.xml opml opml/ index.opml planet.opml feeds.opml subscriptions.opml custom/people.opml",
}
"""By the name of our page or feed, what Planet, Venus, Pluto, moonmoon, rawdog, Perlanet and WordPress call theirs."""

PLACES = {old: name for name, paths in _OLD.items() for old in paths.split()}
"""By the old path, the name of ours."""


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
