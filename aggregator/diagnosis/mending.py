"""What the author of a feed can mend, and how. For everybody, so in general words. Asks the database nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aggregator.models import Feed, FeedDay

from .answers import http_status
from .notes import SKIPPED

LARGE_BYTES = 2**20
MIN_WHOLE = 5
"""Answers that were sent whole, for what is known: fewer may be due to us, as we doubt a server now and then."""


@dataclass(frozen=True, slots=True)
class Hint:
    what: str
    how: str


def hints(feed: Feed, met: Mapping[str, Any], days: Iterable[FeedDay], *, are_beginnings: bool) -> list[Hint]:
    """The most pressing first. `met` is what the last reading met, `days` are those of the last weeks, and
    `are_beginnings` says whether its newest posts are no whole ones."""
    if not feed.has_address:
        return []
    found = [*_of_trouble(feed), *_of_address(feed), *_of_document(met), *_of_items(feed, met)]
    if not feed.last_error_kind:
        found += _of_validators(feed, list(days))
    if are_beginnings:
        found.append(
            Hint(
                "The feed brings only the beginnings of posts.",
                "That is your choice. With whole posts in it, people read them here, too.",
            )
        )
    if met.get("items") and not feed.language:
        found.append(
            Hint(
                "The feed doesn’t say in which language it is.",
                "Name it, by <language> in RSS or xml:lang in Atom: it is read aloud and broken into lines by that.",
            )
        )
    return found


_NO_SERVER = Hint(
    "The feed’s address leads to no server that can be asked.",
    "Look whether the domain was renewed, and has its DNS records. Serve the feed at a public address.",
)
_BY_KIND = {
    "refused": _NO_SERVER,
    "dns": _NO_SERVER,
    "connection": Hint("The server can’t be reached.", "Look whether it runs, and lets others than browsers connect."),
    "tls": Hint("The certificate can’t be trusted.", "Renew it, and serve the whole chain with it."),
    "timeout": Hint("The server is too slow.", "Make the feed once when you publish, not anew for who asks for it."),
    "too_large": Hint("The feed is too large.", "Put fewer posts into it; ten or twenty do."),
    "encoding": Hint("The compressed answer is damaged.", "Turn the compression of feeds off, or compress them once."),
    "redirect": Hint("The address leads in a circle, or nowhere.", "Let it lead to the feed with one redirect."),
    "protocol": Hint("The answer is no valid HTTP.", "Look into the settings of the server, or of what is before it."),
    "empty": Hint("The answer is empty.", "Look what makes the feed: it ends without a word."),
    "not_a_feed": Hint(
        "There is something else at the feed’s address.",
        "If the feed has moved, let its old address lead there by a permanent redirect (301).",
    ),
    "unreadable": Hint("The feed is too broken to be read.", "A validator, such as that of the W3C, says where."),
    "reader_stopped": Hint("The feed takes too long to be read.", "Put fewer, or shorter, posts into it."),
}
_BY_STATUS = {
    401: Hint("The feed asks for a password.", "This site shows only what is public."),
    403: Hint("The server turns us away.", "Let feed readers in; a rule against robots is often to blame."),
    404: Hint(
        "There is nothing at the feed’s address.",
        "If it has moved, let the old address lead to the new one by a permanent redirect (301).",
    ),
    410: Hint("The server says that the feed is gone for good.", "If that is a mistake, answer with the feed again."),
    429: Hint("The server asked us to come less often.", "We do. With Retry-After it can say when."),
}
_FAULT = Hint("The server answers with an error.", "Its log says why; what makes the feed may have failed.")
_CHARSETS = {
    "label": Hint(
        "The feed is in UTF-8, but says that it is in another encoding.",
        "Say UTF-8 in its XML declaration and in the Content-Type header, or other readers see wrong letters.",
    ),
    "unlabeled": Hint(
        "The feed isn’t in UTF-8, and doesn’t say in which encoding it is.",
        "Write it in UTF-8. Until then we guess, and may show wrong letters.",
    ),
    "bytes": Hint(
        "The feed has letters that don’t exist in the encoding that it names.",
        "Write all of it in UTF-8: often one old post has come in by copying.",
    ),
}
_SKIPPED_HOW = {
    "empty": "Give each at least a link or a text.",
    "unreadable": "A validator, such as that of the W3C, says where its markup breaks.",
    "torn": "Look whether what makes the feed runs out of time or memory.",
    "repeated": "Give each post an id of its own.",
}


def _of_trouble(feed: Feed) -> Iterator[Hint]:
    if feed.last_error_kind == "http":
        yield _BY_STATUS.get(http_status(feed) or 0, _FAULT)
    elif hint := _BY_KIND.get(feed.last_error_kind):
        yield hint


def _of_address(feed: Feed) -> Iterator[Hint]:
    if feed.proposed_url:
        yield Hint(
            "The feed seems to have moved.",
            "Let the old address lead to the new one by a permanent redirect (301), or tell the curators.",
        )
    elif feed.moved_to:
        yield Hint(
            "The feed’s address leads elsewhere for good.",
            "Nothing to do: once it has done so for a day, we follow.",
        )
    elif feed.leads_to and not feed.double_of_id:
        yield Hint(
            "The feed’s address leads elsewhere at each look.",
            "If that is to stay so, make the redirect a permanent one (301 or 308): it saves a request each time.",
        )


def _of_document(met: Mapping[str, Any]) -> Iterator[Hint]:
    if met.get("mended"):
        yield Hint(
            "The feed is no valid XML or JSON; it was mended as far as that can be.",
            "Often it is an & that should be &amp;. Strict readers stop there. A validator says where it is.",
        )
    if hint := _CHARSETS.get(met.get("charset", "")):
        yield hint
    if (size := met.get("bytes", 0)) > LARGE_BYTES:
        yield Hint(
            f"The feed is large: {size / 2**20:.1f} MiB.",
            "Put fewer posts into it: all of it is sent whenever there is something new.",
        )


def _of_items(feed: Feed, met: Mapping[str, Any]) -> Iterator[Hint]:
    items = met.get("items", 0)
    if undated := met.get("undated"):
        yield Hint(
            f"Posts without a date that can be understood: {undated} of {items}.",
            "Give each a date, with its time of day and zone. Until then they stand where we first saw them.",
        )
    if nameless := met.get("nameless"):
        yield Hint(
            f"Posts with neither an id nor a link: {nameless} of {items}.",
            "Give each an id that stays: else a post that you edit comes as a new one.",
        )
    elif linkless := met.get("linkless"):
        yield Hint(f"Posts without a link: {linkless} of {items}.", "Link each to its page, so that readers find it.")
    for name, words in SKIPPED.items():
        if isinstance(count := feed.skipped.get(name), int) and count:
            yield Hint(f"Items of the feed that {words}: {count}.", _SKIPPED_HOW[name])


def _of_validators(feed: Feed, days: list[FeedDay]) -> Iterator[Hint]:
    if feed.last_ok_at is None or feed.double_of_id or feed.state != Feed.State.ACTIVE:
        return
    if not (feed.etag or feed.last_modified):
        yield Hint(
            "The server gives the feed neither an ETag nor a Last-Modified date.",
            "With one of them nobody need fetch the whole feed to learn that nothing is new.",
        )
    elif sum(day.sent_whole for day in days) >= MIN_WHOLE and not any(day.unchanged for day in days):
        yield Hint(
            "The server sends the whole feed each time, also where nothing is new.",
            "Let it answer conditional requests (If-None-Match, If-Modified-Since) with 304.",
        )
