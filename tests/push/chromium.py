"""Chromium, driven over its DevTools protocol without a driver program in between; notices through a `Desktop`."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.patience import wait_until

from .background import Background
from .desktop import Desktop, DesktopNotice
from .driver import BrowserError, Line, Process

FLAGS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--no-sandbox",
    "--password-store=basic",
    "--use-mock-keychain",
    # Nothing but the site under test is asked for anything.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)


class Chromium:
    """See `driver.Browser`. Its profile grants notifications from the start: the headless browser can't be asked."""

    name = "chromium"

    def __init__(
        self, background: Background, program: str, profile: Path, gcm_flags: list[str], desktop: Desktop
    ) -> None:
        self._desktop = desktop
        self._prepare(profile)
        address = profile / "DevToolsActivePort"
        address.unlink(missing_ok=True)
        self._process = Process(
            [program, *FLAGS, *gcm_flags, f"--user-data-dir={profile}", "about:blank"],
            profile,
            DBUS_SESSION_BUS_ADDRESS=desktop.address,
            DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={profile}/no-such-bus",
        )
        with self._process.ended_on_failure():
            wait_until(lambda: address.exists() and len(address.read_text().split()) == 2, what="the start of Chromium")
            port, path = address.read_text().split()
            self.line = Line(background, f"ws://127.0.0.1:{port}{path}")

    def open_tab(self, url: str) -> ChromiumTab:
        made = self.line.ask("Target.createTarget", {"url": "about:blank"})
        tab = ChromiumTab(self.line, made["targetId"])
        tab.go(url)
        return tab

    def close_tabs(self) -> None:
        """Every page but an empty one, that Chromium does not quit."""
        old = self._pages()
        self.line.ask("Target.createTarget", {"url": "about:blank"})
        for page in old:
            self.line.ask("Target.closeTarget", {"targetId": page["targetId"]})

    def urls(self) -> list[str]:
        return [page["url"] for page in self._pages()]

    def allow_notifications(self, origin: str) -> None:
        self._set_permission(origin, "granted")

    def say_yes(self) -> None:
        pass  # the profile has answered already

    def take_back_permission(self, origin: str) -> None:
        self._set_permission(origin, "denied")

    def shown(self) -> list[DesktopNotice]:
        # Chromium writes the site's host above the text.
        return [replace(notice, body=notice.body.rpartition("\n\n")[2]) for notice in self._desktop.shown()]

    def forget(self) -> None:
        self.close_tabs()
        wait_until(lambda: len(self._pages()) == 1, what="the end of all pages but the empty one")
        ChromiumTab(self.line, self._pages()[0]["targetId"]).forget_sites()
        self._desktop.clear()

    def quit(self) -> None:
        # The answer may be lost with the line that it would come on.
        with contextlib.suppress(BrowserError):
            self.line.ask("Browser.close", {})
        self.line.close()
        self._process.end()

    def _prepare(self, profile: Path) -> None:
        preferences = profile / "Default" / "Preferences"
        if not preferences.exists():
            preferences.parent.mkdir(parents=True)
            allowed = {"default_content_setting_values": {"notifications": 1}, "exit_type": "Normal"}
            preferences.write_text(json.dumps({"profile": allowed}))

    def _pages(self) -> list[dict[str, Any]]:
        return [one for one in self.line.ask("Target.getTargets", {})["targetInfos"] if one["type"] == "page"]

    def _set_permission(self, origin: str, setting: str) -> None:
        wish = {"permission": {"name": "notifications"}, "setting": setting, "origin": origin}
        self.line.ask("Browser.setPermission", wish)


class ChromiumTab:
    """See `driver.Tab`."""

    def __init__(self, line: Line, target: str) -> None:
        self._line = line
        attached = line.ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]

    def go(self, url: str) -> None:
        answer = self._ask("Page.navigate", {"url": url})
        if answer.get("errorText"):
            raise BrowserError(f"{url}: {answer['errorText']}")
        wait_until(lambda: self.evaluate("document.readyState") == "complete", what=f"loading {url}")

    def evaluate(self, expression: str) -> Any:
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True, "replMode": False}
        answer = self._ask("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        place = self.evaluate(
            f"""(() => {{
              const element = document.querySelector({json.dumps(selector)});
              element.scrollIntoView({{block: "center"}});
              const box = element.getBoundingClientRect();
              return {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", {"type": kind, "button": "left", "clickCount": 1, **place})

    def forget_sites(self) -> None:
        """All that the browser keeps of any of them."""
        self._ask("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
        self._ask("Network.clearBrowserCache", {})
        self._line.ask("Storage.clearCookies", {})
        self._line.ask("Browser.resetPermissions", {})

    def _ask(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._line.ask(method, parameters, sessionId=self._session)
