"""Firefox on every kind of page: it complains of nothing, keeps nothing, and asks other hosts for pictures alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import pytest

from tests.needs import need_program
from tests.push.background import Background
from tests.push.firefox import Firefox
from tests.servers import Answer, FeedServer

from .kinds import Pages, add_static_files

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.slow, pytest.mark.no_cover]

NO_PUSH = "ws://127.0.0.1:9/"
FORGET_WHAT_WAS_SAID = "Services.console.reset()"
SAID = """Services.console.getMessageArray()
  .filter(one => one instanceof Ci.nsIScriptError && one.sourceName.startsWith("http://127.0.0.1"))
  .map(one => `${one.sourceName}: ${one.errorMessage}`)"""
"""What it wrote into its console of our pages: errors and warnings, of scripts, style sheets and the policy."""
COOKIES = "Services.cookies.cookies.map(one => one.name)"
ASKED = "performance.getEntriesByType('resource').map(one => [new URL(one.name).hostname, one.initiatorType])"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = need_program("firefox-esr", "firefox")
    with closing(Background()) as background:
        browser = Firefox(background, program, tmp_path_factory.mktemp("firefox"), NO_PUSH)
        try:
            yield browser
        finally:
            browser.quit()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        add_static_files(server)
        yield server


def serve(server: FeedServer, name: str, answer: Answer) -> str:
    return server.add(f"/{quote(name, safe='')}", Answer(answer.body, headers=answer.headers))


def test_its_console_is_heard(firefox: Firefox, server: FeedServer) -> None:
    page = b"<!doctype html><title>x</title><body onload='x'><script>null.x</script>"
    policy = {"Content-Type": "text/html", "Content-Security-Policy": "script-src 'none'"}
    firefox.window().evaluate(FORGET_WHAT_WAS_SAID)
    firefox.open_tab(server.add("/policy", Answer(page, headers=policy)))
    firefox.open_tab(server.add("/error", Answer(page, headers={"Content-Type": "text/html"})))
    said = firefox.window().evaluate(SAID)
    assert any("Content-Security-Policy" in text for text in said)
    assert any("null" in text for text in said)


def test_firefox_complains_of_no_page_and_keeps_nothing(pages: Pages, firefox: Firefox, server: FeedServer) -> None:
    addresses = [serve(server, name, answer) for name, answer in pages.shown.items()]
    firefox.window().evaluate(FORGET_WHAT_WAS_SAID)
    tab = firefox.open_tab("about:blank")
    asked: set[tuple[str, str]] = set()
    for address in addresses:
        tab.go(address)
        asked |= {(host, kind) for host, kind in tab.evaluate(ASKED) if host != "127.0.0.1"}
    said, cookies = firefox.window().evaluate(SAID), firefox.window().evaluate(COOKIES)
    assert said == []
    assert cookies == []
    assert {kind for _, kind in asked} <= {"img"}
