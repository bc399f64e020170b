"""What every template may know of the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from aggregator.exchange.contact import contact_of
from aggregator.models import Feed

from .opensearch import short_name
from .own_files import colors_name


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, what it has of its own (a tagline, a logo, links, a stylesheet of colors), its address, how its
    search is named, whether blogs can be proposed, whom to write to (None if nobody is named), the page's own address
    there, and the categories, read when a template asks."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_TAGLINE": settings.SITE_TAGLINE,
        "SITE_LOGO": settings.SITE_LOGO,
        "FOOTER_LINKS": settings.FOOTER_LINKS,
        "own_colors": colors_name(),
        "WEBSITE_URL": settings.WEBSITE_URL,
        "SEARCH_NAME": short_name(),
        "is_open_to_proposals": settings.SUBMISSIONS,
        "contact": contact_of(settings.CONTACT) if settings.CONTACT else None,
        "canonical_url": settings.WEBSITE_URL + request.path,
        "navigation": SimpleLazyObject(lambda: list(Feed.objects.public().categories())),
    }
