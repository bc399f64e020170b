"""Bodies are read where they belong, and nowhere else."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from config.bodies import MAX_LIST_BYTES, MAX_MESSAGE_BYTES, MAX_OWNERS_BYTES, place_of, refusal_of

DESK, IMPORT, PUSH = "/admin/", "/admin/aggregator/feed/import/", "/notifications/push/subscribe/"
TOKEN = "csrftoken=x"


@pytest.mark.parametrize(
    ("method", "path", "length", "cookies", "status"),
    [
        ("GET", "/", 1, "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("HEAD", "/atom.xml", None, "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("GET", DESK, 1, TOKEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("POST", "/", 1, TOKEN, HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", "/no/such/page/", None, TOKEN, HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", "/notifications/n/1/", 1, TOKEN, HTTPStatus.METHOD_NOT_ALLOWED),
        ("PUT", DESK, 1, TOKEN, HTTPStatus.METHOD_NOT_ALLOWED),
        ("ODD", "/", 1, "", HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", f"{DESK}login/", 1, "", HTTPStatus.FORBIDDEN),
        ("POST", f"{DESK}login/", None, "sessionid=x", HTTPStatus.FORBIDDEN),
        ("POST", DESK, 2**22, TOKEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("POST", IMPORT, MAX_LIST_BYTES + 1, TOKEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("POST", PUSH, MAX_MESSAGE_BYTES + 1, "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("POST", "/source/walks/", 1, "", HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", "/source/walks/owner/", MAX_OWNERS_BYTES + 1, "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("POST", "/owner/x/", MAX_OWNERS_BYTES + 1, "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ],
)
def test_a_body_that_does_not_belong_is_refused(
    method: str, path: str, length: int | None, cookies: str, status: HTTPStatus
) -> None:
    refusal = refusal_of(method, path, length, cookies)
    assert refusal is not None
    assert (refusal.status, refusal.sentence[-1]) == (status, ".")


@pytest.mark.parametrize(
    ("method", "path", "length", "cookies"),
    [
        ("GET", "/", 0, ""),
        ("POST", "/", 0, ""),
        ("POST", f"{DESK}login/", 80, f"theme=dark; {TOKEN}"),
        ("POST", f"{DESK}login/", None, TOKEN),
        ("POST", IMPORT, MAX_LIST_BYTES, TOKEN),
        ("POST", PUSH, 700, ""),
        ("POST", "/source/walks/owner/", 700, ""),
        ("POST", "/owner/x/take-off/", 700, ""),
        ("POST", f"{DESK}login/", 80, None),
    ],
)
def test_a_body_that_belongs_is_read(method: str, path: str, length: int | None, cookies: str | None) -> None:
    assert refusal_of(method, path, length, cookies) is None


@pytest.mark.parametrize(
    ("name", "max_bytes"), [("admin:login", 2621440), ("admin:aggregator_feed_import", MAX_LIST_BYTES)]
)
def test_the_addresses_are_those_of_the_views(name: str, max_bytes: int) -> None:
    place = place_of(reverse(name))
    assert place is not None
    assert place.max_bytes == max_bytes


@pytest.mark.parametrize("name", ["key", "subscribe", "unsubscribe", "sync"])
def test_browsers_scripts_may_post(name: str) -> None:
    place = place_of(reverse(f"notifications:{name}"))
    assert place is not None
    assert place.max_bytes == MAX_MESSAGE_BYTES


class Unreadable:
    """A body that must not be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("read")

    readline = read


@pytest.mark.parametrize(
    ("path", "length", "status"), [("/", "5", 405), ("/nowhere/", "5", 405), ("/admin/login/", str(2**30), 413)]
)
def test_behind_any_web_server_django_reads_no_body_that_does_not_belong(path: str, length: str, status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.generic("POST", path, CONTENT_LENGTH=length, **{"wsgi.input": Unreadable()})
    assert response.status_code == status
    assert response["Content-Security-Policy"]


def test_a_body_of_unknown_length_is_refused_too() -> None:
    response = Client().generic("POST", "/", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
