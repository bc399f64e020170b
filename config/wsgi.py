"""The site as web servers call it (WSGI)."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.proxies import believing, in_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_site = get_wsgi_application()  # from here on, what is ours can be imported

from aggregator.pages.own_templates import refuse_broken  # noqa: E402
from aggregator.pages.stored import StoredPages  # noqa: E402
from aggregator.syndication.documents import shown_in_browsers  # noqa: E402

refuse_broken()

application = believing(
    shown_in_browsers(StoredPages(in_utf8(_site))),
    settings.TRUSTED_PROXIES,
    settings.SECURE_SSL_HOST if settings.SECURE_SSL_REDIRECT else "",
)
