"""A push service with one real browser attached to it, whichever browser that is."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aiohttp.abc import AbstractResolver

from tests.needs import need_program
from tests.patience import wait_until

from .autopush import Autopush
from .chromium import Chromium
from .desktop import Desktop
from .driver import Browser
from .firefox import Firefox
from .gcm import Gcm, ServiceResolver
from .service import GOOGLE_HOST, PushService


@dataclass(eq=False, slots=True)
class Rig:
    """`start` a browser; it keeps its profile when it is stopped and started again."""

    name: str
    service: PushService
    wire: Autopush | Gcm
    resolver: AbstractResolver
    """For a sender: leads to the service from whatever host the browser's endpoints show."""
    extra_hosts: list[str]
    """For PUSH_EXTRA_HOSTS."""
    _launch: Callable[[], Browser]
    _forget_screen: Callable[[], None]
    _running: list[Browser] = field(default_factory=list)

    @property
    def browser(self) -> Browser:
        """The one that runs."""
        return self._running[-1]

    def start(self) -> Browser:
        """The one that runs, or a new one."""
        if not self._running:
            self._running.append(self._launch())
        return self._running[-1]

    def stop(self) -> None:
        """Quit the browser, and wait until the push service has noticed. Its notices leave the screen with it."""
        while self._running:
            self._running.pop().quit()
        wait_until(lambda: not self.wire.is_connected(), what="the end of the browser's line")
        self._forget_screen()

    def forget(self) -> None:
        """Be as new: neither the browser, if it runs, nor the push service knows of a subscription."""
        for browser in self._running:
            browser.forget()
            wait_until(lambda: not self.wire.tokens(), what="the end of all subscriptions")
        self.wire.start_over()

    def wait_for_connection(self) -> None:
        wait_until(self.wire.is_connected, what="the browser's line to the push service")


class Rigs:
    """A browser of each kind for many tests: to start one anew takes longer than most of them.

    Use it in a `with`. A rig whose browser could not forget what a test did is lent to no other.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._idle: dict[str, Rig] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def lent(self, name: str) -> Iterator[Rig]:
        rig = self._idle.pop(name, None) or self._stack.enter_context(rig_of(name))
        yield rig
        rig.forget()
        self._idle[name] = rig


@contextlib.contextmanager
def rig_of(name: str) -> Iterator[Rig]:
    with contextlib.ExitStack() as stack:
        make = {"firefox": _with_firefox, "chromium": _with_chromium}[name]
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="orrery-push-", ignore_cleanup_errors=True))
        )
        rig = make(stack, folder)
        stack.callback(rig.stop)
        yield rig


def _with_firefox(stack: contextlib.ExitStack, folder: Path) -> Rig:
    program = need_program("firefox-esr", "firefox")
    service = stack.enter_context(PushService())
    wire = stack.enter_context(Autopush(service))

    def launch() -> Browser:
        return Firefox(service.background, program, folder / "profile", wire.url)

    return Rig("firefox", service, wire, ServiceResolver(service), [service.extra_host], launch, lambda: None)


def _with_chromium(stack: contextlib.ExitStack, folder: Path) -> Rig:
    program = need_program("chromium", "chromium-browser", "google-chrome")
    service = stack.enter_context(PushService())
    wire = stack.enter_context(Gcm(service))
    desktop = stack.enter_context(Desktop(service.background, folder))

    def launch() -> Browser:
        return Chromium(service.background, program, folder / "profile", wire.flags, desktop)

    extra_hosts = [service.extra_host, GOOGLE_HOST]  # known as it is, but only by a setting may it lead to this machine
    return Rig("chromium", service, wire, ServiceResolver(service), extra_hosts, launch, desktop.clear)
