"""What curators do, whether in the admin or by a command: add feeds, bring in lists, pause, resume, hide.

Every verb that changes what readers see raises the site's version in its own transaction. A new feed is pending and due
now; it shows nothing until its first good poll, which also finds the feed behind a blog's address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from aggregator.exchange.links import without_password
from aggregator.folding.fold import fold, fold_feeds
from aggregator.ingest.address import absolute_link, normalize_url
from aggregator.ingest.errors import AddressRefused, AlreadyListed
from aggregator.ingest.guard import check_url
from aggregator.ingest.text import one_line
from aggregator.models import Category, Entry, EntryQuerySet, Feed, FeedQuerySet, SiteState
from aggregator.models.counting import refresh_counts
from aggregator.models.slugs import free_slug
from aggregator.polling.outcomes import Line, ListReport
from aggregator.polling.policies import fetch_policy
from aggregator.storing import identity


class FeedRefused(ValueError):
    """An address that can't be a feed here; its text is a sentence for people."""


class UnknownFeed(ValueError):
    """A feed was named that isn't here; its text is a sentence for people."""


class Wanted(Protocol):
    """A feed as a list names it."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def site_url(self) -> str: ...
    @property
    def category(self) -> str: ...


# -- adding ----------------------------------------------------------------------------------------------------------


def checked_address(url: str) -> str:
    """The address in its one spelling. Raises FeedRefused if it can't or must not be asked."""
    try:
        address = normalize_url(url)
        check_url(address, fetch_policy())
    except (ValueError, AddressRefused) as error:
        raise FeedRefused(str(error)) from error
    return address


def known_feed(address: str) -> Feed | None:
    """The feed that has this normalized address, over http or https."""
    return Feed.objects.at_address(address).first()


def add_feed(url: str, *, category: str | None = None, title: str = "", site_url: str = "") -> tuple[Feed, bool]:
    """The feed of an address (a feed's or a blog's) and whether it is new here. Raises FeedRefused.

    A feed that is here already stays as it is. The category is made when there is none of that name.
    """
    address = checked_address(url)
    with transaction.atomic():
        SiteState.objects.lock()
        known = known_feed(address)
        if known:
            return known, False
        feed = Feed(
            url=address,
            title=one_line(title, 300),
            site_url=absolute_link(site_url, address),
            category=category_named(category) if category else None,
        )
        enroll(feed, timezone.now())
    return feed, True


def add_many(wanted: Iterable[Wanted], *, category: str | None = None) -> ListReport:
    """Add what a list names, all in one transaction; `category`, if given, goes before the list's own.

    An entry that is refused stops nobody: its line says why.
    """
    with transaction.atomic():
        return ListReport(tuple(_add_wanted(entry, category or entry.category) for entry in wanted))


def _add_wanted(entry: Wanted, category: str) -> Line:
    url = one_line(without_password(entry.url), 2000)
    try:
        feed, is_new = add_feed(entry.url, category=category, title=entry.title, site_url=entry.site_url)
    except FeedRefused as refusal:
        return Line(url=url, kind="refused", text=str(refusal))
    if is_new:
        return Line(url=url, kind="added", text="Added; it waits for its first poll.", feed=feed)
    return Line(url=url, kind="known", text=f"Already here: {feed.shown_title} ({feed.state}).", feed=feed)


def enroll(feed: Feed, now: datetime) -> None:
    """Save a new feed, whose address is normalized, as pending and due."""
    feed.point_to(feed.url)
    feed.state = Feed.State.PENDING
    feed.next_poll_at = now
    feed.choose_slug()
    feed.save()


def drop_doubles(feed_ids: Sequence[int]) -> list[Feed]:
    """Delete those of these new feeds whose first poll led to a feed that is here already; returns what they were."""
    doubles = list(Feed.objects.filter(pk__in=feed_ids, state=Feed.State.PENDING, last_error_kind=AlreadyListed.kind))
    Feed.objects.filter(pk__in=[feed.pk for feed in doubles]).delete()
    return doubles


def category_named(name: str) -> Category | None:
    """The category of that name, in whatever case; made when there is none. None for a name without a letter."""
    name = one_line(name, 80)
    if not name:
        return None
    known = Category.objects.filter(name__iexact=name).first()
    stem = slugify(name)[:70].strip("-") or "category"
    return known or Category.objects.create(name=name, slug=free_slug(stem, Category.objects.all()))


# -- naming ----------------------------------------------------------------------------------------------------------


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


# -- deciding --------------------------------------------------------------------------------------------------------


def revise(feed: Feed, fields: Sequence[str], now: datetime) -> None:
    """Save what a curator changed in these fields, and no more: a poll may be writing the others.

    An emptied title or site address is the feed's own again. A new address is due at once, without the errors of the
    old one; a poll of that which is still under way stores nothing.
    """
    feed.title = feed.title or feed.reported_title
    feed.site_url = feed.site_url or feed.reported_site_url
    changed = set(fields)
    if "url" in changed:
        feed.point_to(feed.url)
        feed.lease = feed.rests_until = None
        feed.next_poll_at, feed.proposed_url = now, ""
        changed |= {"host", "etag", "last_modified", "body_hash"}
        changed |= {"lease", "rests_until", "next_poll_at", "proposed_url"}
        changed |= identity.forget(feed) | feed.forget_errors()
        if feed.state == Feed.State.GONE:  # its old address is; with a failure at the new one it would rest for a month
            feed.state = Feed.State.ACTIVE if feed.last_ok_at else Feed.State.PENDING
            changed.add("state")
    with transaction.atomic():
        feed.save(update_fields=changed)
        SiteState.objects.touch(now)
        if changed & {"url", "site_url"}:
            fold_feeds([feed], now)  # where it stands decides whose copy is shown


def pause(feeds: FeedQuerySet, now: datetime) -> int:
    """Stop polling those that are active; their posts stay. Returns how many were paused."""
    with transaction.atomic():
        chosen = [feed for feed in _locked(feeds.values_list("pk", flat=True)) if feed.state == Feed.State.ACTIVE]
        for feed in chosen:
            feed.pause()
        refresh_counts(chosen)
        return _touched(len(chosen), now)


def resume(feeds: FeedQuerySet, now: datetime) -> int:
    """Poll those again, at once, that were paused, gone or rejected. Returns how many."""
    with transaction.atomic():
        chosen = [feed for feed in _locked(feeds.values_list("pk", flat=True)) if feed.is_disabled]
        turned_down = [feed for feed in chosen if feed.state == Feed.State.REJECTED]
        for feed in chosen:
            feed.resume(now)
        refresh_counts(chosen)
        count = _touched(len(chosen), now)
        fold_feeds(turned_down, now)
        return count


def reject(feeds: FeedQuerySet, now: datetime) -> int:
    """Neither poll nor show these, and know them when somebody adds them again. Returns how many."""
    with transaction.atomic():
        others = [feed for feed in _locked(feeds.values_list("pk", flat=True)) if feed.state != Feed.State.REJECTED]
        rows = Feed.objects.filter(pk__in=[feed.pk for feed in others])
        count = _touched(rows.update(state=Feed.State.REJECTED, lease=None), now)
        fold_feeds(others, now)
        return count


def set_category(feeds: FeedQuerySet, category: Category | None, now: datetime) -> int:
    """Put the feeds on this shelf, or on none. Returns how many."""
    with transaction.atomic():
        ids = [feed.pk for feed in _locked(feeds.values_list("pk", flat=True))]
        return _touched(Feed.objects.filter(pk__in=ids).update(category=category), now)


def delete_categories(categories: QuerySet[Category], now: datetime) -> None:
    """Take shelves away; the feeds on them are on none from then on."""
    with transaction.atomic():
        _locked(Feed.objects.filter(category__in=categories).values_list("pk", flat=True))
        categories.delete()
        SiteState.objects.touch(now)


def delete(feeds: QuerySet[Feed], now: datetime) -> None:
    """Forget feeds and their entries for good. A post that came through others, too, is shown there."""
    with transaction.atomic():
        ids = [feed.pk for feed in _locked(feeds.values_list("pk", flat=True))]
        Feed.objects.filter(pk__in=ids).update(state=Feed.State.REJECTED)
        SiteState.objects.touch(now)
        fold(list(Entry.objects.filter(duplicate_of__feed__in=ids).values_list("pk", flat=True)), now)
        Feed.objects.filter(pk__in=ids).delete()


def hide(entries: EntryQuerySet, now: datetime) -> int:
    """Take entries off every page and feed of ours; they stay known, so no poll brings them back. Returns how many.

    Of a post that came through several feeds the next copy is shown instead.
    """
    return _change(entries, EntryQuerySet.hide, now)


def unhide(entries: EntryQuerySet, now: datetime) -> int:
    """Show entries that were hidden or held. Returns how many.

    A feed that looked like another one is taken for what it is now when none of its entries is left to decide on.
    """
    with transaction.atomic():
        released = list(entries.order_by().held().values_list("feed_id", flat=True).distinct())
        count = _change(entries, EntryQuerySet.unhide, now)
        identity.accept(Feed.objects.filter(pk__in=released, held_count=0), now)
        return count


def _change(entries: EntryQuerySet, verb: Callable[[EntryQuerySet], int], now: datetime) -> int:
    with transaction.atomic():
        # Locked in the order in which polls lock: feeds, the site's row, entries.
        feeds = _locked(entries.order_by().values_list("feed_id", flat=True))
        SiteState.objects.lock()
        ids = list(entries.order_by().values_list("pk", flat=True))
        count = verb(entries)
        if count:
            fold(ids, now)
        return _recounted(count, feeds, now)


def _locked(feed_ids: Iterable[int]) -> list[Feed]:
    return list(Feed.objects.filter(pk__in=set(feed_ids)).locked())


def _recounted(count: int, feeds: list[Feed], now: datetime) -> int:
    if count:
        refresh_counts(feeds)
    return _touched(count, now)


def _touched(count: int, now: datetime) -> int:
    if count:
        SiteState.objects.touch(now)
    return count
