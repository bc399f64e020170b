"""What the worker met at a blog that is proposed, in sentences for its sender and for curators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import get_language_info

from aggregator.folding.likeness import title_key
from aggregator.folding.sharing import MAX_SAME_TEXT_GAP
from aggregator.ingest.post_keys import id_key, link_key
from aggregator.ingest.text import one_line
from aggregator.ingest.types import Document, Item
from aggregator.models import Entry, Feed, RemovedSource, Submission
from aggregator.models.visible import PUBLIC_STATES
from aggregator.pages.beginnings import are_beginnings
from aggregator.pages.timeline import day_name, utc_date

from .finding import Found
from .preview import without_links

PREVIEWS = 3
MAX_TITLE_CHARACTERS = 300
MAX_COMPARED_ITEMS = 50
"""With the posts that are here already."""
MAX_COMPARED_POSTS = 1000
"""Of ours, that share something with these."""
SILENT_DAYS = 90
DAY = timedelta(days=1)
MANY_A_DAY = 10
"""On each day of a week: that many would be most of a small planet."""


@dataclass(frozen=True, slots=True)
class Met:
    """One thing that was noticed; `slug` is that of the source here that it is about."""

    kind: str
    text: str
    slug: str = ""

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "text": self.text, "slug": self.slug}


def evidence_of(found: Found, submission: Submission, now: datetime) -> dict[str, Any]:
    """What `Submission.evidence` holds of this feed."""
    against = reason_against([found.url, found.read_at, submission.address], submission)
    if against:
        return refused(against)
    met = [*_of_document(found.document, now), *_copied(found.document, submission, now)]
    return {"met": [each.as_json() for each in met], "refusal": "", "posts": _posts(found.document)}


def refused(why: Met) -> dict[str, Any]:
    """What it holds of one that can't be sent."""
    return {"met": [why.as_json()], "refusal": why.text, "posts": []}


def reason_against(urls: Sequence[str], submission: Submission | None = None) -> Met | None:
    """Why a feed at these normalized addresses can't be proposed: it was removed, or is here. None if nothing is."""
    for removed in RemovedSource.objects.covering(urls).values():
        return Met("removed", f"{removed.sentence}.")
    here = Feed.objects.read_at(urls).exclude(state=Feed.State.REJECTED)
    if submission and submission.moves_id:
        here = here.exclude(pk=submission.moves_id)
    feed = here.first()
    if feed is None:
        return None
    if feed.state in PUBLIC_STATES:
        return Met("here", f"It is here already as {feed.shown_title}.", feed.slug)
    return Met("here", "The curators have added it already; it shows as soon as it has been read.")


def _of_document(document: Document, now: datetime) -> Iterator[Met]:
    items = document.items
    if not items:
        yield Met("empty", "Its feed has no posts yet.")
        return
    dates = sorted(min(item.published_at, now) for item in items if item.published_at)
    yield from _dated(dates, len(items), now)
    if are_beginnings([item.content_html or "" for item in items]):
        yield Met("excerpts", "Its feed brings only the beginnings of posts; for the rest, readers go to the blog.")
    yield _language(document.language)
    if document.counting_items:
        count = f"{document.counting_items} of {len(items)}"
        yield Met("trackers", f"Posts that count their readers: {count}. What does that is left out here.")
    if broken := document.skipped.unreadable + document.skipped.torn:
        yield Met("broken", f"{broken} item{'s' if broken > 1 else ''} of its feed can’t be read.")


def _dated(dates: Sequence[datetime], count: int, now: datetime) -> Iterator[Met]:
    if len(dates) < count:
        undated = f"{count - len(dates)} of {count}"
        yield Met("undated", f"Posts without a date: {undated}. We can only guess when they are from.")
    if not dates:
        return
    if (days := (now - dates[-1]).days) >= SILENT_DAYS:
        yield Met(
            "silent", f"It has been silent for {_months(days)}: its last post is of {day_name(utc_date(dates[-1]))}."
        )
    most, busiest = settings.FEED_POSTS_PER_DAY, _busiest_day(dates)
    if most and busiest > most:
        yield Met("floods", f"It had {busiest} posts in one day. Beyond {most} a day, posts here wait for a curator.")
    elif (a_week := sum(date > now - 7 * DAY for date in dates)) >= 7 * MANY_A_DAY:
        yield Met("floods", f"It had {a_week} posts in the last seven days.")


def _busiest_day(dates: Sequence[datetime]) -> int:
    """The most of these sorted dates that lie within 24 hours. Those that are all the same are no day's work."""
    most, first = 0, 0
    for last, date in enumerate(dates):
        while date - dates[first] >= DAY:
            first += 1
        if len({*dates[first : last + 1]}) > 1:
            most = max(most, last + 1 - first)
    return most


def _language(tag: str) -> Met:
    if not tag:
        return Met("language", "Its feed doesn’t say in which language it is.")
    try:
        name = f"{get_language_info(tag)['name']} ({tag})"
    except KeyError:
        name = tag
    return Met("language", f"Its feed says that its language is {name}.")


def _copied(document: Document, submission: Submission, now: datetime) -> Iterator[Met]:
    """Whose posts these are, if half of them are here already: by their links, ids, or titles above long texts."""
    items = document.items[:MAX_COMPARED_ITEMS]
    keys_of = [_keys(item) for item in items]
    counts = Counter({feed_id: len(numbers) for feed_id, numbers in _shared(items, keys_of, now).items()})
    counts.pop(submission.moves_id or 0, None)
    for feed_id, count in counts.most_common(1):
        if count >= max(2, len(items) / 2):
            feed = Feed.objects.get(pk=feed_id)
            what = f"{count} of its {len(items)} posts are here from there."
            yield Met("copied", f"Its content is that of {feed.shown_title}: {what}", feed.slug)


def _shared(items: Sequence[Item], keys_of: Sequence[set[str]], now: datetime) -> dict[int, set[int]]:
    """By the id of each feed that readers see, the numbers of the items that it brought, too."""
    dates = [item.published_at for item in items if item.published_at] or [now]
    keys = set[str]().union(*keys_of) if keys_of else set()
    alike = Entry.objects.sharing(keys, keys, min(dates) - MAX_SAME_TEXT_GAP, max(dates) + MAX_SAME_TEXT_GAP)
    posts = alike.filter(feed__state__in=PUBLIC_STATES).order_by()[:MAX_COMPARED_POSTS]
    shared: dict[int, set[int]] = {}
    for feed_id, *of_post in posts.values_list("feed_id", "link_key", "id_key", "title_key"):
        shared.setdefault(feed_id, set()).update(at for at, own in enumerate(keys_of) if own & {*of_post})
    return shared


def _keys(item: Item) -> set[str]:
    return {link_key(item.url), id_key(item.guid), title_key(item.title, item.content_html or "")} - {""}


def _posts(document: Document) -> list[dict[str, Any]]:
    """The last posts: the newest of those that have dates, else the first that the feed names."""
    newest = sorted(document.items, key=lambda item: -(item.published_at.timestamp() if item.published_at else 0))
    return [
        {
            "title": one_line(item.title or item.excerpt, MAX_TITLE_CHARACTERS),
            "url": item.url,
            "published_at": item.published_at.isoformat() if item.published_at else None,
            "html": without_links(item.content_html or ""),
        }
        for item in newest[:PREVIEWS]
    ]


def _months(days: int) -> str:
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"
