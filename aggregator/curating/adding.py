"""Adding a feed: which addresses can be one, and the category that is made on the way.

A new feed is pending and due now. It shows nothing until its first good poll, which also finds the feed behind a blog's
address. So adding one leaves the pages as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from aggregator.ingest.address import absolute_link, normalize_url
from aggregator.ingest.errors import AddressRefused, AlreadyListed
from aggregator.ingest.guard import check_url
from aggregator.ingest.text import one_line
from aggregator.models import Category, Feed, SiteState
from aggregator.models.slugs import free_slug
from aggregator.polling.policies import fetch_policy

MAX_TITLE_CHARACTERS = 300
"""As many as the column of a feed's title takes."""
MAX_CATEGORY_NAME_CHARACTERS = 80
"""As many as the column of a category's name takes."""
MAX_CATEGORY_STEM_CHARACTERS = 70
"""Of a category's slug. Its column takes 80: a number may have to follow."""


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

    A feed that is here already stays as it is. The category is made when there is none of that name.
    """
    address = checked_address(url)
    with transaction.atomic():
        SiteState.objects.lock()
        known = known_feed(address)
        if known:
            return known, False
        feed = described(address, title=title, site_url=site_url)
        feed.category = category_named(category) if category else None
        enroll(feed, timezone.now())
    return feed, True


def described(address: str, *, title: str, site_url: str) -> Feed:
    """A new feed (unsaved) of a normalized address, with what somebody says of it."""
    return Feed(url=address, title=one_line(title, MAX_TITLE_CHARACTERS), site_url=absolute_link(site_url, address))


def enroll(feed: Feed, now: datetime) -> None:
    """Save a new feed, whose address is normalized, as pending and due."""
    make_pending(feed, now)
    feed.choose_slug()
    feed.save()


def make_pending(feed: Feed, now: datetime) -> None:
    """Set (unsaved) what a new feed begins with, but for its slug."""
    feed.point_to(feed.url)
    feed.state = Feed.State.PENDING
    feed.next_poll_at = now


def drop_doubles(feed_ids: Sequence[int]) -> list[Feed]:
    """Delete those of these new feeds whose first poll led to a feed that is here already. Returns them."""
    doubles = list(Feed.objects.filter(pk__in=feed_ids, state=Feed.State.PENDING, last_error_kind=AlreadyListed.kind))
    Feed.objects.filter(pk__in=[feed.pk for feed in doubles]).delete()
    return doubles


def category_named(name: str) -> Category | None:
    """The category of that name, in upper or lower case; made when there is none. None for a name without a letter."""
    name = one_line(name, MAX_CATEGORY_NAME_CHARACTERS)
    if not name:
        return None
    known = Category.objects.filter(name__iexact=name).first()
    stem = slugify(name)[:MAX_CATEGORY_STEM_CHARACTERS].strip("-") or "category"
    return known or Category.objects.create(name=name, slug=free_slug(stem, Category.objects.all()))
