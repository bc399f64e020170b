"""What the operator sees: the log of notices and deliveries, and the devices, without what anyone could send with."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from aggregator.desk.acting import ActsAsShown
from aggregator.desk.long_lists import SEARCHED_ROWS, LongListAdmin
from aggregator.desk.seeing import Linked
from notifications.delivery_log import has_sums, spans, states, totals, troubles
from notifications.devices.subscribing import remove
from notifications.devices.wording import push_service
from notifications.models import Delivery, Notice, PushSubscription

TONES: dict[str, str] = {
    Delivery.State.ACCEPTED: "good",
    Delivery.State.FAILED: "trouble",
    Delivery.State.GONE: "off",
    Delivery.State.EXPIRED: "off",
    Delivery.State.SUPPRESSED: "off",
    Delivery.State.MERGED: "off",
}


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to read."""

    class Media:
        css = {"all": ("admin/css/curating.css",)}

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    linking: tuple[str, ...] = ()
    """Fields that lead to other rows."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """With links only to what may be seen by who asks."""
        links: dict[Any, Any] = {name: Linked(name, request) for name in self.linking}
        return [links.get(name, name) for name in super().get_fields(request, obj)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutcomeFilter(admin.SimpleListFilter):
    """Deliveries of which the same became."""

    title = "What became of it"
    parameter_name = "state"
    parameters = (parameter_name,)
    template = "admin/choices.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in Delivery.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(state=self.value()) if self.value() in Delivery.State.values else queryset


@admin.register(Delivery)
class DeliveryAdmin(LongListAdmin, ReadOnlyAdmin):
    """One line for each device that a notice is for, with what its push service said."""

    list_display = ("notice", "recipient", "outcome", "answer")
    list_filter = (OutcomeFilter,)
    list_select_related = ("notice",)
    search_fields = ("device_name__alike", "service__alike", "notice__title__alike", "reason__alike")
    search_help_text = (
        f"Looks through devices, push services, notices and reasons of the first {SEARCHED_ROWS:,} lines."
    )
    fields = (
        *("notice", "announcement", "device", "device_name", "service", "state", "attempts", "next_at", "status"),
        *("reason", "returned_ttl_seconds", "latency_ms", "created_at", "finished_at"),
    )
    linking = ("notice", "device")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        now = timezone.now()
        more = {"totals": totals(now), "states": states(), "troubles": troubles(now), "has_sums": has_sums()}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.sums))
        return [path("sums/", view, name="notifications_delivery_sums"), *super().get_urls()]

    def sums(self, request: HttpRequest) -> HttpResponse:
        """What came of all messages. A page of its own: it counts the whole log, which the list never does."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        more = {"title": "What came of all messages", "spans": spans(timezone.now()), "media": self.media}
        context = {**self.admin_site.each_context(request), **more}
        return TemplateResponse(request, "admin/notifications/delivery/sums.html", context)

    @admin.display(description="to")
    def recipient(self, delivery: Delivery) -> SafeString:
        return two_lines(delivery.device_name or "a device", delivery.service)

    @admin.display(description="what became of it")
    def outcome(self, delivery: Delivery) -> SafeString:
        tone = TONES.get(delivery.state, "waiting")
        badge = format_html('<span class="badge badge-{}">{}</span>', tone, delivery.get_state_display())
        return two_lines(badge, delivery.reason)

    @admin.display(description="answer")
    def answer(self, delivery: Delivery) -> SafeString:
        """When, with which status, how long it took, and how long the push service keeps it while a browser is off."""
        is_final = delivery.finished_at is not None
        moment = f"{delivery.finished_at:%d %b %H:%M:%S}" if is_final else f"next {delivery.next_at:%d %b %H:%M:%S}"
        facts = [
            str(delivery.status or ""),
            f"{delivery.attempts} tr{'y' if delivery.attempts == 1 else 'ies'}",
            "" if delivery.latency_ms is None else f"{delivery.latency_ms} ms",
            "" if delivery.returned_ttl_seconds is None else f"kept {delivery.returned_ttl_seconds / 3600:.3g} h",
        ]
        return two_lines(moment, " · ".join(fact for fact in facts if fact))


def two_lines(first: object, second: object) -> SafeString:
    """A cell of the log: what matters, and below it the rest."""
    return format_html('{}<div class="below">{}</div>', first, second)


class CountedNotice(Protocol):
    """A notice as `NoticeAdmin` reads it: with the numbers that its query counts."""

    device_total: int
    accepted_total: int


@admin.register(Notice)
class NoticeAdmin(LongListAdmin, ReadOnlyAdmin):
    """What was said, and to how many devices."""

    list_display = (
        "title",
        "body",
        "topic",
        "entry_count",
        "device_count",
        "accepted_count",
        "clicked_at",
        "created_at",
    )
    change_list_template = "admin/long_list.html"
    search_fields = ("title__alike", "body__alike")
    search_help_text = f"Looks through the first {SEARCHED_ROWS:,} notices."
    fields = (
        "title",
        "body",
        "topic",
        "entry",
        "entry_count",
        "submission",
        "feed",
        "created_at",
        "expires_at",
        "clicked_at",
    )
    linking = ("entry", "submission", "feed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """Of each its deliveries, in the log and no longer there: counted for the rows of the page alone."""
        own = Delivery.objects.filter(notice=OuterRef("pk")).order_by().values("notice")
        accepted = own.filter(state=Delivery.State.ACCEPTED)
        totals = {
            name: Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0) + F(summed)
            for name, rows, summed in (
                ("device_total", own, "summed_count"),
                ("accepted_total", accepted, "summed_accepted_count"),
            )
        }
        return Notice.objects.annotate(**totals)

    @admin.display(description="devices")
    def device_count(self, notice: CountedNotice) -> int:
        return notice.device_total

    @admin.display(description="accepted")
    def accepted_count(self, notice: CountedNotice) -> int:
        return notice.accepted_total


@admin.register(PushSubscription)
class DeviceAdmin(ActsAsShown, ReadOnlyAdmin):
    """Everybody's devices, for superusers. Neither endpoints nor keys: with them, anyone could send."""

    list_display = ("name", "user", "service", "state", "error_count", "last_error", "accepted_at", "seen_at")
    list_filter = ("state", "text", "wants_everything", "key_id")
    list_select_related = ("user",)
    search_fields = ("name__alike", "user__username__alike")
    ordering = ("-seen_at", "pk")
    fields = (
        *("name", "user", "service", "key_id", "state", "error_count", "failing_since", "gone_at", "last_error"),
        *("created_at", "changed_at", "seen_at", "accepted_at", "expires_at", "paused_until", "muted_until"),
        *("wants_posts", "wants_proposals", "wants_held", "wants_trouble"),
        *("wants_everything", "categories", "feeds", "text", "most_a_day"),
    )
    readonly_fields = ("service",)
    stands_on = {"delete_selected": ("name", "user_id")}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nor may an address ask for their beginning, letter by letter."""
        is_secret = lookup.partition("__")[0] in {"endpoint", "p256dh", "auth"}
        return not is_secret and super().lookup_allowed(lookup, value, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As granted: else nobody could delete an account that has devices."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request: HttpRequest, obj: PushSubscription) -> None:
        """For good: a row that is only gone would come back when its browser next visits."""
        remove(obj, timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PushSubscription]) -> None:
        for device in queryset:
            self.delete_model(request, device)

    @admin.display(description="push service")
    def service(self, device: PushSubscription) -> str:
        return push_service(device.endpoint)
