"""The web server: `python -m config.web_server`. How it listens comes from the environment or `.env`, as all settings.

One process loads the site and starts the others, which answer; one that ends is started anew. It is waitress, as a
slow client takes no thread there (`receiving`).
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connections
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from aggregator.keeping.in_use import NotNow, in_use
from config.environment import ended_by_bad_settings, env, read_count, read_port
from config.proxies import unread_variable
from config.receiving import Server

with ended_by_bad_settings():
    from config.wsgi import application

logger = logging.getLogger("config.web_server")

HOST = env.str("HOST", default="") or "127.0.0.1"
with ended_by_bad_settings():
    PORT = read_port()
    PROCESSES = read_count("WEB_WORKERS", default=2)

THREADS = 4
"""Of each process."""
MAX_CONNECTIONS = 2000
"""Of each process; fewer where the system allows it fewer open files. Each takes a few kilobytes."""
MAX_REQUESTS = 5000
"""Then a process starts anew, so a leak of memory lasts only for a while."""
IDLE_SECONDS = 75
"""That a connection may wait for its next request, or its reader may take in nothing. Proxies keep theirs a minute."""
STOP_SECONDS = 10
"""For requests that are under way when the server is told to stop."""
RESTART_SECONDS = 1
"""Between the starts of processes, where one ended at once: a fault that stays must not keep the machine busy."""
FILES_BESIDE_CONNECTIONS = 200
"""Databases, long answers and forms that wait on the disk."""


def main() -> None:
    """Answer requests until SIGTERM or Ctrl-C."""
    try:
        with in_use(settings.DATA_DIR):
            line = _listen()
            logger.info("The web server listens at http://%s:%s with %s processes.", HOST, PORT, PROCESSES)
            if unread := unread_variable():
                logger.warning(unread.strip())
            _Processes(line).keep()
    except NotNow as error:
        sys.exit(str(error))


def _listen() -> socket.socket:
    family = socket.AF_INET6 if ":" in HOST else socket.AF_INET
    try:
        return socket.create_server((HOST, PORT), family=family, backlog=1024)
    except OSError as error:
        sys.exit(f"The web server can't listen at {HOST}:{PORT}: {error.strerror}. PORT=9000 takes another port.")


class _Processes:
    """The processes that answer: started anew when they end, until the first of them is told to stop."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._started_at: dict[int, float] = {}
        self._is_stopping = False

    def keep(self) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while not self._is_stopping or self._started_at:
            while not self._is_stopping and len(self._started_at) < PROCESSES:
                self._start()
            self._wait()

    def _start(self) -> None:
        # A signal that came between the two would find no handler, or that of the first process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _answer(self._line, parent)
        self._started_at[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    def _wait(self) -> None:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            return
        started_at = self._started_at.pop(pid, 0.0)
        if status and not self._is_stopping:
            logger.error("A process of the web server ended with status %s and is started anew.", status)
            if time.monotonic() - started_at < RESTART_SECONDS:
                time.sleep(RESTART_SECONDS)

    def _stop(self, *_: object) -> None:
        self._is_stopping = True
        for pid in self._started_at:
            os.kill(pid, signal.SIGTERM)


_STOPS = {signal.SIGTERM, signal.SIGINT}


def _answer(line: socket.socket, parent: int) -> None:
    """A process's whole life: answer at this socket, then end it."""
    status = 1
    try:
        server = _server(line)
        server.parent = parent  # not asked for here: it may have ended meanwhile
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one tells the others
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        server.serve(STOP_SECONDS)
        server.task_dispatcher.wait(STOP_SECONDS)
        connections.close_all()
        status = 0
    except Exception:
        logger.exception("a process of the web server failed")
    finally:
        logging.shutdown()
        os._exit(status)


class Threads(ThreadedTaskDispatcher):
    """The threads that work on requests; each closes its connections at its end.

    Only the thread that opened one can. The last that is closed has SQLite write into its file what stands beside it.
    """

    def __init__(self) -> None:
        self._running: list[threading.Thread] = []
        super().__init__()

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        def work() -> None:
            try:
                target(thread_no)
            finally:
                connections.close_all()

        thread = threading.Thread(target=work, name=f"waitress-{thread_no}", daemon=True)
        self._running.append(thread)
        thread.start()

    def wait(self, seconds: float) -> None:
        """Until all have ended, but no longer than that: what a request does may hang."""
        until = time.monotonic() + seconds
        for thread in self._running:
            thread.join(max(until - time.monotonic(), 0))


def _server(line: socket.socket) -> Server:
    adjustments = Adjustments(
        sockets=[line],
        threads=THREADS,
        ident="",
        connection_limit=_connection_limit(),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=1,
        max_request_header_size=32 * 2**10,
        clear_untrusted_proxy_headers=False,  # config.wsgi knows whom to trust
    )
    threads = Threads()
    threads.set_thread_count(THREADS)
    address = (line.family, line.type, line.proto, line.getsockname())
    return Server(
        application,
        {},
        True,
        line.dup(),
        dispatcher=threads,
        adj=adjustments,
        sockinfo=address,
        bind_socket=False,
        requests=MAX_REQUESTS,
    )


def _connection_limit() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + FILES_BESIDE_CONNECTIONS
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return max(allowed - FILES_BESIDE_CONNECTIONS, allowed // 2)


if __name__ == "__main__":
    main()
