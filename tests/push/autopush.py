"""Firefox's side of a push service: the WebSocket over which a browser registers and receives.

Point Firefox's `dom.push.serverURL` at `url`. Endpoints and the checks of senders are the `PushService`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

from .mailbox import Mailbox, Parcel
from .service import PushService
from .user_agent import to_text

DECRYPTED, UNDECRYPTABLE = 100, 101
"""Codes of acknowledgments: read and handed to the service worker, or thrown away."""
PERMISSION_TAKEN_BACK = 202
"""A code of unregistering."""


@dataclass(eq=False, slots=True)
class Client:
    """A browser profile, known by its uaid; its channels live on while it is off."""

    uaid: str
    socket: web.WebSocketResponse | None = None
    channels: dict[str, Mailbox] = field(default_factory=dict)
    unacknowledged: dict[str, tuple[Mailbox, Parcel]] = field(default_factory=dict)
    sending: set[asyncio.Task[None]] = field(default_factory=set)

    def say(self, message: dict[str, Any]) -> bool:
        """Send it, in order; False if the browser is off."""
        if self.socket is None or self.socket.closed:
            return False
        task = asyncio.get_running_loop().create_task(self._send(self.socket, message))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)
        return True

    async def _send(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):  # what it was is still unacknowledged, and comes again
            await socket.send_json(message)

    def leave(self, socket: web.WebSocketResponse) -> None:
        """Keep what was sent on a line that broke before the browser had it."""
        if self.socket is not socket:
            return
        self.socket = None
        for mailbox, parcel in self.unacknowledged.values():
            if parcel.ttl_seconds:
                mailbox.waiting.append(parcel)
        self.unacknowledged.clear()


class Autopush:
    """Use it inside of the service's `with`."""

    def __init__(self, service: PushService) -> None:
        self.service = service
        self.codes: list[int] = []
        """Of the browser's acknowledgments, in order; `DECRYPTED` is what one hopes for."""
        self.unregistered: list[int] = []
        """Why channels ended: 200 by a page, 201 by quota, 202 because the permission was taken back."""
        self._clients: dict[str, Client] = {}

    def __enter__(self) -> Self:
        self.service.background.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.service.background.run(self._runner.cleanup())

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._runner.addresses[0][1]}/"

    def tokens(self) -> list[str]:
        """Of the subscriptions that live."""
        mailboxes = (mailbox for client in self._clients.values() for mailbox in client.channels.values())
        return [mailbox.token for mailbox in mailboxes if not mailbox.is_gone]

    def is_connected(self) -> bool:
        return any(client.socket is not None for client in self._clients.values())

    def forget_browsers(self) -> None:
        """Lose every profile, as a real service does with browsers it has not seen for months."""
        for client in self._clients.values():
            for mailbox in client.channels.values():
                mailbox.is_gone = True
        self._clients.clear()

    def start_over(self) -> None:
        """Note what browsers say from now on."""
        self.codes.clear()
        self.unregistered.clear()

    async def _open(self) -> None:
        application = web.Application()
        application.router.add_get("/", self._connect)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("push-notification",))
        await socket.prepare(request)
        client = Client("")
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    client = await self._answer(client, socket, message.json())
        finally:
            client.leave(socket)
        return socket

    async def _answer(self, client: Client, socket: web.WebSocketResponse, said: dict[str, Any]) -> Client:
        match said.get("messageType"):
            case "hello":
                client = self._greet(said.get("uaid", ""), socket)
            case "register":
                self._register(client, said)
            case "unregister":
                self._unregister(client, said)
            case "ack":
                self._acknowledge(client, said["updates"])
            case "nack":
                self._acknowledge(client, [said])
            case "broadcast_subscribe":
                pass
            case _:
                client.say({})  # a ping
        return client

    def _greet(self, uaid: str, socket: web.WebSocketResponse) -> Client:
        """The known client, or one with a new uaid: then Firefox drops the subscriptions that it had."""
        client = self._clients.get(uaid) or Client(uuid.uuid4().hex)
        self._clients[client.uaid] = client
        client.socket = socket
        hello = {"messageType": "hello", "uaid": client.uaid, "status": 200, "use_webpush": True, "broadcasts": {}}
        client.say(hello)
        for mailbox in client.channels.values():
            mailbox.flush()
        return client

    def _register(self, client: Client, said: dict[str, Any]) -> None:
        channel = said["channelID"]

        def bring(parcel: Parcel) -> bool:
            client.unacknowledged[parcel.id] = (mailbox, parcel)
            return client.say(_notification(channel, parcel)) or not client.unacknowledged.pop(parcel.id)

        mailbox = self.service.register(said["key"], bring)
        client.channels[channel] = mailbox
        endpoint = f"{self.service.origin}/wpush/v2/{mailbox.token}"
        client.say({"messageType": "register", "channelID": channel, "status": 200, "pushEndpoint": endpoint})

    def _unregister(self, client: Client, said: dict[str, Any]) -> None:
        client.channels.pop(said["channelID"]).is_gone = True
        self.unregistered.append(said.get("code", 0))
        client.say({"messageType": "unregister", "channelID": said["channelID"], "status": 200})

    def _acknowledge(self, client: Client, updates: list[dict[str, Any]]) -> None:
        for update in updates:
            client.unacknowledged.pop(update["version"], None)
            self.codes.append(update["code"])


def _notification(channel: str, parcel: Parcel) -> dict[str, Any]:
    message: dict[str, Any] = {"messageType": "notification", "channelID": channel, "version": parcel.id}
    message["ttl"] = parcel.ttl_seconds
    if parcel.body:
        message |= {"data": to_text(parcel.body), "headers": {"encoding": "aes128gcm"}}
    return message
