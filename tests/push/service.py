"""A strict push service on a loopback address, over TLS: what RFC 8030, 8291 and 8292 ask of a sender, it checks.

    with PushService() as service:
        public, private = new_vapid_key()
        subscription = service.new_subscription(public)              # a browser that is online
        subscription.endpoint, subscription.p256dh, subscription.auth
        ...                                                          # send: service.ssl_context, service.extra_host
        service.received[0].json["notification"]["title"]            # accepted and decrypted, in order of arrival
        service.attempts[0].status, .reason                          # each POST, whatever was answered

        subscription.go_offline()                                    # accepted messages wait, if their TTL is not 0
        subscription.go_online()                                     # and arrive: subscription.inbox
        subscription.unsubscribe()                                   # 410 from now on
        service.script(subscription.token, [Scripted(429, {"Retry-After": "120"}), Scripted(hangs=True)])

A scripted answer is given to one POST each, before any check; then the service is strict again. Real browsers are
attached by `register` with a courier that brings them the encrypted body; see `autopush` and `gcm`.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.certificates import Authority

from .background import Background
from .mailbox import Courier, Mailbox, Parcel
from .post_check import check_post
from .user_agent import Undecryptable, UserAgent, to_bytes
from .vapid_check import Refused

MAX_TTL_SECONDS = 30 * 86400
GOOGLE_HOST = "jmt17.google.com"
"""Where Chromium says its endpoints are, when its messaging server is not the usual one."""


@dataclass(frozen=True, slots=True)
class Scripted:
    """What to answer instead of what would be right."""

    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    delay_seconds: float = 0
    hangs: bool = False
    """Never answer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A POST, and what became of it."""

    token: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    status: int
    reason: str
    at: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Received:
    """An accepted message."""

    token: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    plaintext: bytes | None
    """None if only a real browser has the keys."""
    ttl_seconds: int
    urgency: str
    topic: str
    claims: Mapping[str, object]

    @property
    def json(self) -> Any:
        assert self.plaintext is not None
        return json.loads(self.plaintext)


@dataclass(eq=False, slots=True)
class Subscription:
    """A browser of the test's own making."""

    endpoint: str
    token: str
    user_agent: UserAgent
    mailbox: Mailbox
    is_online: bool = True
    inbox: list[bytes] = field(default_factory=list)
    """Plaintexts that have come to the browser."""

    @property
    def p256dh(self) -> str:
        return self.user_agent.p256dh

    @property
    def auth(self) -> str:
        return self.user_agent.auth

    def as_json(self) -> dict[str, object]:
        """What PushSubscription.toJSON() gives."""
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def go_offline(self) -> None:
        self.is_online = False

    def go_online(self) -> None:
        self.is_online = True
        self.mailbox.flush()

    def unsubscribe(self) -> None:
        self.mailbox.is_gone = True

    def take(self, parcel: Parcel) -> bool:
        if self.is_online:
            self.inbox.append(self.user_agent.decrypt(parcel.body))
        return self.is_online


class PushService:
    """See the module's docstring."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.received: list[Received] = []
        self.attempts: list[Attempt] = []
        self.port = 0
        self._clock = clock
        self._mailboxes: dict[str, Mailbox] = {}
        self._scripts: dict[str, list[Scripted]] = {}
        self._agents: dict[str, UserAgent] = {}

    def __enter__(self) -> Self:
        with tempfile.TemporaryDirectory(prefix="orrery-push-") as folder:
            authority = Authority(Path(folder))
            self.ssl_context: ssl.SSLContext = authority.trusted()
            self.server_context = authority.server_context("localhost")
            google_context = authority.server_context(GOOGLE_HOST)
        self.server_context.sni_callback = lambda line, name, _: (
            setattr(line, "context", google_context) if name == GOOGLE_HOST else None
        )
        self.background = Background()
        self.background.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.background.run(self._runner.cleanup())
        self.background.close()

    @property
    def extra_host(self) -> str:
        """For PUSH_EXTRA_HOSTS."""
        return f"localhost:{self.port}"

    @property
    def origin(self) -> str:
        return f"https://{self.extra_host}"

    def new_subscription(self, vapid_public_key: str) -> Subscription:
        """A browser that subscribed with this VAPID key (base64url), and is online."""
        subscription = Subscription("", "", UserAgent(), Mailbox("", b"", "", lambda _: False))
        subscription.mailbox = self.register(vapid_public_key, subscription.take)
        subscription.token = subscription.mailbox.token
        subscription.endpoint = f"{self.origin}/wpush/v2/{subscription.token}"
        self._agents[subscription.token] = subscription.user_agent
        return subscription

    def register(self, vapid_public_key: str, courier: Courier, *, origin: str = "") -> Mailbox:
        """A place for a browser's messages; `origin` is what its endpoint shows, if not this service's own."""
        mailbox = Mailbox.new(to_bytes(vapid_public_key), origin or self.origin, courier)
        self._mailboxes[mailbox.token] = mailbox
        return mailbox

    def script(self, token: str, answers: Iterable[Scripted]) -> None:
        """Give these answers to the next POSTs for `token`, one each."""
        self._scripts.setdefault(token, []).extend(answers)

    async def _open(self) -> None:
        application = web.Application()
        application.router.add_post("/wpush/v2/{token}", self._post)
        application.router.add_post("/fcm/send/{token}", self._post)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.server_context)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _post(self, request: web.Request) -> web.Response:
        token, body = request.match_info["token"], await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        if script := self._scripts.get(token):
            return await self._play(script.pop(0), token, headers, body)
        try:
            received = self._accept(token, headers, body)
        except Refused as refusal:
            self._note(token, headers, body, refusal.status, refusal.reason)
            return web.json_response({"code": refusal.status, "message": refusal.reason}, status=refusal.status)
        self._note(token, headers, body, 201, "")
        location = f"{self.origin}/m/{len(self.received)}"
        return web.Response(status=201, headers={"Location": location, "TTL": str(received.ttl_seconds)})

    async def _play(self, scripted: Scripted, token: str, headers: Mapping[str, str], body: bytes) -> web.Response:
        if scripted.hangs:
            self._note(token, headers, body, 0, "no answer")
            await asyncio.Event().wait()
        await asyncio.sleep(scripted.delay_seconds)
        self._note(token, headers, body, scripted.status, "scripted")
        return web.Response(status=scripted.status, headers=scripted.headers, text=scripted.body)

    def _accept(self, token: str, headers: Mapping[str, str], body: bytes) -> Received:
        """The message, stored or brought to the browser; Refused with what is wrong with it."""
        mailbox = self._mailboxes.get(token)
        if mailbox is None:
            raise Refused(404, "no such subscription")
        checked = check_post(mailbox, headers, body, now=self._clock())
        ttl_seconds = min(checked.ttl_seconds, MAX_TTL_SECONDS)
        agent = self._agents.get(token)
        plaintext = _read(agent, body) if agent else None
        received = Received(
            token, headers, body, plaintext, ttl_seconds, checked.urgency, checked.topic, checked.claims
        )
        mailbox.put(Parcel(body, ttl_seconds, checked.topic))
        self.received.append(received)
        return received

    def _note(self, token: str, headers: Mapping[str, str], body: bytes, status: int, reason: str) -> None:
        self.attempts.append(Attempt(token, headers, body, status, reason, self._clock()))


def _read(agent: UserAgent, body: bytes) -> bytes:
    """A real service could not look; here a message that no browser could read is refused at once."""
    try:
        return agent.decrypt(body)
    except Undecryptable as error:
        raise Refused(400, str(error)) from error
