"""The sources at whose place on the web an address lies, as readers may know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import takewhile
from operator import or_
from typing import NamedTuple

from django.db.models import Case, Q, Value, When

from aggregator.diagnosis import skipped_note, why_no_posts
from aggregator.diagnosis.answers import last_trouble
from aggregator.diagnosis.for_everybody import next_look_at
from aggregator.ingest.address import host_of, link_identity
from aggregator.models import Feed, RemovedSource
from aggregator.models.public_trouble import is_failing_for_long
from aggregator.models.unseen import unseen_of
from aggregator.models.visible import PUBLIC_STATES

from .asked import Asked, steps_of
from .causes import Cause

MAX_NAMED = 3
"""Of sources that an address fits equally well."""
MAX_ROWS = 2000
"""That are looked at, those that name the address first: on the host of a large platform there can be thousands."""
_WORDS_FOR_FEEDS = {"feed", "feeds", "rss", "rss2", "atom"}
_COLUMNS = ("pk", "url", "site_url", "leads_to", "state", "last_ok_at")


class Fit(NamedTuple):
    """How well an address fits a source: the best sorts last, field by field."""

    is_home: bool
    """Its feed is read from the address's host: it can name any site as its own, but not the host it is read from."""
    is_itself: bool
    """The address is its own: of the feed, or of the site."""
    steps: int = 0
    """So many parts of its path have both."""
    is_its_site: bool = False


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What is told of one source. Of one that isn't public, nothing but the cause."""

    cause: Cause
    feed: Feed
    is_itself: bool
    """Whether the address is its own, and that of no post."""
    is_home: bool = True
    """Whether its feed is read from the address's host."""

    @property
    def is_public(self) -> bool:
        return self.feed.state in PUBLIC_STATES

    @property
    def next_look_at(self) -> datetime | None:
        """When its feed is to be asked for new posts again; None if it isn't, or is being asked just now."""
        return None if self.feed.double_of_id or self.feed.lease else next_look_at(self.feed)

    @property
    def is_failing_for_long(self) -> bool:
        """Whether its own page says so, too."""
        return is_failing_for_long(self.feed)

    @property
    def trouble(self) -> str:
        """What went wrong at the last look, in general words."""
        return last_trouble(self.feed)

    @property
    def why_no_posts(self) -> str:
        """Why readers see none of its posts; empty if they see some."""
        return why_no_posts(self.feed, unseen_of([self.feed]).get(self.feed.pk))

    @property
    def skipped(self) -> str:
        """Which items of the last document couldn't be taken."""
        return skipped_note(self.feed)


@dataclass(frozen=True, slots=True)
class Place:
    """The place on the web at which an address lies."""

    sources: list[SourceAnswer]
    """Those that it fits best, at most MAX_NAMED; several only if it fits them equally well."""
    is_of_claimant: Q
    """Of an entry: it comes from a feed that may call a post by this address, also where its link leads elsewhere."""


def place_of(asked: Asked) -> Place:
    """Where the address lies. Any feed can give its posts the ids of others': it may for its own place alone."""
    rows = _rows(asked)
    fits = [(fit, row) for row in rows if (fit := _fit(asked, row))]
    if not fits:
        return Place(_neighbors(rows), _of_host(asked, rows))
    best = max(fit for fit, _ in fits)
    chosen = [row for fit, row in fits if fit == best]
    public = [row for row in chosen if row["state"] in PUBLIC_STATES]
    sources = _answers(public[:MAX_NAMED] or chosen[:1], is_itself=best.is_itself, is_home=best.is_home)
    return Place(sources, Q(feed__in=[row["pk"] for row in chosen]))


def _of_host(asked: Asked, rows: Sequence[dict[str, object]]) -> Q:
    """The entries of feeds that are read from the address's host; where none is, of those that name a site there."""
    if any(host_of(str(row["url"])) == host_of(asked.url) for row in rows):
        return Q(feed__host__in=asked.hosts)
    beginnings = (f"{scheme}://{host}/" for scheme in ("https", "http") for host in asked.hosts)
    return reduce(or_, (Q(feed__site_url__startswith=beginning) for beginning in beginnings))


def own_source(slug: str) -> list[SourceAnswer]:
    """The source of a page of ours; none if readers may know of none."""
    found = Feed.objects.public().filter(slug=slug).first()
    return [SourceAnswer(_cause_of(found, is_itself=True), found, is_itself=True)] if found else []


def removed_place(asked: Asked) -> str:
    """The sentence of the place that was taken off this site in which the address lies; empty if it lies in none."""
    found = RemovedSource.objects.covering([asked.url])
    return f"{found[asked.url].sentence}." if found else ""


def _rows(asked: Asked) -> list[dict[str, object]]:
    """Sources that are read from the host, or name a place there as their site; of rejected ones, those of before."""
    named = Q(site_url__in=asked.places) | Q(url__in=asked.spellings) | Q(leads_to__in=asked.spellings)
    known = Q(state__in=PUBLIC_STATES) | Q(state=Feed.State.PENDING) | Q(last_ok_at__isnull=False)
    found = Feed.objects.filter(Q(host__in=asked.hosts) | named).filter(known)
    first = Case(When(named, then=Value(0)), default=Value(1))
    rows = found.order_by(first, "pk").values(*_COLUMNS)[:MAX_ROWS]
    return sorted(rows, key=lambda row: int(row["pk"]))


def _fit(asked: Asked, row: dict[str, object]) -> Fit | None:
    """How well an address fits a source; None if no more than the host is the same."""
    url, site, leads_to = (str(row[name]) for name in ("url", "site_url", "leads_to"))
    host, bare = host_of(asked.url), link_identity(asked.url)
    is_home = host_of(url) == host
    if bare in {link_identity(each) for each in (url, site, leads_to) if each}:
        return Fit(is_home, is_itself=True)
    of_site = _begins(asked.steps, steps_of(site)) if host_of(site) == host else None
    of_feed = _begins(asked.steps, _folder(url)) if is_home else None
    known = [count for count in (of_site, of_feed) if count is not None]
    return Fit(is_home, is_itself=False, steps=max(known), is_its_site=of_site is not None) if known else None


def _folder(url: str) -> list[str]:
    """The steps of the path at which the blog of a feed lies, by the feed's address alone."""
    steps = steps_of(url)
    if steps and "." in steps[-1]:
        steps = steps[:-1]
    while steps and steps[-1].lower() in _WORDS_FOR_FEEDS:
        steps = steps[:-1]
    return steps[1:] if steps and steps[0].lower() in _WORDS_FOR_FEEDS else steps


def _begins(steps: Sequence[str], place: Sequence[str]) -> int | None:
    """With how many steps the path of a place begins this one; None if it doesn't."""
    common = list(takewhile(lambda both: both[0] == both[1], zip(steps, place, strict=False)))
    return len(common) if len(common) == len(place) else None


def _neighbors(rows: Sequence[dict[str, object]]) -> list[SourceAnswer]:
    """The public sources that are read from the host, if these are few: it may be the blog of one."""
    public = [row for row in rows if row["state"] in PUBLIC_STATES]
    return _answers(public, is_itself=False) if len(public) <= MAX_NAMED else []


def _answers(rows: Sequence[dict[str, object]], *, is_itself: bool, is_home: bool = True) -> list[SourceAnswer]:
    found = Feed.objects.in_bulk([row["pk"] for row in rows])
    feeds = [found[row["pk"]] for row in rows if row["pk"] in found]
    return [SourceAnswer(_cause_of(feed, is_itself=is_itself), feed, is_itself, is_home) for feed in feeds]


def _cause_of(feed: Feed, *, is_itself: bool) -> Cause:
    """Of all that may keep its posts away, the first."""
    of_state = {
        Feed.State.PENDING: Cause.PENDING,
        Feed.State.REJECTED: Cause.TAKEN_OFF,
        Feed.State.PAUSED: Cause.PAUSED,
        Feed.State.GONE: Cause.GONE,
    }
    if feed.state in of_state:
        return of_state[Feed.State(feed.state)]
    if feed.failure_count:
        return Cause.FAILING
    if feed.is_drifting:
        return Cause.CHANGED
    if feed.double_of_id:
        return Cause.DOUBLED
    return Cause.SOURCE if is_itself else Cause.ABSENT
