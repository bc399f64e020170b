"""What the settings say of polling, as the values that the stages take."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from aggregator import user_agent
from aggregator.ingest.address import normalize_url
from aggregator.ingest.errors import AddressRefused
from aggregator.ingest.guard import check_url
from aggregator.ingest.schedule import SchedulePolicy
from aggregator.ingest.types import FeedLink, FetchPolicy


def fetch_policy() -> FetchPolicy:
    """What a request may cost and where it may go, from the settings."""
    return FetchPolicy(
        user_agent=user_agent(settings.WEBSITE_URL),
        timeout_seconds=settings.FETCH_TIMEOUT_SECONDS,
        max_bytes=settings.FETCH_MAX_BYTES,
        allowed_ports=settings.FETCH_ALLOWED_PORTS,
        allowed_networks=settings.FETCH_ALLOWED_NETWORKS,
        spool_folder=settings.DATA_DIR,  # /tmp is memory on many machines
    )


def schedule_policy() -> SchedulePolicy:
    return SchedulePolicy(
        min_interval_seconds=int(settings.POLL_INTERVAL_MIN_SECONDS),
        max_interval_seconds=int(settings.POLL_INTERVAL_MAX_SECONDS),
    )


def askable(links: Sequence[FeedLink]) -> list[str]:
    """Those of the feeds that a page names that we would ask, in their one spelling, best first."""
    urls = []
    for link in links:
        try:
            url = normalize_url(link.url)
            check_url(url, fetch_policy())
        except (ValueError, AddressRefused):
            continue
        urls.append(url)
    return list(dict.fromkeys(urls))
