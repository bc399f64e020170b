from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from .mail_server import MailServer


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    """The site's mail server, which takes everything."""
    with MailServer() as server:
        settings.HAS_MAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 10
        settings.DEFAULT_FROM_EMAIL = "planet@planet.example"
        yield server
