from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from .mail_server import MailServer, use_server


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    """The site's mail server, which takes everything."""
    with MailServer() as server:
        settings.HAS_MAIL = True
        use_server(settings, server)
        settings.DEFAULT_FROM_EMAIL = "planet@planet.example"
        yield server
