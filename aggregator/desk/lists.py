"""Lists of feeds in and out of the admin: an OPML file is read here, and written here."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from aggregator.curating.lists import ListReport, add_many
from aggregator.exchange.opml import write_opml
from aggregator.models import Feed
from aggregator.tasks import poll_feeds_now

from .forms import OpmlImportForm


@require_http_methods(["GET", "HEAD", "POST"])
def import_opml(request: HttpRequest, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """The form, or after a good file the report of what was added."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, model_admin, form=OpmlImportForm())
    form = OpmlImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, model_admin, form=form)
    return _page(request, model_admin, report=_add_all(form))


def export_opml(request: HttpRequest, *, model_admin: admin.ModelAdmin[Feed]) -> HttpResponse:
    """The public feeds as a file."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    feeds = Feed.objects.public().with_category().by_title()
    body = write_opml(settings.SITE_NAME, feeds, now=timezone.now())
    return HttpResponse(
        body,
        content_type="text/x-opml; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="feeds.opml"'},
    )


def _add_all(form: OpmlImportForm) -> ListReport:
    category = form.cleaned_data["category"]
    report = add_many(form.outlines, category=category.name if category else None)
    if report.added:
        poll_feeds_now([feed.pk for feed in report.added])
    return report


def _page(request: HttpRequest, model_admin: admin.ModelAdmin[Feed], **content: object) -> HttpResponse:
    context = model_admin.admin_site.each_context(request) | {
        "title": "Import feeds",
        "opts": model_admin.opts,
        "media": model_admin.media,
        **content,
    }
    return TemplateResponse(request, "admin/aggregator/feed/import_opml.html", context)
