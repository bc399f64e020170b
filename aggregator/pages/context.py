"""What every template may know of the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from aggregator.models import Category


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name and address, the page's own address there, and the categories, read when a template asks."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "WEBSITE_URL": settings.WEBSITE_URL,
        "canonical_url": settings.WEBSITE_URL + request.path,
        "navigation": SimpleLazyObject(lambda: list(Category.objects.in_use())),
    }
