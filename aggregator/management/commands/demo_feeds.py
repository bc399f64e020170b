"""`manage.py demo_feeds`: the demo's feed server alone."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from queue import SimpleQueue
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from aggregator.demo.library import load_library
from aggregator.demo.registering import register_feeds
from aggregator.demo.server import HOST, DemoServer


class Command(BaseCommand):
    help = "Serves the bundled demo blogs on loopback and publishes a new post every minute, until it is stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8765, help="port on 127.0.0.1 (default: 8765)")
        parser.add_argument("--every", type=int, default=60, metavar="SECONDS", help="time between posts (default: 60)")
        parser.add_argument("--register", action="store_true", help="add the feeds and have them polled")

    def handle(self, **options: Any) -> None:
        if options["every"] < 1:
            raise CommandError("--every takes one second or more.")
        stop = _stop_on_signals()
        server = _open_server(options["port"], options["every"])
        with server.answering():
            self._print_addresses(server)
            if options["register"]:
                self._register(server)
            server.publish_until(stop)

    def _print_addresses(self, server: DemoServer) -> None:
        self.stdout.write(f"The demo's blogs are at {server.base_url}/ (a new post every {server.every_seconds} s):")
        for blog in server.library.blogs:
            self.stdout.write(f"  {server.base_url}{blog.known_path}  {blog.title}")
        self.stdout.flush()

    def _register(self, server: DemoServer) -> None:
        for refusal in register_feeds(server.library, server.base_url):
            self.stderr.write(refusal)


def _open_server(port: int, every_seconds: int) -> DemoServer:
    diary_path = settings.DATA_DIR / "demo_feeds.json"
    try:
        return DemoServer(load_library(), diary_path, port=port, every_seconds=every_seconds, clock=timezone.now)
    except OSError as error:
        trouble = f"The demo's feeds can't be served at {HOST}:{port} ({error.strerror})."
        way_out = f"Choose another port: DEMO_FEEDS_PORT={port + 1} make demo, or --port {port + 1}."
        raise CommandError(f"{trouble} {way_out}") from error


def _stop_on_signals() -> SimpleQueue[int]:
    # Not an Event: its set() deadlocks in a handler that interrupts its own wait(). A SimpleQueue may be interrupted.
    stop: SimpleQueue[int] = SimpleQueue()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.put(number)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop
