"""The door of the desk, for who knows the password and for who guesses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import datetime, timedelta
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from aggregator.desk import login as door
from tests.factories import NOW
from tests.locks import locked
from tests.patience import PATIENCE_SECONDS
from tests.processes import Site


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, as its only element."""
    now = [NOW]
    monkeypatch.setattr(door.timezone, "now", lambda: now[0])
    monkeypatch.setattr(door, "_refusals", door.Refusals("logins", later=lambda *_: None))
    return now


@pytest.fixture
def curator(db: None) -> User:
    return User.objects.create_user("Ada", password="right", is_staff=True, is_superuser=True)


def try_password(
    password: str, name: str = "Ada", client: Client | None = None, address: str = "203.0.113.9"
) -> HttpResponse:
    client = client or Client()
    fields = {"username": name, "password": password, "next": "/admin/"}
    answer: HttpResponse = client.post(reverse("admin:login"), fields, REMOTE_ADDR=address)
    return answer


@pytest.mark.usefixtures("clock")
def test_who_knows_the_password_comes_in(curator: User) -> None:
    answer = try_password("right")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    cookie = answer.cookies["known_browser"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")


@pytest.mark.usefixtures("curator")
def test_a_curator_comes_in_again_days_later(clock: list[datetime]) -> None:
    for _ in range(3):
        assert try_password("right").status_code == 302
        clock[0] += timedelta(days=3)


@pytest.mark.usefixtures("curator")
def test_who_guesses_waits_and_no_password_is_looked_at_meanwhile(
    clock: list[datetime], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    check = User.check_password
    monkeypatch.setattr(User, "check_password", lambda user, raw: looked_at.append(raw) or check(user, raw))
    answers = [try_password(f"wrong {number}") for number in range(120)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 115
    assert len(looked_at) == 5
    assert answers[-1]["Retry-After"] == "1"
    assert b"Wait 1 second," in answers[-1].content
    assert try_password("right").status_code == 429
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aggregator")] == [
        "refused: logins from 203.0.113.9 at the account 'Ada'; what follows is counted, and told once a minute"
    ]
    clock[0] += timedelta(seconds=1)
    assert try_password("right").status_code == 302


@pytest.mark.usefixtures("curator")
def test_a_thousand_addresses_guess_no_faster_at_one_account(clock: list[datetime]) -> None:
    answers = [try_password("wrong", address=f"198.51.100.{number}").status_code for number in range(100)]
    assert answers == [200] * 20 + [429] * 80
    clock[0] += timedelta(minutes=1)
    assert try_password("right", address="192.0.2.1").status_code == 302, "nobody is locked out"


@pytest.mark.usefixtures("curator")
def test_a_browser_that_logged_in_before_goes_on_while_its_account_is_guessed_at(clock: list[datetime]) -> None:
    browser = Client()
    assert try_password("right", client=browser).status_code == 302
    browser.post(reverse("admin:logout"))
    for number in range(40):  # also from the same address
        try_password("wrong", address="203.0.113.9" if number % 2 else f"198.51.100.{number}")
    assert try_password("right").status_code == 429
    assert try_password("right", client=browser).status_code == 302
    browser.post(reverse("admin:logout"))
    answers = [try_password("wrong", client=browser).status_code for _ in range(15)]
    assert answers == [200] * 10 + [429] * 5, "it may not guess either"


@pytest.mark.usefixtures("clock")
def test_a_browser_is_known_for_its_account_and_its_password_alone(curator: User) -> None:
    User.objects.create_user("Bo", password="other", is_staff=True)
    browser = Client()
    try_password("right", client=browser)
    cookie = browser.cookies["known_browser"].value
    assert [try_password("wrong", "Bo", browser).status_code for _ in range(6)] == [200] * 5 + [429]
    curator.set_password("new")
    curator.save()
    stale = Client()
    stale.cookies["known_browser"] = cookie
    assert [try_password("wrong", "Ada", stale).status_code for _ in range(2)] == [429, 429]


@pytest.mark.usefixtures("curator", "clock")
def test_who_is_in_may_not_guess_at_others() -> None:
    User.objects.create_user("Bo", password="other", is_staff=True)
    browser = Client()
    try_password("right", client=browser)
    answers = [try_password("wrong", "Bo", browser) for _ in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 5
    assert all("known_browser" not in answer.cookies for answer in answers)


@pytest.mark.usefixtures("curator", "clock")
@pytest.mark.parametrize("cookie", ["", "x", "a:b:c", "é", "x" * 5000])
def test_a_cookie_that_is_none_is_no_error(cookie: str) -> None:
    browser = Client()
    browser.cookies["known_browser"] = cookie
    assert try_password("right", client=browser).status_code == 302


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("name", ["", "\x00", "x" * 5000, "nobody", "é\u202e"])
@pytest.mark.django_db
def test_a_name_that_nobody_has_is_counted_as_any(name: str) -> None:
    assert [try_password("wrong", name).status_code for _ in range(7)] == [200] * 5 + [429] * 2


@pytest.mark.django_db
def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OperationalError("database is locked")

    monkeypatch.setattr(door, "admit", fail)
    answer = try_password("right")
    assert (answer.status_code, b"Try again in a minute" in answer.content) == (503, True)


@pytest.mark.django_db
def test_a_database_that_is_away_is_said_to_a_known_browser_too(
    curator: User, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: User) -> str:
        raise OperationalError("the server closed the connection")

    browser = Client()
    try_password("right", client=browser)
    monkeypatch.setattr(door, "_mark", fail)
    assert try_password("right", client=browser).status_code == 503


@pytest.mark.usefixtures("clock", "curator")
def test_one_password_is_looked_at_at_a_time_and_a_known_browser_has_its_own_turn() -> None:
    browser = Client()
    assert try_password("right", client=browser).status_code == 302
    browser.post(reverse("admin:logout"))
    with door._turn_of_strangers.taken():
        answer = try_password("right")
        assert (answer.status_code, answer["Retry-After"]) == (429, "1")
        assert try_password("right", client=browser).status_code == 302
    assert try_password("right").status_code == 302


@pytest.mark.usefixtures("clock", "curator")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ada", "the account 'Ada'"),
        ("my password", "no account of ours"),
        ("\x00", "no account of ours"),
        ("A\nERROR", "no account of ours"),
    ],
)
def test_the_log_names_no_account_that_is_not_there(name: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(6):
        try_password("wrong", name)
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("aggregator")]
    assert f"at {said};" in line


@pytest.mark.slow
def test_guesses_beside_a_lock_keep_no_page_waiting(tmp_path: Path) -> None:
    """A guess is counted in a row, so it waits for the lock. If many did, they would have all threads."""
    site = Site(tmp_path / "orrery.sqlite3", tmp_path / "data")
    with site.web_server() as address, ThreadPoolExecutor(12) as pool:
        host = address.split("/")[2]
        with locked(site.database, PATIENCE_SECONDS):
            guesses = [pool.submit(guess, host, f"203.0.113.{number}") for number in range(12)]
            told = [each.result() for each in islice(as_completed(guesses), 11)]
            with urlopen(address, timeout=PATIENCE_SECONDS) as page:
                assert page.status == 200
        assert told.count(429) > 8, told
        assert 500 not in {each.result() for each in guesses}


def guess(host: str, address: str) -> int:
    """The status of the answer to a wrong password, which a proxy passes on from this address."""
    fields = urlencode({"username": "Ada", "password": "wrong", "csrfmiddlewaretoken": "a" * 32})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={'a' * 32}"}
    with closing(HTTPConnection(host, timeout=PATIENCE_SECONDS)) as line:
        line.request("POST", "/admin/login/", fields, {**headers, "X-Forwarded-For": address})
        return line.getresponse().status
