"""Cookies, headers and log lines, whatever strangers send."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousOperation, TooManyFieldsSent
from django.db import connection
from django.http import UnreadablePostError
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from aggregator.models import SiteState
from aggregator.pages import parts, tags
from aggregator.pages.old_addresses import urlpatterns as moved
from aggregator.submissions.urls import urlpatterns as senders
from aggregator.urls import urlpatterns
from config.proxies import in_utf8
from config.requests import HOST_SECONDS, HOSTS_AT_ONCE, MAX_HOSTS, RefusedHosts, StrangersMistakes
from tests.curators import log_in
from tests.factories import NOW, make_category, make_entry, make_feed
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, Site
from tests.tagged import tag_all
from tests.writers import sign

PAGES = ["/", "/sources/", "/about/", "/atom.xml", "/feed.json", "/opml.xml", "/healthz", "/no/such/page/", "/post/1/"]
READERS = [pattern.name for pattern in urlpatterns if pattern not in [*moved, *senders]]
"""Addresses that are the same for everybody."""
COOKIES = {
    "a short session": "sessionid=x",
    "a long session": f"sessionid={'x' * 4000}",
    "a bad token": "csrftoken=x",
    "a token of the right length": f"csrftoken={'!' * 32}",
    "a message": "messages=[[1,2]]",
    "rubbish": "=;;=\xe9; sessionid; csrftoken",
}


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", COOKIES.values(), ids=COOKIES)
@pytest.mark.parametrize("path", PAGES)
def test_readers_pages_neither_read_nor_set_cookies(path: str, cookie: str) -> None:
    SiteState.objects.touch(NOW)
    plain = Client().get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(path, HTTP_COOKIE=cookie)
    assert (answer.status_code, answer.content) == (plain.status_code, plain.content)
    assert (dict(answer.cookies), "cookie" in answer.get("Vary", "").lower()) == ({}, False)
    assert [query["sql"] for query in queries if "django_session" in query["sql"] or "auth_user" in query["sql"]] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*READERS, moved[0].name])
def test_no_public_address_knows_a_curator_or_a_cookie(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 200)
    entry = make_entry(make_feed(category=make_category()), content_html=f"<p>{'many words ' * 30}</p>")
    make_feed("Beside all categories")
    sign([make_entry(entry.feed, author="Ann")])
    tag_all("One", "Other")
    monkeypatch.setattr(tags, "PAGE_TAGS", 1)
    feed, moment = entry.feed, entry.timeline_at
    args = {
        "post": [entry.pk],
        "post_part": [entry.pk, 2],
        "month": [moment.year, moment.month],
        "day": [moment.year, moment.month, moment.day],
        "category": [feed.category and feed.category.slug],
        "source": [feed.slug],
        "sources_in": [feed.category and feed.category.slug],
        "sources_under": ["B"],
        "author": ["ann"],
        "tag": ["one"],
        "tags": [],
        "tags_under": ["O"],
        "sitemap_file": ["pages", 1],
    }
    path = reverse(name, args=args.get(name, args.get(name.partition("_")[0])))
    path += "?q=words" if name.startswith("search_") else ""
    SiteState.objects.touch(NOW)
    plain, curator = Client().get(path), log_in()
    assert plain.status_code == (301 if name == moved[0].name else 200)
    for browser, cookies in [(Client(), each) for each in COOKIES.values()] + [(curator, None)]:
        headers = {"HTTP_COOKIE": cookies} if cookies else {}
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(path, **headers)  # type: ignore[arg-type]
        assert answer.content == plain.content
        assert "cookie" not in answer.get("Vary", "").lower()
        assert [query["sql"] for query in queries if "session" in query["sql"] or "auth_user" in query["sql"]] == []
        assert dict(answer.cookies) == {}
        assert "private" not in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("multipart/form-data; boundary=limit; charset=utf-7", "multipart/form-data; boundary=limit"),
        ('text/plain;Charset = "unicode_escape" ;a=b', "text/plain ;a=b"),
        ("application/x-www-form-urlencoded; charset=zlib; charset=idna", "application/x-www-form-urlencoded"),
        ("", ""),
    ],
)
def test_no_request_chooses_how_it_is_read(sent: str, read: str) -> None:
    """Lone surrogates are in no database's text, and some of Python's encodings are none of text."""
    seen: list[str] = []
    ask = in_utf8(lambda environ, _: [seen.append(environ["CONTENT_TYPE"]) or b""])
    list(ask({"CONTENT_TYPE": sent}, lambda *_: None))
    assert seen == [read]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_curator_sees_the_page_that_readers_see(path: str) -> None:
    make_entry()
    answer = log_in().get(path)
    assert (answer.content, dict(answer.cookies)) == (Client().get(path).content, {})


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PAGES, "/admin/login/"])
def test_an_answer_names_what_it_needs_not(path: str) -> None:
    answer = Client().get(path)
    assert "camera=()" in answer["Permissions-Policy"]
    is_for_all = path.endswith((".xml", ".json"))
    assert answer["Cross-Origin-Resource-Policy"] == ("cross-origin" if is_for_all else "same-origin")
    assert answer.get("Access-Control-Allow-Origin") == ("*" if is_for_all else None)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/atom.xml", "/opml.xml"])
def test_an_unchanged_feed_may_be_read_by_scripts_too(path: str) -> None:
    tag = Client().get(path)["ETag"]
    answer = Client().get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (304, "*")


def test_https_is_the_sites_own_whatever_host_is_asked(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "planet.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    answer = Client().get("/about/?a=b", headers={"Host": "127.0.0.1:8000"})
    assert answer["Location"] == "https://planet.example.org/about/?a=b"


def test_the_host_of_that_redirect_comes_from_the_sites_address(tmp_path: Path) -> None:
    text = "from config import settings; print(settings.SECURE_SSL_HOST, settings.SECURE_SSL_REDIRECT)"
    environment = {"ENV_FILE": "", "DATA_DIR": str(tmp_path), "WEBSITE_URL": "https://planet.example.org:8443"}
    run = subprocess.run([sys.executable, "-c", text], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.stdout.split() == ["planet.example.org:8443", "True"]


@pytest.mark.parametrize(
    ("name", "error", "status", "level", "shows"),
    [
        ("django.security.TooManyFieldsSent", TooManyFieldsSent("no"), 400, logging.ERROR, "WARNING"),
        ("django.security.SuspiciousOperation", SuspiciousOperation("no"), None, logging.ERROR, "WARNING"),
        ("django.request", ValueError("no"), 400, logging.WARNING, "WARNING"),
        ("django.request", UnreadablePostError("gone"), 500, logging.ERROR, "WARNING"),
        ("django.request", ValueError("ours"), 500, logging.ERROR, "ERROR"),
        ("aggregator.tasks", ValueError("ours"), None, logging.ERROR, "ERROR"),
    ],
)
def test_only_our_own_mistakes_are_errors_with_a_traceback(
    name: str, error: Exception, status: int | None, level: int, shows: str
) -> None:
    record = logging.LogRecord(name, level, "", 1, "bad", (), (type(error), error, None))
    if status:
        record.status_code = status
    assert StrangersMistakes().filter(record)
    assert (record.levelname, bool(record.exc_info)) == (shows, shows == "ERROR")


def test_of_what_comes_too_often_no_request_is_a_line() -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 1, "Too Many Requests", (), None)
    record.status_code = 429
    assert not StrangersMistakes().filter(record)


LOGIN = "/admin/login/"
TOKEN = {"Cookie": f"csrftoken={'a' * 32}"}
FORM = {**TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
PARTS = {**TOKEN, "Content-Type": "multipart/form-data; boundary=x"}
BAD = {
    "a host that is none": ("GET", "/", {"Host": "a b\x01"}, b""),
    "another host": ("GET", "/", {"Host": "evil.example"}, b""),
    "a host with a port that is none": ("GET", "/", {"Host": "localhost:port"}, b""),
    "an endless number": ("GET", f"/post/{'9' * 400}/", {}, b""),
    "a year nought": ("GET", "/archive/0000/00/", {}, b""),
    "a month that is none": ("GET", "/archive/2026/13/", {}, b""),
    "NUL in a path": ("GET", "/source/%00/", {}, b""),
    "half a character": ("GET", "/source/%ed%a0%80/?before=%ff", {}, b""),
    "a before that is none": ("GET", "/category/x/?before=%00'--", {}, b""),
    "line breaks in a path": ("GET", "/no%0aERROR%20forged%0d%0a/%e2%80%a8ERROR/", {}, b""),
    "what steers a terminal": ("GET", "/no/%1b[2J%1b]0;x%07/%c2%9b2J/", {}, b""),
    "line breaks where no form belongs": ("POST", "/no%0aERROR%20forged/", {}, b"a=b"),
    "a way out of the folder": ("GET", "/static/..%2f..%2fsecret_key", {}, b""),
    "NUL in a static file": ("GET", "/static/%00.css", {}, b""),
    "a static file without end": ("GET", f"/static/{'x' * 5000}", {}, b""),
    "more fields than Django reads": ("GET", f"/category/x/?{'&'.join(['a'] * 3000)}", {}, b""),
    "more fields than Django reads, at the door": ("GET", f"/admin/login/?{'&'.join(['a'] * 3000)}", {}, b""),
    "a page after login that is none": ("GET", "/admin/login/?next=%00//%0ax", {}, b""),
    "NUL before": ("GET", "/?before=\\x00&before[]=1", {}, b""),
    "an encoding that is none of text": (
        "GET",
        "/category/x/?before=%ff",
        {"Content-Type": "text/plain; charset=zlib"},
        b"",
    ),
    "a range that is none": (
        "GET",
        "/",
        {"Range": "bytes=9-1", "If-None-Match": '"', "If-Modified-Since": "soon"},
        b"",
    ),
    "a language that is none": ("GET", "/admin/", {"Accept-Language": "x" * 5000}, b""),
    "a torn form": ("POST", LOGIN, PARTS, b"--x\r\nrubbish"),
    "parts without a boundary": ("POST", LOGIN, {**TOKEN, "Content-Type": "multipart/form-data"}, b"x"),
    "a part in a coding that is none": (
        "POST",
        LOGIN,
        PARTS,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n',
    ),
    "too many fields": ("POST", LOGIN, FORM, b"&".join(b"a%d=1" % number for number in range(2000))),
    "a form in an encoding with half characters": (
        *("POST", LOGIN, {**FORM, "Content-Type": "application/x-www-form-urlencoded; charset=unicode_escape"}),
        rb"username=\ud800",
    ),
    "a form in a charset that is none": ("POST", LOGIN, {**FORM, "Content-Type": "text/x; charset=klingon"}, b"a=b"),
    "NUL in a form": ("POST", LOGIN, FORM, b"csrfmiddlewaretoken=" + b"a" * 32 + b"&username=%00&password=%00"),
    "a message that is none": ("POST", "/notifications/push/subscribe/", {}, b"{"),
    "a deep message": ("POST", "/notifications/push/sync/", {}, b"[" * 8000),
    "a number without end": ("POST", "/notifications/push/unsubscribe/", {}, b'{"endpoint": ' + b"9" * 8000 + b"}"),
    "a message in bytes": ("POST", "/notifications/push/subscribe/", {}, b"\xff\xfe\x00"),
    "a method of its own": ("BREW", "/", {}, b""),
    "an address of another site": ("GET", "http://evil.example/", {}, b""),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a real site, and its log."""
    folder = tmp_path_factory.mktemp("site")
    site = Site(folder / "orrery.sqlite3", folder / "data")
    with site.web_server(log=folder / "log") as address:
        yield address, folder / "log"


@pytest.mark.parametrize(("method", "path", "headers", "body"), BAD.values(), ids=BAD)
def test_a_strangers_bad_request_is_no_error_of_ours(
    served: tuple[str, Path], method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    address, log = served
    before = len(log.read_text())
    line = HTTPConnection(address.split("/")[2], timeout=PATIENCE_SECONDS)
    line.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        line.putheader(name, value)
    if body:
        line.putheader("Content-Length", str(len(body)))
    line.endheaders(body)
    answer = line.getresponse()
    text = answer.read()
    line.close()
    assert answer.status < 500
    assert b"evil.example" not in text
    written = log.read_text()[before:]
    assert "Traceback" not in written
    assert not re.search("^ERROR", written, re.MULTILINE)
    assert not re.search(r"[^\x20-\x7e…\n]", written), "nothing that breaks lines or steers terminals"
    assert len(written.splitlines()) <= 1


@pytest.mark.parametrize("name", ["Script-Name", "SCRIPT_NAME", "X-Script-Name", "X-Forwarded-Prefix"])
def test_no_header_moves_a_page_to_another_address(served: tuple[str, Path], name: str) -> None:
    host = served[0].split("/")[2]
    for path, status in (("/x/admin/login/", 404), ("/admin/login/", 200), ("/", 200), ("/atom.xml", 200)):
        line = HTTPConnection(host, timeout=PATIENCE_SECONDS)
        line.request("GET", path, headers={name: "/x"})
        answer = line.getresponse()
        text = answer.read()
        line.close()
        assert answer.status == status
        assert b"/x/" not in text


def test_behind_a_web_server_that_believes_a_header_links_stay() -> None:
    answer = Client(SCRIPT_NAME="/x").get("/admin/login/")
    assert b'href="/x' not in answer.content
    assert b'action="/x' not in answer.content
    assert b"/static/" in answer.content


# -- hosts that aren't ours ------------------------------------------------------------------------------------------


def refused(host: str) -> logging.LogRecord:
    record = logging.LogRecord("django.security.DisallowedHost", logging.ERROR, "", 0, "Invalid", (), None)
    record.request = RequestFactory().get("/", headers={"host": host})
    return record


def test_a_refused_host_is_named_once_without_a_traceback() -> None:
    hosts, first = RefusedHosts(), refused("planet.example.net")
    assert [hosts.filter(first), hosts.filter(refused("planet.example.net"))] == [True, False]
    assert first.getMessage().startswith("refused host='planet.example.net': ALLOWED_HOSTS doesn't name it.")


def test_invented_hosts_neither_flood_the_log_nor_the_memory() -> None:
    now = [0.0]
    hosts = RefusedHosts(lambda: now[0])
    assert sum(hosts.filter(refused(f"{number}.example")) for number in range(5000)) == HOSTS_AT_ONCE
    for number in range(5000, 5000 + 2 * MAX_HOSTS):
        now[0] += HOST_SECONDS
        assert hosts.filter(refused(f"{number}.example"))
    assert len(hosts._named) == MAX_HOSTS


def test_what_a_host_contains_stays_on_its_line() -> None:
    record = refused(f"a\n{'x' * 5000}")
    assert RefusedHosts().filter(record)
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 300


@pytest.mark.django_db
def test_the_log_of_a_site_names_a_refused_host(tmp_path: Path) -> None:
    site = Site(tmp_path / "orrery.sqlite3", tmp_path / "data", WEBSITE_URL="https://planet.example.org")
    with site.web_server(log=tmp_path / "log") as address:
        port = int(address.split(":")[2].strip("/"))
        answers = []
        for path in ("/", "/", "/healthz"):
            line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
            line.request("GET", path, headers={"Host": "planet.example.net", "X-Forwarded-Proto": "https"})
            answers.append(line.getresponse().status)
            line.close()
    log = (tmp_path / "log").read_text()
    assert (answers, log.count("planet.example.net")) == ([400, 400, 200], 1)
