"""Servers that a test stops and starts again, each at a port of its own, as an operator's servers come and go."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from pathlib import Path
from typing import Protocol, Self

from tests.needs import need_program
from tests.patience import wait_until
from tests.processes import answers
from tests.proxies import free_port


class Stoppable(Protocol):
    port: int

    def start(self) -> None: ...

    def stop(self) -> None: ...


class RedisServer:
    """A Redis that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._command = [need_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._folder = folder

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=self._folder, stdout=subprocess.DEVNULL)
        wait_until(lambda: answers(self.port))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Relay:
    """Another port for a server that isn't the test's to stop: stopped, it ends all connections and takes none."""

    def __init__(self, host: str, port: int) -> None:
        self.port = free_port()
        self._goal = (host, port)
        self._lines: list[socket.socket] = []

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def stop(self) -> None:
        lines, self._lines = [self._listener, *self._lines], []
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self._goal)
            except OSError:
                return
            self._lines += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=[source, sink], daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
