"""A site whose ADMIN_URL is another than before, as after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import reload
from typing import Any

from django.conf import LazySettings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import clear_url_caches
from pytest_django.live_server_helper import LiveServer

import config.urls
import notifications.urls


@contextmanager
def the_desk_at(admin_url: str, settings: LazySettings, server: LiveServer | None = None) -> Iterator[None]:
    before = settings.ADMIN_URL, settings.LOGIN_REDIRECT_URL
    _move(admin_url, f"/{admin_url}", settings)
    _start_again(server)
    try:
        yield
    finally:
        _move(*before, settings)
        _start_again(server)


def _start_again(server: LiveServer | None) -> None:
    """Middleware asks for settings once; of the live server's three handlers, one in the other, each has its own."""
    handler: Any = server.thread.httpd.get_app() if server else None
    assert server is None or isinstance(handler, WSGIHandler), "another test has left its own application there"
    while isinstance(handler, WSGIHandler):
        handler.load_middleware()
        handler = getattr(handler, "application", None)


def _move(admin_url: str, home: str, settings: LazySettings) -> None:
    settings.ADMIN_URL, settings.LOGIN_REDIRECT_URL = admin_url, home
    reload(notifications.urls)
    reload(config.urls)
    clear_url_caches()
