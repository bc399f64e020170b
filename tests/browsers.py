"""One Chromium for all the tests of a process; whoever borrows it leaves no page, cookie or permission behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from .needs import need_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

BROWSER = ("chromium", "chromium-browser", "google-chrome")
"""The whole of it, for what a page asks of a device: notifications, permissions."""
SHELL = ("chromium-headless-shell", *BROWSER)
"""Debian builds the first from Chromium's own source: the same engine for pages, without windows and half the work."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

FAINT_TEXT = """() => {
  const number = color => color.match(/[\\d.]+/g).map(Number);
  const channel = value => (value /= 255) <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const over = (top, below) => below.map((value, i) => value + (top[i] - value) * (top[3] ?? 1));
  const ground = element => {
    if (!element) return [255, 255, 255];
    const color = number(getComputedStyle(element).backgroundColor);
    return color[3] === 0 ? ground(element.parentElement) : over(color, ground(element.parentElement));
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("svg, .visually-hidden, .skip")) continue;
    const below = ground(element);
    const color = number(getComputedStyle(element).color);
    const [high, low] = [light(over(color, below)), light(below)].sort((a, b) => b - a);
    const contrast = (high + .05) / (low + .05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${element.className} ${texts.currentNode.data.trim()}`);
  }
  return faint;
}"""

CLOSE_TARGETS = """() => {
  const isInSentence = element => getComputedStyle(element).display === "inline"
    && [...element.parentElement.childNodes].some(node => node.nodeType === 3 && /[\\p{L}\\p{N}]{2}/u.test(node.data));
  const targets = [...document.querySelectorAll("a[href], button, input, summary")]
    .filter(element => element.checkVisibility() && !element.closest(".prose, .skip") && !isInSentence(element))
    .map(element => ({element, box: element.getBoundingClientRect()}));
  const isSmall = box => box.width < 23.9 || box.height < 23.9;
  const middle = box => [box.left + box.width / 2, box.top + box.height / 2];
  const gap = ([x, y], [left, right, top, bottom]) =>
    Math.hypot(x - Math.max(left, Math.min(x, right)), y - Math.max(top, Math.min(y, bottom)));
  const isNear = (box, other) => {
    const [x, y] = middle(other);
    return gap(middle(box), [other.left, other.right, other.top, other.bottom]) < 12
      || isSmall(other) && gap(middle(box), [x, x, y, y]) < 24;
  };
  return targets.filter(one => isSmall(one.box) && targets.some(other => one !== other && isNear(one.box, other.box)))
    .map(({element, box}) => `${element.className} ${element.textContent.trim()} ${box.width} x ${box.height}`);
}"""
"""What is smaller than 24 pixels and too near to another target (WCAG 2.5.8). Links in sentences may be."""


class Chromium:
    """Runs as long as the tests do.

    Playwright keeps an event loop in this thread; beside one that runs, neither can Django's rows be asked for nor
    another loop be started. So it counts as running only while a test has borrowed the browser: rows are made before,
    and looked at after.
    """

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._loop = asyncio.get_running_loop()
        self._running: dict[tuple[str, ...], Browser] = {}

    @contextmanager
    def borrowed(self, *arguments: str, program: Sequence[str] = SHELL) -> Iterator[Browser]:
        """The browser that all share who want it with these arguments; contexts open after the block are closed."""
        path = need_program(*program)
        with self._in_use():
            browser = self._running.get((path, *arguments)) or self._start(path, arguments)
            try:
                yield browser
            finally:
                for context in browser.contexts:
                    context.close()

    def quit(self) -> None:
        with self._in_use():
            for browser in self._running.values():
                browser.close()
            self._playwright.stop()

    def _start(self, path: str, arguments: tuple[str, ...]) -> Browser:
        started = self._playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        self._running[path, *arguments] = started
        return started

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """For every test that draws pages."""
    from playwright.sync_api import sync_playwright  # here, as half a second is long for who tests something else

    chromium = Chromium(sync_playwright().start())
    asyncio._set_running_loop(None)
    yield chromium
    chromium.quit()
