"""Lists of feeds in and out of the admin: OPML and planets' configurations are read here, OPML is written here."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from aggregator.curating.moving_in import Arrival, read_list
from aggregator.exchange.opml import write_opml
from aggregator.models import Feed, FeedImport
from aggregator.models.feed_import import KEPT_DAYS

from .forms import ImportForm
from .imports import begin, progress_of

SHOWN_IMPORTS = 10
"""Below the form. Who looks for an older one has the feeds themselves."""


@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """The form, and after a good file the way to the page that reports what was added."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, model_admin, form=ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, model_admin, form=form)
    category = form.cleaned_data["category"]
    return begin(request, form.arrival, category.name if category else "")


def add_starter_feeds(request: HttpRequest, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """Import the bundled list, as the button of an empty desk says. Where feeds are by now, the page was an old one."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if Feed.objects.exists():
        messages.warning(request, "There are feeds already, so the starter feeds were not added.")
        return redirect("admin:index")
    return begin(request, starter_feeds(), "")


def starter_feeds() -> Arrival:
    """The bundled list."""
    return read_list(settings.STARTER_OPML.read_bytes())


def export_opml(request: HttpRequest, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """The public feeds as a file."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    feeds = Feed.objects.public().with_address().with_category().by_title()
    body = write_opml(settings.SITE_NAME, feeds, now=timezone.now())
    return HttpResponse(
        body,
        content_type="text/x-opml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="feeds.opml"'},
    )


def _page(request: HttpRequest, model_admin: admin.ModelAdmin[Feed], *, form: ImportForm) -> HttpResponse:
    context = model_admin.admin_site.each_context(request) | {
        "title": "Import feeds",
        "opts": model_admin.opts,
        "may_see_feeds": model_admin.has_view_permission(request),
        "media": model_admin.media,
        "form": form,
        "kept_days": KEPT_DAYS,
        "imports": [(row, progress_of(row)) for row in FeedImport.objects.lately()[:SHOWN_IMPORTS]],
    }
    return TemplateResponse(request, "admin/aggregator/feed/import_opml.html", context)
