"""What narrows the list of posts: how they stand with readers, a feed that is looked for by name, a day, and news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from aggregator.models import Entry, EntryQuerySet, Feed
from aggregator.models.standing import Standing

from .given import MAX_SEARCHED_CHARACTERS, is_key

MAX_MATCHES = 20
"""Feeds that are offered; whoever has more types more of the name."""
MAX_NUMBERS = 100
"""Posts that one address names."""


class StandingFilter(admin.SimpleListFilter):
    """Posts that stand in one way with readers."""

    title = "On the site"
    parameter_name = "standing"
    parameters = (parameter_name,)
    template = "admin/choices.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Standing.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        asked = self.value()
        if asked in Standing.values and isinstance(queryset, EntryQuerySet):
            return queryset.standing(Standing(asked))
        return queryset


class TypedFilter(admin.ListFilter):
    """What a curator types or is led to, instead of a list of all that there could be."""

    parameters: tuple[str, ...] = ()

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameters:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].replace("\0", "").strip()  # which PostgreSQL refuses

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def typed(self, name: str) -> str:
        return str(self.used_parameters.get(name, ""))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """What its template shows: what else the address asks for, and the list without this filter."""
        others = {name: value for name, value in changelist.params.items() if name not in self.parameters}
        yield {
            "others": [(name, value) for name, value in others.items() if name not in {"after", "up_to"}],
            "all": changelist.get_query_string(remove=list(self.parameters)),
            **self.shown(changelist),
        }

    def shown(self, changelist: ChangeList) -> dict[str, Any]:
        return {}


class FeedFilter(TypedFilter):
    """The posts of one feed. A part of its title or address leads to it; there may be thousands."""

    title = "Feed"
    parameters = ("feed__id__exact", "feed")
    template = "admin/aggregator/entry/feed_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        number, self.words = self.typed("feed__id__exact"), self.typed("feed")[:MAX_SEARCHED_CHARACTERS]
        self.feed = self._numbered(number) if number else None
        self.is_unknown = bool(number) and self.feed is None
        self.matches: list[Feed] = []
        if self.words:
            named = Q(title__alike=self.words) | Q(url__icontains=self.words)
            self.matches = list(Feed.objects.filter(named).by_title()[: MAX_MATCHES + 1])
            if len(self.matches) == 1:
                [self.feed] = self.matches

    def _numbered(self, number: str) -> Feed | None:
        return Feed.objects.filter(pk=int(number)).first() if is_key(number) else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        if self.is_unknown or (self.words and not self.matches):
            return queryset.none()
        if self.feed and isinstance(queryset, EntryQuerySet):
            return queryset.all_of_feed(self.feed)
        return queryset

    def shown(self, changelist: ChangeList) -> dict[str, Any]:
        offered = [] if self.feed else self.matches[:MAX_MATCHES]
        links = [(feed, changelist.get_query_string({"feed__id__exact": feed.pk}, remove=["feed"])) for feed in offered]
        return {
            "feed": self.feed,
            "words": self.words,
            "links": links,
            "is_unknown": self.is_unknown,
            "has_more": len(self.matches) > MAX_MATCHES,
        }


class DayFilter(TypedFilter):
    """The posts up to a day, in UTC: the way to old ones without leafing through all that came since."""

    title = "Up to a day"
    parameters = ("until",)
    template = "admin/aggregator/entry/day_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.day = _day(self.typed("until"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        if self.day is None:
            return queryset
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return queryset.filter(timeline_at__lt=midnight + timedelta(days=1))

    def shown(self, changelist: ChangeList) -> dict[str, Any]:
        typed = self.typed("until")
        return {"day": self.day.isoformat() if self.day else "", "is_unknown": bool(typed) and self.day is None}


class NewsFilter(TypedFilter):
    """The posts that an address names by their ids, as a click on a notification does (`notices.landing`)."""

    title = "Told of at once"
    parameters = ("pk__in",)
    template = "admin/aggregator/entry/news_filter.html"

    def has_output(self) -> bool:
        return bool(self.typed("pk__in"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        numbers = [number for number in self.typed("pk__in").split(",") if is_key(number)][:MAX_NUMBERS]
        return queryset.filter(pk__in=numbers) if self.has_output() else queryset


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day < date.max else None
