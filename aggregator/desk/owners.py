"""Who has shown that a feed's blog is theirs, for curators: how, what they did last, and the button that ends it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from aggregator.models import Feed, Ownership
from aggregator.submissions.ownership import end

from .columns import time_ago

MAX_SHOWN_OWNERS = 3


def has_owner(feed: Feed) -> bool:
    return Ownership.objects.proven().filter(feed=feed).exists()


def owners_of(feed: Feed) -> list[tuple[str, str]]:
    """A fact about each of the last who have shown that the blog is theirs."""
    rows = Ownership.objects.filter(feed=feed).exclude(proven_at=None).order_by("-proven_at", "-pk")
    return [("Owner", _in_words(row)) for row in rows[:MAX_SHOWN_OWNERS]]


def _in_words(row: Ownership) -> str:
    proof = format_html("shown by {}, {}", row.get_way_display(), time_ago(row.proven_at))
    if row.ended_at:
        proof = format_html("{}; ended by a curator, {}", proof, time_ago(row.ended_at))
    elif row.lost_at:
        proof = format_html("{}; gone, {}", proof, time_ago(row.lost_at))
    deed = row.last_deed()
    return format_html("{}. The owner {}, {}", proof, deed[1], time_ago(deed[0])) if deed else proof


def end_ownership(request: HttpRequest, feed: Feed) -> None:
    """What the button does."""
    if end(feed, timezone.now()):
        told = "Ended: that link can do nothing any more. What its owner did stays as it is."
        messages.success(request, told)
    else:
        messages.warning(request, "Nobody has shown any more that this blog is theirs.")
