"""The page of one feed: its health in words, its last entries, and buttons that each do one thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from aggregator.curating import deciding
from aggregator.curating.adding import FeedRefused
from aggregator.curating.feeds import pause, reject, resume
from aggregator.diagnosis.health import diagnose
from aggregator.models import Entry, EntryQuerySet, Feed
from aggregator.models.visible import PUBLIC_STATES

from .columns import badge, next_poll, time_ago, web_link
from .polling import poll_and_tell
from .rules import slow_rules

if TYPE_CHECKING:
    from .feeds import FeedAdmin

LAST_ENTRIES = 10


def page_of(feed: Feed) -> dict[str, Any]:
    """What the feed's page shows around its form."""
    diagnosis = diagnose(feed, timezone.now())
    return {
        "diagnosis": diagnosis,
        "badge": badge(diagnosis),
        "facts": _facts(feed),
        "slow_rules": slow_rules(feed),
        "buttons": _buttons(feed),
        "public_url": feed.get_absolute_url() if feed.state in PUBLIC_STATES else "",
        "last_entries": _last_entries(feed),
        "subtitle": feed.shown_title,
    }


def _last_entries(feed: Feed) -> EntryQuerySet:
    """Those of the page, the newest first, whether readers see them or not."""
    entries = Entry.objects.from_feed(feed).without_content().select_related("feed", "duplicate_of__feed")
    return entries.newest_first()[:LAST_ENTRIES]


def _facts(feed: Feed) -> list[tuple[str, str]]:
    failures = f"{feed.failure_count} in a row" if feed.failure_count else "none"
    return [
        ("Address", web_link(feed.url)),
        *([("Proposed address", web_link(feed.proposed_url))] if feed.proposed_url else []),
        ("Site", web_link(feed.home_url)),
        ("Last poll", time_ago(feed.last_polled_at)),
        ("Last good poll", time_ago(feed.last_ok_at)),
        ("Next poll", next_poll(feed)),
        ("Failures", failures),
        ("Entries", str(feed.entry_count)),
        *([("Held entries", str(feed.held_count))] if feed.held_count else []),
        *([("Dropped by rules", str(feed.filtered_count))] if feed.filtered_count else []),
        ("Last post", time_ago(feed.newest_at)),
    ]


def _buttons(feed: Feed) -> list[dict[str, str]]:
    """Address and label of what can be done with the feed as it is."""
    return [
        {"url": reverse(f"admin:aggregator_feed_{verb}", args=[feed.pk]), "label": LABELS[verb]}
        for verb in _verbs(feed)
    ]


def _verbs(feed: Feed) -> list[str]:
    """What waits for a decision comes first."""
    proposal = ["use_proposed", "dismiss_proposed"] if feed.proposed_url else []
    held = ["show_held", "hide_held"] if feed.held_count else ["accept"] if feed.is_drifting else []
    usual = [*VERBS_BY_STATE[feed.state], *(["reject"] if held and feed.state != Feed.State.REJECTED else [])]
    return list(dict.fromkeys([*proposal, *held, *usual]))


def press(request: HttpRequest, pk: int, *, model_admin: FeedAdmin, verb: str) -> HttpResponse:
    """Do what a button of the feed's page says, and come back to the page."""
    feed = get_object_or_404(Feed, pk=pk)
    if not model_admin.has_change_permission(request, feed):
        raise PermissionDenied
    BUTTONS[verb](request, feed)
    model_admin.log_change(request, feed, f"Pressed “{verb}”.")
    return redirect("admin:aggregator_feed_change", pk)


def _pause(request: HttpRequest, feed: Feed) -> None:
    if pause(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, "Paused. It isn't polled any more and is off the front page; its posts stay.")


def _resume(request: HttpRequest, feed: Feed) -> None:
    if resume(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, "Resumed. It is polled within the next minute.")


def _reject(request: HttpRequest, feed: Feed) -> None:
    if reject(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, "Rejected. It is neither polled nor shown.")


def _accept(request: HttpRequest, feed: Feed) -> None:
    count = deciding.accept(Feed.objects.filter(pk=feed.pk), timezone.now())
    told = [f"{posts_in_words(count)} shown."] if count else []
    if feed.is_drifting:
        told.append("From now on the feed is known as it is; it is read anew within the next minute.")
    messages.success(request, " ".join(told) or "Nothing was held any more.")


def _hide_held(request: HttpRequest, feed: Feed) -> None:
    if count := deciding.hide_held(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, f"{posts_in_words(count)} hidden. They stay known, so no poll brings them back.")


def _use_proposed(request: HttpRequest, feed: Feed) -> None:
    try:
        deciding.use_proposed(feed, timezone.now())
    except FeedRefused as refusal:
        messages.error(request, f"The address stays as it was. {refusal}")
    else:
        messages.success(request, "The address is changed. The feed is read there within the next minute.")


def _dismiss_proposed(request: HttpRequest, feed: Feed) -> None:
    deciding.dismiss_proposed(feed)
    messages.success(request, "Dismissed. That address won't be proposed for this feed again.")


def posts_in_words(count: int) -> str:
    """How many, to begin a sentence with."""
    return "One post" if count == 1 else f"{count} posts"


BUTTONS: dict[str, Callable[[HttpRequest, Feed], None]] = {
    "poll": poll_and_tell,
    "pause": _pause,
    "resume": _resume,
    "reject": _reject,
    "accept": _accept,
    "show_held": _accept,
    "hide_held": _hide_held,
    "use_proposed": _use_proposed,
    "dismiss_proposed": _dismiss_proposed,
}
LABELS = {
    "poll": "Poll now",
    "pause": "Pause",
    "resume": "Resume",
    "reject": "Reject",
    "accept": "Accept it as it is now",
    "show_held": "Show its held posts",
    "hide_held": "Hide its held posts",
    "use_proposed": "Use the proposed address",
    "dismiss_proposed": "Dismiss the proposal",
}
VERBS_BY_STATE: dict[str, tuple[str, ...]] = {
    Feed.State.PENDING: ("poll", "reject"),
    Feed.State.ACTIVE: ("poll", "pause"),
    Feed.State.PAUSED: ("resume",),
    Feed.State.GONE: ("poll", "resume"),
    Feed.State.REJECTED: ("resume",),
}
