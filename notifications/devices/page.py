"""The page of one's own devices, and the buttons on it. Everything works by plain forms; scripts only add comfort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from aggregator.desk.shown import NAME, changed_since, shown
from aggregator.worker import QUEUE_AWAY, ask
from notifications.models import Delivery, PushSubscription
from notifications.sending.admission import SILENT_REASON
from notifications.tasks import send_now

from . import subscribing, testing
from .by_mail import by_mail, locked_wish_of
from .forms import MailWishForm, MuteForm, NameForm, WishesForm, lock_choices
from .this_browser import bind, bound_hash
from .wording import answer_in_words, push_service, state_in_words

TEST_LOOK_SECONDS = 2
"""The page asks this often what became of a test; push services mostly answer within one second."""
MAX_TEST_LOOK_TIME = timedelta(seconds=30)
"""For this long; then the person looks again, or the worker is down."""
UNDER_WAY = (Delivery.State.PENDING, Delivery.State.LEASED)
MAX_DIGITS = 18
"""Of a number in an address: databases have no longer ones."""
SILENCE = ("muted_until",)


@dataclass(frozen=True, slots=True)
class Card:
    """A device as the page shows it."""

    device: PushSubscription
    service: str
    tone: str
    state: str
    is_muted: bool
    silence: str
    """What the buttons that change it send along."""
    is_this_browser: bool
    wishes: WishesForm
    naming: NameForm
    last_answer: str


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """With `?test=` and a delivery, also what became of that test; the page looks again until there is an answer."""
    test = _test_of(request)
    if test is None:
        return _page(request)
    level, sentence = answer_in_words(test)
    is_looking = test.state in UNDER_WAY and timezone.now() - test.created_at < MAX_TEST_LOOK_TIME
    if is_looking:
        level, sentence = "info", f"A test is on its way to {test.device_name}. What comes of it is shown here."
    messages.add_message(request, getattr(messages, level.upper()), sentence)
    response = _page(request)
    if is_looking:
        response.headers["Refresh"] = str(TEST_LOOK_SECONDS)
    return response


def of_own_device(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A sentence where the device isn't there any more: it was removed, perhaps in another browser."""

    @wraps(view)
    def wrapped(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            messages.warning(request, "This device is not here any more: it was removed since you opened the page.")
            return redirect("notifications:devices")

    return wrapped


@require_POST
@of_own_device
@transaction.atomic
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    form = NameForm(request.POST, instance=_locked_device(request, pk))
    if not form.is_valid():
        return _page(request, unsaved=form)
    form.save()
    messages.success(request, f"It is called “{form.instance.name}” now.")
    return redirect("notifications:devices")


@require_POST
@of_own_device
@transaction.atomic
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    device = _locked_device(request, pk)
    form = MuteForm(request.POST)
    if changed_since(device, SILENCE, request.POST.get(NAME, "")):
        told = "is silent" if device.is_muted(timezone.now()) else "speaks"
        messages.warning(request, f"Nothing was changed: {device} {told} now, unlike when you opened the page.")
    elif form.is_valid():
        device.muted_until = form.muted_until(timezone.now())
        device.save(update_fields=["muted_until"])
        if not device.muted_until:  # what its silence kept is told now
            Delivery.objects.waiting_for([device.pk]).filter(reason=SILENT_REASON).put_off(timezone.now())
        messages.success(request, f"{device} is silent now." if device.muted_until else f"{device} tells you again.")
    else:
        messages.error(request, "Choose for how long.")
    return redirect("notifications:devices")


@require_POST
@of_own_device
@transaction.atomic
def wishes(request: HttpRequest, pk: int) -> HttpResponse:
    lock_choices(request.POST, pk)
    form = WishesForm(request.POST, instance=_locked_device(request, pk))
    if not form.is_valid():
        return _page(request, unsaved=form)
    kept = form.kept()
    form.save()
    messages.success(request, f"Saved for {form.instance}.")
    if kept:
        messages.info(request, f"Changed since you opened the page, and left so: {'; '.join(kept)}.")
    return redirect("notifications:devices")


@require_POST
@transaction.atomic
def mail_wishes(request: HttpRequest) -> HttpResponse:
    form = MailWishForm(request.POST, instance=locked_wish_of(int(request.user.pk or 0)))
    if not form.is_valid():
        return _page(request, unsaved=form)
    kept = form.kept()
    form.save()
    messages.success(request, "Saved what you are told by mail.")
    if kept:
        messages.info(request, f"Changed since you opened the page, and left so: {'; '.join(kept)}.")
    return redirect("notifications:devices")


@require_POST
@of_own_device
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
@of_own_device
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Has the worker send a message the way that new posts go; the page that follows tells what comes of it."""
    try:
        delivery = testing.ask(_own_device(request, pk), timezone.now())
    except testing.NotNow as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("notifications:devices")
    if ask(send_now, delivery.pk) is None:
        messages.warning(request, f"{QUEUE_AWAY} The test goes out once it is back.")
        return redirect("notifications:devices")
    return redirect(f"{reverse('notifications:devices')}?test={delivery.pk}")


def for_curators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The login page for everybody else."""
    return admin.site.admin_view(view)


def _own_device(request: HttpRequest, pk: int) -> PushSubscription:
    return get_object_or_404(PushSubscription.objects.of(request.user), pk=pk)


def _test_of(request: HttpRequest) -> Delivery | None:
    """The test that the address asks about, if it is one to a device of this person."""
    number = request.GET.get("test", "")
    if not (number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS):
        return None
    return Delivery.objects.tests().filter(pk=number, device__user=request.user.pk).first()


def _locked_device(request: HttpRequest, pk: int) -> PushSubscription:
    """The device, which nobody else changes until the transaction ends: forms write whole rows.

    Without this, a form could bring back a device that was dropped in the meantime, or the subscription that it had
    before.
    """
    return get_object_or_404(PushSubscription.objects.of(request.user).select_for_update(), pk=pk)


def _page(request: HttpRequest, unsaved: WishesForm | NameForm | MailWishForm | None = None) -> HttpResponse:
    assert request.user.pk is not None, "only curators come here"
    own = PushSubscription.objects.of(request.user).prefetch_related("categories", "feeds")
    context = admin.site.each_context(request) | {
        "title": "My devices",
        "cards": [_card(request, device, unsaved) for device in own],
        "by_mail": by_mail(User.objects.get(pk=request.user.pk), _mail_form(unsaved)),
    }
    return TemplateResponse(request, "notifications/devices.html", context)


def _mail_form(unsaved: WishesForm | NameForm | MailWishForm | None) -> MailWishForm | None:
    return unsaved if isinstance(unsaved, MailWishForm) else None


def _card(request: HttpRequest, device: PushSubscription, unsaved: WishesForm | NameForm | MailWishForm | None) -> Card:
    now = timezone.now()
    tone, state = state_in_words(device, now)
    own = unsaved if unsaved is not None and unsaved.instance == device else None
    return Card(
        device=device,
        service=push_service(device.endpoint),
        tone=tone,
        state=state,
        is_muted=device.is_muted(now),
        is_this_browser=device.endpoint_hash == bound_hash(request),
        silence=shown(device, SILENCE),
        wishes=own if isinstance(own, WishesForm) else WishesForm(instance=device),
        naming=own if isinstance(own, NameForm) else NameForm(instance=device),
        last_answer=_last_answer(device),
    )


def _last_answer(device: PushSubscription) -> str:
    """About a notice that waits, else the last that came to an end or met trouble; empty if there is none.

    Nor is there one if a message was accepted since: those go from the log first.
    """
    own = Delivery.objects.filter(device=device)
    if own.filter(state__in=UNDER_WAY).exists():
        return "not sent yet"
    answered = own.exclude(state=Delivery.State.MERGED)
    if device.accepted_at:
        answered = answered.exclude(finished_at__lt=device.accepted_at)
    delivery: Any = answered.last()
    return answer_in_words(delivery)[1] if delivery else ""
