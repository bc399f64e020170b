"""Firefox, driven over WebDriver BiDi without a driver program in between; alerts through its `moz:` extensions."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.patience import wait_until

from .background import Background
from .driver import BrowserError, Line, Process

ALERT_URL = "chrome://global/content/alerts/alert.xhtml"
WINDOW_URL = "chrome://browser/content/browser.xhtml"
FORGET = """(async () => {
  for (const alert of Services.wm.getEnumerator("alert:alert")) alert.close();
  const failed = await new Promise((done) => {
    Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, { onDataDeleted: done });
  });
  if (failed) throw new Error(`not forgotten: ${failed}`);
})()"""
PREFERENCES: dict[str, object] = {
    "dom.push.connection.enabled": True,
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.retryBaseInterval": 200,
    "remote.prefs.recommended": False,  # they turn push off
    "alerts.useSystemBackend": False,  # without a desktop, showNotification would fail
    "security.notification_enable_delay": 0,
    "dom.webnotifications.requireuserinteraction": True,
    # Nothing but the loopback is asked for anything, not even for a name: all else goes to a proxy that isn't there.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.failover_direct": False,
    "network.proxy.allow_bypass": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.contentblocking.introCount": 99,
    "browser.discovery.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.newtabpage.activity-stream.asrouter.providers.cfr": "null",
    "browser.newtabpage.activity-stream.feeds.section.topstories": False,
    "browser.newtabpage.activity-stream.feeds.topsites": False,
    "browser.region.network.url": "",
    "browser.region.update.enabled": False,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.tabs.warnOnClose": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processCount": 1,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "geo.provider.testing": True,
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-manager.url": "",
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.http.speculative-parallel-limit": 0,
    "network.prefetch-next": False,
    "network.trr.mode": 5,
    "privacy.trackingprotection.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "signon.rememberSignons": False,
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
    "toolkit.telemetry.unified": False,
}


class Firefox:
    """See `driver.Browser`. `push_url` is the WebSocket of the push service."""

    name = "firefox"

    def __init__(self, background: Background, program: str, profile: Path, push_url: str) -> None:
        profile.mkdir(exist_ok=True)
        preferences = {**PREFERENCES, "dom.push.serverURL": push_url}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items())
        (profile / "user.js").write_text("\n".join(lines))
        address = profile / "WebDriverBiDiServer.json"
        address.unlink(missing_ok=True)
        arguments = ["--headless", "--no-remote", "--remote-debugging-port", "0", "--remote-allow-system-access"]
        self._process = Process(
            [program, *arguments, "--profile", str(profile), "about:blank"], profile, MOZ_CRASHREPORTER_DISABLE="1"
        )
        with self._process.ended_on_failure():
            wait_until(lambda: address.exists() and address.read_text().endswith("}"), what="the start of Firefox")
            server = json.loads(address.read_text())
            self.line = Line(background, f"ws://{server['ws_host']}:{server['ws_port']}/session")
            self.line.ask("session.new", {"capabilities": {}})

    def open_tab(self, url: str) -> FirefoxTab:
        made = self.line.ask("browsingContext.create", {"type": "tab"})
        tab = FirefoxTab(self.line, made["context"])
        tab.go(url)
        return tab

    def close_tabs(self) -> None:
        """Every page but an empty one, that Firefox does not quit."""
        old = self._contexts()
        self.line.ask("browsingContext.create", {"type": "tab"})
        for context in old:
            self.line.ask("browsingContext.close", {"context": context["context"]})

    def urls(self) -> list[str]:
        return [context["url"] for context in self._contexts()]

    def allow_notifications(self, origin: str) -> None:
        self._set_permission(origin, "granted")

    def take_back_permission(self, origin: str) -> None:
        self._set_permission(origin, "denied")

    def shown(self) -> list[FirefoxAlert]:
        alerts = (context for context in self._contexts("chrome") if context["url"] == ALERT_URL)
        return [alert for context in alerts if (alert := FirefoxAlert.read(self.line, context["context"]))]

    def say_yes(self) -> None:
        # The question stands above the page; its first button allows.
        window = self.window()
        wait_until(lambda: window.evaluate("PopupNotifications.panel.state") == "open", what="the browser's question")
        window.evaluate("PopupNotifications.panel.firstElementChild.button.click()")

    def forget(self) -> None:
        self.close_tabs()
        self.window().evaluate(FORGET)

    def quit(self) -> None:
        with contextlib.suppress(BrowserError):
            self.line.ask("browser.close", {})
        self.line.close()
        self._process.end()

    def window(self) -> FirefoxTab:
        """What stands around the pages."""
        (window,) = (context for context in self._contexts("chrome") if context["url"] == WINDOW_URL)
        return FirefoxTab(self.line, window["context"])

    def _contexts(self, scope: str = "content") -> list[dict[str, Any]]:
        chosen = {"moz:scope": scope} if scope == "chrome" else {}
        return list(self.line.ask("browsingContext.getTree", chosen)["contexts"])

    def _set_permission(self, origin: str, state: str) -> None:
        wish = {"descriptor": {"name": "notifications"}, "state": state, "origin": origin}
        self.line.ask("permissions.setPermission", wish)


class FirefoxTab:
    """See `driver.Tab`."""

    def __init__(self, line: Line, context: str) -> None:
        self._line = line
        self.context = context

    def go(self, url: str) -> None:
        self._line.ask("browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"})

    def evaluate(self, expression: str) -> Any:
        # Objects come back as JSON: the protocol's own form of them is a tree of types.
        wrapped = f"(async () => JSON.stringify(await ({expression})))()"
        asked = {"expression": wrapped, "target": {"context": self.context}, "awaitPromise": True}
        answer = self._line.ask("script.evaluate", asked)
        if answer["type"] == "exception":
            raise BrowserError(answer["exceptionDetails"]["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def click(self, selector: str) -> None:
        locator = {"type": "css", "value": selector}
        found = self._line.ask("browsingContext.locateNodes", {"context": self.context, "locator": locator})["nodes"]
        if not found:
            raise BrowserError(f"nothing to click: {selector}")
        place = {"type": "element", "element": {"sharedId": found[0]["sharedId"]}}
        actions = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": place},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self._line.ask("input.performActions", {"context": self.context, "actions": [mouse]})


@dataclass(frozen=True, slots=True)
class FirefoxAlert:
    """See `driver.Shown`."""

    window: FirefoxTab
    title: str
    body: str

    @classmethod
    def read(cls, line: Line, context: str) -> FirefoxAlert | None:
        """The alert in this window; None while it is still being drawn, or is already closing."""
        window = FirefoxTab(line, context)
        label = "document.getElementById('alertTitleLabel')"
        text = "document.getElementById('alertTextLabel')"
        try:
            title, body = window.evaluate(f"[{label}.value || {label}.textContent, {text}.value || {text}.textContent]")
        except BrowserError:
            return None
        return cls(window, title, body) if title else None

    def click(self) -> None:
        self.window.evaluate("void onAlertClick()")
