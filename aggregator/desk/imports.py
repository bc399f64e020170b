"""Imports of lists: how far each one is, and what became of its lines. `lists` has the form that begins one."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from aggregator.curating.imports import add_next, begin_import, stop_import
from aggregator.curating.moving_in import Arrival
from aggregator.exchange.env_lines import has_website
from aggregator.models import Feed, FeedImport
from aggregator.tasks import go_on_with_imports, poll_soon
from aggregator.worker import QUEUE_AWAY, ask

PAGE_LINES = 100
"""Lines of a list on a page."""
REFRESH_SECONDS = 5
"""Between two looks of a browser at an import that comes further: a long list takes half a minute."""
STANDSTILL = timedelta(minutes=2)
"""After so long without a step, somebody should see whether the worker runs: it looks each minute."""
STANDSTILL_REFRESH_SECONDS = 60
"""Between two looks at one that doesn't."""
GOES_ON = f"{QUEUE_AWAY} Nothing is lost: it goes on with the list, and polls what was added, as soon as it can."


def begin(request: HttpRequest, arrival: Arrival, category: str) -> HttpResponse:
    """Add the first feeds of a list at once, leave the others to the worker, and lead to the import's page."""
    now = timezone.now()
    row = begin_import(
        arrival.outlines,
        category=category,
        curator=request.user.get_username(),
        now=now,
        notes=arrival.notes,
        env_lines=arrival.env_lines,
    )
    added = [line.feed.pk for line in add_next(row.pk, now) if line.kind == "added" and line.feed]
    row.refresh_from_db()
    is_asked = row.is_finished or ask(go_on_with_imports) is not None
    if added:
        is_asked = is_asked and poll_soon(added) is None
    if not is_asked:
        messages.warning(request, GOES_ON)
    response = redirect("admin:aggregator_feed_import_report", row.pk)
    response.status_code = 303
    return response


def import_report(request: HttpRequest, pk: int, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """The page of an import. While the worker is at it, browsers look again by themselves."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    row = get_object_or_404(FeedImport, pk=pk)
    stands_still = not row.is_finished and timezone.now() - row.moved_at > STANDSTILL
    page = Paginator(row.lines.looked_at(), PAGE_LINES).get_page(request.GET.get("page"))
    context = model_admin.admin_site.each_context(request) | {
        "title": "Import of a list",
        "opts": model_admin.opts,
        "may_see_feeds": model_admin.has_view_permission(request),
        "import": row,
        "progress": progress_of(row),
        "has_website": has_website(row.env_lines),
        "stands_still": stands_still,
        "page": page,
    }
    response = TemplateResponse(request, "admin/aggregator/feed/import_report.html", context)
    if not row.is_finished and page.number == 1:  # further on, somebody reads
        response["Refresh"] = str(STANDSTILL_REFRESH_SECONDS if stands_still else REFRESH_SECONDS)
    return response


def stop(request: HttpRequest, pk: int, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """Look at no more lines of an import, as its page's button says."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    row = FeedImport.objects.filter(pk=pk).first()
    if row is None:
        messages.warning(request, "This import is not here any more: its rows are kept for a while only.")
        return redirect("admin:aggregator_feed_import")
    left = stop_import(row.pk, request.user.get_username(), timezone.now())
    text = f"Stopped: {lines_in_words(left)} not looked at." if left else "It was done already."
    messages.success(request, text)
    return redirect("admin:aggregator_feed_import_report", row.pk)


def lines_in_words(count: int) -> str:
    return "one line was" if count == 1 else f"{count:,} lines were"


def progress_of(row: FeedImport) -> str:
    """How far an import is, in a sentence."""
    left = f", {row.left_count:,} not looked at" if row.left_count else ""
    counts = f"{row.added_count:,} added, {row.known_count:,} already here, {row.refused_count:,} refused{left}."
    return counts if row.is_finished else f"{row.looked_at_count:,} of {row.line_count:,} looked at: {counts}"
