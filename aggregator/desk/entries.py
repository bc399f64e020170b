"""Posts in the admin: the list, the page of one post, and the buttons that hide, show and choose it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import strip_tags
from django.views.decorators.http import require_POST

from aggregator.curating.entries import choose, choose_no_more, hide, unhide
from aggregator.folding.locks import lock_posts
from aggregator.models import Entry, EntryQuerySet, Feed, site_change

from .columns import COPIES, STANDING, OnTheSite, standing, time_ago, web_link
from .copies import copies_of
from .entry_filters import DayFilter, FeedFilter, NewsFilter, StandingFilter
from .entry_search import HELP, found_in
from .guests import guest_post
from .long_lists import LongListAdmin
from .one_change import InOneChange
from .seeing import Linked, may_see
from .shown import NAME, changed_since, gone

VERBS = {"hide": hide, "unhide": unhide, "choose": choose, "choose_no_more": choose_no_more}
"""What the buttons of a post do, by the last part of their addresses."""
VERBS_OF_FEED_PAGE = ("hide", "unhide")
"""Those that stand beside the post on its feed's page; the others stand on its own page."""


@admin.register(Entry)
class EntryAdmin(LongListAdmin, InOneChange):
    """Entries are their authors'; a curator may only hide them, and choose which of several copies is shown.

    Deleted, they would come back with the next poll.
    """

    list_select_related = ("feed", *COPIES)
    list_filter = (StandingFilter, FeedFilter, DayFilter, NewsFilter)
    search_fields = ("title",)  # so that there is a box; `entry_search` looks
    search_help_text = HELP
    order = ("timeline_at", "pk")
    change_list_template = "admin/long_list.html"
    actions = ("hide", "unhide")
    stands_on = dict.fromkeys(actions, STANDING)
    view_on_site = False
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("is_hidden", "on_the_site", "feed", "shown_title", "link", "author"),
                    *("shown_at", "published_at", "excerpt"),
                ),
                "description": "A post can't be deleted: the next poll would bring it back. Hide it instead; hidden, "
                "it is on no page and in no feed of this site.",
            },
        ),
        (
            "As it is stored",
            {
                "classes": ("collapse",),
                "fields": (
                    *("content_html", "tags", "guid", "source_title", "source_url", "language", "first_seen_at"),
                    *("updated_at", "edit_count", "announced_at"),
                ),
            },
        ),
    )

    # -- what may be done --------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Entry | None = None) -> list[str]:
        """All but the one that hides."""
        return [name for name in flatten_fieldsets(self.get_fieldsets(request, obj)) if name != "is_hidden"]

    def get_fieldsets(self, request: HttpRequest, obj: Entry | None = None) -> Any:
        """With links for who asks in place of the names of the fields that have some."""
        links: dict[Any, Any] = {"on_the_site": OnTheSite(request), "feed": Linked("feed", request)}
        return [
            (name, {**options, "fields": tuple(links.get(field, field) for field in options["fields"])})
            for name, options in self.fieldsets
        ]

    # -- the list ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return Entry.objects.without_content()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        return found_in(request, queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["shown_title", Linked("feed", request), "shown_at", OnTheSite(request)]

    @admin.display(description="title")
    def shown_title(self, entry: Entry) -> str:
        return entry.shown_title

    @admin.display(description="shown at")
    def shown_at(self, entry: Entry) -> str:
        return time_ago(entry.timeline_at)

    @admin.display(description="link")
    def link(self, entry: Entry) -> str:
        return web_link(entry.url)

    # -- the page of one entry ----------------------------------------------------------------------------------------

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With a link to the page that readers have of it, unless they have none, and with buttons if it has copies."""
        entry = Entry.objects.without_content().filter(pk=context["original"].pk).first()
        is_listed = entry is not None and Entry.objects.listed().filter(pk=entry.pk).exists()
        around = {
            "public_url": entry.get_absolute_url() if entry and is_listed else "",
            **(copies_of(entry) if entry else {}),
        }
        return super().render_change_form(request, {**context, **around}, *args, **kwargs)

    def lock_rows(self, keys: Iterable[Any]) -> set[int]:
        """As everybody does who hides, shows or folds entries."""
        entries = Entry.objects.filter(pk__in=list(keys)).order_by()
        list(Feed.objects.filter(pk__in=entries.values_list("feed_id", flat=True)).locked())
        lock_posts(list(entries.values_list("pk", flat=True)))
        return set(entries.values_list("pk", flat=True))

    def now_in_words(self, request: HttpRequest, row: Entry, names: Iterable[str]) -> str:
        return strip_tags(standing(row, request)) or "shown"

    # -- hiding and choosing -----------------------------------------------------------------------------------------

    @admin.action(description="Hide", permissions=["change"])
    def hide(self, request: HttpRequest, entries: EntryQuerySet) -> None:
        count = hide(entries, timezone.now())
        self.message_user(request, f"{_entries(count)} hidden.", messages.SUCCESS)

    @admin.action(description="Show", permissions=["change"])
    def unhide(self, request: HttpRequest, entries: EntryQuerySet) -> None:
        count = unhide(entries, timezone.now())
        self.message_user(request, f"{_entries(count)} shown again.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: Entry, form: ModelForm[Entry], change: bool) -> None:
        if "is_hidden" in form.changed_data:  # to save the page of a held post is not to show it
            hide_or_show = hide if obj.is_hidden else unhide
            hide_or_show(Entry.objects.filter(pk=obj.pk), timezone.now())

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        buttons = [
            path(
                f"<int:pk>/{verb}/",
                wrap(require_POST(partial(self.press, verb=verb))),
                name=f"aggregator_entry_{verb}",
            )
            for verb in VERBS
        ]
        guest = path("guest/", wrap(partial(guest_post, model_admin=self)), name="aggregator_entry_guest")
        return [*buttons, guest, *super().get_urls()]

    def press(self, request: HttpRequest, pk: int, *, verb: str) -> HttpResponse:
        """Do what the button says with this entry, if it is as the page showed it, and come back to that page."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        with site_change():
            self.lock_rows([pk])
            entry = Entry.objects.without_content().filter(pk=pk).first()
            if entry is None:
                return gone(request, self)
            if changed_since(entry, STANDING, request.POST.get(NAME, "")):
                self.tell_changed(request, [entry], STANDING)
            else:
                VERBS[verb](Entry.objects.filter(pk=pk), timezone.now())
                self.log_change(request, entry, f"Pressed “{verb}”.")
        if verb in VERBS_OF_FEED_PAGE and may_see(request, Feed):
            return redirect("admin:aggregator_feed_change", entry.feed_id)
        return redirect("admin:aggregator_entry_change", pk)


def _entries(count: int) -> str:
    return "One entry" if count == 1 else f"{count} entries"
