from __future__ import annotations

from tests.servers import feed_server

__all__ = ["feed_server"]
