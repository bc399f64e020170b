"""Public pages tell browsers and proxies what they may keep, and answer 304 when nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_safe

from aggregator.models import SiteState

from .build import build

View = Callable[..., HttpResponse]

READS = "orrery.reads"
"""Under this name `public_page` notes in a request which names of its query its page depends on."""
CACHE_SECONDS = {"max_age": 0, "s_maxage": 5, "stale_while_revalidate": 5}
"""A proxy may keep a page for five seconds, and hand out the old one while it fetches the next."""


class _PageRequest(HttpRequest):
    """A request that carries the site's state once that was read. For the types only: Django makes the requests."""

    site_state: SiteState


def site_state(request: HttpRequest) -> SiteState:
    """The site's state, read once a request and before anything else of the page.

    If it were read after the rows, a change in between would file the old page under the new version, for ever.
    """
    page_request = cast("_PageRequest", request)
    if not hasattr(page_request, "site_state"):
        page_request.site_state = SiteState.objects.current()
    return page_request.site_state


def etag_of_version(version: int) -> str:
    """The ETag of all public pages at this version of the site."""
    return f'"{build()}-{version}"'


def _etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    return etag_of_version(site_state(request).version)


def _last_modified(request: HttpRequest, *args: Any, **kwargs: Any) -> datetime | None:
    state = site_state(request)
    return state.changed_at if state.version else None  # nothing has changed yet: there is no such moment


def public_page(*, reads: Collection[str] = ()) -> Callable[[View], View]:
    """Makes a view one for everybody: GET and HEAD only, the same for all, with the site's ETag and Last-Modified.

    It depends on nothing of a request but the address, and of the query on the names that it `reads`.
    """
    names = frozenset(reads)

    def for_everybody(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            patch_cache_control(response, public=True, **CACHE_SECONDS)
            request.META[READS] = names
            return response

        return require_safe(condition(etag_func=_etag, last_modified_func=_last_modified)(page))

    return for_everybody
