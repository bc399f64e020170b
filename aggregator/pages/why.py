"""Why a post is or isn't here: the answer to one address, from our rows.

What is asked is nobody's business: it is neither stored nor logged, and the answer is kept nowhere.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from aggregator.whereabouts.answer import answer
from aggregator.whereabouts.asked import NotAnAddress, as_shown, read

from .in_turn import Busy, InTurn, come_again
from .keeping import kept_in_words

BUSY = "Many are asking at this moment. Please try again in a few seconds."


class _Answer(HttpResponse):
    """Kept nowhere."""

    _has_been_logged = True
    """Else Django would write a line into the log for each that is refused."""


_in_turn = InTurn("questions for an address")


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """The form; and the answer, if an address is asked for."""
    text = request.GET.get("url", "")
    if not text.strip():
        response = render(request, "pages/why.html")
        patch_cache_control(response, no_cache=True)
        return response
    try:
        return _page(request, text, _answered(text))
    except NotAnAddress as error:
        return _page(request, text, {"refusal": str(error)}, HTTPStatus.BAD_REQUEST)
    except Busy:
        return come_again(_page(request, text, {"refusal": BUSY, "is_busy": True}))


def _answered(text: str) -> dict[str, Any]:
    """What the template is told. Raises NotAnAddress, and Busy."""
    asked = read(text, settings.WEBSITE_URL)
    with _in_turn.taken():
        return {"answer": answer(asked), "now": timezone.now(), "kept": kept_in_words()}


def _page(request: HttpRequest, text: str, context: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    limits = {"per_feed": settings.FRONT_PAGE_ENTRIES_PER_FEED, "on_front": settings.FRONT_PAGE_ENTRIES}
    page = render_to_string("pages/why.html", {"asked": as_shown(text), **limits, **context}, request)
    response = _Answer(page, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
