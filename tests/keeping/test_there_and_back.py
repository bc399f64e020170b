"""A backup has all that a site is, and a restore brings it back: to either database from either."""

from __future__ import annotations

import stat
import tarfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from aggregator.keeping import snapshots
from aggregator.keeping.archive import pack
from aggregator.keeping.backing_up import DATABASE, back_up
from aggregator.keeping.other_database import in_place_of_the_site
from aggregator.keeping.progress import Progress
from aggregator.keeping.restoring import restore
from aggregator.models import Category, Entry, Feed, FeedMemory, SiteState
from notifications.models import Delivery, PushSubscription
from notifications.notices.planner import plan
from tests.commands.running import run
from tests.factories import NOW, make_entry, make_feed
from tests.keeping.sites import SILENT, all_rows, but, fill
from tests.notifications.outbox import FakeSender, deliver, make_device

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    settings.DATA_DIR = folder
    for name in ("secret_key", "vapid_private_key", "admin_password"):
        (folder / name).write_text(f"the first {name}\n")
    (folder / "vapid_old").mkdir()
    (folder / "vapid_old" / "abc").write_text("an old key\n")
    return folder


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "site.tar.gz"


def empty() -> None:
    for kind in (Feed, Category, PushSubscription):
        kind.objects.all().delete()


def unpack(backup: Path, folder: Path) -> None:
    """The database of a backup, as it lies there."""
    with tarfile.open(backup) as archive:
        database = archive.extractfile(DATABASE)
        assert database is not None
        (folder / DATABASE).write_bytes(database.read())


def test_all_rows_and_keys_come_back(backup: Path, data_dir: Path, tmp_path: Path) -> None:
    """By way of a SQLite database, whatever the site has: so it can change from one to the other, with its data."""
    post = fill()
    last = make_entry(post.feed)
    gone = last.pk
    last.delete()
    before = all_rows()
    manifest = back_up(backup, timezone.now(), SILENT)
    assert manifest.counted == "2 feeds, 2 posts, 1 account"
    unpack(backup, tmp_path)
    assert all_rows(tmp_path / DATABASE) == {**before, "aggregator.EntryText": []}  # those are made anew

    empty()
    make_feed("Of another site")
    for path in (data_dir / "secret_key", data_dir / "vapid_private_key"):
        path.write_text("another\n")
    restore(backup, timezone.now(), SILENT, may_replace=True)
    assert but(all_rows()) == but(before)
    kept = {path.name: path.read_text() for path in data_dir.iterdir() if path.is_file() and path.stat().st_size}
    names = ("secret_key", "vapid_private_key", "admin_password")
    assert {name: kept.get(name) for name in names} == {name: f"the first {name}\n" for name in names}
    assert (data_dir / "vapid_old" / "abc").read_text() == "an old key\n"
    # New rows can be made, and numbers that deleted posts had go to no others: their addresses would lead there.
    assert make_entry(make_feed("New", category=Category.objects.get())).pk > gone


def test_a_character_that_postgresql_does_not_take_keeps_nothing_from_coming_over(backup: Path, tmp_path: Path) -> None:
    """SQLite bears it, in texts and in structures."""
    post = fill()
    manifest = back_up(backup, timezone.now(), SILENT)
    unpack(backup, tmp_path)
    with in_place_of_the_site(tmp_path / DATABASE):
        Entry.objects.filter(pk=post.pk).update(title="A\0B", tags=["C\0D", {"E\0": 1}])
    pack(backup, manifest, [(DATABASE, tmp_path / DATABASE)], SILENT)
    restore(backup, timezone.now(), SILENT, may_replace=True)
    restored = Entry.objects.values_list("title", "tags").get(pk=post.pk)
    kept = "\0" if connection.vendor == "sqlite" else ""
    assert restored == (f"A{kept}B", [f"C{kept}D", {f"E{kept}": 1}])


@pytest.mark.any_database
def test_no_worker_has_a_feed_and_it_is_due(backup: Path) -> None:
    fill()
    back_up(backup, timezone.now(), SILENT)
    now = timezone.now() + timedelta(days=300)
    restore(backup, now, SILENT, may_replace=True)
    assert not Feed.objects.filter(lease__isnull=False).exists()
    assert Feed.objects.due(now).count() == 2


@pytest.mark.any_database
def test_no_page_of_before_counts_as_current(backup: Path) -> None:
    fill()
    then = SiteState.objects.get()
    back_up(backup, timezone.now(), SILENT)
    SiteState.objects.touch(timezone.now())
    between = SiteState.objects.get()
    restore(backup, timezone.now(), SILENT, may_replace=True)
    restored = SiteState.objects.get()
    assert len({state.version for state in (then, between, restored)}) == 3
    assert len({state.shared_version for state in (then, between, restored)}) == 3
    assert not Session.objects.exists()


@pytest.mark.any_database
@pytest.mark.parametrize(("hours", "is_news"), [(0.5, True), (5, False)])
def test_what_was_due_long_ago_is_not_sent_as_news(backup: Path, hours: float, is_news: bool) -> None:
    post = make_entry()
    Entry.objects.filter(pk=post.pk).update(announced_at=None, first_seen_at=NOW)
    back_up(backup, NOW, SILENT)
    restore(backup, NOW + timedelta(hours=hours), SILENT, may_replace=True)
    assert Entry.objects.unannounced().filter(pk=post.pk).exists() == is_news


@pytest.mark.any_database
@pytest.mark.parametrize(("hours", "states"), [(0.5, {"accepted": 2}), (5, {})])
def test_a_message_on_its_way_is_sent_again_while_it_is_news(backup: Path, hours: float, states: object) -> None:
    """A newer one waits for the same device meanwhile."""
    make_device()
    for _ in range(2):
        make_entry(days_ago=1 / 24 / 60)
        plan(NOW)
        Delivery.objects.all().claim(NOW, lease_seconds=90, limit=1)
    assert [delivery.state for delivery in Delivery.objects.order_by("pk")] == ["leased", "pending"]
    back_up(backup, NOW, SILENT)
    now = NOW + timedelta(hours=hours)
    restore(backup, now, SILENT, may_replace=True)
    assert deliver(FakeSender(), now) == states
    assert not Delivery.objects.unfinished().exists()


@pytest.mark.any_database
def test_a_backup_is_for_its_owner_alone_and_nothing_is_left_beside_it(backup: Path) -> None:
    back_up(backup, timezone.now(), SILENT)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sorted(path.name for path in backup.parent.iterdir()) == ["data", backup.name]


@pytest.mark.any_database
def test_an_older_backup_is_brought_up_to_this_version(backup: Path, tmp_path: Path) -> None:
    fill()
    before = all_rows()
    manifest = back_up(backup, timezone.now(), SILENT)
    unpack(backup, tmp_path)
    older = tmp_path / DATABASE
    with in_place_of_the_site(older):
        call_command("migrate", "aggregator", "0023", verbosity=0)
    pack(backup, manifest, [(DATABASE, older)], SILENT)
    restore(backup, timezone.now(), SILENT, may_replace=True)
    # What is still to be told of their posts, authors and tags; and what nobody noted then of looks.
    new = ("aggregator.FormerSlug", "aggregator.UnreadBylines", "aggregator.TagBacklog")
    new = (*new, "aggregator.FeedDay", "aggregator.FeedMemory")
    assert but(all_rows(), *new) == but(before, *new)
    assert set(FeedMemory.objects.values_list("text", "met")) == {("text", None)}


@pytest.mark.any_database
def test_an_older_backup_with_several_messages_for_a_device_becomes_one_that_tells_all(
    backup: Path, tmp_path: Path
) -> None:
    make_device()
    for _ in range(3):
        make_entry(days_ago=1 / 24 / 60)
        plan(NOW)
        Delivery.objects.update(state="accepted")
    oldest = Delivery.objects.earliest("pk").pk
    manifest = back_up(backup, NOW, SILENT)
    unpack(backup, tmp_path)
    older = tmp_path / DATABASE
    with in_place_of_the_site(older):
        call_command("migrate", "notifications", "0001", verbosity=0)
        with connection.cursor() as cursor:  # it let any number wait
            cursor.execute("UPDATE notifications_delivery SET state = 'retry'")
            cursor.execute("UPDATE notifications_delivery SET state = 'leased' WHERE id = %s", [oldest])
    pack(backup, manifest, [(DATABASE, older)], SILENT)
    restore(backup, NOW, SILENT, may_replace=True)
    assert Delivery.objects.unfinished().get().notice.entry_count == 3
    assert deliver(FakeSender(), NOW) == {"accepted": 1}


@pytest.mark.any_database
def test_writing_goes_on_during_a_backup_which_sees_nothing_of_it(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "PAGES_AT_ONCE", 4)
    fill()
    feed = Feed.objects.first()
    before, looks = all_rows(), 0

    def write() -> None:
        make_entry(feed, f"Meanwhile {looks}", content_html="<p>more</p>" * 500)
        connection.close()

    class Writing(Progress):
        def at(self, done: int, total: int) -> None:
            nonlocal looks
            looks += 1
            with ThreadPoolExecutor(1) as another:
                another.submit(write).result()

    manifest = back_up(backup, timezone.now(), Writing(lambda _: None))
    assert looks > (20 if connection.vendor == "sqlite" else 5)
    restore(backup, timezone.now(), SILENT, may_replace=True)
    assert manifest.counts["posts"] == len(before["aggregator.Entry"])
    assert but(all_rows()) == but(before)


def test_who_restored_is_told_what_comes_before_the_start(backup: Path) -> None:
    fill()
    back_up(backup, timezone.now(), SILENT)
    said = run("restore", str(backup), "--replace")
    assert "Run `manage.py setup_site`, then start web server and worker.\n" in said
