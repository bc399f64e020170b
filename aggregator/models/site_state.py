"""The one row that says which version of the site is shown, and what its ids begin with."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db import models, transaction
from django.db.models import Case, F, Q, Subquery, Value, When
from django.utils import timezone

from .posts_of_day import PostsOfDay
from .sql import first_number_row
from .tag import Tag

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""When a site changed where nothing has changed yet: not now, or each look at its feeds would bring other documents."""
LONGEST_CHANGE = timedelta(minutes=1)
"""From the moment that a change says it happens at until it is committed; a stored moment further ahead is wrong."""
MAX_STEP = 2**32
"""Of a version. Its column has room for four thousand million such steps."""


def next_step() -> int:
    """By how much a version rises: nobody knows before.

    A version of before is never that of anything else, also where an old backup is restored and other changes follow:
    pages that browsers, proxies and our own processes have from the time between are not taken for what is there now.
    """
    return 1 + secrets.randbelow(MAX_STEP)


@dataclass(slots=True)
class _Change:
    """What a `site_change` does at its end."""

    touches: list[tuple[datetime, bool]] = field(default_factory=list)
    """When the site was touched, and whether sources' own pages alone show it."""
    posts: Counter[date] = field(default_factory=Counter)
    """How many posts more, or fewer, days have."""
    tagged: Counter[int] = field(default_factory=Counter)
    """The same of tags, by their ids."""

    def save(self) -> None:
        Tag.objects.add_posts(self.tagged)
        PostsOfDay.objects.add(self.posts)
        if self.touches:
            latest = max(now for now, _ in self.touches)
            of_sources_alone = all(is_of_sources for _, is_of_sources in self.touches)
            SiteState.objects.raise_version(latest, of_sources_alone=of_sources_alone)


_change: ContextVar[_Change | None] = ContextVar("change", default=None)
"""The `site_change` that is under way."""


@contextmanager
def site_change() -> Iterator[None]:
    """A transaction that may touch the site: its last statement raises the version then.

    All that is stored raises the version, and the row that holds it is locked from then on. As it is the last, others
    wait for the commit only; and whoever has it waits for nobody. Right before it, the tags' and the days' counts are
    brought up to date, as many have those in common, too. One within another is a part of that one.
    """
    if outer := _change.get():
        with transaction.atomic(), _part_of(outer):
            yield
        return
    with transaction.atomic():
        change = _Change()
        token = _change.set(change)
        try:
            yield
        finally:  # before the commit, as what is to be done after that changes the site anew
            _change.reset(token)
        change.save()


@contextmanager
def _part_of(outer: _Change) -> Iterator[None]:
    """What fails leaves nothing behind: it is rolled back, and whoever began the outer change may go on."""
    before = outer.touches[:], outer.posts.copy(), outer.tagged.copy()
    try:
        yield
    except BaseException:
        outer.touches, outer.posts, outer.tagged = before
        raise


def count_posts(more: Mapping[date, int]) -> None:
    """Count so many posts more, or fewer, on these days: at the end of the `site_change`, outside of one at once."""
    if change := _change.get():
        for day, posts in more.items():
            change.posts[day] += posts
    else:
        PostsOfDay.objects.add(more)


def count_tagged(more: Mapping[int, int]) -> None:
    """The same for tags: so many posts more, or fewer, under the tags with these ids."""
    if change := _change.get():
        for tag_id, posts in more.items():
            change.tagged[tag_id] += posts
    else:
        Tag.objects.add_posts(more)


class SiteStateQuerySet(models.QuerySet["SiteState"]):
    def touch(self, now: datetime, *, of_sources_alone: bool = False) -> None:
        """Say that something visible changes: every stored page will be out of date. Call it in a `site_change`.

        With `of_sources_alone`, pages that show one source alone stay, but for those of feeds that say `note_shown`:
        only if nothing that other sources' pages show is another. Outside of a `site_change`, as in a shell, the
        version is raised at once.
        """
        if change := _change.get():
            change.touches.append((now, of_sources_alone))
        else:
            self.raise_version(now, of_sources_alone=of_sources_alone)

    def raise_version(self, now: datetime, *, of_sources_alone: bool = False) -> None:
        """Raise the version now. Use `touch`: only `site_change` calls this.

        The moment goes back only to undo what a clock wrote that was ahead: of two changes side by side, the one that
        began first can be done last. A new month is shared by all sources: their pages count posts by months.
        """
        step = next_step()
        shared: dict[str, Any] = {
            "shared_version": F("shared_version") + step,
            "shared_changed_at": _not_overtaken("shared_changed_at", now),
        }
        if of_sources_alone:
            month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            shared = {field: _if_before(month, field, value) for field, value in shared.items()}
        changes = {"version": F("version") + step, "changed_at": _not_overtaken("changed_at", now), **shared}
        if not self.filter(pk=1).update(**changes):
            first = {"version": step, "shared_version": step, "changed_at": now, "shared_changed_at": now}
            self.get_or_create(pk=1, defaults=first)

    def current(self, source: models.QuerySet[Any] | None = None) -> SiteState:
        """The one row, for reading; as long as there is none, what it will begin with.

        With what the page of a source needs to know of it, which is the first of these feeds. Nothing is written: pages
        ask for it, and they never wait for the lock that writers need.
        """
        rows = self.filter(pk=1)
        if source is not None:
            names = {"source_id": "pk", "source_version": "shown_version", "source_changed_at": "shown_changed_at"}
            rows = rows.annotate(**{name: Subquery(source.values(field)[:1]) for name, field in names.items()})
        return rows.first() or SiteState(pk=1, changed_at=BEFORE_ALL, shared_changed_at=BEFORE_ALL)


def version_now() -> int:
    """The site's version alone, for little: to have the ORM ask costs more than all else of a stored page."""
    row = first_number_row("SELECT version FROM aggregator_sitestate WHERE id = 1")
    return row[0] if row else 0


def source_version_now(feed_id: int) -> tuple[int, int] | None:
    """That of what all sources' pages share, and that of this one's alone; None if it isn't there any more."""
    row = first_number_row(
        "SELECT site.shared_version, feed.shown_version FROM aggregator_sitestate site, aggregator_feed feed "
        "WHERE site.id = 1 AND feed.id = %s",
        feed_id,
    )
    return (row[0], row[1]) if row else None


def _if_before(month: datetime, field: str, value: Any) -> Case:
    """The value, if what sources share changed in an earlier month; else the field stays."""
    is_first = When(shared_changed_at__lt=month, then=value)
    kind = cast("models.Field[Any, Any]", SiteState._meta.get_field(field))
    return Case(is_first, default=F(field), output_field=kind)


def _not_overtaken(field: str, now: datetime) -> Case:
    """The moment to store: now, unless a change that began later was done before."""
    is_overtaken = When(**{f"{field}__gt": now, f"{field}__lte": now + LONGEST_CHANGE}, then=F(field))
    return Case(is_overtaken, default=Value(now))


class SiteState(models.Model):
    """The one row that says which version of the site is shown, and what its ids begin with."""

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    shared_version = models.PositiveBigIntegerField(
        default=0, help_text="Of what pages of one source share: raised by all but a post that only its source shows."
    )
    shared_changed_at = models.DateTimeField(default=timezone.now)
    id_base = models.CharField(
        max_length=500, blank=True, help_text="Ids in our feeds begin so, whatever WEBSITE_URL says now."
    )

    source_id: int | None = None
    """No column, as the next two: of the one feed that a page shows, as `current` read them."""
    source_version = 0
    source_changed_at: datetime | None = None

    objects = SiteStateQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="site_state_is_one_row"),)

    def __str__(self) -> str:
        return f"version {self.version}"
