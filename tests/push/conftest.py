from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Entry
from tests.factories import make_category, make_feed
from tests.servers import FeedServer

from .rig import Rig, Rigs
from .site import PASSWORD, Blog, Site


@pytest.fixture(params=["firefox", "chromium"])
def browser_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="package")
def rigs() -> Iterator[Rigs]:
    with Rigs() as made:
        yield made


@pytest.fixture
def rig(browser_name: str, rigs: Rigs) -> Iterator[Rig]:
    with rigs.lent(browser_name) as lent:
        yield lent


@pytest.fixture
def site(live_server: LiveServer, rig: Rig, settings: LazySettings, tmp_path: Path) -> Iterator[Site]:
    """Everything runs; nobody is logged in, and the blog has one old post."""
    settings.DATA_DIR = tmp_path
    settings.WEBSITE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.PUSH_EXTRA_HOSTS = rig.extra_hosts
    settings.PUSH_QUIET_SECONDS = 0
    call_command("vapid_keys", ensure=True, stdout=StringIO())
    curator = User.objects.create_superuser("curator", password=PASSWORD)
    with FeedServer() as server:
        feed = make_feed("Northern Notes", url=server.url("/feed"), category=make_category("Python"))
        blog = Blog(server, feed)
        blog.publish("An old post")
        Entry.objects.update(announced_at=datetime.now(UTC))
        yield Site(live_server.url, rig, blog, curator)
