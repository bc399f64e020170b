"""Where a click on a notification leads: an address of ours that knows the way on."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from aggregator.models import Feed, Submission
from notifications.models import AnnouncedEntry, Kind, Notice, PushSubscription, Stream

from .desk_places import may_read, page

MAX_LISTED_ENTRIES = 100
"""Their numbers stand in one address, and addresses must not be too long."""


@never_cache
@require_safe
def landing(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes the first click of a curator and shows him the news; others log in before. Never leads off the site."""
    notice = get_object_or_404(Notice.objects.select_related("entry"), pk=pk)
    if not (request.user.is_active and getattr(request.user, "is_staff", False)):
        response: HttpResponse = redirect_to_login(request.path, reverse("admin:login"))
    else:
        Notice.objects.filter(pk=pk, clicked_at=None).update(clicked_at=timezone.now())
        response = redirect(_news_url(notice, request))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _desk_url(notice: Notice, request: HttpRequest) -> str:
    """The page of the one thing that it is about, or the list of its kind, as far as the person may read them."""
    for model, key in ((Submission, notice.submission_id), (Feed, notice.feed_id)):
        if key is not None and may_read(request, model):
            return page(model, "change", key)
    kinds = notice.kinds.split(",")
    if kinds == [Kind.PROPOSALS] and may_read(request, Submission):
        return page(Submission, "changelist")
    if Kind.PROPOSALS not in kinds and may_read(request, Feed):
        return page(Feed, "changelist") + ("?health=holding" if kinds == [Kind.HELD] else "")
    return reverse("admin:index")


def _news_url(notice: Notice, request: HttpRequest) -> str:
    """The entry's page, or the list of the entries; in the admin for those who may read entries there."""
    is_desk = _reads_the_desk(request)
    if not notice.announcement_id:
        return reverse("notifications:devices")
    if notice.topic == Stream.DESK:
        return _desk_url(notice, request)
    if notice.entry_count > 1 and is_desk:
        return reverse("admin:aggregator_entry_changelist") + _filter(notice, request)
    if notice.entry is None or notice.entry_count > 1:
        return reverse("front")
    if is_desk:
        return reverse("admin:aggregator_entry_change", args=[notice.entry.pk])
    return notice.entry.get_absolute_url()


def _filter(notice: Notice, request: HttpRequest) -> str:
    """Narrows the list to what the person was told of, unless that is too much for an address."""
    announced = AnnouncedEntry.objects.within(notice.span).order_by("entry_id")
    own = PushSubscription.objects.of(request.user)
    # A day later the log no longer knows which device was told: then it may have been any of them.
    devices = list(own.filter(deliveries__notice=notice)[:1]) or list(own)
    if devices and not any(device.wants_everything for device in devices):
        categories = PushSubscription.categories.through.objects.filter(pushsubscription__in=devices)
        feeds = PushSubscription.feeds.through.objects.filter(pushsubscription__in=devices)
        of_category = Q(entry__feed__category__in=categories.values("category"))
        announced = announced.filter(of_category | Q(entry__feed__in=feeds.values("feed")))
    numbers = [str(number) for number in announced.values_list("entry_id", flat=True)[: MAX_LISTED_ENTRIES + 1]]
    return f"?pk__in={','.join(numbers)}" if 0 < len(numbers) <= MAX_LISTED_ENTRIES else ""


def _reads_the_desk(request: HttpRequest) -> bool:
    may = request.user.has_perm
    return bool(may("aggregator.view_entry") or may("aggregator.change_entry"))
