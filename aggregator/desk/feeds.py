"""Feeds in the admin: the list with its actions, adding, changing, deleting. `feed_page` has the page of one feed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST, require_safe

from aggregator.curating import deciding
from aggregator.curating.adding import enroll
from aggregator.curating.feeds import delete_feeds, pause, reject, resume, revise, set_category
from aggregator.models import Entry, Feed, FeedQuerySet
from aggregator.models.feed import MANY_A_DAY

from .columns import web_link
from .feed_list import FeedList
from .feed_page import BUTTONS, page_of, posts_in_words, press
from .forms import CategoryChoiceForm, FeedAddForm, FeedChangeForm, GuestsForm
from .imports import import_report
from .imports import stop as stop_import
from .lists import add_starter_feeds, export_opml, import_list
from .polling import ask_for_polls, feeds_in_words, poll_added
from .removing import DeletionForm, asked_for_reason, reason_sent
from .rules import RuleFormSet, inlines_for, preview_asked, save_rules
from .seeing import Linked

TECHNICAL_FIELDS = (
    *("reported_title", "reported_site", "reported_id", "description", "language"),
    *("created_at", "last_polled_at", "next_poll_at", "interval_seconds", "etag", "last_modified", "body_hash"),
    *("moved_to", "looked_at", "dismissed_url", "last_error_kind", "lease"),
)


class ToAddedFeed(HttpResponseRedirect):
    """Where a curator goes after adding a feed. Tells `add_view`, which polls it, which feed that was."""

    def __init__(self, feed: Feed, address: str) -> None:
        super().__init__(address)
        self.feed = feed


@admin.register(Feed)
class FeedAdmin(FeedList):
    actions = ("poll_now", "pause", "resume", "reject", "show_held", "set_category")
    stands_on = {
        **dict.fromkeys(("pause", "resume", "reject"), ("state",)),
        "show_held": ("held_count",),
        "set_category": ("category_id",),
        "delete_selected": ("state", "title", "url", "category_id"),
    }
    view_on_site = False  # the page's own link knows which feeds have a page
    add_fieldsets = ((None, {"fields": ("url", "category", "title")}),)
    fieldsets = (
        (None, {"fields": ("title", "url", "site_url", "category", "display", "is_unlimited")}),
        (
            "Technical details",
            {
                "classes": ("collapse",),
                "fields": ("slug", *TECHNICAL_FIELDS),
            },
        ),
    )
    readonly_fields = TECHNICAL_FIELDS

    # -- actions -----------------------------------------------------------------------------------------------------

    @admin.action(description="Poll now", permissions=["change"])
    def poll_now(self, request: HttpRequest, feeds: FeedQuerySet) -> None:
        ids = list(feeds.values_list("pk", flat=True))
        ask_for_polls(request, ids)

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, feeds: FeedQuerySet) -> None:
        self._tell(request, pause(feeds, timezone.now()), "Paused", "None of them was active.")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, feeds: FeedQuerySet) -> None:
        self._tell(request, resume(feeds, timezone.now()), "Resumed", "None of them was stopped.")

    @admin.action(description="Reject…", permissions=["change"])
    def reject(self, request: HttpRequest, feeds: FeedQuerySet) -> HttpResponse | None:
        reason = asked_for_reason(request, self, feeds)
        if not isinstance(reason, str):
            return reason
        count = reject(feeds, timezone.now(), reason=reason)
        self._tell(request, count, "Rejected", "They were rejected before.")
        return None

    @admin.action(description="Show held posts", permissions=["change"])
    def show_held(self, request: HttpRequest, feeds: FeedQuerySet) -> None:
        chosen = Feed.objects.filter(pk__in=feeds.values("pk"))
        has_drifted = chosen.filter(is_drifting=True).exists()
        count = deciding.accept(chosen, timezone.now())
        if count or has_drifted:
            addition = "; the feeds are known as they are now" if has_drifted else ""
            self.message_user(request, f"{posts_in_words(count)} shown{addition}.", messages.SUCCESS)
        else:
            self.message_user(request, "No post of theirs was held.", messages.WARNING)

    @admin.action(description="Set category…", permissions=["change"])
    def set_category(self, request: HttpRequest, feeds: FeedQuerySet) -> HttpResponse | None:
        form = CategoryChoiceForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            context = self.admin_site.each_context(request) | {
                "title": "Set the category",
                "opts": self.opts,
                "may_see_feeds": self.has_view_permission(request),
                "feeds": feeds,
                "form": form,
                "checkbox_name": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/aggregator/feed/set_category.html", context)
        category = form.cleaned_data["category"]
        count = set_category(feeds, category, timezone.now())
        self.message_user(request, f"{feeds_in_words(count)} now in {category or 'no category'}.", messages.SUCCESS)
        return None

    def _tell(self, request: HttpRequest, count: int, verb: str, otherwise: str) -> None:
        if count:
            self.message_user(request, f"{verb}: {feeds_in_words(count)}.", messages.SUCCESS)
        else:
            self.message_user(request, otherwise, messages.WARNING)

    # -- the page of one feed ----------------------------------------------------------------------------------------

    @admin.display(description="site by the feed's own word")
    def reported_site(self, feed: Feed) -> str:
        return web_link(feed.reported_site_url)

    def get_fieldsets(self, request: HttpRequest, obj: Feed | None = None) -> Any:
        if not obj:
            return self.add_fieldsets
        (name, shown), *others = self.fieldsets
        if not obj.has_address:
            shown, others = {"fields": ("title", "category", "display", "slug")}, []
        if not self.has_change_permission(request, obj):
            links: dict[Any, Any] = {"category": Linked("category", request)}
            shown = {"fields": tuple(links.get(field, field) for field in shown["fields"])}
        return ((name, shown), *others)

    def get_form(self, request: HttpRequest, obj: Feed | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = (FeedChangeForm if obj.has_address else GuestsForm) if obj else FeedAddForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Feed | None = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Feed | None) -> Any:
        return inlines_for(request, obj)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With how the feed is, and with what the rules in the form would do, if that was asked for."""
        feed = Feed.objects.filter(pk=context["original"].pk).first() if context["original"] else None
        around = page_of(feed, request) if feed else {}  # what is written in the form isn't so yet
        preview = preview_asked(request, context["inline_admin_formsets"])
        return super().render_change_form(request, {**context, **around, "preview": preview}, *args, **kwargs)

    def save_formset(self, request: HttpRequest, form: Any, formset: RuleFormSet, change: bool) -> None:
        save_rules(request, formset, timezone.now())

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A category can be made beside the form; changing or deleting one there would surprise."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "category" and field:
            widget = field.widget
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
        return field

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """After saving, outside of the transaction: the worker reads the feed, and the curator hears what it found."""
        response = super().add_view(request, form_url, extra_context)
        if isinstance(response, ToAddedFeed) and not poll_added(request, response.feed):
            name = "changelist" if self.has_view_permission(request) else "add"
            return redirect(f"admin:aggregator_feed_{name}")
        return response

    def lock_rows(self, keys: Iterable[Any]) -> set[int]:
        """As everybody locks feeds."""
        return set(Feed.objects.filter(pk__in=list(keys)).locked().values_list("pk", flat=True))

    def save_model(self, request: HttpRequest, obj: Feed, form: ModelForm[Feed], change: bool) -> None:
        if change:
            revise(obj, form.changed_data, timezone.now())
        else:
            enroll(obj, timezone.now())  # its names are locked since the form was looked at

    def response_add(self, request: HttpRequest, obj: Feed, post_url_continue: str | None = None) -> HttpResponse:
        if "_addanother" in request.POST or not self.has_view_permission(request, obj):
            return ToAddedFeed(obj, reverse("admin:aggregator_feed_add"))
        return ToAddedFeed(obj, reverse("admin:aggregator_feed_change", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: Feed) -> HttpResponse:
        """Who takes a feed's limit away learns that what came before still waits, and where it is shown."""
        if obj.is_unlimited and obj.held_count and obj.held_reason == MANY_A_DAY:
            page = reverse("admin:aggregator_feed_change", args=[obj.pk])
            verb = "waits" if obj.held_count == 1 else "wait"
            told = format_html(
                '{} that came before still {}: <a href="{}">Show its held posts</a> is on its page.',
                posts_in_words(obj.held_count),
                verb,
                page,
            )
            self.message_user(request, told, messages.WARNING)
        return super().response_change(request, obj)

    # -- deleting ----------------------------------------------------------------------------------------------------

    def get_deleted_objects(
        self, objs: Iterable[Feed], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[Any], list[Any]]:
        """A line for each feed instead of one for each of its entries, which nobody may delete alone."""
        feeds = list(objs)
        entries = Entry.objects.filter(feed__in=feeds).count()
        may_delete = self.has_delete_permission(request)
        counts = {"feeds": len(feeds), "posts, also those that readers don’t see": entries}
        return feeds, counts, set() if may_delete else {"feed"}, []

    def delete_model(self, request: HttpRequest, obj: Feed) -> None:
        self.delete_queryset(request, Feed.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        delete_feeds(queryset, timezone.now(), reason=reason_sent(request))

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> Any:
        return super().render_delete_form(request, {**context, "reason_form": DeletionForm()})

    def response_action(self, request: HttpRequest, queryset: QuerySet[Feed], *where: Any, **how: Any) -> Any:
        """The page that asks whether to delete asks for a reason, too."""
        response = super().response_action(request, queryset, *where, **how)
        asked_on = getattr(response, "context_data", None)
        if asked_on is not None and self._action(request) == "delete_selected":
            asked_on["reason_form"] = DeletionForm()
        return response

    # -- more pages --------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "aggregator_feed_{}".format
        buttons = [
            path(
                f"<int:pk>/{button.verb}/",
                wrap(require_POST(partial(press, model_admin=self, button=button))),
                name=name(button.verb),
            )
            for button in BUTTONS
        ]
        lists = [
            path("import/", wrap(partial(import_list, model_admin=self)), name=name("import")),
            path(
                "import/<int:pk>/",
                wrap(require_safe(partial(import_report, model_admin=self))),
                name=name("import_report"),
            ),
            path(
                "import/<int:pk>/stop/",
                wrap(require_POST(partial(stop_import, model_admin=self))),
                name=name("import_stop"),
            ),
            path("starter/", wrap(require_POST(partial(add_starter_feeds, model_admin=self))), name=name("starter")),
            path("export/", wrap(require_GET(partial(export_opml, model_admin=self))), name=name("export")),
        ]
        return buttons + lists + super().get_urls()
