"""The door of the desk. Who guesses passwords waits, longer each time, before a password is even looked at.

Two counts: by the client's address, and by the account's name, as a thousand addresses may guess at one account. And
one password at a time, as each takes a core for half a second. A curator whose account is guessed at isn't locked out
by all that: a browser that logged in before has a count and a turn of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from aggregator.limiting.clients import client_of
from aggregator.limiting.limits import Limit, admit, forget, take_back
from aggregator.limiting.refusals import Refusals
from aggregator.limiting.turns import Turn

_second, _minute = timedelta(seconds=1), timedelta(minutes=1)
BY_CLIENT = Limit("login-client", 5, _second, 15 * _minute, forgives_after=60 * _minute)
BY_ACCOUNT = Limit("login-account", 20, _second, _minute, forgives_after=60 * _minute)
BY_BROWSER = Limit("login-browser", 10, _second, 15 * _minute, forgives_after=60 * _minute)

COOKIE = "known_browser"
COOKIE_AGE = timedelta(days=365)
_SALT = "aggregator.desk.login"

_Count = tuple[Limit, str]
_refusals = Refusals("logins")
_turn_of_strangers, _turn_of_known = Turn(), Turn()


@never_cache
def login(request: HttpRequest) -> HttpResponseBase:
    """The admin's own page; a password that comes too early is answered with 429 and how long to wait."""
    if request.method != "POST":
        return admin.site.login(request)
    name = request.POST.get("username", "").strip()[:150]
    try:
        browser = _known_browser(request, name)
        with (_turn_of_known if browser else _turn_of_strangers).taken() as is_free:
            return _let_in(request, name, browser) if is_free else _refuse(request, name, 1)
    except DatabaseError:
        text = "The site can't look up passwords just now. Try again in a minute.\n"
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8")


def _let_in(request: HttpRequest, name: str, browser: str) -> HttpResponseBase:
    now, account = timezone.now(), name.casefold()
    counts = [(BY_BROWSER, browser)] if browser else [(BY_CLIENT, _client(request)), (BY_ACCOUNT, account)]
    for limit, who in counts:
        if seconds := admit(limit, who, now):
            return _refuse(request, name, seconds)
    response = admin.site.login(request)
    if isinstance(response, HttpResponseRedirect) and request.user.is_authenticated:
        _welcome(request.user, response, counts, now)
    return response


def _refuse(request: HttpRequest, name: str, seconds: int) -> HttpResponse:
    _refusals.note(f"from {_client(request)} at {_account(name)}")
    response = render(request, "429.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _welcome(user: AbstractBaseUser, response: HttpResponseBase, counts: Sequence[_Count], now: datetime) -> None:
    for limit, who in counts:
        # The client's count only goes back by one: else who has an account of his own could begin anew with it.
        if limit is BY_CLIENT:
            take_back(limit, who, now)
        else:
            forget(limit, who)
    response.set_cookie(
        COOKIE,
        signing.dumps([user.pk, _mark(user)], salt=_SALT),
        max_age=COOKIE_AGE,
        path=f"/{settings.ADMIN_URL}",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known_browser(request: HttpRequest, name: str) -> str:
    """Who this browser is, if it has logged in to that account before and the password is still the same; else ""."""
    try:
        pk, mark = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_AGE)
        user = get_user_model().objects.filter(pk=pk).first()
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    is_known = user and user.get_username().casefold() == name.casefold() and _mark(user) == mark
    return f"{pk}-{mark}-{_client(request)}" if is_known else ""


def _mark(user: AbstractBaseUser) -> str:
    """Changes with the password."""
    return user.get_session_auth_hash()[:16]


def _account(name: str) -> str:
    """For the log, which names none that isn't there: people type their passwords into the wrong field."""
    field = get_user_model().USERNAME_FIELD
    is_there = name.isprintable() and get_user_model().objects.filter(**{field: name}).exists()
    return f"the account {name[:60]!r}" if is_there else "no account of ours"


def _client(request: HttpRequest) -> str:
    return client_of(request.META.get("REMOTE_ADDR", ""))
