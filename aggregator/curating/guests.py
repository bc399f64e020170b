"""Posts of guests: one at a time, by its address, where a blog has no feed or only this post belongs here.

They are those of one source that has no address: it is never polled, exported or looked for elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.html import escape

from aggregator.ingest.address import host_of
from aggregator.ingest.dates import is_believable, parse_date
from aggregator.ingest.normalize import content_digest
from aggregator.ingest.types import CONTENT_VERSION, Item
from aggregator.models import Entry, Feed, site_change
from aggregator.models.names import choose_slugs, lock_names
from aggregator.polling.one_page import PageRefused, post_page_at
from aggregator.storing.single import store_post

from .adding import FeedRefused, checked_address, refuse_removed

TITLE = "Guests"
"""Of the source, until a curator gives it another."""
MAX_GUID_CHARACTERS = 600
"""As many as the column takes."""


class GuestRefused(ValueError):
    """A post that can't be added; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class GuestPost:
    """A post as its page describes it, or as a curator corrected that."""

    url: str
    title: str
    author: str = ""
    published_at: datetime | None = None
    excerpt: str = ""
    site_name: str = ""


def look_at(address: str, now: datetime) -> GuestPost:
    """What the page at this address says of its post. Raises GuestRefused."""
    try:
        page = post_page_at(possible_address(address), now)
    except PageRefused as refusal:
        raise GuestRefused(str(refusal)) from refusal
    published_at = parse_date(page.published, now) if page.published else None
    return GuestPost(
        url=possible_address(page.url),  # where redirects led
        title=page.title,
        author=page.author,
        published_at=published_at if published_at and is_believable(published_at, now) else None,
        excerpt=page.excerpt,
        site_name=page.site_name or host_of(page.url),
    )


def possible_address(address: str) -> str:
    """The address in its one spelling. Raises GuestRefused for one that must not be asked, or was removed."""
    try:
        url = checked_address(address)
        refuse_removed([url])
    except FeedRefused as refusal:
        raise GuestRefused(str(refusal)) from refusal
    return url


def add_post(post: GuestPost, now: datetime) -> Entry:
    """The entry of the post, which is folded with its copies and announced like others. Raises GuestRefused."""
    url = possible_address(post.url)
    _make_source(now)
    with site_change():
        source = Feed.objects.filter(url="").locked().get()
        if source.state == Feed.State.REJECTED:
            raise GuestRefused(f"“{source}” was rejected: resume it first.")
        item = _item(post, url)
        if known := source.entries.filter(guid=item.guid).first():
            raise GuestRefused(f"It was added before: “{known.shown_title}”.")
        return store_post(source, item, now)


def _make_source(now: datetime) -> None:
    """See that the source is there. In a transaction of its own, as its name is locked."""
    if Feed.objects.filter(url="").exists():
        return
    with transaction.atomic():
        source = Feed(title=TITLE, reported_title=TITLE, state=Feed.State.ACTIVE, display=Feed.Display.EXCERPT)
        source.last_ok_at, source.content_version = now, CONTENT_VERSION  # there is nothing to wait for
        lock_names(addresses=[""], slug_stems=[source.slug_stem])
        if not Feed.objects.filter(url="").exists():
            choose_slugs([source], Feed.objects.all())
            source.save()


def _item(post: GuestPost, url: str) -> Item:
    parts = urlsplit(url)
    content_html = f"<p>{escape(post.excerpt)}</p>" if post.excerpt else ""
    return Item(
        guid=url if len(url) <= MAX_GUID_CHARACTERS else content_digest(url),
        url=url,
        title=post.title,
        author=post.author,
        content_html=content_html,
        content_hash=content_digest(content_html),
        excerpt=post.excerpt,
        published_at=post.published_at,
        source_title=post.site_name or host_of(url),
        source_url=f"{parts.scheme}://{parts.netloc}/",
    )
