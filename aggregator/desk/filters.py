"""The filters of the list of feeds. Each feed is of one kind, the word that its row shows: `diagnose` in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import conditional_escape

from aggregator.diagnosis import SILENT_AFTER
from aggregator.models import Feed, FeedQuerySet

KINDS = {
    "failing": "failing",
    "changed": "changed",
    "twice": "read twice",
    "held": "held",
    "pending": "pending",
    "dropped": "all dropped",
    "silent": "silent",
    "active": "active",
    "gone": "gone",
    "paused": "paused",
    "rejected": "rejected",
}
"""The words by which a feed's row calls its kind, what needs a curator first: the order of the list."""
MORE = {
    "proposed": "found elsewhere",
    "holding": "with held posts",
    "never": "never read",
    "slow_rules": "with rules that take too long",
}
"""What may hold beside that, for feeds of several kinds."""
HAS_PROPOSAL = Q(proposed_url__gt="")
HAS_HELD_POSTS = Q(held_count__gt=0)
HOLDS = HAS_HELD_POSTS & ~Q(state="rejected")
"""Nobody has to decide on the posts of a feed that was rejected."""
_ORDERS = {
    "": ("trouble first", ("kind", "plain_title", "pk")),
    "title": ("by title", ("plain_title", "pk")),
    "posted": ("posted last", (F("newest_at").desc(nulls_last=True), "pk")),
    "unread": ("not read for longest", (F("last_ok_at").asc(nulls_first=True), "pk")),
}


def _conditions(now: datetime) -> dict[str, Q]:
    """In the order of `diagnose`: of several that hold, a feed is of the first kind; of "active" if none does."""
    return {
        "paused": Q(state="paused"),
        "gone": Q(state="gone"),
        "rejected": Q(state="rejected"),
        "failing": Q(failure_count__gt=0),
        "changed": Q(is_drifting=True),
        "twice": Q(double_of__isnull=False),
        "held": HAS_HELD_POSTS,
        "pending": Q(state="pending"),
        "dropped": Q(filtered_count__gt=0, entry_count=0),
        "silent": Q(newest_at__lt=now - SILENT_AFTER, url__gt=""),
    }


def _kind(now: datetime) -> Case:
    """A feed's kind, as its place in `KINDS`."""
    places = list(KINDS)
    whens = [When(condition, then=Value(places.index(kind))) for kind, condition in _conditions(now).items()]
    return Case(*whens, default=Value(places.index("active")), output_field=IntegerField())


def count_by_kind(feeds: FeedQuerySet, now: datetime) -> dict[str, int]:
    """How many feeds are of each kind; together they are all."""
    rows = feeds.order_by().annotate(kind=_kind(now)).values_list("kind").annotate(count=Count("pk"))
    counts = dict(rows)
    return {kind: counts.get(place, 0) for place, kind in enumerate(KINDS)}


class KindFilter(admin.SimpleListFilter):
    title = "State"
    parameter_name = "health"
    template = "admin/choices.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [*KINDS.items(), *MORE.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feed]) -> QuerySet[Feed]:
        asked = self.value()
        if asked in KINDS:
            return queryset.filter(Exact(F("kind"), list(KINDS).index(asked)))
        if asked == "never":
            return queryset.filter(last_ok_at__isnull=True)
        if asked == "proposed":
            return queryset.filter(HAS_PROPOSAL)
        if asked == "holding":
            return queryset.filter(HOLDS)
        if asked == "slow_rules":
            return queryset.filter(rules__out_of_time_at__isnull=False).distinct()
        return queryset


class CategoryFilter(admin.RelatedFieldListFilter):
    """The feeds of a category."""

    template = "admin/choices.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title, self.empty_value_display = "Category", conditional_escape("none")


class OrderFilter(admin.SimpleListFilter):
    """In which order the feeds stand, in words instead of arrows. What it says is done by `order_of`."""

    title = "Order"
    parameter_name = "order"
    template = "admin/choices.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in _ORDERS.items()]

    def choices(self, changelist: Any) -> Any:
        """Without "All", which is no order."""
        asked = self.value() if self.value() in _ORDERS else ""
        for name, label in self.lookup_choices:
            address = changelist.get_query_string({self.parameter_name: name or None})
            yield {"selected": name == asked, "query_string": address, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feed]) -> QuerySet[Feed]:
        return queryset


def order_of(request: HttpRequest) -> tuple[Any, ...]:
    """The order that the address asks for."""
    return _ORDERS.get(request.GET.get(OrderFilter.parameter_name, ""), _ORDERS[""])[1]


def feeds_with_kind() -> QuerySet[Feed]:
    """All feeds, with what the filters and orders ask for."""
    return Feed.objects.alias(kind=_kind(timezone.now()))
