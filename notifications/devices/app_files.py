"""What browsers install: the service worker and the web app manifest. Public, small, at addresses that stay.

The worker stands beside this module, so it is there wherever the code is, collected static files or not.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from notifications.sending.messages import BADGE, ICON
from notifications.vapid.keys import keyring

APP_ID = "/admin/"
"""By it, devices know the app that they have installed again, wherever ADMIN_URL has it start: so it stays."""
WORKER_PATH = Path(__file__).with_name("service_worker.js")


@cache
def _source() -> str:
    return WORKER_PATH.read_text(encoding="utf-8")


def worker_text() -> str:
    """The worker's script: its settings, then its source. It changes with the key; browsers then fetch it again."""
    current = keyring().current
    facts = {
        "siteName": settings.SITE_NAME,
        "icon": static(ICON),
        "badge": static(BADGE),
        "home": reverse("admin:index"),
        "quietPages": [reverse("admin:index"), reverse("notifications:devices")],
        "keyUrl": reverse("notifications:key"),
        "subscribeUrl": reverse("notifications:subscribe"),
        "publicKey": current.public if current else "",
    }
    return f"const SETTINGS = {json.dumps(facts, indent=2)};\n\n{_source()}"


def worker_etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(worker_text().encode()).hexdigest()[:24]}"'


@require_safe
@cache_control(no_cache=True)
@condition(etag_func=worker_etag)
def worker(request: HttpRequest) -> HttpResponse:
    return HttpResponse(worker_text(), content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes the admin an app on the home screen: the only way to be told on an iPhone or iPad."""
    start = reverse("admin:index")
    facts = {
        "id": APP_ID,
        "name": f"{settings.SITE_NAME} · curators",
        "short_name": settings.SITE_NAME,
        "start_url": start,
        "scope": reverse("front"),
        "display": "standalone",
        "background_color": "#12332b",
        "theme_color": "#12332b",
        "icons": [
            {"src": static(f"icons/notification-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ],
    }
    return JsonResponse(facts, content_type="application/manifest+json")
