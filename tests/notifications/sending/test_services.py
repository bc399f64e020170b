"""What differs from one push service to the next, and servers that are none: answered by a server of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from notifications.sending.push import Sender
from notifications.sending.types import Answer, Message, Problem
from notifications.vapid.keys import KeyRing, VapidKey
from tests.certificates import Authority
from tests.notifications.resolving import CONTACT, Fixed
from tests.patience import PATIENCE_SECONDS
from tests.push.user_agent import UserAgent

KEY = VapidKey.new()
AGENT = UserAgent()
MESSAGE = Message("", AGENT.p256dh, AGENT.auth, KEY.id, b"{}", 60, "normal", "")
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Host:
    """Sends messages to endpoints of one name, which a handler (or plain talk) on the loopback answers."""

    def __init__(
        self, folder: Path, name: str, *, days_left: int = 30, timeout_seconds: float = PATIENCE_SECONDS
    ) -> None:
        authority = Authority(folder)
        self.name = name
        self._timeout_seconds = timeout_seconds
        self._context = authority.server_context(name, days_left=days_left)
        self._trusted = authority.trusted()

    def ask(self, handler: Handler, *paths: str) -> list[Answer]:
        """The answers to a message for each path."""

        async def work() -> list[Answer]:
            runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._context)
            await site.start()
            try:
                return await self._send(runner.addresses[0][1], paths)
            finally:
                await runner.cleanup()

        return asyncio.run(work())

    def talk(self, talk: Talk) -> Answer:
        """The answer to one message, from a server that speaks as `talk` does."""

        async def work() -> Answer:
            server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=self._context)
            async with server:
                (answer,) = await self._send(server.sockets[0].getsockname()[1], ["/x"])
                return answer

        return asyncio.run(work())

    async def _send(self, port: int, paths: Sequence[str]) -> list[Answer]:
        resolver = Fixed("127.0.0.1", port=port)
        sender = Sender(
            KeyRing(KEY),
            contact=CONTACT,
            extra_hosts=[self.name],
            resolver=resolver,
            ssl_context=self._trusted,
            timeout_seconds=self._timeout_seconds,
        )
        messages = [replace(MESSAGE, endpoint=f"https://{self.name}{path}") for path in paths]
        async with sender:
            return await asyncio.gather(*(sender.send(message) for message in messages))


def headers_sent_to(folder: Path, name: str) -> dict[str, str]:
    seen: list[dict[str, str]] = []

    async def note(request: web.BaseRequest) -> web.Response:
        seen.append({key.lower(): value for key, value in request.headers.items()})
        return web.Response(status=201)

    (answer,) = Host(folder, name).ask(note, "/x")
    assert answer.status == 201
    return seen[0]


def test_apple_is_told_that_the_message_shows_itself(tmp_path: Path) -> None:
    assert headers_sent_to(tmp_path, "web.push.apple.com")["content-type"] == "application/notification+json"


def test_windows_is_told_to_keep_the_message(tmp_path: Path) -> None:
    assert headers_sent_to(tmp_path, "wns2-x.notify.windows.com")["x-wns-cache-policy"] == "cache"


@pytest.mark.parametrize("name", ["fcm.googleapis.com", "updates.push.services.mozilla.com", "push.example"])
def test_the_others_get_what_the_specifications_name_and_no_more(tmp_path: Path, name: str) -> None:
    headers = headers_sent_to(tmp_path, name)
    assert headers["content-type"] == "application/octet-stream"
    assert headers.keys() == {
        *("host", "accept", "accept-encoding", "user-agent", "content-length", "content-type"),
        *("authorization", "ttl", "urgency", "content-encoding"),
    }


@pytest.mark.parametrize("path", ["/send/a%3Ab%2fc", "/w/?token=BQ%2b%3d&x=a+b", "/a:b~c!'()*;@,=", "/a/../b/./c//d"])
def test_the_path_is_asked_for_as_the_push_service_wrote_it(tmp_path: Path, path: str) -> None:
    seen: list[str] = []

    async def note(request: web.BaseRequest) -> web.Response:
        seen.append(request.raw_path)
        return web.Response(status=201)

    Host(tmp_path, "push.example").ask(note, path)
    assert seen == [path]


def test_no_more_than_32_messages_are_under_way_to_one_service(tmp_path: Path) -> None:
    under_way, most = 0, 0

    async def count(request: web.BaseRequest) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1
        return web.Response(status=201)

    answers = Host(tmp_path, "push.example").ask(count, *["/x"] * 80)
    assert [answer.status for answer in answers] == [201] * 80
    assert most == 32


def test_connections_are_used_again(tmp_path: Path) -> None:
    lines: set[object] = set()

    async def note(request: web.BaseRequest) -> web.Response:
        lines.add(request.transport)
        return web.Response(status=201, text="accepted")

    Host(tmp_path, "push.example").ask(note, *["/x"] * 200)
    assert len(lines) <= 32


def test_an_accepted_message_is_accepted_however_slowly_its_answer_ends(tmp_path: Path) -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(status=201)
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.1)

    for seconds in (1, 10):  # a busy machine may need more than a second to come to the answer's head
        (answer,) = Host(tmp_path, "push.example", timeout_seconds=seconds).ask(drip, "/x")
        if answer.status:
            break
    assert (answer.status, answer.problem) == (201, "")
    assert answer.latency_ms < 20_000


def test_an_answer_that_breaks_off_after_its_head_is_an_answer(tmp_path: Path) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\n{")
        writer.close()

    answer = Host(tmp_path, "push.example").talk(break_off)
    assert (answer.status, answer.body) == (410, "{")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (b"220 mail.example ESMTP\r\n", Problem.NOT_HTTP),
        (b"HTTP/1.1 two hundred\r\n\r\n", Problem.NOT_HTTP),
        (b"HTTP/1.1 201 Created\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", Problem.NOT_HTTP),
        (b"", Problem.NO_CONNECTION),
    ],
    ids=["mail", "status", "endless header", "silence"],
)
def test_what_speaks_no_http_is_a_problem_and_no_crash(tmp_path: Path, reply: bytes, problem: Problem) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    answer = Host(tmp_path, "push.example").talk(talk)
    assert (answer.status, answer.problem, answer.is_our_fault) == (None, problem, False)


def test_headers_of_bytes_that_are_no_text_are_kept_harmless(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 429 \xff\r\nRetry-After: \xff\xfe\r\nContent-Length: 2\r\n\r\n\xff\xfe")
        writer.close()

    answer = Host(tmp_path, "push.example").talk(talk)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "??", "\ufffd\ufffd")


def test_a_server_without_tls_is_no_connection(tmp_path: Path) -> None:
    async def work() -> Answer:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 201 Created\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            sender = Sender(
                KeyRing(KEY), contact=CONTACT, extra_hosts=["push.example"], resolver=Fixed("127.0.0.1", port=port)
            )
            async with sender:
                return await sender.send(replace(MESSAGE, endpoint="https://push.example/x"))

    assert asyncio.run(work()).problem is Problem.NO_CONNECTION


def test_an_expired_certificate_is_not_trusted(tmp_path: Path) -> None:
    async def accept(request: web.BaseRequest) -> web.Response:
        return web.Response(status=201)

    (answer,) = Host(tmp_path, "push.example", days_left=-1).ask(accept, "/x")
    assert answer.problem is Problem.UNTRUSTED
