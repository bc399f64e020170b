"""How long posts are kept here, in words for readers and for curators; and the page of one that is kept no longer."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from aggregator.models import Entry


class _KeptNoLonger(HttpResponse):
    status_code = HTTPStatus.GONE
    _has_been_logged = True
    """Else Django would write a line into the log for each visitor, and search engines come for years."""


def kept_in_words() -> str:
    """To follow "Posts are kept here": "for 90 days"; empty if they are kept for ever."""
    days, per_feed = settings.KEEP_ENTRIES_DAYS, settings.KEEP_ENTRIES_PER_FEED
    told = [f"for {'one day' if days == 1 else f'{days:,} days'}"] if days else []
    if per_feed:
        newest = "of each source the newest one" if per_feed == 1 else f"of each source the newest {per_feed:,}"
        told.append(newest)
    return ", and ".join(told)


def kept_no_longer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a post that was let go: 410, and where it may still be read. Raises Http404 for any other."""
    gone = (
        Entry.objects.with_feed()
        .of_public_feeds()
        .filter(pk=pk, emptied_at__isnull=False, is_hidden=False, is_held=False, is_filtered=False)
        .first()
    )
    if gone is None:
        raise Http404
    page = render_to_string("pages/post_let_go.html", {"entry": gone, "kept": kept_in_words()}, request)
    return _KeptNoLonger(page)
