"""The samples of `config/deploy`, run by the real programs in front of the real web server."""

from __future__ import annotations

import ast
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.needs import need_program
from tests.patience import PATIENCE_SECONDS
from tests.processes import ROOT, Site
from tests.proxies import NAME, SAMPLES, free_port, make_certificate, running, write_nginx_files
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site's own web server, and beside it the folder of its static files."""
    folder = tmp_path_factory.mktemp("site")
    site = Site(folder / "orrery.sqlite3", folder / "data", WEBSITE_URL=f"https://{NAME}")
    with site.web_server() as address:
        yield address


@pytest.fixture(scope="module")
def static_files(web_server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return next(tmp_path_factory.getbasetemp().glob("site*/data/static"))


class Proxy:
    """A proxy in front of the site, asked by https."""

    def __init__(self, port: int) -> None:
        self.address = ("127.0.0.1", port)
        # Made once, and without the authorities of this machine: to load those takes longer than to connect.
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE

    def connect(self, first: bytes = b"") -> socket.socket:
        line = self._tls.wrap_socket(
            socket.create_connection(self.address, timeout=PATIENCE_SECONDS), server_hostname=NAME
        )
        line.sendall(first)
        return line

    def has_certificate(self) -> bool:
        try:
            self.connect().close()
        except ssl.SSLError:
            return False
        return True

    def ask(self, path: str, *, version: str = "1.0", **headers: str) -> tuple[int, Message, bytes]:
        """Status, headers and body of an answer."""
        lines = [f"GET {path} HTTP/{version}", f"Host: {NAME}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        with self.connect(("\r\n".join(lines) + "\r\n\r\n").encode()) as line:
            found = b""
            while data := line.recv(65536):
                found += data
        head, _, body = found.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        answered = Message()
        for each in rest:
            name, _, value = each.partition(":")
            answered[name] = value.strip()
        return int(first.split()[1]), answered, body


def port_of(address: str) -> str:
    return re.search(r"\d+(?=/$)", address)[0]  # type: ignore[index]


@pytest.fixture(scope="module")
def nginx(web_server: str, static_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    program, folder, port = need_program("nginx"), tmp_path_factory.mktemp("nginx"), free_port()
    make_certificate(folder)
    write_nginx_files(folder, port, site_port=port_of(web_server), static_files=static_files)
    with running([program, "-c", f"{folder}/nginx.conf", "-p", str(folder)], port, folder / "log"):
        yield Proxy(port)


@pytest.fixture(scope="module")
def caddy(web_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    program, folder, port = need_program("caddy"), tmp_path_factory.mktemp("caddy"), free_port()
    sample = (SAMPLES / "Caddyfile").read_text()
    assert sample.count("127.0.0.1:8000") == 4
    sample = sample.replace("127.0.0.1:8000", f"127.0.0.1:{port_of(web_server)}")
    # A certificate of its own making, at a port of the test's own.
    sample = sample.replace(
        "{\n\tservers", "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tservers", 1
    )
    sample = sample.replace(f"\n{NAME} {{", f"\nhttps://{NAME}:{port} {{\n\ttls internal", 1)
    (folder / "Caddyfile").write_text(sample)
    command = ["env", f"HOME={folder}", f"XDG_DATA_HOME={folder}", program, "run", "--config", f"{folder}/Caddyfile"]
    with running([*command, "--adapter", "caddyfile"], port, folder / "log"):
        proxy, gives_up_at = Proxy(port), time.monotonic() + PATIENCE_SECONDS
        while not proxy.has_certificate():  # it listens before it has made one
            assert time.monotonic() < gives_up_at, (folder / "log").read_text()
            time.sleep(0.05)
        yield proxy


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    found: Proxy = request.getfixturevalue(request.param)
    return found


def test_readers_get_pages(proxy: Proxy) -> None:
    status, headers, body = proxy.ask("/")
    assert (status, b"<main" in body) == (200, True)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"]  # the site knows that they came by https


def test_curators_get_their_door(proxy: Proxy) -> None:
    status, _, body = proxy.ask("/admin/login/")
    assert (status, b"csrfmiddlewaretoken" in body) == (200, True)


@pytest.mark.parametrize(("length", "status"), [(14, 400), (4097, 413)])
def test_strangers_get_their_door(proxy: Proxy, length: int, status: int) -> None:
    head = f"POST /submit/ HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\nContent-Length: {length}\r\n"
    with proxy.connect(
        f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + b"x" * length
    ) as line:
        said = int(line.recv(65536).split()[1])
        # We refuse by the length alone. Where that comes while Caddy still sends, it says that it can't.
        assert said == status or (said, status) == (502, 413)
    status_of_form, headers, _ = proxy.ask("/submit/")
    assert (status_of_form, headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("PUT", "/atom.xml", 405),
        ("POST", "/admin/login/", 403),
        ("POST", "/notifications/n/1/", 405),
    ],
)
def test_a_body_that_does_not_belong_is_refused(proxy: Proxy, method: str, path: str, status: int) -> None:
    """Where readers are, before it comes. Elsewhere nginx takes it in, a short one, before it asks the site."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 20\r\n\r\n"
    body = b"x" * 20 if path.startswith(("/admin", "/notifications")) else b""
    with proxy.connect(head.encode() + body) as line:
        assert int(line.recv(65536).split()[1]) in (status, 413)  # nginx looks at the length first


@pytest.mark.parametrize("path", ["/owner/of-nobody/", "/owner/of-nobody/take-off/", "/source/of-nobody/owner/"])
def test_what_owners_send_comes_to_the_site(proxy: Proxy, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 6\r\n\r\ndo=one"
    with proxy.connect(head.encode()) as line:
        assert int(line.recv(65536).split()[1]) == 404


BEGUN = {
    "head": "GET / HTTP/1.1\r\nHost: {0}\r\nX-A: b",
    "form": "POST /admin/login/ HTTP/1.1\r\nHost: {0}\r\nCookie: csrftoken=x\r\nContent-Length: 9\r\n\r\nab",
    "offer": "POST /notifications/push/subscribe/ HTTP/1.1\r\nHost: {0}\r\nContent-Length: 9\r\n\r\nab",
}


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
def test_behind_two_hundred_slow_clients_others_are_answered(proxy: Proxy, begun: str) -> None:
    with ExitStack() as slow:
        for _ in range(200):
            slow.enter_context(proxy.connect(begun.format(NAME).encode()))
        assert proxy.ask("/healthz")[0] == 200
        assert proxy.ask("/")[0] == 200


@pytest.mark.parametrize("header", ["Script-Name", "X-Forwarded-Prefix", "X-Forwarded-Host", "Forwarded"])
def test_a_strangers_header_changes_no_link(proxy: Proxy, header: str) -> None:
    plain = proxy.ask("/about/")[2]
    assert proxy.ask("/about/", **{header: "evil.example/x"})[2] == plain
    assert b"evil" not in plain


def test_who_has_a_page_keeps_the_connection(web_server: str) -> None:
    line = HTTPConnection("127.0.0.1", int(port_of(web_server)), timeout=PATIENCE_SECONDS)
    headers = {"Host": NAME, "X-Forwarded-Proto": "https"}
    line.request("GET", "/", headers=headers)
    page = line.getresponse()
    page.read()
    for _ in range(2):
        line.request("GET", "/", headers=headers | {"If-None-Match": page.headers["ETag"]})
        answer = line.getresponse()
        assert (answer.status, answer.read(), answer.will_close) == (304, b"", False)
    line.close()


def test_nginx_hands_out_static_files_by_itself_for_good(nginx: Proxy, static_files: Path) -> None:
    name = next(path.name for path in (static_files / "css").glob("*.*.css"))
    status, headers, body = nginx.ask(f"/static/css/{name}", version="1.1", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert body == (static_files / "css" / f"{name}.gz").read_bytes()
    assert nginx.ask("/static/../secret_key")[0] in (400, 404)


FOR_ALL = {"Cache-Control": "public, s-maxage=600", "Vary": "Accept-Encoding", "ETag": '"a"'}
"""As public pages say it."""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[Proxy, FeedServer]]:
    """nginx, and what stands in the site's place behind it: pages that may be kept for as long as a test says."""
    program, port = need_program("nginx"), free_port()
    make_certificate(tmp_path)
    with FeedServer() as server:
        write_nginx_files(tmp_path, port, site_port=server.port, static_files=tmp_path)
        with running([program, "-c", f"{tmp_path}/nginx.conf", "-p", str(tmp_path)], port, tmp_path / "log"):
            yield Proxy(port), server


def test_nginx_keeps_one_copy_of_a_page_whatever_is_added_to_its_address(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    server.add("/", Answer(b"page", headers=FOR_ALL))
    assert {nginx.ask(path)[2] for path in ("/", "/?utm_source=1", "/?utm_source=2&x=y")} == {b"page"}
    assert server.paths() == ["/"]


def test_nginx_hands_on_which_post_a_page_comes_after_to_pages_that_read_it(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    read = [
        "/category/web/?before=12",
        "/source/one/?before=12",
        "/tag/one/?before=12",
        "/author/ann/?before=12",
        "/archive/2026/06/23/?before=12",
        "/atom.xml?before=12",
        "/category/web/rss20.xml?before=12",
        "/source/one/atom.xml?before=12",
        "/tag/one/feed.json?before=12",
    ]
    for path in [*read, "/", "/opml.xml", "/category/web/", "/source/one/status/"]:
        server.add(path, Answer(path.encode(), headers=FOR_ALL))
    assert [nginx.ask(path)[2].decode() for path in read] == read
    needless = [
        "/?before=1",
        "/?before=2",
        "/opml.xml?before=3",
        "/category/web/?before=x",
        "/category/web/?before=%0d%0a",
    ]
    needless += ["/source/one/status/?before=4"]
    assert [nginx.ask(path)[2].decode() for path in needless] == [path.partition("?")[0] for path in needless]
    assert server.paths() == [*read, "/", "/opml.xml", "/category/web/", "/source/one/status/"]


def test_nginx_hands_on_all_that_is_searched_and_keeps_nothing_of_it(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    asked = ["/search/?q=caf%C3%A9+-tea&order=best&before=7", "/search/atom.xml?q=a%26b", "/search/"]
    asked += ["/why/?url=https%3A%2F%2Fblog.example%2Fpost", "/why/"]
    for path in asked:
        server.add(path, Answer(path.encode(), headers=FOR_ALL))
    for _ in range(2):
        assert [nginx.ask(path)[2].decode() for path in asked] == asked
    assert server.paths() == asked * 2


def test_nginx_tells_who_searches_without_end_to_wait(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    server.add("/search/?q=a", Answer(b"found", headers=FOR_ALL))
    server.add("/", Answer(b"page", headers=FOR_ALL))
    many = f"GET /search/?q=a HTTP/1.1\r\nHost: {NAME}\r\n\r\n" * 60
    with nginx.connect(f"{many}GET /nothing HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode()) as line:
        said = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    statuses = re.findall(r"HTTP/1.1 ([0-9]+)", said)
    assert (statuses[:20], set(statuses[20:-1])) == (["200"] * 20, {"200", "429"})
    assert nginx.ask("/")[0] == 200


ENCODINGS = ("gzip, deflate, br, zstd", "BR", "gzip", "x, GZip;q=0.8", "gzip, deflate", "identity", "")


def test_nginx_keeps_three_copies_of_a_page_however_browsers_say_it(
    kept: tuple[Proxy, FeedServer],
) -> None:
    nginx, server = kept
    server.add("/", lambda seen: Answer(seen.headers.get("accept-encoding", "plain").encode(), headers=FOR_ALL))
    for _ in range(2):
        answers = [nginx.ask("/", Accept_Encoding=said)[2] for said in ENCODINGS]
        assert answers == [b"br"] * 2 + [b"gzip"] * 3 + [b"plain"] * 2, "what is kept is what was asked for"
    assert server.paths() == ["/"] * 3


def test_nginx_keeps_a_feed_for_programs_and_one_for_who_opens_it_as_a_page(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    paths = ["/atom.xml", "/source/one/rss20.xml", "/.well-known/recommendations.opml"]
    varied = FOR_ALL | {"Vary": "Accept-Encoding, Sec-Fetch-Dest"}
    for path in [*paths, "/"]:
        server.add(path, lambda seen: Answer(seen.headers.get("sec-fetch-dest", "a program").encode(), headers=varied))
    for _ in range(2):
        for path in paths:
            assert nginx.ask(path)[2] == b"a program"
            assert nginx.ask(path, Sec_Fetch_Dest="document")[2] == b"document"
            assert nginx.ask(path, Sec_Fetch_Dest="empty")[2] == b"a program"
        assert nginx.ask("/", Sec_Fetch_Dest="document")[2] == nginx.ask("/")[2], "a page is the same for all"
    assert len(server.paths()) == 2 * len(paths) + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "private, max-age=600"},
        {"Cache-Control": "no-cache, no-store, max-age=600"},
        {"Set-Cookie": "a=b"},
        {"Vary": "Cookie"},
        {"Vary": "Accept-Encoding, Authorization"},
        {"Vary": "*"},
    ],
)
def test_nginx_keeps_no_answer_that_is_not_for_all(kept: tuple[Proxy, FeedServer], headers: dict[str, str]) -> None:
    nginx, server = kept
    server.add("/", Answer(b"yours", headers=FOR_ALL | headers))
    for _ in range(2):
        assert nginx.ask("/", Cookie="a=b", Authorization="Basic eA==")[2] == b"yours"
    assert [seen.headers["cookie"] for seen in server.requests] == ["a=b"] * 2


def test_nginx_keeps_nothing_of_the_desk(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    server.add("/admin/", Answer(b"desk", headers=FOR_ALL))
    assert [nginx.ask("/admin/")[2] for _ in range(2)] == [b"desk"] * 2
    assert server.paths() == ["/admin/"] * 2


def test_nginx_takes_heads_and_ranges_from_the_whole_page(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    server.add("/", Answer(b"a whole page", headers=FOR_ALL | {"Accept-Ranges": "bytes"}))
    with nginx.connect(f"HEAD / HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode()) as line:
        head = b"".join(iter(lambda: line.recv(65536), b""))
    assert head.startswith(b"HTTP/1.1 200 ")
    assert head.endswith(b"\r\n\r\n")
    assert nginx.ask("/", Range="bytes=2-6")[::2] == (206, b"whole")
    assert nginx.ask("/")[::2] == (200, b"a whole page")
    assert server.paths() == ["/"]


def test_the_sample_for_nginx_lets_through_each_name_of_a_query_that_a_page_reads() -> None:
    """What it doesn't know it takes away, and the page would be that without it."""
    calls = [
        node
        for path in (ROOT / "aggregator").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and not any(word.arg == "is_kept" for word in node.keywords)
    ]
    words = [word for call in calls for word in call.keywords if word.arg == "reads"]
    read = {name for word in words for name in ast.literal_eval(word.value)}
    known = re.search(r"map (\S+) \$orrery_query", (SAMPLES / "nginx.conf").read_text())
    assert known
    assert read == set(re.findall(r"\$arg_(\w+)", known[1])) != set()


def test_nginx_hands_out_the_newer_page_though_the_older_is_still_open(kept: tuple[Proxy, FeedServer]) -> None:
    nginx, server = kept
    for text in (b"first", b"second", b"third"):
        server.add("/", Answer(text, headers={"Cache-Control": "public, s-maxage=1"}))
        gives_up_at = time.monotonic() + PATIENCE_SECONDS
        while nginx.ask("/")[2] != text:
            assert time.monotonic() < gives_up_at
            time.sleep(0.05)
        assert [nginx.ask("/")[2] for _ in range(5)] == [text] * 5


def test_nginx_hands_out_no_page_that_is_older_than_it_says_to_who_comes_alone(
    kept: tuple[Proxy, FeedServer],
) -> None:
    nginx, server = kept
    headers = {"Cache-Control": "public, s-maxage=1, stale-while-revalidate=1"}
    server.add("/", Answer(b"old", headers=headers))
    assert nginx.ask("/")[2] == b"old"
    server.add("/", Answer(b"new", headers=headers))
    time.sleep(3.5)  # longer than both, by a clock that knows whole seconds
    assert nginx.ask("/")[2] == b"new"
