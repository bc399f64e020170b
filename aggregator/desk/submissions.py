"""Proposals in the admin: the list, what waits for a decision first. `submission_page` has the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from aggregator.models import Submission

from .columns import time_ago
from .given import GivenLists
from .submission_page import page_of_proposal, state_badge

_PLACES = {"waiting": 0, "asked": 1}
"""Of what is still to be decided, in the list; what is over comes after it."""


class StateFilter(admin.SimpleListFilter):
    """By state, of those that ever reached the curators."""

    title = "state"
    parameter_name = "state"
    template = "admin/choices.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        unsent = {Submission.State.LOOKING, Submission.State.READY}
        return [(str(value), str(label)) for value, label in Submission.State.choices if value not in unsent]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Submission)
class SubmissionAdmin(GivenLists):
    list_display = ("blog", "shown_state", "proof", "sent", "decided")
    list_select_related = ("decided_by", "moves")
    list_filter = (StateFilter,)
    list_per_page = 50
    sortable_by = ()
    search_fields = ("title__alike", "address")
    search_help_text = "Searches titles and addresses."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/desk_list.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        """Those that were sent off; what visitors only tried out is nobody's business."""
        sent: QuerySet[Submission] = super().get_queryset(request)
        return sent.filter(sent_at__isnull=False).defer("evidence", "note", "words", "answer")

    def get_ordering(self, request: HttpRequest) -> Any:
        """What a curator has to decide: proven ones, then those that wait longest; of what is over, the last first."""
        places = [When(state=state, then=Value(place)) for state, place in _PLACES.items()]
        is_over = Case(*places, default=Value(len(_PLACES)))
        proven = Case(When(state__in=_PLACES, then=F("proven_at")))
        waiting = Case(When(state__in=_PLACES, then=F("sent_at")))
        return [is_over.asc(), proven.asc(nulls_last=True), waiting.asc(nulls_last=True), "-decided_at", "-pk"]

    # Visitors propose; what they sent is decided upon, and is neither written nor deleted here.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    # -- columns -----------------------------------------------------------------------------------------------------

    @admin.display(description="blog")
    def blog(self, row: Submission) -> str:
        below = f"a new address of {row.moves}: {row.address}" if row.moves else row.address
        return format_html('{}<div class="below">{}</div>', row, below)

    @admin.display(description="state")
    def shown_state(self, row: Submission) -> str:
        return state_badge(row)

    @admin.display(description="proof")
    def proof(self, row: Submission) -> str:
        return "theirs" if row.proven_at else "none"

    @admin.display(description="sent")
    def sent(self, row: Submission) -> str:
        return time_ago(row.sent_at)

    @admin.display(description="decided")
    def decided(self, row: Submission) -> str:
        if row.decided_at is None or row.decided_by is None:
            return "-"
        return format_html("{} by {}", time_ago(row.decided_at), row.decided_by.get_username())

    # -- the page of one ---------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return page_of_proposal(request, object_id, model_admin=self)
