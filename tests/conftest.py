from __future__ import annotations

from hypothesis import settings

from tests.browsers import chromium
from tests.servers import elsewhere, feed_server

__all__ = ["chromium", "elsewhere", "feed_server"]

# How long an example takes says what else the machine is doing.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
