"""The list of feeds: trouble first, in whole words. `feeds` has what can be done with them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ShowFacets
from django.db.models import QuerySet
from django.http import HttpRequest

from aggregator.models import Feed

from . import columns
from .filters import CategoryFilter, KindFilter, OrderFilter, feeds_with_kind, order_of
from .one_change import InOneChange

MAX_AT_ONCE = 50
"""Feeds of which an action moves the posts, too, while a curator waits: as many as stand on a page."""
MOVING_POSTS = ("reject", "show_held", "delete_selected")


class FeedList(InOneChange):
    list_display: Any = ("name", "state_and_trouble", "category", "polls", "posts")
    list_select_related = ("category",)
    list_filter = (KindFilter, ("category", CategoryFilter), OrderFilter)
    list_per_page = 50
    sortable_by = ()
    search_fields = ("title__alike", "url", "site_url")
    search_help_text = "Searches titles and addresses."
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    change_list_template = "admin/desk_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feed]:
        return feeds_with_kind()

    def get_ordering(self, request: HttpRequest) -> Any:
        return order_of(request)

    @admin.display(description="feed")
    def name(self, feed: Feed) -> str:
        return columns.title_and_address(feed)

    @admin.display(description="state")
    def state_and_trouble(self, feed: Feed) -> str:
        return columns.state_and_trouble(feed)

    @admin.display(description="last good poll")
    def polls(self, feed: Feed) -> str:
        return columns.polls(feed)

    @admin.display(description="posts shown")
    def posts(self, feed: Feed) -> str:
        return columns.posts(feed)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Feed], *where: Any, **how: Any) -> Any:
        """What moves posts isn't done for all feeds that match: it could hold up pages and polls for minutes."""
        chosen = queryset
        if request.POST.get("select_across") in {None, "", "0"}:
            chosen = queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        if self._action(request) in MOVING_POSTS and chosen[MAX_AT_ONCE : MAX_AT_ONCE + 1]:
            told = f"Nothing was done: that takes at most {MAX_AT_ONCE} feeds at a time, as posts go with them."
            self.message_user(request, told, messages.WARNING)
            return None
        return super().response_action(request, queryset, *where, **how)
