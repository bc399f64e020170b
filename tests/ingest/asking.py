"""How the tests of guard and fetch ask a server: one request, in an event loop of its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network

from aggregator.ingest.fetch import Turn, fetch
from aggregator.ingest.guard import GuardedTransport, Resolver
from aggregator.ingest.types import FetchPolicy, Request, Response

LOOPBACK = FetchPolicy(user_agent="Orrery/test", timeout_seconds=60, allowed_networks=(ip_network("127.0.0.0/8"),))
"""What the demo's policy is: servers on loopback may be asked, at any port."""

PUBLIC = FetchPolicy(user_agent="Orrery/test", timeout_seconds=10)
"""What a site's policy is."""


@asynccontextmanager
async def at_once(host: str) -> AsyncIterator[None]:
    yield


def ask(
    request: str | Request,
    policy: FetchPolicy = LOOPBACK,
    *,
    resolver: Resolver | None = None,
    ssl_context: ssl.SSLContext | None = None,
    turn: Turn = at_once,
    with_spool: bool = False,
) -> Response:
    """The answer to one request by a client of its own, its body in memory. Raises what fetch raises.

    `with_spool` leaves a large body where it is.
    """

    async def once() -> Response:
        async with GuardedTransport(policy, resolver, ssl_context) as transport:
            return await fetch(transport, request if isinstance(request, Request) else Request(request), policy, turn)

    answer = asyncio.run(once())
    if answer.large is None or with_spool:
        return answer
    return replace(answer, body=answer.large.take(), large=None)


class Names:
    """A resolver that gives each host the answers written down for it, a list for each look-up; the last stays.

    Hosts that aren't written down have no address.
    """

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {host.replace("_", "."): list(lists) for host, lists in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        lists = self._answers.get(host, [[]])
        return lists.pop(0) if len(lists) > 1 else lists[0]
