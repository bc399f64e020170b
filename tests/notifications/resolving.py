"""Who sends, and where names lead, in the tests of sending."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

CONTACT = "mailto:curators@planet.example"


class Fixed(AbstractResolver):
    """Finds these addresses for every name; none: the name is not known."""

    def __init__(self, *addresses: str, port: int = 0) -> None:
        self.addresses = addresses
        self.port = port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [self._found(host, self.port or port, address) for address in self.addresses]

    async def close(self) -> None: ...

    def _found(self, host: str, port: int, address: str) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )
