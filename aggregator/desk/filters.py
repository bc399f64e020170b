"""The filters of the lists, and the conditions that tell which feeds need a curator."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from aggregator.diagnosis import SILENT_AFTER
from aggregator.models import Entry, Feed

IS_FAILING = Q(failure_count__gt=0)
HAS_HELD_POSTS = Q(held_count__gt=0)
IS_CHANGED = Q(is_drifting=True)
IS_READ_TWICE = Q(double_of__isnull=False)
HAS_PROPOSAL = Q(proposed_url__gt="")


class HealthFilter(admin.SimpleListFilter):
    title = "health"
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        names = [("failing", "failing"), ("never", "never read"), ("silent", "silent for six months")]
        names += [("held", "with held posts"), ("changed", "another blog now?"), ("proposed", "found elsewhere")]
        names += [("twice", "read twice")]
        return [*names, ("slow_rules", "with rules that take too long")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Feed]) -> QuerySet[Feed]:
        if self.value() == "failing":
            return queryset.filter(IS_FAILING)
        if self.value() == "never":
            return queryset.filter(last_ok_at__isnull=True)
        if self.value() == "silent":
            return queryset.filter(newest_at__lt=timezone.now() - SILENT_AFTER)
        if self.value() == "held":
            return queryset.filter(HAS_HELD_POSTS)
        if self.value() == "changed":
            return queryset.filter(IS_CHANGED)
        if self.value() == "proposed":
            return queryset.filter(HAS_PROPOSAL)
        if self.value() == "twice":
            return queryset.filter(IS_READ_TWICE)
        if self.value() == "slow_rules":
            return queryset.filter(rules__out_of_time_at__isnull=False).distinct()
        return queryset


class HeldFilter(admin.SimpleListFilter):
    """Entries that wait for a curator.

    One that is held and hidden waits no more, as a curator has decided on it: a filter on the column `is_held` would
    list it for ever.
    """

    title = "held"
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        held = Entry.objects.held().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=held)
        return queryset.exclude(pk__in=held) if self.value() == "no" else queryset
