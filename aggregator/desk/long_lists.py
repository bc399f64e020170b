"""Lists in the admin that may be of any length: a page costs the same, whether below it lie fifty rows or a million.

Django counts the whole, sorts it by any column and searches all of it. These lists count nothing: a page knows whether
there is more above and below it. They are walked in the one order that an index has, from the place where the page
before ended, and a search looks through the first rows alone, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters, ShowFacets
from django.contrib.admin.views.main import ERROR_FLAG, IGNORED_PARAMS, ORDER_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .given import GivenLists

AFTER = "after"
"""In an address: the page that begins after the row at this place."""
UP_TO = "up_to"
"""The page that ends before it."""
OLDEST_FIRST = "oldest"
"""As the order in an address; without it, the newest come first."""
SEARCHED_ROWS = 5_000
"""As many as are read while somebody waits."""


class LongList(ChangeList):
    """A page of a list whose length nobody knows."""

    model_admin: LongListAdmin
    newer = older = other_order = ""
    """Addresses of the pages above and below, and of the list the other way round; empty if there is none."""
    is_newest_first = True
    searched_rows = SEARCHED_ROWS

    # -- the order and the places in it --------------------------------------------------------------------------------

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        self.is_newest_first = self.params.get(ORDER_VAR) != OLDEST_FIRST
        return self._ordered(is_newest_first=self.is_newest_first)

    def _ordered(self, *, is_newest_first: bool) -> list[str]:
        return [f"-{name}" if is_newest_first else name for name in self.model_admin.order]

    def get_filters_params(self, params: Any = None) -> Any:
        asked = super().get_filters_params(params)
        return {name: value for name, value in asked.items() if name not in {AFTER, UP_TO}}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """The address of a list that begins anew, unless the new parameters say where."""
        return super().get_query_string(new_params, [*(remove or []), AFTER, UP_TO])

    def _place_of(self, row: Model) -> str:
        """Where a row stands, as an address tells it: also when the row itself is gone, the page is found."""
        return "~".join(str(getattr(row, name)) for name in self.model_admin.order)

    def _beyond(self, place: str, *, is_below: bool) -> Q:
        """The condition of the rows on one side of a place. Written so that both databases walk the index."""
        meta = self.model._meta
        fields: list[Any] = [meta.pk if name == "pk" else meta.get_field(name) for name in self.model_admin.order]
        try:
            values = [_in_utc(field.to_python(text)) for field, text in zip(fields, place.split("~"), strict=True)]
        except (ValueError, OverflowError, ValidationError) as error:
            raise IncorrectLookupParameters from error
        side = "lt" if is_below == self.is_newest_first else "gt"
        *others, last = zip(self.model_admin.order, values, strict=True)
        if not others:
            return Q(**{f"{last[0]}__{side}": last[1]})
        [(first, value)] = others
        rest = {first: value, f"{last[0]}__{'gte' if side == 'lt' else 'lte'}": last[1]}
        return Q(**{f"{first}__{side}e": value}) & ~Q(**rest)

    # -- the page ------------------------------------------------------------------------------------------------------

    def get_results(self, request: HttpRequest) -> None:
        self.result_list = rows = self._page(request.GET.get(AFTER), request.GET.get(UP_TO))
        self.result_count = self.full_result_count = len(rows)  # not of the whole: nobody counts that
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(rows)
        order = None if not self.is_newest_first else OLDEST_FIRST
        self.other_order = self.get_query_string({ORDER_VAR: order})

    def _page(self, after: str | None, up_to: str | None) -> Sequence[Model]:
        size = self.list_per_page
        if up_to is not None:
            way_back = self.queryset.filter(self._beyond(up_to, is_below=False))
            nearest = list(way_back.order_by(*self._ordered(is_newest_first=not self.is_newest_first))[: size + 1])
            if len(nearest) > size:
                rows = nearest[:size][::-1]
                self._link(rows, has_newer=True, has_older=True)
                return rows
            after = None  # nearly at the beginning: a whole page from there
        rest = self.queryset if after is None else self.queryset.filter(self._beyond(after, is_below=True))
        found = list(rest[: size + 1])
        self._link(found[:size], has_newer=after is not None, has_older=len(found) > size)
        return found[:size]

    def _link(self, rows: Sequence[Model], *, has_newer: bool, has_older: bool) -> None:
        if has_newer:
            self.newer = self.get_query_string({UP_TO: self._place_of(rows[0])} if rows else {})
        if has_older:
            self.older = self.get_query_string({AFTER: self._place_of(rows[-1])})


def _in_utc(value: Any) -> Any:
    """As both databases keep a moment. Raises OverflowError for one that is none there: of the year 0 or 10,000."""
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC) if isinstance(value, datetime) else value


class LongListAdmin(GivenLists):
    """A list that may be of any length. It has no filter, order or search beyond those that stay cheap."""

    order: tuple[str, ...] = ("pk",)
    """One or two columns, never null and together unique, that an index has; the newest row is the greatest."""
    order_words: Mapping[str, str] = {
        "up": "Newer",
        "down": "Older",
        "upside_down": "Oldest first",
        "right": "Newest first",
    }
    """What the ways through the list are called."""
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    date_hierarchy = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LongList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if unknown := sorted(set(request.GET) - self._known_parameters(request)):
            told = f"This list knows no “{unknown[0]}”, for which its address asked: this is the whole of it."
            self.message_user(request, told, messages.WARNING)
            return redirect(request.path)
        if ERROR_FLAG in request.GET:
            told = "That address names no page of this list: this is the first one."
            self.message_user(request, told, messages.WARNING)
            return redirect(request.path)
        return super().changelist_view(request, extra_context)

    def _known_parameters(self, request: HttpRequest) -> set[str]:
        """What may be asked for, by an index each. Django would let an address ask for any column."""
        filters: Any = self.get_list_filter(request)
        of_filters = {name for one in filters for name in one.parameters}
        return {*IGNORED_PARAMS, ERROR_FLAG, AFTER, UP_TO, *of_filters}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self._known_parameters(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Those of the first rows that have the words."""
        if search_term and (last := queryset.values(*self.order)[SEARCHED_ROWS - 1 : SEARCHED_ROWS].first()):
            name = self.order[0]
            side = "gte" if str(queryset.query.order_by[0]).startswith("-") else "lte"
            queryset = queryset.filter(**{f"{name}__{side}": last[name]})
        return super().get_search_results(request, queryset, search_term)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *where: Any, **how: Any) -> Any:
        """An action is for the rows that are ticked, never for all that match: nobody saw those."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return super().response_action(request, queryset.filter(pk__in=ticked), *where, **how)
