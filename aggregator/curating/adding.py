"""Adding a feed: which addresses can be one, and the category that is made on the way.

A new feed is pending and due now. It shows nothing until its first good poll, which also finds the feed behind a blog's
address. So adding one leaves the pages as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from aggregator.ingest.address import absolute_link, normalize_url
from aggregator.ingest.errors import AddressRefused, AlreadyListed, SourceRemoved
from aggregator.ingest.guard import check_url
from aggregator.ingest.text import one_line
from aggregator.models import Category, Feed, FormerSlug, RemovedSource
from aggregator.models.names import choose_slugs, free_slug, lock_names
from aggregator.polling.policies import fetch_policy

MAX_TITLE_CHARACTERS = 300
"""As many as the column of a feed's title takes."""
MAX_CATEGORY_NAME_CHARACTERS = 80
"""As many as the column of a category's name takes."""
MAX_CATEGORY_STEM_CHARACTERS = 70
"""Of a category's slug. Its column takes 80: a number may have to follow."""


UNWANTED = (AlreadyListed.kind, SourceRemoved.kind)
"""What the first poll of a new feed can find that makes its row needless."""


class FeedRefused(ValueError):
    """An address that can't be a feed here; its text is a sentence for people."""


def checked_address(url: str) -> str:
    """The address in its one spelling. Raises FeedRefused for one that can't or must not be asked."""
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

    A feed that is here already stays as it is, and one that was removed is refused. The category is made when there is
    none of that name.
    """
    draft = draft_of(url, category=category, title=title, site_url=site_url)
    with transaction.atomic():
        lock_drafts([draft])
        return add_draft(draft)


@dataclass(frozen=True, slots=True)
class Draft:
    """A feed that isn't saved yet, and the name of its category."""

    feed: Feed
    category: str


def draft_of(url: str, *, category: str | None = None, title: str = "", site_url: str = "") -> Draft:
    """The feed that `add_draft` adds. Raises FeedRefused for an address that can't be one. Asks no row."""
    feed = Feed(title=one_line(title, MAX_TITLE_CHARACTERS))
    feed.point_to(checked_address(url))
    feed.site_url = absolute_link(site_url, feed.url)
    return Draft(feed, one_line(category or "", MAX_CATEGORY_NAME_CHARACTERS))


def lock_drafts(drafts: Iterable[Draft]) -> None:
    """Be alone with the names that these take, until the transaction ends. Once in a transaction (`lock_names`)."""
    drafts = list(drafts)
    categories = {draft.category for draft in drafts} - {""}
    lock_names(
        addresses=[draft.feed.url for draft in drafts],
        slug_stems=[draft.feed.slug_stem for draft in drafts],
        categories=[*categories, *map(_category_stem, categories)],
    )


def add_draft(draft: Draft) -> tuple[Feed, bool]:
    """The feed of that address, and whether it is new here. Raises FeedRefused. Call `lock_drafts` before."""
    feed = draft.feed
    known = known_feed(feed.url)
    if known and known.state != Feed.State.REJECTED:
        return known, False
    refuse_removed([feed.url])
    if known:
        return known, False
    feed.category = category_named(draft.category)
    enroll(feed, timezone.now())
    return feed, True


def refuse_removed(urls: Iterable[str]) -> None:
    """Raise FeedRefused if one of these normalized addresses lies in a place that was removed; it says why."""
    for removed in RemovedSource.objects.covering(urls).values():
        raise FeedRefused(f"{removed.sentence}.")


def enroll(feed: Feed, now: datetime) -> None:
    """Save a new feed, whose address is normalized, as pending and due. Call `lock_names` before."""
    make_pending(feed, now)
    choose_slugs([feed], Feed.objects.all())
    feed.save()


def make_pending(feed: Feed, now: datetime) -> None:
    """Set (unsaved) what a new feed begins with, but for its slug."""
    feed.point_to(feed.url)
    feed.state = Feed.State.PENDING
    feed.next_poll_at = now


def drop_doubles(feed_ids: Sequence[int]) -> list[Feed]:
    """Delete those of these new feeds whose first poll led to one that is here or was removed. Returns them."""
    doubles = list(Feed.objects.filter(pk__in=feed_ids, state=Feed.State.PENDING, last_error_kind__in=UNWANTED))
    Feed.objects.filter(pk__in=[feed.pk for feed in doubles]).delete()
    return doubles


def category_named(name: str) -> Category | None:
    """The category of that name, in upper or lower case; made when there is none. None for a name without a letter.

    Call `lock_names` before.
    """
    name = one_line(name, MAX_CATEGORY_NAME_CHARACTERS)
    if not name:
        return None
    known = Category.objects.named(name).first()
    if known:
        return known
    slug = free_slug(_category_stem(name), Category.objects.all(), FormerSlug.objects.all())
    return Category.objects.create(name=name, slug=slug)


def _category_stem(name: str) -> str:
    """What the slug of a category of that name is made from; a number may have to follow."""
    return slugify(name)[:MAX_CATEGORY_STEM_CHARACTERS].strip("-") or "category"
