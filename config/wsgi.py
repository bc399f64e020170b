"""The site as web servers call it (WSGI)."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.proxies import believing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = believing(get_wsgi_application(), settings.TRUSTED_PROXIES)
