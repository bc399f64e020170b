"""How reading one source goes, for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from aggregator.models import Feed


@require_safe
@cache_control(no_cache=True)  # it changes with every look, which the site's version doesn't
def source_status(request: HttpRequest, slug: str) -> HttpResponse:
    feed = get_object_or_404(Feed.objects.public(), slug=slug)
    return render(request, "pages/source_status.html", {"feed": feed})
