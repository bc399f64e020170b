"""Which requests may bring a body, and how long it may be. Where none belongs, not a byte of it is read.

Otherwise anybody could keep the site busy with bodies that never end: Django reads a form before it looks who sent it.
Two walls ask here: the web server, before a thread hears of the request, and a middleware, behind other web servers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

MAX_LIST_BYTES = 6 * 2**20
"""Of a list of feeds that a curator brings: the largest that is read (5 MiB), and what a form puts around it."""
MAX_MESSAGE_BYTES = 16 * 2**10
"""Of what browsers' scripts post: a subscription is shorter than 4 KiB. The view names its own limit."""


MAX_PROPOSAL_BYTES = 4 * 2**10
"""Of what strangers write to curators."""


@dataclass(frozen=True, slots=True)
class Place:
    """Addresses that begin alike and take bodies by POST."""

    prefix: str
    max_bytes: int
    cookie: str = ""
    """Who has none of this name can't be let in by the view either."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to who sends a body that isn't read: a status and a plain sentence."""

    status: HTTPStatus
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)


def places() -> tuple[Place, ...]:
    """All addresses that take bodies; of two that match, the first counts."""
    desk, cookie = f"/{settings.ADMIN_URL}", settings.CSRF_COOKIE_NAME
    return (
        Place(f"{desk}aggregator/feed/import/", MAX_LIST_BYTES, cookie=cookie),
        Place(desk, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, cookie=cookie),
        Place("/notifications/push/", MAX_MESSAGE_BYTES),
        Place("/submit/", MAX_PROPOSAL_BYTES),
    )


def place_of(path: str) -> Place | None:
    """Where a path is that takes bodies; None where it takes none."""
    return next((place for place in places() if path.startswith(place.prefix)), None)


def refusal_of(method: str, path: str, length: int | None, cookies: str | None) -> Refusal | None:
    """Why the body of a request isn't read; None if it may be, or if there is none.

    `length` is in bytes, None where the sender doesn't tell (chunks); `cookies` is the header as it came, None to leave
    it to the view.
    """
    if length == 0:
        return None
    if method in ("GET", "HEAD"):
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{method} takes no body, and none was read.")
    place = place_of(path)
    if place is None or method != "POST":
        sentence = "This address takes no such request; its body was not read."
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, sentence, {"Allow": "GET, HEAD, POST" if place else "GET, HEAD"})
    if place.cookie and cookies is not None and f"{place.cookie}=" not in cookies:
        return Refusal(HTTPStatus.FORBIDDEN, "Open the form in this browser first; cookies must be allowed.")
    if length is not None and length > place.max_bytes:
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {place.max_bytes} bytes are read here.")
    return None


def refuse_bodies(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The middleware: answers in the place of views, before anything of the body is read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        refusal = refusal_of(request.method or "", request.path_info, _length(request), None)
        if refusal is None:
            return get_response(request)
        headers = {"Content-Type": "text/plain; charset=utf-8", **refusal.headers}
        return HttpResponse(f"{refusal.sentence}\n", status=refusal.status, headers=headers)

    return middleware


def _length(request: HttpRequest) -> int | None:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return None
    written = request.headers.get("Content-Length", "") or "0"
    return int(written) if written.isdecimal() else None
