"""How browsers and other programs search this site: a description in the form of OpenSearch 1.1."""

from __future__ import annotations

from textwrap import shorten

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from aggregator.exchange.outgoing import printable

from .caching import public_page

SHORT_NAME_CHARACTERS, LONG_NAME_CHARACTERS = 16, 48
"""The most that the description's form allows of each."""
CONTENT_TYPE = "application/opensearchdescription+xml; charset=utf-8"


@public_page()
def description(request: HttpRequest) -> HttpResponse:
    context = {"long_name": fitting(f"Posts of {printable(settings.SITE_NAME)}", LONG_NAME_CHARACTERS)}
    return render(request, "pages/opensearch.xml", context, content_type=CONTENT_TYPE)


def short_name() -> str:
    """How a browser names our search. Pages that lead to the description must name it so, too: Firefox compares."""
    return fitting(printable(settings.SITE_NAME), SHORT_NAME_CHARACTERS)


def fitting(name: str, characters: int) -> str:
    """The name, or of a longer one the words that fit; of a first word that is too long itself, the beginning."""
    return shorten(name, characters, placeholder="") or name[:characters]
