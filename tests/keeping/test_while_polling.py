"""A backup that is taken while a real worker polls, restored elsewhere: no post is lost, folds are whole, and a device
of before can be told.

On PostgreSQL the site moves to SQLite by that.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from aggregator.keeping.other_database import in_place_of_the_site
from aggregator.models import Entry
from aggregator.tasks import poll_and_answer
from notifications.models import Delivery, Notice, PushSubscription
from notifications.sending.delivering import deliver_due
from notifications.sending.push import Sender
from notifications.vapid.keys import VapidKey, keyring
from tests.documents import rss
from tests.factories import make_feed
from tests.notifications.outbox import Office, make_curator, office
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.processes import ROOT, site_variables
from tests.servers import Answer, FeedServer, Seen

__all__ = ["office"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.queue,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.no_cover,
]
POLLS_BEFORE = 12
"""Of all feeds; each brings three new posts of each."""
HOSTS, FEEDS = 4, 12


@pytest.fixture
def planet() -> Iterator[list[int]]:
    """Blogs with a new post whenever they are asked, and a planet that carries those of the first; their feeds' ids."""
    with ExitStack() as stack:
        servers = [stack.enter_context(FeedServer(f"127.0.1.{number}")) for number in range(1, HOSTS + 1)]
        feeds = []
        for number in range(FEEDS):
            site = f"http://{servers[number % HOSTS].host}/{number}/"
            url = servers[number % HOSTS].add(f"/{number}/feed", growing(f"Blog {number}", site))
            feeds.append(make_feed(url=url, state="pending", last_ok_at=None, site_url=site, is_unlimited=True))
        first = f"http://{servers[0].host}/0/"
        url = servers[-1].add("/planet", growing("Planet", first))
        feeds.append(make_feed(url=url, state="pending", last_ok_at=None, is_unlimited=True))
        yield [feed.pk for feed in feeds]


def growing(title: str, site_url: str) -> Callable[[Seen], Answer]:
    counter, began = itertools.count(3, 3), timezone.now() - timedelta(days=1)

    def answer(_: Seen) -> Answer:
        number = next(counter)
        posts = [(f"Post {post}", began + timedelta(seconds=post)) for post in range(number, max(number - 30, 0), -1)]
        return Answer(rss(title, posts, site_url=site_url))

    return answer


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "origin").mkdir()
    return tmp_path / "origin"


def test_a_backup_of_a_busy_site_has_all_that_was_there_when_it_began(
    planet: list[int], office: Office, data_dir: Path, tmp_path: Path, settings: Any
) -> None:
    (data_dir / "vapid_private_key").write_text(office.key.private_text + "\n")
    _, browser = office.make_device(make_curator())
    variables = site_variables() | {"DATA_DIR": str(data_dir)}
    backup = tmp_path / "site.tar.gz"

    worker = subprocess.Popen([sys.executable, "manage.py", "run_huey"], cwd=ROOT, env=variables)
    try:
        committed = poll_and_back_up(planet, backup, variables)
    finally:
        worker.terminate()
        worker.wait(PATIENCE_SECONDS)
    after = set(Entry.objects.values_list("feed_id", "guid"))
    assert len(committed) > 400
    assert committed < after

    elsewhere = tmp_path / "elsewhere"
    restored = manage("restore", str(backup), variables=elsewhere_variables(elsewhere))
    assert restored.returncode == 0, restored.stderr
    database = elsewhere / "orrery.sqlite3"
    kept = check_rows(database)
    assert committed <= kept <= after

    settings.DATA_DIR = elsewhere
    with in_place_of_the_site(database):
        assert send_to_the_device(office) == {"accepted": 1}
    wait_until(lambda: browser.inbox, what="the message is decrypted")
    assert b"After the move" in browser.inbox[0]


def poll_and_back_up(planet: list[int], backup: Path, variables: dict[str, str]) -> set[tuple[int, str]]:
    """Have all polled again and again, and take a backup in the middle; which posts were there when it began."""
    for _ in range(POLLS_BEFORE):
        poll_and_answer(planet).get(blocking=True, timeout=PATIENCE_SECONDS)
    committed = set(Entry.objects.values_list("feed_id", "guid"))
    process = subprocess.Popen([sys.executable, "manage.py", "backup", str(backup)], cwd=ROOT, env=variables)
    while process.poll() is None:
        poll_and_answer(planet).get(blocking=True, timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    poll_and_answer(planet).get(blocking=True, timeout=PATIENCE_SECONDS)
    return committed


def check_rows(database: Path) -> set[tuple[int, str]]:
    """Which posts are there; folds, counts and references are whole."""
    with closing(sqlite3.connect(database)) as line:
        assert line.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert line.execute("PRAGMA foreign_key_check").fetchall() == []
        entries = {
            pk: rest
            for pk, *rest in line.execute("SELECT id, feed_id, guid, url, duplicate_of_id FROM aggregator_entry")
        }
        left = "SELECT feed_id FROM aggregator_uncountedfeed"  # the next poll counts them
        counts = dict(line.execute(f"SELECT id, entry_count FROM aggregator_feed WHERE id NOT IN ({left})"))
        assert line.execute("SELECT count(*) FROM aggregator_feed WHERE lease IS NOT NULL").fetchall() == [(0,)]
    shown = [url for _, _, url, copy_of in entries.values() if copy_of is None]
    copies = [(url, copy_of) for _, _, url, copy_of in entries.values() if copy_of is not None]
    assert len(shown) == len(set(shown))  # each post shows once
    assert copies
    assert all(entries[copy_of][2:] == [url, None] for url, copy_of in copies)
    for feed_id in {of for of, *_ in entries.values()}:
        rows = [(guid, copy_of) for of, guid, _, copy_of in entries.values() if of == feed_id]
        numbers = sorted(int(guid.rpartition("-")[2]) for guid, _ in rows)
        assert numbers == list(range(1, len(numbers) + 1))  # each of its documents whole
        assert counts.get(feed_id) in (None, sum(copy_of is None for _, copy_of in rows))
    return {(feed_id, guid) for feed_id, guid, _, _ in entries.values()}


def send_to_the_device(office: Office) -> dict[str, int]:
    """With the keys that the restored site has, to the device as its row says."""
    ContentType.objects.clear_cache()
    ring = keyring()
    assert isinstance(ring.current, VapidKey)
    assert ring.current.id == office.key.id
    now = timezone.now()
    notice = Notice.objects.create(title="After the move", topic="posts", expires_at=now + timedelta(hours=1))
    Delivery.objects.all().update(state="suppressed")
    Delivery.objects.create(notice=notice, device=PushSubscription.objects.get(), next_at=now)
    sender = Sender(
        ring,
        contact="mailto:curators@planet.example",
        extra_hosts=[office.service.extra_host],
        ssl_context=office.service.ssl_context,
    )
    return dict(deliver_due(clock=lambda: now, sender=sender))


def elsewhere_variables(folder: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "HUEY_URL"}} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": "",
        "DATA_DIR": str(folder),
    }


def manage(*arguments: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
