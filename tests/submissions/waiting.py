"""Proposals for tests, as far as they have come."""

from __future__ import annotations

from typing import Any

from aggregator.models import Submission
from tests.factories import NOW


def proposed(host: str = "ada.example", **fields: Any) -> Submission:
    """A proposal that waits for a curator, who has been told of it."""
    known = {
        "address": f"https://{host}/",
        "host": host,
        "feed_url": f"https://{host}/feed.xml",
        "site_url": f"https://{host}/",
        "title": "Ada’s notes",
        "state": "waiting",
        "sent_at": NOW,
        "announced_at": NOW,
    }
    return Submission.objects.create(**{**known, **fields})
