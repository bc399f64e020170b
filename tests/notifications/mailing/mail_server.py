"""A mail server on this machine that keeps what it is given: enough of RFC 5321 for the worker to talk to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self, cast

from django.conf import LazySettings

from config.mail import in_djangos_words


@dataclass(slots=True)
class Received:
    """One mail: to whom it was handed over, and what it is."""

    to: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return cast("EmailMessage", message_from_bytes(self.raw, policy=policy.default))

    @property
    def text(self) -> str:
        return self.message.get_content()


@dataclass(eq=False)
class MailServer:
    """`answer(verb, line)` may say something else than "250": what it returns, or nothing at all if it returns b""."""

    answer: Callable[[str, str], bytes | None] = lambda verb, line: None
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        office = self

        class Line(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office.connections += 1
                office._talk(self.rfile, self.wfile)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def _talk(self, lines: Any, out: Any) -> None:
        to: list[str] = []
        if not self._say(out, "CONNECT", "", b"220 here\r\n"):
            return
        while line := lines.readline():
            text = line.decode().strip()
            verb = text.partition(" ")[0].upper()
            usual = {"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}.get(verb, b"250 fine\r\n")
            if not (said := self._say(out, verb, text, usual)) or verb == "QUIT":
                return
            if verb == "RCPT" and said.startswith(b"2"):
                to.append(text.partition("<")[2].partition(">")[0])
            if verb == "DATA" and said.startswith(b"3"):
                body = b"".join(iter(lines.readline, b".\r\n"))
                self.received.append(Received(list(to), body))
                to.clear()
                if not self._say(out, "END", "", b"250 taken\r\n"):
                    return

    def _say(self, out: Any, verb: str, text: str, usual: bytes) -> bytes:
        said = self.answer(verb, text)
        if said is None:
            said = usual
        out.write(said)
        return said


def use_server(settings: LazySettings, server: MailServer, **options: Any) -> None:
    """Have the site send its mails by this server, with other options of Django's backend if there are some."""
    usual = {"username": "", "password": "", "use_tls": False, "use_ssl": False, "timeout": 10}
    options = {"host": "127.0.0.1", "port": server.port, **usual, **options}
    for name, value in in_djangos_words("smtp.EmailBackend", **options).items():
        setattr(settings, name, value)
