"""What is wrong with a feed, in words, and what a curator can do about it. Asks the database nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.models import Feed

from .answers import http_status
from .notes import double_note, held_cause, held_note, proposal_note

SILENT_AFTER = timedelta(days=183)
"""A blog without a post for this long is worth a look."""

_ADVICE_BY_STATUS = {
    401: "Ask the blog's owner for a feed without a password; this site shows only what is public.",
    403: "The server may turn feed readers away. Ask the blog's owner to let them read the feed.",
    404: "Look at the blog: if its feed has moved, put the new address below.",
    410: "Look at the blog: if it goes on elsewhere, put the new address below; else leave it, its posts stay.",
    429: "Nothing to do: we come again when the server asked us to.",
}
_CHECK_ADDRESS = "Open the address in a browser. If there is no feed, put the right address below."
_WAIT = "Nothing to do for now: we try again, less and less often, until it answers."
_PLAIN_HTTP = (
    "If the blog answers to http only, put its address with http:// below. Else wait: we try again until it answers."
)
_ASK_OWNER = "Only the blog's owner can mend this; a short message to them helps."
_ADVICE_BY_KIND = {
    "refused": "This address won't be asked. Put a public http or https address below.",
    "dns": "Check the spelling of the address. If the blog is gone, leave it: its posts stay.",
    "connection": _WAIT,
    "tls": _ASK_OWNER,
    "timeout": _WAIT,
    "too_large": "Ask the blog's owner to put fewer posts into the feed.",
    "encoding": _ASK_OWNER,
    "redirect": _CHECK_ADDRESS,
    "protocol": _ASK_OWNER,
    "http": _WAIT,
    "empty": _CHECK_ADDRESS,
    "not_a_feed": _CHECK_ADDRESS,
    "already_listed": "Delete this one: its blog is here already, under that address.",
    "removed": "If it is wanted here again, give that place back under “Removed sources”; else delete this one.",
    "unreadable": _ASK_OWNER,
    "reader_stopped": _ASK_OWNER,
}
_OFF_FRONT_PAGE = "Its posts have left the front page; they stay on its own page, in the archive and in the feeds."
_JUDGE_ARCHIVE = "Look at its held entries: show them if they are new to this site, hide them if they were here before."
_JUDGE_CHANGED_BLOG = (
    "Look at the blog. If it is still the same, show its held posts: from then on it is known as it is now. "
    "If it was sold, hide them and pause it: its old posts stay. Reject it, and they leave the site, too."
)
_ACCEPT_CHANGED_BLOG = (
    "Look at the blog. If it is still the same, accept it as it is now. "
    "If it was sold, pause it: its old posts stay. Reject it, and they leave the site, too."
)
_JUDGE_OTHERS_POSTS = "Look at its held entries: show them if they are this blog's, else hide them."
_JUDGE_FLOOD = (
    "Look at its held entries: show them if they are worth it, else hide them. If the blog often brings so many, tick "
    "“Any number of posts a day” below. If it brings what nobody wants here, add a rule, or pause it."
)
_JUDGE_LAST_FLOOD = (
    "Look at its held entries: show them if they are worth it, else hide them. From now on it may bring any number."
)
_JUDGE_PROPOSAL = "Look at the proposed address: use it if it is the same blog's feed, else dismiss it."
_PAUSE_DOUBLE = "Pause this one: its posts stay, and the other feed goes on. Or delete the other one, if it is new."
_TRY_RULES = "Look at the rules below: Preview shows which of them drops what."
_SEE_LOG = "The fault may be ours: the worker's log says more."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How a feed is, in words for a list and for its page."""

    tone: str
    """good, waiting, trouble or off."""
    word: str
    """Short enough for a list."""
    summary: str
    """One or more sentences."""
    advice: str = ""
    """What a curator can do about it; empty where the summary says enough."""


def diagnose(feed: Feed, now: datetime) -> Diagnosis:
    """How the feed is, as of `now`: of all that can be said of it, the most pressing."""
    if feed.is_disabled:
        return _disabled(feed)
    if feed.failure_count:
        return _failing(feed)
    if feed.is_drifting:
        return _drifting(feed)
    if feed.double_of_id:
        return Diagnosis("waiting", "read twice", f"{double_note(feed)}.", _PAUSE_DOUBLE)
    if feed.held_count:
        return Diagnosis("waiting", "held", held_note(feed), _advice_on_held(feed))
    if feed.state == Feed.State.PENDING:
        return Diagnosis("waiting", "pending", "New: it is shown after its first good poll.")
    if feed.filtered_count and not feed.entry_count:
        return Diagnosis("waiting", "all dropped", "It answers well, but its rules drop all of its posts.", _TRY_RULES)
    if not feed.has_address:
        return Diagnosis("good", "active", "Posts of guests, which curators add one by one: nothing is polled.")
    return _well(feed, now)


def is_silent(feed: Feed, now: datetime) -> bool:
    """Whether its last post is older than SILENT_AFTER."""
    return bool(feed.newest_at and feed.newest_at < now - SILENT_AFTER)


def advice_for(feed: Feed) -> str:
    """What to do about the last error; empty when there was none."""
    if not feed.last_error_kind:
        return ""
    if feed.proposed_url:
        return f"{proposal_note(feed)}. {_JUDGE_PROPOSAL}"
    if feed.last_error_kind == "connection" and feed.state == Feed.State.PENDING and feed.url.startswith("https://"):
        return _PLAIN_HTTP  # an address that was typed without a scheme is taken for https
    if advice := _ADVICE_BY_STATUS.get(http_status(feed) or 0):
        return advice
    return _ADVICE_BY_KIND.get(feed.last_error_kind, _SEE_LOG)


def _advice_on_held(feed: Feed) -> str:
    cause = held_cause(feed)
    if cause == "many":
        return _JUDGE_LAST_FLOOD if feed.is_unlimited else _JUDGE_FLOOD
    return _JUDGE_ARCHIVE if cause == "archive" else _JUDGE_OTHERS_POSTS


def _disabled(feed: Feed) -> Diagnosis:
    if feed.state == Feed.State.PAUSED:
        return Diagnosis("off", "paused", f"Paused: it isn't polled. {_OFF_FRONT_PAGE}")
    if feed.state == Feed.State.REJECTED:
        return Diagnosis("off", "rejected", "Rejected: it is neither polled nor shown.")
    summary = f"Gone: it can't be read any more, and is tried about once a month. {_OFF_FRONT_PAGE}"
    return Diagnosis("off", "gone", summary, advice_for(feed))


def _drifting(feed: Feed) -> Diagnosis:
    summary = f"It may be another blog now: {feed.held_reason}. Its new posts are held; the old ones stay."
    return Diagnosis("trouble", "changed", summary, _JUDGE_CHANGED_BLOG if feed.held_count else _ACCEPT_CHANGED_BLOG)


def _well(feed: Feed, now: datetime) -> Diagnosis:
    if is_silent(feed, now):
        return Diagnosis("waiting", "silent", "It answers well, but there was no new post for half a year.")
    if not feed.entry_count:
        return Diagnosis("good", "active", "It answers well, but no post of it is shown.")
    return Diagnosis("good", "active", "All is well: it is polled and shown.")


def _failing(feed: Feed) -> Diagnosis:
    polls = "poll" if feed.failure_count == 1 else f"{feed.failure_count} polls"
    if feed.state == Feed.State.PENDING:
        summary = f"It has never been read: the first {polls} failed. It is not shown yet."
    else:
        summary = f"The last {polls} failed. Its posts stay on the site."
    return Diagnosis("trouble", "failing", summary, advice_for(feed))
