from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from queue import SimpleQueue

import pytest

from aggregator.demo.library import Blog, load_library
from aggregator.demo.server import DemoServer
from tests.patience import PATIENCE_SECONDS

EPOCH = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
LIBRARY = load_library()


@dataclass
class HandClock:
    """A clock that moves when it is told to."""

    now: datetime = EPOCH

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def make_server(folder: Path, clock: HandClock, every_seconds: int = 60) -> DemoServer:
    return DemoServer(LIBRARY, folder / "diary.json", port=0, every_seconds=every_seconds, clock=clock)


def ask(server: DemoServer, path: str, method: str = "GET", **headers: str) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Reply(response.status, response.read(), {name.lower(): value for name, value in response.getheaders()})
    finally:
        connection.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def server(tmp_path: Path, clock: HandClock) -> Iterator[DemoServer]:
    server = make_server(tmp_path, clock)
    with server.answering():
        yield server


def test_every_healthy_feed_answers_under_its_media_type(server: DemoServer) -> None:
    answers = {blog.slug: ask(server, blog.feed_path) for blog in LIBRARY.blogs if not blog.broken_status}
    assert {answer.status for answer in answers.values()} == {200}
    assert answers["loose-threads"].headers["content-type"] == "application/feed+json; charset=utf-8"


def test_a_feed_that_has_not_changed_is_not_sent_twice(server: DemoServer) -> None:
    tag = ask(server, "/wheelwright/feed.xml").headers["etag"]
    again = ask(server, "/wheelwright/feed.xml", If_None_Match=tag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)


def test_the_date_of_the_newest_post_is_a_validator_too(server: DemoServer) -> None:
    modified = ask(server, "/wheelwright/feed.xml").headers["last-modified"]
    assert ask(server, "/wheelwright/feed.xml", If_Modified_Since=modified).status == 304


def test_an_unknown_tag_counts_more_than_a_date(server: DemoServer) -> None:
    modified = ask(server, "/wheelwright/feed.xml").headers["last-modified"]
    assert ask(server, "/wheelwright/feed.xml", If_Modified_Since=modified, If_None_Match='"other"').status == 200


@pytest.mark.parametrize("nonsense", ["yesterday", ""])
def test_a_date_that_cannot_be_read_is_no_validator(server: DemoServer, nonsense: str) -> None:
    assert ask(server, "/wheelwright/feed.xml", If_Modified_Since=nonsense).status == 200


def test_a_new_post_changes_the_tag_of_its_feed_only(server: DemoServer, clock: HandClock) -> None:
    before = {blog.slug: ask(server, blog.feed_path).headers.get("etag") for blog in LIBRARY.blogs}
    clock.now += timedelta(seconds=50)
    post = server.publish()
    after = {blog.slug: ask(server, blog.feed_path).headers.get("etag") for blog in LIBRARY.blogs}
    assert {slug for slug in after if after[slug] != before[slug]} == {post.blog}


def test_a_new_post_is_dated_with_the_moment_it_came_out(server: DemoServer, clock: HandClock) -> None:
    clock.now += timedelta(seconds=50)
    server.publish()
    modified = ask(server, "/slow-mornings/atom.xml").headers["last-modified"]
    assert parsedate_to_datetime(modified) == clock.now


def test_the_moved_feed_redirects_for_good(server: DemoServer) -> None:
    answer = ask(server, "/old-home/lockfile.xml")
    assert (answer.status, answer.headers["location"]) == (301, f"{server.base_url}/lockfile-diaries/atom.xml")


def test_the_broken_feed_fails(server: DemoServer) -> None:
    assert ask(server, "/sunday-builds/feed.xml").status == 500


@pytest.mark.parametrize("blog", LIBRARY.blogs, ids=lambda blog: blog.slug)
def test_the_site_of_a_blog_names_its_feed(server: DemoServer, blog: Blog) -> None:
    page = ask(server, f"/{blog.slug}/").body.decode()
    assert 'rel="alternate"' in page
    assert f'href="{server.base_url}{blog.feed_path}"' in page


def test_every_post_has_a_page_of_its_own(server: DemoServer) -> None:
    statuses = {post.key: ask(server, f"/{post.key}/").status for post in LIBRARY.posts}
    assert {key for key, status in statuses.items() if status != 200} == set()


def test_a_post_that_is_not_out_yet_has_no_page(server: DemoServer) -> None:
    assert ask(server, f"/{LIBRARY.upcoming[0].key}/").status == 404


def test_a_hebrew_page_reads_from_the_right(server: DemoServer) -> None:
    assert '<html lang="he" dir="rtl">' in ask(server, "/shulei-hadaf/").body.decode()


def test_the_front_page_lists_where_each_feed_is_known_to_be(server: DemoServer) -> None:
    page = ask(server, "/").body.decode()
    assert [blog.slug for blog in LIBRARY.blogs if server.base_url + blog.known_path not in page] == []


def test_an_image_is_served_as_what_it_is(server: DemoServer) -> None:
    answer = ask(server, "/images/shed.png")
    assert (answer.status, answer.headers["content-type"], answer.body[:4]) == (200, "image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "path", ["/images/../library.py", "/images/%2e%2e/blogs.toml", "/images//etc/hosts", "/nowhere"]
)
def test_nothing_else_is_served(server: DemoServer, path: str) -> None:
    assert ask(server, path).status == 404


def test_head_tells_the_length_and_sends_no_body(server: DemoServer) -> None:
    answer = ask(server, "/planet-north/atom.xml", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 1000


def test_json_comes_out_as_json(server: DemoServer) -> None:
    assert json.loads(ask(server, "/loose-threads/feed.json").body)["version"] == "https://jsonfeed.org/version/1.1"


def test_a_second_start_repeats_nothing_and_shifts_no_date(tmp_path: Path) -> None:
    clock = HandClock()
    with (first := make_server(tmp_path, clock)).answering():
        clock.now += timedelta(seconds=50)
        published = first.publish()
    clock.now += timedelta(days=1)
    with (second := make_server(tmp_path, clock)).answering():
        assert second.diary == first.diary
        assert second.publish() != published


def test_the_server_listens_on_loopback_only(server: DemoServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_a_stopped_server_lets_go_of_its_port(tmp_path: Path) -> None:
    with (server := make_server(tmp_path, HandClock())).answering():
        port = server.server_port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_posts_come_out_by_themselves_until_the_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server(tmp_path, HandClock(EPOCH.replace(microsecond=999_000)), every_seconds=1)
    stop: SimpleQueue[int] = SimpleQueue()
    publish = server.publish

    def publish_and_stop_after_two() -> None:
        publish()
        if len(server.diary.publications) == 2:
            stop.put(0)

    monkeypatch.setattr(server, "publish", publish_and_stop_after_two)
    with server.answering():
        server.publish_until(stop)
    assert [one.key for one in LIBRARY.upcoming[:2]] == [publication.key for publication in server.diary.publications]


@pytest.mark.parametrize(("fault", "is_told"), [(BrokenPipeError(), False), (ValueError("ours"), True)])
def test_only_a_fault_of_ours_is_told(
    server: DemoServer, fault: Exception, is_told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise fault
    except (BrokenPipeError, ValueError):
        server.handle_error(None, ("127.0.0.1", 50_000))
    assert ("Traceback" in capsys.readouterr().err) == is_told
