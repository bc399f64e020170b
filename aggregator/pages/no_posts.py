"""What the pages of a source say where nothing is to be read under it: why, and where to read on."""

from __future__ import annotations

from typing import Any

from aggregator.diagnosis import why_no_posts
from aggregator.models import Feed
from aggregator.models.unseen import unseen_of


def ways_on(feed: Feed) -> dict[str, Any]:
    """What the templates are told: `double` is the source that is read in its place, if readers may know of that."""
    unseen = unseen_of([feed]).get(feed.pk)
    return {
        "double": Feed.objects.public().filter(pk=feed.double_of_id).first() if feed.double_of_id else None,
        "why_no_posts": why_no_posts(feed, unseen),
        "shown_under": unseen.shown_under if unseen else (),
    }
