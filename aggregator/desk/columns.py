"""Small pieces of the admin's pages: times, badges and links, escaped and without a query of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince, timeuntil

from aggregator.diagnosis import Diagnosis, diagnose, filtered_note, held_question, short_held_note
from aggregator.models import Entry, Feed
from aggregator.pages.discs import disc_of

from .seeing import link_for
from .shown import shown

WEB_SCHEMES = ("https://", "http://")
"""A link to anything else, e.g. javascript:, could do harm when a curator follows it."""
STANDING = ("emptied_at", "is_hidden", "is_filtered", "is_held", "held_for_id", "is_original", "duplicate_of_id")
"""What `standing` goes by."""
COPIES = ("duplicate_of__feed", "held_for__feed")
"""What `standing` names: read entries with them."""
MAX_ADDRESS_CHARACTERS = 40
"""As much of an address as fits into the column of states."""


def time_ago(moment: datetime | None) -> str:
    """ "3 hours ago" or "in 3 hours", which shows the exact time when pointed at; "never" for no moment."""
    return _timed(moment, _in_words(moment, timezone.now())) if moment else "never"


def _timed(moment: datetime, words: str) -> str:
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>', moment.isoformat(), f"{moment:%Y-%m-%d %H:%M}", words
    )


def _in_words(moment: datetime, now: datetime) -> str:
    if abs(moment - now) < timedelta(minutes=1):
        return "just now" if moment <= now else "in a minute"
    return f"in {timeuntil(moment, now, depth=1)}" if moment > now else f"{timesince(moment, now, depth=1)} ago"


def badge(found: Diagnosis) -> str:
    """The feed's state as a word on a colored ground."""
    return format_html('<span class="badge badge-{}" title="{}">{}</span>', found.tone, found.summary, found.word)


def state_and_trouble(feed: Feed) -> str:
    """The state; below it, if polls failed, how often and why, and where else the feed was found."""
    word = badge(diagnose(feed, timezone.now()))
    if not feed.failure_count:
        return word
    line = format_html('<div class="trouble">{}×: {}</div>', feed.failure_count, feed.last_error)
    return format_html("{}{}{}", word, line, _found_elsewhere(feed) if feed.proposed_url else "")


def _found_elsewhere(feed: Feed) -> str:
    """Where a feed was found, short enough for a column; it shows the whole address when pointed at."""
    address = feed.proposed_url.partition("://")[2]
    short = address if len(address) <= MAX_ADDRESS_CHARACTERS else f"{address[: MAX_ADDRESS_CHARACTERS - 1]}…"
    return format_html('<div class="below" title="{}">found at {}</div>', feed.proposed_url, short)


def web_link(url: str) -> str:
    """A link, for http and https; other addresses are only shown."""
    if not url.startswith(WEB_SCHEMES):
        return url or "-"
    return format_html('<a class="address" href="{}" rel="noopener noreferrer">{}</a>', url, url)


def link_to_feed(feed: Feed) -> str:
    """A link to the feed's page in the admin."""
    address = reverse("admin:aggregator_feed_change", args=[feed.pk])
    return format_html('<a href="{}">{}</a>', address, feed.shown_title)


def title_and_address(feed: Feed) -> str:
    """The blog's disc, its title and below it the address of its feed."""
    return format_html(
        '<div class="feed-name">{}<div><span class="feed-title">{}</span><span class="address">{}</span></div></div>',
        render_to_string("pages/parts/disc.html", {"disc": disc_of(feed.slug, feed.shown_title)}),
        feed.shown_title,
        feed.url.partition("://")[2] or "posts that were added one by one",
    )


def polls(feed: Feed) -> str:
    """When the feed was last read well, and below it when it is asked again."""
    return format_html('{}<div class="below">next: {}</div>', time_ago(feed.last_ok_at), next_poll(feed))


def next_poll(feed: Feed) -> str:
    """When the feed is asked next."""
    if not feed.is_polled:
        return "not planned"
    return time_ago(feed.next_poll_at) if feed.next_poll_at > timezone.now() else _timed(feed.next_poll_at, "due now")


def posts(feed: Feed) -> str:
    """How many posts readers can see; below it when the last one came, and how many are dropped or held."""
    last = format_html('<div class="below">last: {}</div>', time_ago(feed.newest_at)) if feed.newest_at else ""
    held = format_html('<div class="trouble">{}</div>', short_held_note(feed)) if feed.held_count else ""
    dropped = format_html('<div class="below">{}</div>', filtered_note(feed)) if feed.filtered_count else ""
    return format_html("{}{}{}{}", feed.entry_count, last, dropped, held)


def standing(entry: Entry, request: HttpRequest) -> str:
    """Why readers don't see this entry, or see another copy of it instead; empty if they see it.

    It links to what it names, as far as who asks may see that.
    """
    if entry.emptied_at:
        return _let_go(entry, entry.emptied_at)
    if entry.is_hidden:
        return "hidden"
    if entry.is_filtered:
        return format_html("dropped by {}", link_for(request, entry.feed, "a rule", at="#rules-group"))
    if entry.held_for:
        return format_html(
            "held: its link is that of {}, but its words are others", _link_to(request, "the post of", entry.held_for)
        )
    if entry.is_held:
        return f"held: {held_question(entry.feed)}"
    if entry.duplicate_of:
        return format_html("folded into {}", _link_to(request, "the copy of", entry.duplicate_of))
    return ""


def shown_standing(entry: Entry) -> str:
    """What a button sends along that is pressed by where the entry stands."""
    return shown(entry, STANDING)


def _let_go(entry: Entry, at: datetime) -> str:
    was = "hidden; " if entry.is_hidden else "dropped by a rule; " if entry.is_filtered else ""
    return format_html("{}its time was over, its text went {}", was, time_ago(at))


def _link_to(request: HttpRequest, words: str, entry: Entry) -> str:
    """A link to the entry's page, called by these words and the title of its feed."""
    return link_for(request, entry, f"{words} {entry.feed.shown_title}")


@dataclass(frozen=True)
class OnTheSite:
    """A column that says how a post stands with readers, with links for who asks."""

    request: HttpRequest
    __name__ = "on_the_site"
    short_description = "on the site"

    def __call__(self, entry: Entry) -> str:
        return standing(entry, self.request) or ("shown: a curator chose this copy" if entry.is_original else "shown")
