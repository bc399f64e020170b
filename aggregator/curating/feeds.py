"""What curators do with feeds that are here: name them, change them, pause, resume, reject and delete them.

Every verb that changes what readers see raises the site's version in its own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from aggregator.folding.fold import fold, fold_feeds
from aggregator.folding.locks import lock_posts
from aggregator.ingest.address import normalize_url
from aggregator.models import Author, Category, Entry, Feed, FeedQuerySet, Ownership, SiteState, Submission, site_change
from aggregator.models.counting import refresh_counts
from aggregator.models.sql import Locked, lock_kind
from aggregator.storing import identity

from .adding import known_feed
from .removing import give_back, note_removed


class UnknownFeed(ValueError):
    """A feed was named that isn't here; its text is a sentence for people."""


def feeds_named(names: Sequence[str]) -> FeedQuerySet:
    """The feeds with these ids or addresses. Raises UnknownFeed for the first that isn't here."""
    return Feed.objects.filter(pk__in=[_feed_id(name) for name in names])


def _feed_id(name: str) -> int:
    if name.isascii() and name.isdigit():
        feed = Feed.objects.filter(pk=int(name[:18])).first()
    else:
        try:
            feed = known_feed(normalize_url(name))
        except ValueError as error:
            raise UnknownFeed(f"{name!r} names no feed: {error}") from error
    if feed is None:
        raise UnknownFeed(f"There is no feed {name} here; feed_status lists those that are.")
    return feed.pk


def revise(feed: Feed, fields: Sequence[str], now: datetime) -> None:
    """Save what a curator changed in these fields, and no more: a poll may be writing the others.

    An emptied title or site address is the feed's own again. A new address is due at once, without the errors of the
    old one; a poll of the old address that is still under way stores nothing.
    """
    feed.title = feed.title or feed.reported_title
    feed.site_url = feed.site_url or feed.reported_site_url
    changed = set(fields)
    if "url" in changed:
        feed.point_to(feed.url)
        feed.lease = feed.rests_until = None
        feed.resting_host = ""
        feed.next_poll_at, feed.proposed_url = now, ""
        changed |= {"host", "etag", "last_modified", "body_hash"}
        changed |= {"lease", "rests_until", "resting_host", "next_poll_at", "proposed_url"}
        changed |= identity.forget(feed) | feed.forget_errors()
        if feed.state == Feed.State.GONE:
            # Only its old address is gone. If it stayed so, one failure at the new one would make it rest for a month.
            feed.state = Feed.State.ACTIVE if feed.last_ok_at else Feed.State.PENDING
            changed.add("state")
    with site_change():
        feed.save(update_fields=changed)
        if "url" in changed:
            fold_feeds([feed], now)
        SiteState.objects.touch(now)


def pause(feeds: FeedQuerySet, now: datetime) -> int:
    """Stop polling those of these feeds that are active; their posts stay. Returns how many were paused."""
    with site_change():
        chosen = [feed for feed in _locked(feeds) if feed.state == Feed.State.ACTIVE]
        for feed in chosen:
            feed.pause()
        refresh_counts(chosen)
        return _touched(len(chosen), now)


def resume(feeds: FeedQuerySet, now: datetime) -> int:
    """Poll those of these feeds again, at once, that were paused, gone or rejected. Returns how many."""
    with site_change():
        chosen = [feed for feed in _locked(feeds) if feed.is_disabled]
        turned_down = [feed for feed in chosen if feed.state == Feed.State.REJECTED]
        for feed in chosen:
            feed.resume(now)
        Ownership.objects.filter(feed__in=chosen).update(paused_at=None)  # the next pause is somebody else's
        give_back(turned_down)
        refresh_counts(chosen)
        fold_feeds(turned_down, now)
        return _touched(len(chosen), now)


def reject(feeds: FeedQuerySet, now: datetime, *, reason: str = "") -> int:
    """Neither poll nor show these feeds, and refuse what comes from their places, for that reason. Returns how many."""
    with site_change():
        others = _turned_down(feeds, now)
        note_removed(others, now, reason=reason)
        return len(others)


def take_off(feeds: FeedQuerySet, now: datetime) -> int:
    """Neither poll nor show these feeds until somebody resumes them; their places stay free. Returns how many."""
    with site_change():
        return len(_turned_down(feeds, now))


def set_category(feeds: FeedQuerySet, category: Category | None, now: datetime) -> int:
    """Put the feeds into this category, or into none. Returns how many."""
    with site_change():
        ids = [feed.pk for feed in _locked(feeds)]
        return _touched(Feed.objects.filter(pk__in=ids).update(category=category), now)


def delete_categories(categories: QuerySet[Category], now: datetime) -> None:
    """Delete these categories; their feeds are in none from then on. `sql` tells the order of locks: feeds first."""
    with site_change():
        _locked(Feed.objects.filter(category__in=categories))
        rows = Category.objects.filter(pk__in=set(categories.values_list("pk", flat=True)))
        list(rows.order_by("pk").select_for_update().values_list("pk"))  # nobody chooses them any more
        rows.delete()
        SiteState.objects.touch(now)


def delete_feeds(feeds: QuerySet[Feed], now: datetime, *, reason: str = "") -> None:
    """Forget feeds and their entries for good. A post that came through others, too, is shown there.

    With a `reason`, nothing comes again from their places. Without one, they can be added as if they had never been,
    but for those that were rejected.
    """
    with site_change():
        ids = set(feeds.values_list("pk", flat=True))
        proposals = Submission.objects.filter(Q(feed__in=ids) | Q(moves__in=ids))  # they go, or lose their feed
        list(proposals.order_by("pk").select_for_update().values_list("pk"))
        chosen = _locked(feeds)
        if reason:
            note_removed(chosen, now, reason=reason, keeps_feed=False)
        rows = Feed.objects.filter(pk__in=ids)
        rows.update(state=Feed.State.REJECTED)
        refresh_counts(rows)
        lock_posts(Entry.objects.filter(feed__in=ids).values_list("pk", flat=True))
        fold(list(Entry.objects.depending_on(ids).values_list("pk", flat=True)), now)
        # Locked, as some may be told of just now: what is written about an entry must be there before it is deleted.
        list(Entry.objects.filter(feed__in=ids).order_by("pk").select_for_update().values_list("pk"))
        lock_kind(Locked.AUTHORS)
        Author.objects.hand_on(ids)
        rows.delete()
        SiteState.objects.touch(now)


def _turned_down(feeds: FeedQuerySet, now: datetime) -> list[Feed]:
    """Those of these feeds that weren't rejected, and are now; as they were."""
    others = [feed for feed in _locked(feeds) if feed.state != Feed.State.REJECTED]
    rows = Feed.objects.filter(pk__in=[feed.pk for feed in others])
    rows.update(state=Feed.State.REJECTED, lease=None)
    refresh_counts(rows)
    fold_feeds(others, now)
    _touched(len(others), now)
    return others


def _locked(feeds: QuerySet[Feed]) -> list[Feed]:
    """These feeds as they are now, their rows locked. By their ids: rows of a query with a DISTINCT can't be locked."""
    return list(Feed.objects.filter(pk__in=set(feeds.values_list("pk", flat=True))).locked())


def _touched(count: int, now: datetime) -> int:
    """The count again; unless it is zero, the site's version is raised."""
    if count:
        SiteState.objects.touch(now)
    return count
