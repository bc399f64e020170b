"""What the page's script and the service worker ask, in JSON. The server's rows are the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from aggregator.limiting.limits import Limit
from aggregator.limiting.strangers import Strangers
from notifications.push_services import check_endpoint
from notifications.vapid.keys import check_subscription_keys, keyring

from . import subscribing
from .incoming import MAX_POST_BYTES, Malformed, Offer, read_offer, read_standing, read_withdrawal
from .limits import is_within_limit
from .naming import device_name
from .this_browser import bind, bound_hash

MAX_SUBSCRIBES_PER_HOUR = 30
"""By one person, who subscribes once for each browser."""
MAX_SYNCS_PER_HOUR = 120
"""By one person, whose browsers ask while pages of the admin are opened."""

UNSUBSCRIBES_OF_STRANGERS = Limit("unsubscribe", 20, timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1))
"""By one address: whose login has ended may still say that a browser is to be told no more."""
_strangers = Strangers("unsubscribes of strangers", UNSUBSCRIBES_OF_STRANGERS)

View = Callable[[HttpRequest], HttpResponse]
CuratorView = Callable[[HttpRequest, User], HttpResponse]


def refuse(status: HTTPStatus, sentence: str, **facts: object) -> JsonResponse:
    return JsonResponse({"error": sentence, **facts}, status=status)


def curators_only(view: CuratorView) -> View:
    """Hands the curator to the view. Others get a 403 in JSON: a script would take the login page for a success."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated or not (user.is_active and user.is_staff):
            return refuse(HTTPStatus.FORBIDDEN, "Log in as a curator first.")
        return view(request, user)

    return wrapped


def json_only(view: View) -> View:
    """The body is small JSON, or the answer a 4xx that says what is wrong with it."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.content_type != "application/json":
            return refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "application/json is expected.")
        if _is_too_long(request):
            return refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"That is longer than {MAX_POST_BYTES} bytes.")
        try:
            return view(request)
        except Malformed as malformed:
            return refuse(HTTPStatus.BAD_REQUEST, str(malformed))

    return wrapped


def _is_too_long(request: HttpRequest) -> bool:
    try:
        return len(request.body) > MAX_POST_BYTES
    except RequestDataTooBig:  # Django reads no further; let go, it would stand in the log as an error of ours
        return True


@never_cache
@require_POST
@json_only
@curators_only
def subscribe(request: HttpRequest, curator: User) -> HttpResponse:
    """Takes in the browser's subscription; 409 says in words why not, and with `rotate` that a new one is needed."""
    now = timezone.now()
    if not is_within_limit("subscribe", curator.pk, max_per_hour=MAX_SUBSCRIBES_PER_HOUR, now=now):
        return refuse(HTTPStatus.TOO_MANY_REQUESTS, "That was often enough for now: try again in an hour.")
    offer = _checked_offer(request.body)
    name = device_name(request.headers.get("User-Agent", ""))
    previous = offer.previous_hash or bound_hash(request)
    try:
        device = subscribing.subscribe(curator, offer, ring=keyring(), name=name, previous_hash=previous, now=now)
    except subscribing.Refused as refused:
        is_outdated = isinstance(refused, subscribing.UnknownKey | subscribing.Ended)
        return refuse(HTTPStatus.CONFLICT, refused.sentence, rotate=is_outdated)
    bind(request, device.endpoint_hash)
    return JsonResponse({"known": True, "state": device.state, "name": device.name})


def _checked_offer(body: bytes) -> Offer:
    """An offer that a message could be sent to; raises Malformed."""
    offer = read_offer(body)
    try:
        check_endpoint(offer.endpoint, settings.PUSH_EXTRA_HOSTS)
        check_subscription_keys(offer.p256dh, offer.auth)
    except ValueError as error:
        raise Malformed(f"This subscription can't be used: {error}.") from error
    return offer


@never_cache
@require_POST
@json_only
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """Removes the device. Done twice it is no error, and neither is an endpoint that nobody knows."""
    now, withdrawal = timezone.now(), read_withdrawal(request.body)
    user = request.user if request.user.is_authenticated else None
    if user is None and (seconds := _strangers.seconds_to_wait(request.META.get("REMOTE_ADDR", ""), now)):
        answer = refuse(HTTPStatus.TOO_MANY_REQUESTS, f"That was often enough for now: try again in {seconds} seconds.")
        answer["Retry-After"] = str(seconds)
        return answer
    is_removed = subscribing.withdraw(user, withdrawal, now)
    bind(request, "")
    return JsonResponse({"removed": is_removed})


@never_cache
@require_POST
@json_only
@curators_only
def sync(request: HttpRequest, curator: User) -> HttpResponse:
    """Tells the browser whether its subscription is known, must be made anew, or must be given up."""
    now = timezone.now()
    if not is_within_limit("sync", curator.pk, max_per_hour=MAX_SYNCS_PER_HOUR, now=now):
        return refuse(HTTPStatus.TOO_MANY_REQUESTS, "That was often enough for now.")
    standing = read_standing(request.body)
    advice = subscribing.advise(curator, standing, ring=keyring(), now=now)
    if standing.endpoint_hash:
        bind(request, standing.endpoint_hash if advice.known else "")
    return JsonResponse(asdict(advice))


@never_cache
@require_GET
@curators_only
def key(request: HttpRequest, curator: User) -> HttpResponse:
    """What the service worker needs to subscribe again by itself; it can't read a page."""
    current = keyring().current
    if current is None:
        return refuse(HTTPStatus.NOT_FOUND, "The site has no key for push messages yet.")
    return JsonResponse({"public_key": current.public, "key_id": current.id, "csrf_token": get_token(request)})
