"""What tests do with a browser, whichever it is, and the two things that both drivers are made of."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from tests.patience import PATIENCE_SECONDS, wait_until

from .background import Background


class BrowserError(AssertionError):
    """What the browser says of a command that it could not carry out."""


class Tab(Protocol):
    """A page in a browser."""

    def go(self, url: str) -> None:
        """Load the page, to its `load` event."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited. BrowserError if it throws."""

    def click(self, selector: str) -> None:
        """A real click with the mouse, in the middle of the first element: a user gesture."""


class Shown(Protocol):
    """A notification on the screen."""

    @property
    def title(self) -> str: ...

    @property
    def body(self) -> str: ...

    def click(self) -> None: ...


class Browser(Protocol):
    """A running browser with a profile of its own. All waits are bounded."""

    name: str

    def open_tab(self, url: str) -> Tab: ...

    def close_tabs(self) -> None:
        """Close every page; the browser runs on."""

    def urls(self) -> list[str]:
        """Of the open pages."""

    def allow_notifications(self, origin: str) -> None:
        """As the settings of the browser do it."""

    def say_yes(self) -> None:
        """Answer the browser's own question, if it asks."""

    def take_back_permission(self, origin: str) -> None: ...

    def shown(self) -> Sequence[Shown]:
        """The notifications on the screen, as the system was asked to draw them, oldest first."""

    def forget(self) -> None:
        """Close every page and forget all sites, as if the profile were new; the browser runs on."""

    def quit(self) -> None:
        """End the browser; the profile stays."""


def wait_for(tab: Tab, expression: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """The expression's first value that counts as true; a page that is just changing is asked again."""
    found: list[Any] = []

    def look() -> object:
        with contextlib.suppress(BrowserError):
            found.append(tab.evaluate(expression))
        return found and found[-1]

    wait_until(look, seconds, expression)
    return found[-1]


class Line:
    """Commands and answers as JSON over a WebSocket, in the background's loop."""

    def __init__(self, background: Background, url: str) -> None:
        self._background = background
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        background.run(self._open(url))

    def ask(self, method: str, parameters: Mapping[str, Any], **beside: Any) -> dict[str, Any]:
        """The result of a command; BrowserError if there is none."""
        return self._background.run(self._ask(method, parameters, beside), 30)

    def close(self) -> None:
        self._background.run(self._close())

    async def _open(self, url: str) -> None:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(url, max_msg_size=0, autoping=True)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            answer = message.json()
            if waiting := self._waiting.pop(answer.get("id"), None):
                waiting.set_result(answer)
        for waiting in self._waiting.values():
            waiting.set_exception(BrowserError("the browser has left"))
        self._waiting.clear()

    async def _ask(self, method: str, parameters: Mapping[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_json({"id": number, "method": method, "params": dict(parameters), **beside})
        except ConnectionError as error:
            raise BrowserError("the browser has left") from error
        answer = await waiting
        if "error" in answer:
            raise BrowserError(f"{method}: {answer.get('message') or answer['error']}")
        return dict(answer["result"])

    async def _close(self) -> None:
        await self._socket.close()
        await self._reader
        await self._session.close()


class Process:
    """A browser's processes, in a group of their own, without the user's home and desktop."""

    def __init__(self, arguments: list[str], home: Path, **environment: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "TMPDIR": str(home)}
        self._log = (home / "browser.log").open("ab")
        self._process = subprocess.Popen(
            arguments,
            env={**kept, **own, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    @contextlib.contextmanager
    def ended_on_failure(self) -> Iterator[None]:
        """For what has to succeed before anybody else can end it."""
        try:
            yield
        except BaseException:
            self.end(0)
            raise

    def end(self, seconds: float = 10) -> None:
        """Wait for its own end, then make one."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()
