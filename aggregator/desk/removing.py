"""Taking sources off with a reason, and the list of removed places: add one by hand, change its words, give it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from aggregator.curating.removing import NoPlace, place_named, still_there
from aggregator.ingest.text import one_line
from aggregator.models import Feed, RemovedSource

from .columns import time_ago
from .comparing import ComparedForm
from .one_change import InOneChange
from .seeing import Linked

MAX_REASON_CHARACTERS = 200
"""As many as the column takes."""
MAX_NAMED = 5
"""Feeds that a sentence names."""
APPLY = "apply"
"""Names the button that sends the reason along, and so rejects."""


class ReasonForm(forms.Form):
    """Why something is taken off. It stands on the pages that ask whether that is meant."""

    reason = forms.CharField(
        max_length=MAX_REASON_CHARACTERS,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Whoever wants to add something from there reads it: a visitor who proposes it, a curator, a log.",
    )

    def clean_reason(self) -> str:
        return one_line(self.cleaned_data["reason"], MAX_REASON_CHARACTERS)


class DeletionForm(ReasonForm):
    """Why a feed is deleted, if that is to last."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = (
            "With one, nothing from there can be added again: who tries reads it. Left empty, what isn’t rejected now "
            "can be added as if it had never been here."
        )


def reason_sent(request: HttpRequest) -> str:
    """Why something is deleted, as the page's form says; as much of it as the column takes."""
    return one_line(request.POST.get("reason", ""), MAX_REASON_CHARACTERS)


def asked_for_reason(
    request: HttpRequest, model_admin: admin.ModelAdmin[Feed], feeds: Iterable[Feed], *, kept_with: str = ""
) -> str | HttpResponse:
    """The reason why these feeds are rejected, which may be empty; or the page that asks for it.

    `kept_with` is what a page sends along of the feed that its button is for.
    """
    form = ReasonForm(request.POST if APPLY in request.POST else None)
    if form.is_valid():
        return str(form.cleaned_data["reason"])
    context = model_admin.admin_site.each_context(request) | {
        "title": "Reject",
        "opts": model_admin.opts,
        "may_see_feeds": model_admin.has_view_permission(request),
        "feeds": feeds,
        "form": form,
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "shown": kept_with,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/aggregator/feed/reject.html", context)


class RemovedSourceForm(ComparedForm):
    class Meta:
        model = RemovedSource
        fields = ("reason", "until")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if until := self.fields.get("until"):  # one who may only look has none
            for part, name in zip(getattr(until.widget, "widgets", []), ("Until: date", "Until: time"), strict=False):
                part.attrs["aria-label"] = name


class RemovedSourceAddForm(RemovedSourceForm):
    """A place that is removed by hand."""

    place = forms.CharField(
        max_length=2000,
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url", "spellcheck": "false"}),
        help_text="A host, such as spam.example, with all under its name; or a part of one: blogs.example/alice",
    )
    field_order = ("place", "reason", "until")

    def clean_place(self) -> str:
        try:
            self.instance.host, self.instance.path = place_named(self.cleaned_data["place"])
        except NoPlace as error:
            raise ValidationError(str(error)) from error
        if known := RemovedSource.objects.filter(host=self.instance.host, path=self.instance.path).first():
            raise ValidationError(_removed_already(known))
        return self.instance.place


@admin.register(RemovedSource)
class RemovedSourceAdmin(InOneChange):
    list_select_related = ("feed",)
    sortable_by = ()
    search_fields = ("host", "path", "reason__alike")
    search_help_text = "Searches places and reasons."
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    change_list_template = "admin/desk_list.html"
    stands_on = {"delete_selected": ("host", "path", "reason")}

    def get_list_display(self, request: HttpRequest) -> Any:
        return ("shown_place", "reason", "shown_until", "created", Linked("feed", request))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = RemovedSourceForm if obj else RemovedSourceAddForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: RemovedSource | None = None) -> Any:
        if obj:
            return ("shown_place", "reason", "until", "created", Linked("feed", request))
        return RemovedSourceAddForm.field_order

    def get_readonly_fields(self, request: HttpRequest, obj: RemovedSource | None = None) -> Any:
        return ("shown_place", "created", Linked("feed", request)) if obj else ()

    # -- columns -----------------------------------------------------------------------------------------------------

    @admin.display(description="place")
    def shown_place(self, row: RemovedSource) -> str:
        return row.place

    @admin.display(description="until")
    def shown_until(self, row: RemovedSource) -> str:
        if row.until is None:
            return "for good"
        is_over = row.until <= timezone.now()
        return format_html("over since {}", time_ago(row.until)) if is_over else time_ago(row.until)

    @admin.display(description="removed")
    def created(self, row: RemovedSource) -> str:
        return time_ago(row.created_at)

    # -- saving and giving back --------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: RemovedSource, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self._tell_of_those_there(request, obj)

    def _tell_of_those_there(self, request: HttpRequest, row: RemovedSource) -> None:
        feeds = list(still_there(row).by_title()[: MAX_NAMED + 1])
        if feeds:
            names = ", ".join(feed.shown_title for feed in feeds[:MAX_NAMED])
            more = " and more" if len(feeds) > MAX_NAMED else ""
            told = f"From there, these are here and stay: {names}{more}. Reject them if they are to go, too."
            self.message_user(request, told, messages.WARNING)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RemovedSource]) -> None:
        rejected = [row.feed for row in queryset.select_related("feed") if row.feed]
        super().delete_queryset(request, queryset)
        self._tell_of_rejected(request, rejected)

    def delete_model(self, request: HttpRequest, obj: RemovedSource) -> None:
        super().delete_model(request, obj)
        self._tell_of_rejected(request, [obj.feed] if obj.feed else [])

    def _tell_of_rejected(self, request: HttpRequest, feeds: list[Feed]) -> None:
        if feeds:
            names = ", ".join(feed.shown_title for feed in feeds[:MAX_NAMED])
            more = " and more" if len(feeds) > MAX_NAMED else ""
            told = f"Other feeds from there can be added again. Rejected themselves, until resumed: {names}{more}."
            self.message_user(request, told, messages.INFO)


def _removed_already(row: RemovedSource) -> str:
    address = reverse("admin:aggregator_removedsource_change", args=[row.pk])
    return format_html('<a href="{}">{}</a> is removed already.', address, row.place)
