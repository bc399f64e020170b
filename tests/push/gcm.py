"""Chromium's side of a push service: check-in and registration over HTTP, messages over a TLS line (Google's MCS).

Start Chromium with `flags`. It then shows endpoints at `https://jmt17.google.com/fcm/send/...`, whoever serves them, so
a sender needs `ServiceResolver` to find this service there.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from . import protobuf
from .mailbox import Mailbox, Parcel
from .service import GOOGLE_HOST, PushService

GOOGLE_ORIGIN = f"https://{GOOGLE_HOST}"
VERSION = bytes([41])
PING, LOGIN_REQUEST, LOGIN_RESPONSE, CLOSE, DATA_MESSAGE = 0, 2, 3, 4, 8
ANDROID_ID, SECURITY_TOKEN = 4_000_000_000_000_001, 7_000_000_000_000_001


class ServiceResolver(AbstractResolver):
    """Leads every name to the service's port on the loopback; nothing else is asked."""

    def __init__(self, service: PushService) -> None:
        self._port = service.port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        kind = socket.AF_INET
        return [ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class Gcm:
    """Use it inside of the service's `with`. It serves one browser profile."""

    def __init__(self, service: PushService) -> None:
        self.service = service
        self._mailboxes: dict[str, tuple[str, Mailbox]] = {}
        """By the application that a token was made for: a page's origin and an id."""
        self._line: asyncio.StreamWriter | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self.service.background.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.service.background.run(self._close())

    @property
    def flags(self) -> list[str]:
        return [
            f"--gcm-checkin-url={self._http}/checkin",
            f"--gcm-registration-url={self._http}/register",
            f"--gcm-mcs-endpoint=https://localhost:{self._mcs_port}",
            "--ignore-certificate-errors",
        ]

    def tokens(self) -> list[str]:
        """Of the subscriptions that live."""
        return [mailbox.token for _, mailbox in self._mailboxes.values() if not mailbox.is_gone]

    def is_connected(self) -> bool:
        return self._line is not None

    def start_over(self) -> None:
        """Make new mailboxes from now on."""
        self._mailboxes.clear()

    async def _open(self) -> None:
        application = web.Application()
        application.router.add_post("/checkin", self._check_in)
        application.router.add_post("/register", self._register)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._http = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.service.server_context)
        self._mcs_port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        await self._runner.cleanup()

    async def _check_in(self, request: web.Request) -> web.Response:
        await request.read()
        answer = (
            protobuf.number(1, 1)
            + protobuf.number(3, int(time.time() * 1000))
            + protobuf.text(4, "digest")
            + protobuf.fixed64(7, ANDROID_ID)
            + protobuf.fixed64(8, SECURITY_TOKEN)
            + protobuf.text(11, "version")
        )
        return web.Response(body=answer, content_type="application/x-protobuffer")

    async def _register(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        application = form.get("X-subtype", "")
        if form.get("delete") == "true":
            if known := self._mailboxes.get(application):
                known[1].is_gone = True
            return web.Response(text=f"token={form.get('app', '')}")
        if not application.startswith("wp:"):
            return web.Response(text="token=the-browser-itself")
        mailbox = self._mailbox(application, form["sender"], form["app"])
        return web.Response(text=f"token={mailbox.token}")

    def _mailbox(self, application: str, sender: str, category: str) -> Mailbox:
        """The application's mailbox; a new one if it subscribes with another key, or after it had left."""
        known = self._mailboxes.get(application)
        if known and known[0] == sender and not known[1].is_gone:
            return known[1]

        def bring(parcel: Parcel) -> bool:
            return self._say(DATA_MESSAGE, _stanza(parcel, sender=sender, category=category, subtype=application))

        mailbox = self.service.register(sender, bring, origin=GOOGLE_ORIGIN)
        self._mailboxes[application] = (sender, mailbox)
        return mailbox

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        # The browser may leave at any byte.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            assert await reader.readexactly(1) == VERSION
            while True:
                tag, data = await _frame(reader)
                if tag == CLOSE:
                    break
                self._hear(writer, tag, data)
        if self._line is writer:
            self._line = None
        self._writers.discard(writer)
        writer.transport.abort()

    def _hear(self, writer: asyncio.StreamWriter, tag: int, data: bytes) -> None:
        if tag == PING:
            writer.write(bytes([1, 0]))
        elif tag == LOGIN_REQUEST:
            self._line = writer
            writer.write(VERSION)
            login_id = next(value for field, value in protobuf.read(data) if field == 1)
            assert isinstance(login_id, bytes)
            self._say(LOGIN_RESPONSE, protobuf.text(1, login_id) + protobuf.number(8, int(time.time() * 1000)))
            for _, mailbox in self._mailboxes.values():
                mailbox.flush()

    def _say(self, tag: int, data: bytes) -> bool:
        if self._line is None or self._line.is_closing():
            return False
        self._line.write(bytes([tag]) + protobuf.varint(len(data)) + data)
        return True


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    tag = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return tag, await reader.readexactly(length)


def _stanza(parcel: Parcel, *, sender: str, category: str, subtype: str) -> bytes:
    """A DataMessageStanza: the encrypted body beside what says whom it is for."""
    facts = {"subtype": subtype, "content-encoding": "aes128gcm"}
    return (
        protobuf.text(2, parcel.id)
        + protobuf.text(3, sender)
        + protobuf.text(5, category)
        + b"".join(protobuf.text(7, protobuf.text(1, name) + protobuf.text(2, value)) for name, value in facts.items())
        + protobuf.text(9, parcel.id)
        + protobuf.number(17, parcel.ttl_seconds)
        + protobuf.number(18, int(time.time() * 1000))
        + protobuf.text(21, parcel.body)
    )
