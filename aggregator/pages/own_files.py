"""What a planet has of its own beside its pages: its logo, and the stylesheet of its colors.

As static files do, each has an address that changes with it, and may be kept for good. They come from memory, as they
were when this process started.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from aggregator.own.colors import stylesheet

FOR_GOOD = "public, max-age=31536000, immutable"
NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy of such a file: an SVG may style itself, and does nothing else, also where it is opened by itself."""
_OF_BEFORE = re.compile(r"(logo|colors)-[0-9a-f]{12}\.(?:png|svg|webp|jpg|css)")


@require_safe
def own_file(request: HttpRequest, name: str) -> HttpResponse:
    """The file of this name. One of before leads to the one that has its place: feed readers keep the address."""
    files = _files()
    if name in files:
        kind, content = files[name]
        response = HttpResponse(content, content_type=kind)
        response["Cache-Control"] = FOR_GOOD
        response["Content-Security-Policy"] = NOTHING_ELSE
        response["Cross-Origin-Resource-Policy"] = "cross-origin"  # a feed reader in a browser shows it
        return response
    if match := _OF_BEFORE.fullmatch(name):
        for other in files:
            if other.startswith(f"{match[1]}-"):
                return _elsewhere(request, other)
    raise Http404


def colors_name() -> str:
    """Of the stylesheet of the site's own colors; empty if it has none."""
    return _colors(settings.SITE_ACCENT, settings.SITE_ACCENT_DARK)[0]


def _files() -> dict[str, tuple[str, bytes]]:
    """The kind and the content of each, by its name."""
    found: dict[str, tuple[str, bytes]] = {}
    if logo := settings.SITE_LOGO:
        found[logo.name] = logo.kind, logo.content
    name, colors = _colors(settings.SITE_ACCENT, settings.SITE_ACCENT_DARK)
    if name:
        found[name] = "text/css; charset=utf-8", colors
    return found


@lru_cache(maxsize=4)  # each page asks for the name
def _colors(accent: str, accent_dark: str) -> tuple[str, bytes]:
    """The stylesheet's name and content."""
    if not (accent and accent_dark):
        return "", b""
    content = stylesheet(accent, accent_dark).encode()
    return f"colors-{hashlib.sha256(content).hexdigest()[:12]}.css", content


@never_cache
def _elsewhere(request: HttpRequest, name: str) -> HttpResponse:
    return redirect("own_file", name)
