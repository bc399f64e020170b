"""What waits at the desk: proposals, feeds whose posts are held, feeds in trouble; what of it is still to be told.

A feed is in trouble that is gone, that has failed for three days, or that looks like another one now. It is told once,
and not again if it recovers for less than a week: some feeds come and go. A feed that holds posts is told once, until
somebody has decided on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from aggregator.models import Feed, Submission
from notifications.models import AnnouncedMatter, Kind, ToldFeed

FAILING_SPAN = timedelta(days=3)
"""What fails for less often mends itself."""
WELL_SPAN = timedelta(days=7)
"""A feed that was told to be in trouble and is well for this long is forgotten: if it fails again, that is news."""
MAX_MATTERS_PER_RUN = 5_000
"""In one run; the rest is told with the next."""
PERMISSIONS = {
    Kind.PROPOSALS: "aggregator.change_submission",
    Kind.HELD: "aggregator.change_feed",
    Kind.TROUBLE: "aggregator.change_feed",
}
"""Who may decide about a kind, and so is told of it."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A proposal or a feed that waits for a decision. Equal are those about the same."""

    kind: str
    row_id: int
    """Of the proposal or the feed."""
    name: str = field(compare=False)
    """The blog's title, as its feed or a stranger wrote it."""
    words: str = field(compare=False, default="")
    """What else is to be said, in ours."""
    is_move: bool = field(compare=False, default=False)
    """Of a proposal: whether it is a new address of a feed that is here."""


def holds_posts(prefix: str = "") -> Q:
    """Feeds whose posts wait for a decision; those that look like another feed are in trouble instead."""
    return Q(**{f"{prefix}held_count__gt": 0, f"{prefix}is_drifting": False}) & ~Q(**{f"{prefix}state": "rejected"})


def in_trouble(now: datetime, prefix: str = "") -> Q:
    """Feeds that bring nothing until somebody looks after them."""
    is_asked = Q(**{f"{prefix}state__in": ["pending", "active"]})
    fails = Q(**{f"{prefix}failing_since__lte": now - FAILING_SPAN})
    return Q(**{f"{prefix}state": "gone"}) | (is_asked & (fails | Q(**{f"{prefix}is_drifting": True})))


def still_open(now: datetime) -> Q:
    """Of `AnnouncedMatter`, those that nobody has decided since, and that haven't mended themselves."""
    return (
        Q(kind=Kind.PROPOSALS, submission__state=Submission.State.WAITING)
        | (Q(kind=Kind.HELD) & holds_posts("feed__"))
        | (Q(kind=Kind.TROUBLE) & in_trouble(now, "feed__"))
    )


def untold_proposals() -> QuerySet[Submission]:
    """Proposals that wait for a decision, and no curator was told."""
    return Submission.objects.filter(state=Submission.State.WAITING, announced_at=None).order_by("pk")


def untold_feeds(now: datetime) -> dict[Kind, QuerySet[Feed]]:
    """By kind, the feeds that curators are still to be told of."""
    return {kind: _untold(kind, so) for kind, so in ((Kind.HELD, holds_posts()), (Kind.TROUBLE, in_trouble(now)))}


def _untold(kind: Kind, so: Q) -> QuerySet[Feed]:
    told = ToldFeed.objects.filter(kind=kind, feed=OuterRef("pk"))
    return Feed.objects.filter(so).exclude(Exists(told)).order_by("pk")


def is_anything_untold(now: datetime) -> bool:
    return untold_proposals().exists() or any(feeds.exists() for feeds in untold_feeds(now).values())


def of_submission(proposal: Submission) -> Matter:
    """A proposal as a matter; its `moves` is read if it is one."""
    if proposal.moves is not None:
        return Matter(Kind.PROPOSALS, proposal.pk, proposal.moves.shown_title, proposal.host, is_move=True)
    return Matter(Kind.PROPOSALS, proposal.pk, proposal.title or proposal.host, proposal.host)


def of_feed(kind: str, feed: Feed) -> Matter:
    """A feed as a matter of this kind."""
    words = _held_words(feed) if kind == Kind.HELD else _trouble_words(feed)
    return Matter(kind, feed.pk, feed.shown_title, words)


def _held_words(feed: Feed) -> str:
    return "1 post is held." if feed.held_count == 1 else f"{feed.held_count} posts are held."


def _trouble_words(feed: Feed) -> str:
    if feed.state == Feed.State.GONE:
        return "It is gone."
    if feed.is_drifting:
        return "It looks like another feed now."
    return f"It has failed since {feed.failing_since:%d %b}." if feed.failing_since else "It fails."


def of_row(row: AnnouncedMatter) -> Matter | None:
    """What was announced, as it is now; None if it isn't here any more."""
    if row.submission is not None:
        return of_submission(row.submission)
    return of_feed(row.kind, row.feed) if row.feed is not None else None


def watch_told_feeds(now: datetime) -> None:
    """Note which feeds that curators were told of are well, or in trouble again; forget those that are well for long.

    Writes only where something has changed, which is seldom.
    """
    is_so = Exists(Feed.objects.filter(in_trouble(now), pk=OuterRef("feed")))
    holds = Exists(Feed.objects.filter(holds_posts(), pk=OuterRef("feed")))
    rows = ToldFeed.objects.annotate(is_so=is_so, holds=holds).values_list("pk", "kind", "over_since", "is_so", "holds")
    over, again, forgotten = list[int](), list[int](), list[int]()
    for key, kind, over_since, is_in_trouble, holds_some in rows:
        if kind == Kind.HELD:
            forgotten += [] if holds_some else [key]
        elif is_in_trouble:
            again += [key] if over_since else []
        elif over_since is None:
            over.append(key)
        elif over_since <= now - WELL_SPAN:
            forgotten.append(key)
    for keys, since in ((over, now), (again, None)):
        if keys:
            ToldFeed.objects.filter(pk__in=keys).update(over_since=since)
    if forgotten:
        ToldFeed.objects.filter(pk__in=forgotten).delete()


def deciders(kinds: Iterable[str]) -> dict[str, frozenset[int]]:
    """By kind, the people who may decide about it, by their ids."""
    of_permission = {PERMISSIONS[Kind(kind)]: frozenset[int]() for kind in kinds}
    for permission in of_permission:
        people = User.objects.with_perm(permission, backend="django.contrib.auth.backends.ModelBackend")
        of_permission[permission] = frozenset(people.filter(is_staff=True).values_list("pk", flat=True))
    return {kind: of_permission[PERMISSIONS[Kind(kind)]] for kind in kinds}
