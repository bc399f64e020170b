"""What the page of a search and its feeds have in common: what is asked, and what is said to who gets nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from aggregator.search.deadline import TooSlow
from aggregator.search.progress import progress
from aggregator.search.query import MAX_CHARACTERS, Query, QueryError

from .caching import View
from .in_turn import Busy, InTurn, come_again, for_now

in_turn = InTurn("searches").taken
"""Search in its block."""


def is_growing() -> bool:
    """Whether the worker still reads posts of before: what is found changes then without the site's version."""
    return progress() is not None


def text_asked(request: HttpRequest) -> str:
    """What somebody wrote into the box; empty if nothing."""
    return request.GET.get("q", "").strip()


def text_of(query: Query, request: HttpRequest) -> str:
    """The query as it is written best, for links; as it was asked, if that is longer than anybody may ask."""
    text = str(query)
    return text if len(text) <= MAX_CHARACTERS else text_asked(request)


def telling(refused: Callable[[HttpRequest, int, str], HttpResponse]) -> Callable[[View], View]:
    """Makes a view that searches one which tells why there is no answer: `refused` is given a status and a sentence.

    Put it above `public_page`: none of these is the same a second later. It is a 503 where it took too long, as well: a
    reader of feeds keeps what it has then, where an empty feed would say that the posts are gone.
    """

    def answering(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except QueryError as error:
                response = refused(request, HTTPStatus.BAD_REQUEST, str(error))
            except TooSlow as error:
                response = for_now(refused(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error)))
            except Busy:
                sentence = "Many are searching at this moment. Please try again in a few seconds."
                response = come_again(refused(request, HTTPStatus.SERVICE_UNAVAILABLE, sentence))
            response["X-Robots-Tag"] = "noindex"
            return response

        return answer

    return answering
