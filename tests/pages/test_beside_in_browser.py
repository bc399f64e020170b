"""Players and pictures beside posts as a browser treats them: nothing is loaded before somebody wants it."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Enclosure
from tests.browsers import Chromium
from tests.factories import make_entry, make_feed
from tests.patience import PATIENCE_MILLISECONDS
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.slow
LONG = "A_recording_whose_name_has_no_break_" * 8


def a_second_of_silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 1, 8000, 8000, "NONE", ""))
        sound.writeframes(b"\x80" * 8000)
    return file.getvalue()


@pytest.fixture
def sound(feed_server: FeedServer) -> str:
    return feed_server.add("/silence.wav", Answer(a_second_of_silence(), headers={"Content-Type": "audio/wav"}))


@pytest.fixture
def browser(live_server: LiveServer, chromium: Chromium, sound: str) -> Iterator[Browser]:
    entry = make_entry(make_feed(has_enclosures=True))
    film = sound.replace("silence.wav", "film.mp4")
    files = [(sound, "audio/wav", LONG), (film, "video/mp4", ""), (film, "application/pdf", LONG)]
    for position, (url, media_type, title) in enumerate(files):
        Enclosure.objects.create(entry=entry, position=position, url=url, media_type=media_type, title=title)
    with chromium.borrowed() as borrowed:
        yield borrowed


def opened(browser: Browser, live_server: LiveServer, width: int = 1280) -> tuple[Page, list[str]]:
    """The front page, and the addresses that were asked for since."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.url, wait_until="networkidle")
    return page, asked


def test_a_player_loads_nothing_until_a_key_starts_it(browser: Browser, live_server: LiveServer, sound: str) -> None:
    page, asked = opened(browser, live_server)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "AUDIO":
            break
    with page.expect_request(sound):
        page.keyboard.press("Space")
    page.locator("audio").evaluate("player => new Promise(plays => { player.ontimeupdate = plays })")
    assert complaints == []


def test_a_player_has_its_size_before_anything_is_loaded_and_stays_in_its_column(
    browser: Browser, live_server: LiveServer
) -> None:
    page, _ = opened(browser, live_server, width=320)
    sizes = "[...document.querySelectorAll('.player')].map(e => [e.offsetWidth > 200, e.offsetHeight > 40])"
    assert page.evaluate(sizes) == [[True, True], [True, True]]
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_no_player_is_printed(browser: Browser, live_server: LiveServer) -> None:
    page, _ = opened(browser, live_server)
    page.emulate_media(media="print")
    assert page.evaluate("[...document.querySelectorAll('.player')].map(e => e.offsetHeight)") == [0, 0]
    assert page.locator(".beside-link").count() == 3
