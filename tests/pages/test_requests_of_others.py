"""What other sites make a curator's browser do, and what strangers write into their requests: over real sockets."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from aggregator.models import Entry, Feed
from tests.browsers import Chromium
from tests.curators import log_in
from tests.factories import make_entry
from tests.patience import PATIENCE_SECONDS
from tests.servers import Answer, FeedServer

DELETE = "admin:aggregator_feed_delete"


def ask(live_server: LiveServer, path: str, **headers: str) -> tuple[int, bytes]:
    address = urlsplit(live_server.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE_SECONDS)
    named = {"Host": address.netloc} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=named)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


@pytest.mark.parametrize("same_site", ["Lax", "None"])
def test_a_form_of_another_site_deletes_nothing(live_server: LiveServer, chromium: Chromium, same_site: str) -> None:
    """Also where the browser sends the cookie along, as it does for sites that ask it to."""
    feed = make_entry().feed
    cookie = {"name": "sessionid", "value": log_in().cookies["sessionid"].value, "sameSite": same_site, "secure": True}
    action = live_server.url + reverse(DELETE, args=[feed.pk])
    form = f"<form method=post action='{action}'><input name=post value=yes><button>Win</button></form>"
    with FeedServer() as server, chromium.borrowed() as browser:
        server.add("/", Answer(f"<!doctype html>{form}".encode(), headers={"Content-Type": "text/html"}))
        context = browser.new_context()
        context.add_cookies([{**cookie, "url": live_server.url.replace("http:", "https:")}])  # type: ignore[typeddict-item]
        page = context.new_page()
        page.goto(server.url("/"))
        with page.expect_navigation() as navigation:
            page.click("button")
        status, headers = navigation.value.status, navigation.value.request.all_headers()
    assert ("cookie" in headers) == (same_site == "None")
    assert (status, Feed.objects.count(), Entry.objects.count()) == (403, 1, 1)


def test_a_request_for_another_host_gets_no_page(live_server: LiveServer) -> None:
    make_entry()
    status, body = ask(live_server, "/", Host="evil.example")
    assert (status, b"evil.example" in body) == (400, False)


@pytest.mark.parametrize("path", ["/", "/sources/", "/atom.xml", "/rss20.xml", "/feed.json", "/opml.xml"])
def test_a_host_that_a_proxy_is_said_to_have_seen_is_in_no_page(live_server: LiveServer, path: str) -> None:
    make_entry()
    status, body = ask(live_server, path, X_Forwarded_Host="evil.example", Forwarded="host=evil.example")
    assert (status, b"evil.example" in body) == (200, False)
