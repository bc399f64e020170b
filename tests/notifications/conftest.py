from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from notifications.vapid.keys import VapidKey


@pytest.fixture(autouse=True)
def nobody_has_asked_before() -> Iterator[None]:
    """Limits are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def site_key(settings: LazySettings) -> VapidKey:
    """The site's present key."""
    key = VapidKey.new()
    settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY = key.private_text, ""
    return key
