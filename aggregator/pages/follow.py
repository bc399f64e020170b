"""How readers follow the site: addresses to copy, and what reads them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .caching import public_page


@public_page()
def follow(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/follow.html")
