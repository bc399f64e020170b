"""How often one person may ask; counted in the cache, so per process unless the cache is shared."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache


def is_within_limit(what: str, user_id: int, *, max_per_hour: int, now: datetime) -> bool:
    """Whether the person may ask once more in this hour; this time is counted, too."""
    key = f"push:{what}:{user_id}:{now:%Y%m%d%H}"
    cache.add(key, 0, timeout=3600)
    try:
        return cache.incr(key) <= max_per_hour
    except ValueError:  # thrown out of the cache in between
        return True
