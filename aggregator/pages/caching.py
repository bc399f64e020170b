"""Public pages tell browsers and proxies what they may keep, and answer 304 when nothing changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_http_date_safe
from django.views.decorators.http import condition, require_safe

from aggregator.models import Feed, FeedQuerySet, SiteState

from .build import build

View = Callable[..., HttpResponse]

READS = "orrery.reads"
"""Under this name `public_page` notes in a request which names of its query its page depends on."""
SOURCE = "orrery.source"
"""Under this name it notes the id of the one feed that the page shows; None if it shows others, too."""
KEPT = "orrery.kept"
"""Under this name it notes whether its page may be kept: there are as many searches as anybody can think of."""
CHANGED = "orrery.changed"
"""Under this name it notes in which second that changed last, since 1970; None before the first change."""
SETTLED_AFTER_SECONDS = 600
"""By then all changes that say they happened in a second are committed, also where machines' clocks differ a little."""
_now = time.time
_STARTED_AT = _now()
"""The processes that answer are copies of one that started then, however often they are started anew."""
CACHE_SECONDS = {"max_age": 0, "s_maxage": 5, "stale_while_revalidate": 5}
"""A proxy may keep a page for five seconds, and hand out the old one while it fetches the next."""


class _PageRequest(HttpRequest):
    """A request that carries the site's state once that was read. For the types only: Django makes the requests."""

    site_state: SiteState


def site_state(request: HttpRequest, source: FeedQuerySet | None = None) -> SiteState:
    """The site's state, read once a request and before anything else of the page; with that of the page's `source`.

    If it were read after the rows, a change in between would file the old page under the new version, for ever.
    """
    page_request = cast("_PageRequest", request)
    if not hasattr(page_request, "site_state"):
        page_request.site_state = SiteState.objects.current(source)
    return page_request.site_state


def changed_at(request: HttpRequest) -> datetime:
    """When something changed of what the page shows: the site or, on a page of one source, that or what they share."""
    state = site_state(request)
    if state.source_id is None:
        return state.changed_at
    return max(state.shared_changed_at, state.source_changed_at or state.shared_changed_at)


def etag_of_version(version: int | tuple[int, int]) -> str:
    """The ETag of all public pages at this version of the site; or, of what sources share, and of one of them."""
    return f'"{build()}-{version}"' if isinstance(version, int) else f'"{build()}-{version[0]}.{version[1]}"'


def _etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    state = site_state(request)
    return etag_of_version((state.shared_version, state.source_version) if state.source_id else state.version)


def _changed_second(request: HttpRequest) -> int | None:
    # Before the first change there is no such moment.
    return int(changed_at(request).timestamp()) if site_state(request).version else None


def is_of_one_page(second: int | None) -> bool:
    """Whether a page may say that it changed in this second: no other one that this site hands out can say so.

    Some readers know only dates, and a date that two pages have would keep the newer one from them for good (RFC 9110
    section 8.8.2.2). So it isn't told while a change that began in that second may still be committed; nor if it is of
    before this process, as another build made other pages then.
    """
    return second is not None and _STARTED_AT < second < _now() - SETTLED_AFTER_SECONDS


def _last_modified(request: HttpRequest, *args: Any, **kwargs: Any) -> datetime | None:
    second = _changed_second(request)
    return datetime.fromtimestamp(second, UTC) if second is not None and is_of_one_page(second) else None


def _forget_other_dates(request: HttpRequest) -> None:
    """A date that isn't just this page's says nothing, not even a later one: a backup or a clock may have gone back."""
    date = _last_modified(request)
    if date is None or parse_http_date_safe(request.META.get("HTTP_IF_MODIFIED_SINCE", "")) != date.timestamp():
        request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
    if date is None:
        request.META.pop("HTTP_IF_UNMODIFIED_SINCE", None)


Source = Mapping[str, str] | Callable[..., FeedQuerySet]
"""Which feed a page shows: arguments of its view, as `{lookup: argument}`, or what tells it by all of them."""


def _source_of(of_source: Source, arguments: Mapping[str, Any]) -> FeedQuerySet:
    if isinstance(of_source, Mapping):
        return Feed.objects.public().filter(**{lookup: arguments[name] for lookup, name in of_source.items()})
    return of_source(**arguments)


def public_page(
    *,
    reads: Collection[str] = (),
    of_source: Source | None = None,
    is_kept: bool = True,
    is_growing: Callable[[], bool] = lambda: False,
) -> Callable[[View], View]:
    """Makes a view one for everybody: GET and HEAD only, the same for all, with the site's ETag, and a date if it may.

    It depends on nothing of a request but the address, and of the query on the names that it `reads`. `of_source` tells
    the source if the page shows a single one: its ETag stays while others post. Such a page may show of other sources
    what `touch` counts as shared, and nothing else. Where `is_kept` is false, our own memory keeps no such page. While
    `is_growing` says so, the page changes without the site's version: it has no ETag then.
    """
    names = frozenset(reads)

    def for_everybody(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            patch_cache_control(response, public=True, **CACHE_SECONDS)
            request.META[READS], request.META[SOURCE] = names, site_state(request).source_id
            request.META[CHANGED], request.META[KEPT] = _changed_second(request), is_kept
            return response

        conditional = condition(etag_func=_etag, last_modified_func=_last_modified)(page)

        @wraps(view)
        def versioned(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            site_state(request, _source_of(of_source, kwargs) if of_source else None)
            _forget_other_dates(request)
            return (page if is_growing() else conditional)(request, *args, **kwargs)

        return require_safe(versioned)

    return for_everybody
