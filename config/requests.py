"""What every request loses on its way in and every answer gets on its way out, whatever the view."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError

Handler = Callable[[HttpRequest], HttpResponseBase]

UNUSED_POWERS = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
    *("microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking"),
)
"""What browsers may not do for our pages, nor for anything that a post could bring (Permissions-Policy)."""

MISTAKES_A_MINUTE = 2
"""Lines that a process writes of strangers' bad requests: on a quiet site all of them, of a scan for old software few.
"""
MISTAKE_CHARACTERS = 120
"""As much as such a line says of what was asked for."""


FOR_ANY_HOST = ("/healthz", "/readyz")
"""Probes ask from inside of the machine or its network, by whatever name or number they have for it."""
MAX_HOSTS = 1000
"""That are remembered as named in the log."""
HOSTS_AT_ONCE = 10
"""That are named without a pause; afterwards one a minute, as anybody can think of as many as they like."""
HOST_SECONDS = 60
HOST_CHARACTERS = 100
"""Of a name, in the log."""


def answer_probes_by_any_name(get_response: Handler) -> Handler:
    """A middleware: for /healthz and /readyz it matters not how the site is called."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info in FOR_ANY_HOST:
            vars(request)["get_host"] = lambda: settings.SECURE_SSL_HOST
        return get_response(request)

    return middleware


def forget_cookies(get_response: Handler) -> Handler:
    """A middleware: readers' pages never see a cookie.

    Otherwise a broken `sessionid` or `csrftoken` would be answered with Set-Cookie, and the page couldn't be kept for
    all.
    """
    with_cookies = (f"/{settings.ADMIN_URL}", "/notifications/")

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(with_cookies):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return middleware


def add_policies(get_response: Handler) -> Handler:
    """A middleware: Permissions-Policy, and who else may load an answer: nobody, unless a view says otherwise."""
    powers = ", ".join(f"{name}=()" for name in UNUSED_POWERS)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.setdefault("Permissions-Policy", powers)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


class RefusedHosts(logging.Filter):
    """A host by which the site was asked and isn't known is named once: its operator may have forgotten it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._named: OrderedDict[str, None] = OrderedDict()
        self._may_name, self._at = float(HOSTS_AT_ONCE), clock()

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        host = request.META.get("HTTP_HOST", "")[:HOST_CHARACTERS] if request else ""
        if host in self._named or not self._has_leave():
            return False
        self._named[host] = None
        if len(self._named) > MAX_HOSTS:
            self._named.popitem(last=False)
        record.msg = "refused host=%r: ALLOWED_HOSTS doesn't name it. That is said once; it may be anybody's invention."
        record.args = (host,)
        record.exc_info = record.exc_text = None
        return True

    def _has_leave(self) -> bool:
        now = self._clock()
        self._may_name = min(HOSTS_AT_ONCE, self._may_name + (now - self._at) / HOST_SECONDS)
        self._at = now
        if self._may_name < 1:
            return False
        self._may_name -= 1
        return True


class StrangersMistakes(logging.Filter):
    """Bad requests are lines of the log, and neither errors nor tracebacks: anybody can send as many as they like.

    So there are a few lines a minute, and the next one says how many more it would have been. Of those that came too
    often there are no lines at all: who refuses them says how many there were.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._minute, self._lines, self._left_out = -1, 0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        is_refused, status = record.name.startswith("django.security"), getattr(record, "status_code", 0)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return False
        error = record.exc_info[1] if record.exc_info else None
        # A form that breaks off comes in as an error of 500, which nobody is there to read.
        if is_refused or 400 <= status < 500 or isinstance(error, UnreadablePostError):
            record.exc_info = record.exc_text = None
            if record.levelno > logging.WARNING:
                record.levelno, record.levelname = logging.WARNING, "WARNING"
            return self._is_told(record)
        return True

    def _is_told(self, record: logging.LogRecord) -> bool:
        """Whether it is one of the first of this minute. Shortened then, as an address can have kilobytes."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        if self._lines >= MISTAKES_A_MINUTE:
            self._left_out += 1
            return False
        self._lines += 1
        said, more = record.getMessage(), f" ({self._left_out} more since the last line)" if self._left_out else ""
        short = said if len(said) <= MISTAKE_CHARACTERS else f"{said[:MISTAKE_CHARACTERS]}…"
        record.msg, record.args, self._left_out = f"{short}{more}", (), 0
        return True
