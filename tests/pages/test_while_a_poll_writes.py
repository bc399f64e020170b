"""Readers ask a real web server while posts are stored: each answer is a whole page, and none is older than it says."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.conf import LazySettings

from aggregator.models.site_state import version_now
from tests.factories import NOW, make_feed
from tests.patience import wait_until
from tests.processes import ROOT, site_variables
from tests.proxies import free_port, running
from tests.stores import make_item, store_items

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
READERS, REQUESTS = 2, 500
"""Side by side, and of each."""
POSTS = 60
"""In pairs: the second of each is stored while the page with the first is made, and then none for a while."""

Seen = tuple[int, int, int, bool]
"""Of an answer: its status, the version in its ETag, the newest post's number, and whether the page has its end."""


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """The site's own web server on the tests' database; its address."""
    port = free_port()
    variables = site_variables() | {"PORT": str(port), "WEB_WORKERS": "1", "WEBSITE_URL": f"http://127.0.0.1:{port}"}
    variables["DATA_DIR"] = str(folder / "data")
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=variables, check=True)
    with running([sys.executable, "-m", "config.web_server"], port, folder / "log", variables):
        yield f"http://127.0.0.1:{port}/"


def read(address: str, seen: list[Seen]) -> None:
    with httpx.Client(timeout=60) as client:
        for _ in range(REQUESTS):
            answer = client.get(address)
            version = re.search(r"-(\d+)\"$", answer.headers.get("etag", ""))
            posts = [int(number) for number in re.findall(r">Post (\d+) of many<", answer.text)]
            has_end = answer.text.rstrip().endswith("</html>")
            seen.append((answer.status_code, int(version[1]) if version else -1, max(posts, default=0), has_end))


def test_no_page_is_half_or_older_than_its_version(tmp_path: Path, settings: LazySettings) -> None:
    settings.FEED_POSTS_PER_DAY = 0
    feed, newest_at = make_feed("North"), {}
    seen: list[Seen] = []
    with web_server(tmp_path) as address:
        readers = [threading.Thread(target=read, args=(address, seen)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        for number in range(1, POSTS + 1):
            store_items(feed, make_item(f"Post {number} of many", published_at=NOW), title="North")
            newest_at[version_now()] = number
            if number % 2:
                # Sooner or later in the time that a page with this post takes to be made.
                time.sleep(number % 10 * 0.003)
            else:
                wait_until(lambda enough=number / POSTS * READERS * REQUESTS: len(seen) >= enough)
        for reader in readers:
            reader.join()
    assert (len(seen), {(status, has_end) for status, _, _, has_end in seen}) == (READERS * REQUESTS, {(200, True)})
    assert len({version for _, version, _, _ in seen}) > POSTS / 3, "pages of many versions were seen"
    assert [each for each in seen if each[2] < newest_at.get(each[1], 0)] == []
