"""The page of one feed: its health in words, its last entries, and buttons that each do one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from aggregator.curating import deciding
from aggregator.curating.adding import FeedRefused
from aggregator.curating.feeds import pause, reject, resume
from aggregator.diagnosis import Diagnosis, diagnose, skipped_note, why_no_posts
from aggregator.models import Entry, EntryQuerySet, Feed, site_change
from aggregator.models.unseen import unseen_of
from aggregator.models.visible import PUBLIC_STATES

from .columns import COPIES, badge, link_to_feed, next_poll, time_ago, web_link
from .owners import end_ownership, has_owner, owners_of
from .polling import poll_and_tell
from .removing import asked_for_reason
from .rules import slow_rules
from .seeing import may_see
from .shown import NAME, changed_since, gone, in_words, shown

MAX_LAST_ENTRIES = 10
"""Enough to see what the feed brings; the page links to the list of all."""


def page_of(feed: Feed, request: HttpRequest) -> dict[str, Any]:
    """What the feed's page shows around its form."""
    diagnosis = diagnose(feed, timezone.now())
    return {
        "diagnosis": diagnosis,
        "badge": badge(diagnosis),
        "facts": _facts(feed, diagnosis),
        "slow_rules": slow_rules(feed),
        "buttons": [button.on_page_of(feed) for button in BUTTONS if button.is_offered(feed)],
        "public_url": feed.get_absolute_url() if feed.state in PUBLIC_STATES else "",
        "may_see_entries": may_see(request, Entry),
        "last_entries": _last_entries(feed),
        "subtitle": feed.shown_title,
    }


def _last_entries(feed: Feed) -> EntryQuerySet:
    """Those of the page, the newest first, whether readers see them or not."""
    entries = Entry.objects.all_of_feed(feed).without_content().select_related("feed", *COPIES)
    return entries.newest_first()[:MAX_LAST_ENTRIES]


def _facts(feed: Feed, diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """What the sentence of the diagnosis doesn't say: no number stands there twice."""
    untold_failures = feed.failure_count if diagnosis.word != "failing" else 0
    untold_held = feed.held_count if diagnosis.word != "held" else 0
    why_none, skipped = _about_no_posts(feed), skipped_note(feed)
    untold_skipped = skipped if skipped not in dict(why_none).get("Why none", "") else ""
    return [
        ("Address", web_link(feed.url)),
        *([("Proposed address", web_link(feed.proposed_url))] if feed.proposed_url else []),
        *([("The same feed", link_to_feed(feed.double_of))] if feed.double_of else []),
        ("Site", web_link(feed.home_url)),
        ("Last poll", time_ago(feed.last_polled_at)),
        ("Last good poll", time_ago(feed.last_ok_at)),
        ("Next poll", next_poll(feed)),
        *([("Failed polls in a row", str(untold_failures))] if untold_failures else []),
        ("Posts shown", str(feed.entry_count)),
        *why_none,
        *([("Posts held", str(untold_held))] if untold_held else []),
        *([("Posts dropped by rules", str(feed.filtered_count))] if feed.filtered_count else []),
        *([("Left out", untold_skipped)] if untold_skipped else []),
        ("Last post", time_ago(feed.newest_at)),
        *owners_of(feed),
    ]


def _about_no_posts(feed: Feed) -> list[tuple[str, str]]:
    """Why none is shown, and where copies are; nothing if some are shown."""
    unseen = unseen_of([feed]).get(feed.pk)
    if unseen is None:
        return []
    under = format_html_join(", ", "{}", ((link_to_feed(other),) for other in unseen.shown_under))
    return [("Why none", why_no_posts(feed, unseen)), *([("Shown under", under)] if under else [])]


# -- buttons ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """One thing that a curator can do with a feed. `BUTTONS` has them all."""

    verb: str
    """Its address below the feed's, and what the feed's history says was pressed."""
    label: str
    act: Callable[[HttpRequest, Feed], HttpResponse | None]
    """Does it, and leaves the curator a message; or answers with a page that asks for more."""
    is_offered: Callable[[Feed], bool]
    """Whether the page of this feed shows it."""
    stands_on: tuple[str, ...] = ("state",)
    """The columns that people decide by who press it: if they changed since, nothing is done."""

    def on_page_of(self, feed: Feed) -> dict[str, str]:
        """Its address and label, as the template reads them, and what it sends along of the feed."""
        address = reverse(f"admin:aggregator_feed_{self.verb}", args=[feed.pk])
        return {"url": address, "label": self.label, "shown": shown(feed, self.stands_on)}


def press(request: HttpRequest, pk: int, *, model_admin: admin.ModelAdmin[Feed], button: Button) -> HttpResponse:
    """Do what the button says, and come back to the feed's page. Nothing, if the feed isn't as the page showed it."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if not button.stands_on:  # it may wait for a poll, which locks the feed
        return _press(request, Feed.objects.filter(pk=pk).first(), model_admin, button)
    with site_change():
        return _press(request, Feed.objects.filter(pk=pk).locked().first(), model_admin, button)


def _press(
    request: HttpRequest, feed: Feed | None, model_admin: admin.ModelAdmin[Feed], button: Button
) -> HttpResponse:
    if feed is None:
        return gone(request, model_admin)
    if changed_since(feed, button.stands_on, request.POST.get(NAME, "")):
        told = f"“{button.label}” was not done: the feed changed since you opened its page"
        messages.warning(request, f"{told} ({in_words(feed, button.stands_on)}). Press again if you still want it.")
    elif asks := button.act(request, feed):
        return asks
    else:
        model_admin.log_change(request, feed, f"Pressed “{button.verb}”.")
    return redirect("admin:aggregator_feed_change", feed.pk)


def _pause(request: HttpRequest, feed: Feed) -> None:
    if pause(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, "Paused. It isn't polled any more and is off the front page; its posts stay.")
    else:
        messages.warning(request, f"Only an active feed can be paused; this one is {feed.get_state_display()}.")


def _resume(request: HttpRequest, feed: Feed) -> None:
    if resume(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, "Resumed. It is polled within the next minute.")
    else:
        messages.warning(request, f"It wasn't stopped: it is {feed.get_state_display()}.")


def _reject(request: HttpRequest, feed: Feed) -> HttpResponse | None:
    page_of_feeds = admin.site.get_model_admin(Feed)
    reason = asked_for_reason(request, page_of_feeds, [feed], kept_with=shown(feed, ("state",)))
    if not isinstance(reason, str):
        return reason
    if reject(Feed.objects.filter(pk=feed.pk), timezone.now(), reason=reason):
        messages.success(request, "Rejected. It is neither polled nor shown, and stays away.")
    else:
        messages.warning(request, "It was rejected before.")
    return None


def _accept(request: HttpRequest, feed: Feed) -> None:
    count = deciding.accept(Feed.objects.filter(pk=feed.pk), timezone.now())
    told = [f"{posts_in_words(count)} shown."] if count else []
    if feed.is_drifting:
        told.append("From now on the feed is known as it is; it is read anew within the next minute.")
    messages.success(request, " ".join(told) or "Nothing was held any more.")


def _hide_held(request: HttpRequest, feed: Feed) -> None:
    if count := deciding.hide_held(Feed.objects.filter(pk=feed.pk), timezone.now()):
        messages.success(request, f"{posts_in_words(count)} hidden. They stay known, so no poll brings them back.")
    else:
        messages.warning(request, "Nothing was held any more.")


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


def _has_proposal(feed: Feed) -> bool:
    return bool(feed.proposed_url)


def _is_read_twice(feed: Feed) -> bool:
    return feed.state == Feed.State.ACTIVE and feed.double_of_id is not None


def _may_be_rejected(feed: Feed) -> bool:
    """Whether it was never shown, or may not be the blog it was. Any other can be rejected in the list of feeds."""
    is_in_doubt = feed.is_drifting or feed.held_count > 0
    return feed.state == Feed.State.PENDING or (is_in_doubt and feed.state != Feed.State.REJECTED)


def posts_in_words(count: int) -> str:
    """How many, to begin a sentence with."""
    return "One post" if count == 1 else f"{count} posts"


_PROPOSAL, _HELD = ("url", "proposed_url"), ("state", "held_count")

BUTTONS = (
    Button("use_proposed", "Use the proposed address", _use_proposed, _has_proposal, _PROPOSAL),
    Button("dismiss_proposed", "Dismiss the proposal", _dismiss_proposed, _has_proposal, _PROPOSAL),
    Button("show_held", "Show its held posts", _accept, lambda feed: feed.held_count > 0, _HELD),
    Button("hide_held", "Hide its held posts", _hide_held, lambda feed: feed.held_count > 0, _HELD),
    Button("accept", "Accept it as it is now", _accept, lambda feed: feed.is_drifting and not feed.held_count, _HELD),
    Button("pause_double", "Pause this one: the other goes on", _pause, _is_read_twice),
    Button("poll", "Poll now", poll_and_tell, lambda feed: feed.is_polled, stands_on=()),
    Button("pause", "Pause", _pause, lambda feed: feed.state == Feed.State.ACTIVE and not _is_read_twice(feed)),
    Button("resume", "Resume", _resume, lambda feed: feed.is_disabled),
    Button("reject", "Reject…", _reject, _may_be_rejected),
    Button("end_ownership", "End its owner’s link", end_ownership, has_owner),
)
"""In the order in which the page shows them: what waits for a decision comes first."""
