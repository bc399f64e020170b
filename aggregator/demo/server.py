"""The demo's feed server: loopback only, one post after the other until it is told to stop."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import unquote, urlsplit

from .library import Library, Post
from .publishing import next_slot, publish_next, read_diary, write_diary
from .site import Site, conditional

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"

PLANET_DELAY_SHARE = 0.75
"""Of the interval: a planet carries a post before the next one is out, but not at once."""

Clock = Callable[[], datetime]


class DemoServer(ThreadingHTTPServer):
    """Listens once made (raises OSError if the port is taken); answers within `with server.answering():`."""

    daemon_threads = True

    def __init__(self, library: Library, diary_path: Path, *, port: int, every_seconds: int, clock: Clock) -> None:
        super().__init__((HOST, port), _Handler)
        self.library = library
        self.every_seconds = every_seconds
        self.clock = clock
        self.base_url = f"http://{HOST}:{self.server_port}"
        self.site = Site(library, self.base_url, timedelta(seconds=every_seconds * PLANET_DELAY_SHARE))
        self._diary_path = diary_path
        self.diary = read_diary(diary_path, now=clock())
        write_diary(diary_path, self.diary)

    def publish(self) -> Post:
        """Bring out the next post, now."""
        diary, post = publish_next(self.library, self.diary, self.clock().replace(microsecond=0))
        write_diary(self._diary_path, diary)
        self.diary = diary
        logger.info("published post=%s", post.key)
        return post

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer requests within the block; at its end the port is free again."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()
            self.server_close()

    def publish_until(self, stop: SimpleQueue[int]) -> None:
        """Bring out a post at each slot until something is put into `stop`."""
        while True:
            try:
                stop.get(timeout=self._seconds_to_wait())
            except Empty:
                self.publish()
            else:
                return

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs up early is no fault of ours; anything else is told as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def _seconds_to_wait(self) -> float:
        now = self.clock()
        return (next_slot(now, self.every_seconds) - now).total_seconds()


class _Handler(BaseHTTPRequestHandler):
    server: DemoServer
    server_version = "OrreryDemo"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, template: str, *args: object) -> None:
        logger.debug("request from=%s line=%s", self.address_string(), template % args)

    def _answer(self, *, with_body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        answer = self.server.site.answer(path, self.server.diary, self.server.clock())
        answer = conditional(answer, {name.lower(): value for name, value in self.headers.items()})
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)
