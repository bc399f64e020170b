"""The post at an address, as it stands here: shown, and where; or which one cause keeps it from readers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Case, IntegerField, Q, Value, When

from aggregator.diagnosis.notes import held_cause
from aggregator.models import Entry, EntryQuerySet, Feed
from aggregator.models.newest import leading, newest_posts
from aggregator.models.visible import FILTERED, HELD, LISTED

from .causes import Cause

AN_HOUR = timedelta(hours=1)
MAX_ROWS = 20
"""Of one address: the page of a changelog can be the link of hundreds of posts."""

_RANKS = [
    (Cause.SHOWN, LISTED),
    (Cause.HIDDEN, Q(is_hidden=True)),
    (Cause.DROPPED, FILTERED),
    (Cause.HELD, HELD),
    (Cause.LET_GO, Q(emptied_at__isnull=False)),
]
"""The first that holds is the cause; all others are folded."""
_PREFERRED = [Cause.SHOWN, Cause.FOLDED, Cause.LET_GO, Cause.HELD, Cause.DROPPED, Cause.HIDDEN]
"""Of several rows with one address, the one that is told: what readers can see, else what may still come."""
_COLUMNS = ("feed", "url", "timeline_at", "published_at", "duplicate_of", "held_for")
_COLUMNS_OF_FEED = ("slug", "title", "host", "url", "state", "is_drifting", "held_reason")


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """What is told of a post. Titles and words are for those that readers see alone."""

    cause: Cause
    feed: Feed
    """Of the copy with the asked address; readers may know of it."""
    shown: Entry | None = None
    """What readers see of it: this copy, or the one into which it is folded."""
    front: str = ""
    """Whether that stands on the front page: "on", or why not: "many" (of its source), "older", "inactive"."""
    held_because: str = ""
    """In one word: another (post has its address), or what `held_cause` says of its feed."""
    has_held_copies: bool = False
    """Whether another source brought the same address in other words, which wait for a curator."""

    @property
    def is_late(self) -> bool:
        """Whether it came later than its author's date says, and stands where it was seen first."""
        published = self.shown.published_at if self.shown else None
        return bool(self.shown and published and self.shown.timeline_at - published >= AN_HOUR)

    @property
    def is_ahead(self) -> bool:
        """Whether its author's date was still to come when it was stored."""
        published = self.shown.published_at if self.shown else None
        return bool(self.shown and published and published - self.shown.timeline_at >= AN_HOUR)


def post_at(keys: Collection[str], is_of_claimant: Q) -> PostAnswer | None:
    """What became of the post with one of these keys; None if no source that readers may know of brought it.

    The key is that of its link, or of its id, if it comes from a source that may call it so.
    """
    rows = list(_with_keys(keys, is_of_claimant).select_related("feed").only(*_columns())[:MAX_ROWS]) if keys else []
    return _answer(rows) if rows else None


def shown_post_at(keys: Collection[str], is_of_claimant: Q) -> PostAnswer | None:
    """The same, of posts that readers see alone."""
    listed = _with_keys(keys, is_of_claimant).filter(LISTED)
    rows = list(listed.select_related("feed").only(*_columns())[:1]) if keys else []
    return _answer(rows) if rows else None


def own_post(pk: int) -> PostAnswer | None:
    """What our page of a post shows. Not why it shows none: whoever counts up numbers would learn what nobody knew."""
    row = _ranked(Entry.objects.of_public_feeds().filter(pk=pk)).select_related("feed").only(*_columns()).first()
    answer = _answer([row]) if row else None
    return answer if answer and answer.cause in {Cause.SHOWN, Cause.FOLDED, Cause.LET_GO} else None


def _with_keys(keys: Collection[str], is_of_claimant: Q) -> EntryQuerySet:
    """Those at the address before those that have it as their id alone."""
    linked = Q(link_key__in=keys, link_key__gt="")  # the second half leads planners to the partial index
    named = Q(id_key__in=keys, id_key__gt="") & is_of_claimant
    is_claimed = Case(When(linked, then=Value(0)), default=Value(1))
    return _ranked(Entry.objects.of_public_feeds().filter(linked | named), is_claimed)


def _ranked(entries: EntryQuerySet, *further: Case) -> EntryQuerySet:
    """With the cause of each as `rank`, a place in _PREFERRED; those that are told first come first."""
    cases = [When(condition, then=Value(_PREFERRED.index(cause))) for cause, condition in _RANKS]
    folded = Value(_PREFERRED.index(Cause.FOLDED))
    rank = Case(*cases, default=folded, output_field=IntegerField())
    annotations = {"rank": rank}  # by name, mypy would take it for a second attribute
    return entries.annotate(**annotations).order_by(rank, *further, "-timeline_at", "-pk")


def _columns() -> list[str]:
    return [*_COLUMNS, *(f"feed__{name}" for name in _COLUMNS_OF_FEED)]


def _answer(rows: list[Entry]) -> PostAnswer | None:
    row = rows[0]
    cause = _cause_of(row)
    if cause == Cause.FOLDED:
        shown = _shown(row.duplicate_of_id)
        return PostAnswer(cause, row.feed, shown, front=_front(shown)) if shown else _of_lost_copy(row)
    if cause == Cause.SHOWN:
        shown = _shown(row.pk)
        has_held = any(_cause_of(other) == Cause.HELD for other in rows)
        return PostAnswer(cause, row.feed, shown, _front(shown), has_held_copies=has_held) if shown else None
    return PostAnswer(cause, row.feed, held_because=_held_because(row) if cause == Cause.HELD else "")


def _of_lost_copy(row: Entry) -> PostAnswer:
    """Of a copy of a post that is shown no more: what keeps that one from readers."""
    original = _ranked(Entry.objects.of_public_feeds().filter(duplicates=row.pk)).only("pk").first()
    cause = _cause_of(original) if original else Cause.NO_POST
    return PostAnswer(Cause.NO_POST if cause in {Cause.SHOWN, Cause.FOLDED, Cause.HELD} else cause, row.feed)


def _cause_of(row: Entry) -> Cause:
    return _PREFERRED[int(row.__dict__["rank"])]


def _shown(pk: int | None) -> Entry | None:
    listed = Entry.objects.listed().with_feed().with_copies().without_content()
    return listed.filter(pk=pk).first() if pk else None


def _held_because(row: Entry) -> str:
    return "another" if row.held_for_id else held_cause(row.feed)


def _front(entry: Entry | None) -> str:
    """Whether the front page shows it, or why not."""
    if entry is None or entry.feed.state != Feed.State.ACTIVE:
        return "inactive"
    most = settings.FRONT_PAGE_ENTRIES
    feeds = leading(Feed.objects.active(), most, posts_of_each=settings.FRONT_PAGE_ENTRIES_PER_FEED)
    places = list(newest_posts(feeds, most).values_list("timeline_at", "pk"))
    if (entry.timeline_at, entry.pk) in places:
        return "on"
    return "older" if len(places) == most and (entry.timeline_at, entry.pk) < min(places) else "many"
