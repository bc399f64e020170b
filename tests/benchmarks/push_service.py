"""A quick push service for measuring, in a process of its own: `python -m tests.benchmarks.push_service`.

It checks nothing. It takes 100 ms for each answer, and the path says what it does: `/busy/…` asks to come back in a
second, the first time; `/hangs/…` never answers. Prints its port and its certificate authority as a line of JSON, then
serves until its input ends. `GET /accepted` tells how many messages were accepted, and how many of them again.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from pathlib import Path

from aiohttp import web

from tests.certificates import Authority

NAMES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "db5p.notify.windows.com",
    "push.hangs.example",
    "localhost",
)
LATENCY_SECONDS = 0.1


class Service:
    def __init__(self) -> None:
        self._accepted: Counter[str] = Counter()
        self._asked: set[str] = set()

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/accepted", self._count)
        application.router.add_post("/{kind}/{token}", self._post)
        return application

    async def _post(self, request: web.Request) -> web.Response:
        await request.read()
        kind, token = request.match_info["kind"], request.match_info["token"]
        if kind == "hangs":
            await asyncio.Event().wait()
        await asyncio.sleep(LATENCY_SECONDS)
        if kind == "busy" and token not in self._asked:
            self._asked.add(token)
            return web.Response(status=429, headers={"Retry-After": "1"})
        self._accepted[token] += 1
        return web.Response(status=201, headers={"TTL": request.headers["TTL"]})

    async def _count(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"accepted": len(self._accepted), "again": self._accepted.total() - len(self._accepted)}
        )


def contexts(folder: Path) -> tuple[ssl.SSLContext, bytes]:
    """For a server under all of the names, and the certificate of the authority."""
    authority = Authority(folder)
    by_name = {name: authority.server_context(name) for name in NAMES}
    context = authority.server_context("localhost")
    context.sni_callback = lambda line, name, _: setattr(line, "context", by_name.get(name, context))
    [certificate] = authority.trusted().get_ca_certs(binary_form=True)
    return context, certificate


async def serve() -> None:
    with tempfile.TemporaryDirectory(prefix="orrery-bench-") as folder:
        context, certificate = contexts(Path(folder))
    runner = web.AppRunner(Service().application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context, backlog=1024).start()
    port = runner.addresses[0][1]
    print(json.dumps({"port": port, "authority": b64encode(certificate).decode()}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
