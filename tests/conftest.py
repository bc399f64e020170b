from __future__ import annotations

from tests.servers import elsewhere, feed_server

__all__ = ["elsewhere", "feed_server"]
