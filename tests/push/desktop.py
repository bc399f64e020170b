"""A desktop of one service: a D-Bus session bus with nothing on it but the notifications of the Desktop
Notifications Specification, which are kept for the test to look at and to click.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .background import Background
from .dbus_wire import (
    CALL,
    DESTINATION,
    ERROR,
    ERROR_NAME,
    INTERFACE,
    MEMBER,
    PATH,
    REPLY_SERIAL,
    RETURN,
    SENDER,
    SIGNAL,
    SIGNATURE,
    Packet,
    total_bytes,
)

BUS = "org.freedesktop.DBus"
NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
OWNER = ":1.1"
"""The unique name of the one service."""

Reply = tuple[str, list[Any]]
"""A signature and its values."""


@dataclass(frozen=True, slots=True)
class DesktopNotice:
    """See `driver.Shown`."""

    desktop: Desktop
    id: int
    title: str
    body: str

    def click(self) -> None:
        self.desktop.signal(self.id, "ActionInvoked", ("us", [self.id, "default"]))


class Desktop:
    """Give `address` to a program as DBUS_SESSION_BUS_ADDRESS."""

    def __init__(self, background: Background, folder: Path) -> None:
        self._background = background
        self._path = folder / "bus"
        self._shown: dict[int, DesktopNotice] = {}
        self._owners: dict[int, asyncio.StreamWriter] = {}
        self._names = itertools.count(2)
        self._numbers = itertools.count(1)
        self._serials = itertools.count(1)
        self._writers: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self._background.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._background.run(self._close())

    @property
    def address(self) -> str:
        return f"unix:path={self._path}"

    def shown(self) -> list[DesktopNotice]:
        return list(self._shown.values())

    def clear(self) -> None:
        self._shown.clear()

    def signal(self, number: int, member: str, values: Reply) -> None:
        """Tell the program that had this notification shown."""
        self._background.call(lambda: self._emit(self._owners[number], member, values))

    async def _open(self) -> None:
        self._server = await asyncio.start_unix_server(self._talk, self._path)

    async def _close(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        name = f":1.{next(self._names)}"
        # The program may leave at any byte.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await _let_in(reader, writer)
            while True:
                start = await reader.readexactly(16)
                packet = Packet.decode(start + await reader.readexactly(total_bytes(start) - 16))
                if packet.kind == CALL:
                    self._answer(writer, name, packet)
        self._writers.discard(writer)
        writer.transport.abort()

    def _answer(self, writer: asyncio.StreamWriter, name: str, call: Packet) -> None:
        destination, member = call.fields.get(DESTINATION), call.fields[MEMBER]
        known = self._bus_calls(name) if destination == BUS else self._notification_calls(writer)
        fields = {REPLY_SERIAL: call.serial, DESTINATION: name, SENDER: BUS if destination == BUS else OWNER}
        act = known.get(member) if destination in {BUS, NOTIFICATIONS, OWNER} else None
        if act is None:
            fields |= {ERROR_NAME: f"{BUS}.Error.ServiceUnknown", SIGNATURE: "s"}
            self._send(writer, ERROR, fields, [f"{destination} has no {member} here"])
            return
        signature, values = act(*call.body)
        if signature:
            fields[SIGNATURE] = signature
        self._send(writer, RETURN, fields, values)

    def _bus_calls(self, name: str) -> dict[str, Callable[..., Reply]]:
        def owner(asked: str) -> Reply:
            return "s", [OWNER if asked == NOTIFICATIONS else asked]

        return {
            "Hello": lambda: ("s", [name]),
            "AddMatch": lambda _: ("", []),
            "RemoveMatch": lambda _: ("", []),
            "GetNameOwner": owner,
            "NameHasOwner": lambda asked: ("b", [asked == NOTIFICATIONS]),
            "ListNames": lambda: ("as", [[BUS, NOTIFICATIONS, OWNER, name]]),
            "ListActivatableNames": lambda: ("as", [[NOTIFICATIONS]]),
            "StartServiceByName": lambda *_: ("u", [2]),
        }

    def _notification_calls(self, writer: asyncio.StreamWriter) -> dict[str, Callable[..., Reply]]:
        def notify(application: str, replaces: int, icon: str, title: str, body: str, *_: object) -> Reply:
            number = replaces or next(self._numbers)
            self._shown[number] = DesktopNotice(self, number, title, body)
            self._owners[number] = writer
            return "u", [number]

        def close(number: int) -> Reply:
            self._shown.pop(number, None)
            self._emit(writer, "NotificationClosed", ("uu", [number, 3]))
            return "", []

        return {
            "GetCapabilities": lambda: ("as", [["actions", "body", "body-markup", "persistence"]]),
            "GetServerInformation": lambda: ("ssss", ["desktop of a test", "Orrery", "1.0", "1.2"]),
            "Notify": notify,
            "CloseNotification": close,
        }

    def _emit(self, writer: asyncio.StreamWriter, member: str, values: Reply) -> None:
        fields = {PATH: NOTIFICATIONS_PATH, INTERFACE: NOTIFICATIONS, MEMBER: member, SENDER: OWNER}
        self._send(writer, SIGNAL, {**fields, SIGNATURE: values[0]}, values[1])

    def _send(self, writer: asyncio.StreamWriter, kind: int, fields: dict[int, Any], body: list[Any]) -> None:
        writer.write(Packet(kind, next(self._serials), fields, body).encode())


async def _let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The text lines with which a program makes itself known (D-Bus specification, "Authentication Protocol")."""
    await reader.readexactly(1)
    while (line := (await reader.readuntil(b"\r\n")).split())[0] != b"BEGIN":
        if line[:2] == [b"AUTH", b"EXTERNAL"]:
            writer.write(b"OK 0123456789abcdef0123456789abcdef\r\n")
        else:
            writer.write(b"REJECTED EXTERNAL\r\n" if line[0] == b"AUTH" else b"ERROR\r\n")
