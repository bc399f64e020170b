"""Why a post is or isn't here: the answer to one address, from our rows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def why(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/why.html")
