"""That the rig is real: browsers subscribe at our push service, decrypt what comes, show it, and can be clicked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from py_vapid import Vapid02
from pywebpush import WebPusher

from tests.patience import wait_until
from tests.servers import Answer, FeedServer

from .autopush import UNDECRYPTABLE, Autopush
from .rig import Rig
from .user_agent import new_vapid_key, to_text

pytestmark = pytest.mark.slow
WORKER = b"""
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
self.addEventListener("push", (event) => {
  const { title, body } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body }));
});
self.addEventListener("notificationclick", (event) => event.waitUntil(clients.openWindow("/clicked")));
"""
SUBSCRIBE = """(async () => {
  await navigator.serviceWorker.register("/worker.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  const wish = { userVisibleOnly: true, applicationServerKey: "KEY" };
  return (await pushManager.subscribe(wish)).toJSON();
})()"""


@dataclass(slots=True)
class Page:
    """A page that subscribes, and the server that pushes to it."""

    rig: Rig
    site: FeedServer
    vapid: tuple[str, bytes]
    subscription: dict[str, Any]

    def push(self, title: str, **headers: str) -> int:
        """The push service's status."""
        return asyncio.run(self._push(json.dumps({"title": title, "body": "Grüße"}), headers))

    async def _push(self, text: str, headers: dict[str, str]) -> int:
        endpoint = urlsplit(str(self.subscription["endpoint"]))
        claims = {"aud": f"https://{endpoint.netloc}", "exp": int(time.time()) + 3600, "sub": "mailto:a@b.example"}
        signed = Vapid02.from_raw(to_text(self.vapid[1]).encode()).sign(claims)
        sent = {"TTL": "600", "Content-Encoding": "aes128gcm", "Authorization": signed["Authorization"], **headers}
        body = WebPusher(self.subscription).encode(text.encode())["body"]
        line = aiohttp.TCPConnector(resolver=self.rig.resolver, ssl=self.rig.service.ssl_context)
        async with (
            aiohttp.ClientSession(connector=line) as session,
            session.post(endpoint.geturl(), data=body, headers=sent) as answer,
        ):
            return answer.status


@pytest.fixture
def page(rig: Rig) -> Iterator[Page]:
    with FeedServer("localhost") as site:
        site.add("/", Answer(b"<!doctype html><title>A page</title>", headers={"Content-Type": "text/html"}))
        site.add("/clicked", Answer(b"<!doctype html>clicked", headers={"Content-Type": "text/html"}))
        site.add("/worker.js", Answer(WORKER, headers={"Content-Type": "text/javascript"}))
        vapid = new_vapid_key()
        browser = rig.start()
        browser.allow_notifications(site.url("").rstrip("/"))
        tab = browser.open_tab(site.url("/"))
        subscription = tab.evaluate(SUBSCRIBE.replace("KEY", vapid[0]))
        rig.wait_for_connection()
        yield Page(rig, site, vapid, subscription)


def test_a_push_is_decrypted_and_shown_and_a_click_opens_a_page(page: Page) -> None:
    browser = page.rig.browser
    assert page.push("Hello") == 201
    wait_until(browser.shown)
    assert [(notice.title, notice.body) for notice in browser.shown()] == [("Hello", "Grüße")]
    browser.shown()[0].click()
    wait_until(lambda: page.site.url("/clicked") in browser.urls())


@pytest.mark.parametrize("browser_name", ["firefox"], indirect=True)
def test_firefox_says_of_what_it_can_not_decrypt_that_it_can_not(page: Page) -> None:
    page.subscription["keys"] = {**page.subscription["keys"], "auth": to_text(bytes(16))}
    assert page.push("Hello") == 201
    wire = page.rig.wire
    assert isinstance(wire, Autopush)
    wait_until(lambda: wire.codes)
    assert wire.codes == [UNDECRYPTABLE]
