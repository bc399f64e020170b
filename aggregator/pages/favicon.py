"""The site's small icon at the address where programs look for it that read no page: readers of feeds, bookmarks.

It is the planet's own logo if that is a square PNG, which such programs take under any name; else ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

WEEK_SECONDS = 7 * 86400


@require_safe
@cache_control(public=True, max_age=WEEK_SECONDS)
def favicon(request: HttpRequest) -> HttpResponse:
    logo = settings.SITE_LOGO
    if logo and logo.is_app_icon:
        return HttpResponse(logo.content, content_type=logo.kind)
    return HttpResponse(_icon(), content_type="image/x-icon")


@cache
def _icon() -> bytes:
    return Path(settings.BASE_DIR, "static", "icons", "favicon.ico").read_bytes()
