"""What the pages about a proof and the owner's page show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from aggregator.ingest.marks import META_NAME
from aggregator.models import Feed, Ownership, Submission

from .moving import last_decided_move, proposed_move
from .ownership import owner_token, sources_url
from .owning import MAX_HELD_TITLES, held_posts, may_pause, may_resume, standing
from .places import file_urls, places_of
from .stamps import stamp_of
from .tokens import token_of

REFRESH_SECONDS = 10
WORKER_LATE_AFTER = timedelta(minutes=5)
"""After that, a page doesn't wait any more for a look that was asked for."""

SAID = {
    "looking": "We look within a minute or two.",
    "asked": "A look was asked for already.",
    "display": "Done: that is how your posts are shown now.",
    "paused": "Paused. Nothing is fetched from your blog any more; its posts stay.",
    "resumed": "Resumed. Your blog is read again within a minute or two.",
    "moving": "Thank you. We look at the new address first; then a curator decides. Until then all stays as it is.",
    "withdrawn": "Taken back. All stays as it is.",
    "off": "Your blog is taken off.",
}
"""What a page says after a form was sent, by the word in its address: nobody else's words come in that way."""


def owner_page(ownership: Ownership, now: datetime) -> dict[str, Any]:
    """Of a blog that is listed here."""
    feed = ownership.feed
    assert feed
    token = owner_token(ownership)
    shown = standing(feed, ownership)
    page = {
        "feed": feed,
        "ownership": ownership,
        "is_taken_off": feed.state == Feed.State.REJECTED,
        "stamp": stamp_of(ownership.key, shown),
        "action": reverse("owner", args=[token]),
        "take_off_action": reverse("owner_take_off", args=[token]),
        **_proof(ownership, feed.url, feed.site_url, f"{sources_url()}/{feed.slug}/", now),
    }
    return page | (_controls(feed, ownership) if ownership.is_proven and not page["is_taken_off"] else {})


def proposal_page(ownership: Ownership | None, submission: Submission, action: str, now: datetime) -> dict[str, Any]:
    """Of a blog that is proposed: only its proof."""
    page = {"submission": submission, "ownership": ownership, "action": action}
    if ownership is None or not submission.feed_url:
        return page | {"stamp": stamp_of(submission.key, [])}
    proof = _proof(ownership, submission.feed_url, submission.site_url, "", now)
    return page | {"stamp": stamp_of(submission.key, []), **proof}


def _proof(ownership: Ownership, feed_url: str, site_url: str, source_url: str, now: datetime) -> dict[str, Any]:
    page = next(place.url for place in places_of(feed_url, site_url) if place.kind == "page")
    waits_since = ownership.asked_at
    is_awaited = waits_since is not None and now - waits_since < WORKER_LATE_AFTER
    return {
        "code": ownership.code,
        "meta_name": META_NAME,
        "feed_url": feed_url,
        "page_url": page,
        "file_url": file_urls(feed_url, page)[0],
        "source_url": source_url if site_url else "",
        "refresh_seconds": REFRESH_SECONDS if is_awaited else 0,
        "is_worker_late": waits_since is not None and not is_awaited,
    }


def _controls(feed: Feed, ownership: Ownership) -> dict[str, Any]:
    held, move = list(held_posts(feed)), proposed_move(feed)
    others = Ownership.objects.proven().filter(feed=feed).exclude(pk=ownership.pk)
    return {
        "displays": Feed.Display.choices,
        "may_pause": may_pause(feed),
        "may_resume": may_resume(feed, ownership),
        "move": move,
        "answering": reverse("submission", args=[token_of("submission", move.key)]) if move else "",
        "last_move": last_decided_move(feed),
        "held": held,
        "held_left": max(feed.held_count - len(held), 0) if len(held) == MAX_HELD_TITLES else 0,
        "others": [(other.code, other.get_way_display()) for other in others],
    }
