"""What all that we write for other programs has in common: who may read it, and its face in a browser.

A feed that somebody opens in a browser is a wall of XML, or a file to save. So ours name a stylesheet of CSS, by which
browsers show what they are, and what is in them. There is no XSLT: browsers take that out.

They show XML by a stylesheet only if it comes as `application/xml`. As `application/atom+xml` and
`application/rss+xml`, which programs are to be told (RFC 4287 section 7), Chromium shows its source and Firefox saves
it; `text/x-opml` is shown as plain text. So who opens one as a page of its own, which browsers say in a header that no
program sends by chance (`Sec-Fetch-Dest: document`; over https, and from this machine), is sent the same bytes under
the other type. `Accept` would tell worse: readers of feeds ask for HTML in it, too, as they look for feeds in pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import escape

from aggregator.pages.caching import View, public_page

FOR_SCRIPTS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Headers: any site's script may read it."""
STYLESHEET = "css/feed.css"
AS_PAGE = "application/xml; charset=utf-8"
_HAS_FACE = re.compile(r"/(?:atom|rss20|opml)\.xml\Z|\.opml\Z")
"""At the end of an address."""
_DECLARATION = re.compile(rb"\A<\?xml[^>]*\?>\n")

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def public_document(view: View, **options: Any) -> View:
    """A public page, with its options, for other programs: any site's script may read it, as readers in browsers do."""
    page = public_page(**options)(view)

    @wraps(page)
    def document(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = page(request, *args, **kwargs)
        for name, value in FOR_SCRIPTS.items():
            response[name] = value
        return response

    return document


def with_face(document: bytes) -> bytes:
    """The XML document, which begins with its declaration, with the way to its stylesheet."""
    sheet = f'<?xml-stylesheet type="text/css" href="{escape(static(STYLESHEET))}"?>\n'
    return _DECLARATION.sub(lambda match: match[0] + sheet.encode(), document)


def shown_in_browsers(application: Application) -> Application:
    """The WSGI application, of whose answers browsers show those that have a face."""

    def site(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not _HAS_FACE.search(environ.get("PATH_INFO", "")):
            return application(environ, start_response)
        is_page = environ.get("HTTP_SEC_FETCH_DEST") == "document"

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            return start_response(status, _differing(headers, is_page=is_page), *rest)

        return application(environ, start)

    return site


def _differing(headers: Headers, *, is_page: bool) -> Headers:
    """These headers, which say that the type is another for pages."""
    varied = [value for name, value in headers if name.lower() == "vary"]
    others = [
        (name, AS_PAGE if is_page and name.lower() == "content-type" and _is_ours(value) else value)
        for name, value in headers
        if name.lower() != "vary"
    ]
    return [*others, ("Vary", ", ".join([*varied, "Sec-Fetch-Dest"]))]


def _is_ours(content_type: str) -> bool:
    return content_type.startswith(("application/atom+xml", "application/rss+xml", "text/x-opml"))
