from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from notifications.devices.app_files import worker_text
from notifications.vapid.keys import VapidKey
from tests.examples import examples
from tests.needs import need_program
from tests.patience import PATIENCE_SECONDS

STAGE = Path(__file__).parent.with_name("worker_stage.mjs")
ORIGIN = "https://planet.example"
NOTICE = {
    "title": "A post",
    "body": "Northern Notes",
    "navigate": f"{ORIGIN}/notifications/n/7/",
    "tag": "posts",
    "lang": "en",
    "dir": "rtl",
    "timestamp": 1_782_000_000_000,
    "icon": "https://elsewhere.example/icon.png",
}
MESSAGE = json.dumps({"web_push": 8030, "notification": NOTICE})
KEY_URL = "/notifications/push/key/"
SUBSCRIBE_URL = "/notifications/push/subscribe/"
Play = Callable[..., dict[str, Any]]


@pytest.fixture
def play(site_key: VapidKey) -> Play:
    """Plays one event to the worker: what it asked the browser for, how often it had it wait, whether that failed."""
    node = need_program("node", "nodejs")

    def play(event_type: str, *, windows: list[str] | None = None, **facts: Any) -> dict[str, Any]:
        stage = {name: facts.pop(name) for name in ("subscription", "ends", "refuses", "answers") if name in facts}
        event = {"type": event_type, **facts}
        scene = json.dumps({"script": worker_text(), "event": event, "windows": windows or [], **stage})
        done = subprocess.run([node, STAGE], input=scene.encode(), capture_output=True, timeout=PATIENCE_SECONDS)
        assert not done.stderr, done.stderr.decode()
        heard: dict[str, Any] = json.loads(done.stdout)
        return heard

    return play


def named(heard: dict[str, Any], name: str) -> list[list[Any]]:
    return [note[1:] for note in heard["notes"] if note[0] == name]


# -- showing -----------------------------------------------------------------------------------------------------------


def test_a_message_is_shown_as_it_says(play: Play) -> None:
    [[title, options]] = named(play("push", text=MESSAGE), "show")
    assert title == NOTICE["title"]
    for name in ("body", "tag", "lang", "dir", "timestamp"):
        assert options[name] == NOTICE[name]


def test_a_message_replaces_one_of_its_kind_in_silence(play: Play) -> None:
    [[_, options]] = named(play("push", text=MESSAGE), "show")
    assert (options["tag"], options["renotify"]) == ("posts", False)


def test_pictures_are_our_own_whatever_a_message_says(play: Play) -> None:
    [[_, options]] = named(play("push", text=MESSAGE), "show")
    assert (options["icon"], options["badge"]) == (
        "/static/icons/notification-192.png",
        "/static/icons/notification-badge.png",
    )


def test_the_browser_waits_until_the_notification_is_shown(play: Play) -> None:
    heard = play("push", text=MESSAGE)
    assert (heard["waited"], heard["failed"]) == (1, False)


UNREADABLE = {
    "nothing": {},
    "empty": {"text": ""},
    "not JSON": {"text": "<html>"},
    "a list": {"text": "[]"},
    "null": {"text": "null"},
    "another version": {"text": json.dumps({"web_push": 9001, "notification": NOTICE})},
    "no notification": {"text": '{"web_push": 8030}'},
    "no title": {"text": '{"web_push": 8030, "notification": {"title": ""}}'},
    "a title that is no text": {"text": '{"web_push": 8030, "notification": {"title": {}}}'},
}


@pytest.mark.parametrize("event", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_push_is_never_silent(play: Play, event: dict[str, str]) -> None:
    heard = play("push", **event)
    [[title, _]] = named(heard, "show")
    assert (title, heard["waited"], heard["failed"]) == ("New posts on Orrery", 1, False)


@examples(15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_text_at_all_is_shown_as_something(play: Play, text: str) -> None:
    assert len(named(play("push", text=text), "show")) == 1


def test_what_the_browser_refuses_to_show_is_shown_in_plain_words(play: Play) -> None:
    shown = named(play("push", text=MESSAGE, refuses=["show"]), "show")
    assert [title for title, _ in shown] == ["A post", "New posts on Orrery"]


# -- opening -----------------------------------------------------------------------------------------------------------


def click(play: Play, url: object = NOTICE["navigate"], **facts: Any) -> dict[str, Any]:
    return play("notificationclick", data={"url": url}, **facts)


def test_a_click_closes_the_notification_and_opens_its_page(play: Play) -> None:
    heard = click(play)
    assert heard["notes"] == [["close"], ["open", NOTICE["navigate"]]]


def test_a_click_takes_a_window_that_shows_a_quiet_page(play: Play) -> None:
    heard = click(play, windows=["/admin/aggregator/feed/1/change/", "/admin/"])
    assert heard["notes"] == [["close"], ["focus", "/admin/"], ["navigate", NOTICE["navigate"]]]


def test_a_click_leaves_a_window_with_a_form_alone(play: Play) -> None:
    heard = click(play, windows=["/admin/aggregator/feed/1/change/"])
    assert heard["notes"] == [["close"], ["open", NOTICE["navigate"]]]


@pytest.mark.parametrize("refused", ["focus", "navigate"])
def test_a_window_that_can_not_be_taken_is_no_dead_end(play: Play, refused: str) -> None:
    assert named(click(play, windows=["/admin/"], refuses=[refused]), "open") == [[NOTICE["navigate"]]]


@pytest.mark.parametrize(
    "url",
    [
        *("https://evil.example/", "//evil.example/", "javascript:alert(1)", "http://planet.example/", "https://"),
        *("https://planet.example@evil.example/", "https://planet.example.evil.example/", f"blob:{ORIGIN}/7", 7, None),
    ],
)
def test_a_click_never_leaves_the_site(play: Play, url: object) -> None:
    [[address]] = named(click(play, url), "open")
    assert address.startswith((f"{ORIGIN}/", "/admin/"))


def test_a_notification_without_an_address_opens_the_admin(play: Play) -> None:
    assert named(play("notificationclick"), "open") == [["/admin/"]]


# -- subscribing again -------------------------------------------------------------------------------------------------

PRESENT = {KEY_URL: {"public_key": "present key", "key_id": "0" * 16, "csrf_token": "token"}, SUBSCRIBE_URL: {}}


def test_a_lost_subscription_is_made_again_with_the_present_key(play: Play) -> None:
    heard = play("pushsubscriptionchange", answers=PRESENT, oldKey="old key")
    assert named(heard, "subscribe") == [["present key", True]]


def test_the_server_is_told_of_the_new_subscription(play: Play) -> None:
    [[address, headers, facts]] = named(play("pushsubscriptionchange", answers=PRESENT), "POST")
    assert (address, headers["X-CSRFToken"]) == (SUBSCRIBE_URL, "token")
    assert facts["endpoint"] == "https://push.example/new"
    assert facts["key_id"] == hashlib.sha256(b"present key").hexdigest()[:16]


def test_a_subscription_that_the_browser_has_made_itself_is_kept(play: Play) -> None:
    heard = play("pushsubscriptionchange", answers=PRESENT, subscription="old key")
    assert not named(heard, "subscribe")
    assert len(named(heard, "POST")) == 1


def test_a_subscription_that_has_ended_is_not_kept(play: Play) -> None:
    heard = play("pushsubscriptionchange", answers=PRESENT, subscription="old key", ends=1)
    assert (named(heard, "unsubscribe"), named(heard, "subscribe")) == ([[]], [["present key", True]])
    heard = play("pushsubscriptionchange", answers=PRESENT, subscription="old key", ends=4e12)
    assert (named(heard, "unsubscribe"), named(heard, "subscribe")) == ([], [])


@pytest.mark.parametrize("answers", [{}, {KEY_URL: None}], ids=["offline", "logged out"])
def test_without_the_server_the_old_key_serves_and_nothing_is_posted(play: Play, answers: dict[str, Any]) -> None:
    heard = play("pushsubscriptionchange", answers=answers, oldKey="old key")
    assert (named(heard, "subscribe"), named(heard, "POST"), heard["failed"]) == ([["old key", True]], [], False)


def test_without_server_and_old_key_the_key_of_the_worker_serves(play: Play, site_key: VapidKey) -> None:
    assert named(play("pushsubscriptionchange"), "subscribe") == [[site_key.public, True]]


# -- a new worker ------------------------------------------------------------------------------------------------------


def test_a_new_worker_takes_over_at_once(play: Play) -> None:
    assert (named(play("install"), "skipWaiting"), named(play("activate"), "claim")) == ([[]], [[]])
