"""The page of one's own devices, and the buttons on it. Everything works by plain forms; scripts only add comfort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Delivery, PushSubscription
from notifications.sending.delivering import test_push
from notifications.tasks import send_and_wait

from . import subscribing
from .forms import MuteForm, NameForm, WishesForm, lock_choices
from .this_browser import bind, bound_hash
from .wording import answer_in_words, push_service, state_in_words

TEST_WAIT_SECONDS = 10
"""A page may take this long; push services mostly answer within one second."""


@dataclass(frozen=True, slots=True)
class Card:
    """A device as the page shows it."""

    device: PushSubscription
    service: str
    tone: str
    state: str
    is_muted: bool
    is_this_browser: bool
    wishes: WishesForm
    last_answer: str


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@transaction.atomic
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    form = NameForm(request.POST, instance=_locked_device(request, pk))
    if form.is_valid():
        form.save()
        messages.success(request, f"It is called “{form.instance.name}” now.")
    else:
        messages.error(request, "A name has 1 to 80 characters.")
    return redirect("notifications:devices")


@require_POST
@transaction.atomic
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    device = _locked_device(request, pk)
    form = MuteForm(request.POST)
    if form.is_valid():
        device.muted_until = form.muted_until(timezone.now())
        device.save(update_fields=["muted_until"])
        messages.success(request, f"{device} is silent now." if device.muted_until else f"{device} tells you again.")
    else:
        messages.error(request, "Choose for how long.")
    return redirect("notifications:devices")


@require_POST
@transaction.atomic
def wishes(request: HttpRequest, pk: int) -> HttpResponse:
    lock_choices(request.POST, pk)
    form = WishesForm(request.POST, instance=_locked_device(request, pk))
    if not form.is_valid():
        return _page(request, unsaved=form)
    form.save()
    messages.success(request, f"Saved for {form.instance}.")
    return redirect("notifications:devices")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    device = _own_device(request, pk)
    subscribing.remove(device, timezone.now())
    if device.endpoint_hash == bound_hash(request):
        bind(request, "")
    messages.success(request, f"{device} is no longer told of new posts.")
    return redirect("notifications:devices")


@require_POST
def remove_all(request: HttpRequest) -> HttpResponse:
    """Removes all devices of the person; with `keep`, all but the one that he sits at."""
    doomed = PushSubscription.objects.of(request.user)
    if request.POST.get("keep") == "this":
        doomed = doomed.exclude(endpoint_hash=bound_hash(request))
    else:
        bind(request, "")
    count = 0
    for device in doomed:
        subscribing.remove(device, timezone.now())
        count += 1
    devices = "1 device is" if count == 1 else f"{count} devices are"
    messages.success(request, f"{devices} no longer told of new posts.")
    return redirect("notifications:devices")


@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a message the way that new posts go, and says what the push service answered."""
    delivery = test_push(_own_device(request, pk), timezone.now())
    send_and_wait(delivery.pk, TEST_WAIT_SECONDS)
    delivery.refresh_from_db()
    level, sentence = answer_in_words(delivery)
    messages.add_message(request, getattr(messages, level.upper()), sentence)
    return redirect("notifications:devices")


def for_curators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The login page for everybody else."""
    return admin.site.admin_view(view)


def _own_device(request: HttpRequest, pk: int) -> PushSubscription:
    return get_object_or_404(PushSubscription.objects.of(request.user), pk=pk)


def _locked_device(request: HttpRequest, pk: int) -> PushSubscription:
    """The device, which nobody else changes until the transaction ends: forms write whole rows.

    Without this, a form could bring back a device that was dropped in the meantime, or the subscription that it had
    before.
    """
    return get_object_or_404(PushSubscription.objects.of(request.user).select_for_update(), pk=pk)


def _page(request: HttpRequest, unsaved: WishesForm | None = None) -> HttpResponse:
    own = PushSubscription.objects.of(request.user).prefetch_related("categories", "feeds")
    context = admin.site.each_context(request) | {
        "title": "My devices",
        "cards": [_card(request, device, unsaved) for device in own],
    }
    return TemplateResponse(request, "notifications/devices.html", context)


def _card(request: HttpRequest, device: PushSubscription, unsaved: WishesForm | None) -> Card:
    now = timezone.now()
    tone, state = state_in_words(device, now)
    is_unsaved = unsaved is not None and unsaved.instance == device
    return Card(
        device=device,
        service=push_service(device.endpoint),
        tone=tone,
        state=state,
        is_muted=device.is_muted(now),
        is_this_browser=device.endpoint_hash == bound_hash(request),
        wishes=unsaved if unsaved and is_unsaved else WishesForm(instance=device),
        last_answer=_last_answer(device),
    )


def _last_answer(device: PushSubscription) -> str:
    """About the last notice that came to an end or met trouble; empty if there is none.

    Nor is there one if a message was accepted since: those go from the log first.
    """
    answered = Delivery.objects.filter(device=device).exclude(state__in=["pending", "leased"])
    if device.accepted_at:
        answered = answered.exclude(finished_at__lt=device.accepted_at)
    delivery: Any = answered.last()
    return answer_in_words(delivery)[1] if delivery else ""
