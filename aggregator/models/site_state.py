"""The one row that says which version of the site is shown, and what its ids begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections, models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""When a site changed where nothing has changed yet: not now, or each look at its feeds would bring other documents."""
LONGEST_CHANGE = timedelta(minutes=1)
"""From the moment that a change says it happens at until it is committed; a stored moment further ahead is wrong."""

_touches: ContextVar[list[datetime] | None] = ContextVar("touches", default=None)
"""When the site was touched in the `site_change` that is under way."""


@contextmanager
def site_change() -> Iterator[None]:
    """A transaction that may touch the site: its last statement raises the version then.

    All that is stored raises the version, and the row that holds it is locked from then on. As it is the last, others
    wait for the commit only; and whoever has it waits for nobody. One within another is a part of that one.
    """
    if _touches.get() is not None:
        with transaction.atomic():
            yield
        return
    with transaction.atomic():
        touches: list[datetime] = []
        token = _touches.set(touches)
        try:
            yield
        finally:  # before the commit, as what is to be done after that changes the site anew
            _touches.reset(token)
        if touches:
            SiteState.objects.raise_version(max(touches))


class SiteStateQuerySet(models.QuerySet["SiteState"]):
    def touch(self, now: datetime) -> None:
        """Say that something visible changes: every stored page will be out of date. Call it in a `site_change`.

        Outside of one, as in a shell, the version is raised at once.
        """
        touches = _touches.get()
        if touches is None:
            self.raise_version(now)
        else:
            touches.append(now)

    def raise_version(self, now: datetime) -> None:
        """Raise the version now. Use `touch`: only `site_change` calls this.

        The moment goes back only to undo what a clock wrote that was ahead: of two changes side by side, the one that
        began first can be done last.
        """
        is_overtaken = When(changed_at__gt=now, changed_at__lte=now + LONGEST_CHANGE, then=F("changed_at"))
        changed_at = Case(is_overtaken, default=Value(now))
        changes: dict[str, Any] = {"version": F("version") + 1, "changed_at": changed_at}
        if not self.filter(pk=1).update(**changes):
            self.get_or_create(pk=1, defaults={"version": 1, "changed_at": now})

    def current(self) -> SiteState:
        """The one row, for reading; as long as there is none, what it will begin with.

        Nothing is written: pages ask for it, and they never wait for the lock that writers need.
        """
        return self.filter(pk=1).first() or SiteState(pk=1, changed_at=BEFORE_ALL)

    def version_now(self) -> int:
        """The version alone, by SQL: to have the ORM write the question costs more than all else of a stored page."""
        with connections[self.db].cursor() as cursor:
            cursor.execute("SELECT version FROM aggregator_sitestate WHERE id = 1")
            row = cursor.fetchone()
        return int(row[0]) if row else 0


class SiteState(models.Model):
    """The one row that says which version of the site is shown, and what its ids begin with."""

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    id_base = models.CharField(
        max_length=500, blank=True, help_text="Ids in our feeds begin so, whatever WEBSITE_URL says now."
    )

    objects = SiteStateQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="site_state_is_one_row"),)

    def __str__(self) -> str:
        return f"version {self.version}"
