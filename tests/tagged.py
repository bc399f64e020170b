"""Posts that stand under tags, without a poll that brings them."""

from __future__ import annotations

from aggregator.models import Entry, SiteState, TagOfMonth, site_change
from aggregator.models.tagging import tag_entries

from .factories import NOW


def tag_all(*names: str) -> None:
    """All posts that name no tag yet name these, and stand under them."""
    Entry.objects.filter(tags=[]).update(tags=list(names))
    with site_change():
        tag_entries(Entry.objects.filter(entry_tags=None).select_related("feed"))
        TagOfMonth.objects.replace(TagOfMonth.objects.choose(NOW))
        SiteState.objects.touch(NOW)
