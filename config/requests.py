"""What every request loses on its way in and every answer gets on its way out, whatever the view."""

from __future__ import annotations

import logging
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


class StrangersMistakes(logging.Filter):
    """Bad requests are lines of the log, and neither errors nor tracebacks: anybody can send as many as they like.

    Of those that came too often there are no lines at all: who refuses them says how many there were.
    """

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
        return True
