"""What nobody needs any more is cleared away by the worker; what somebody needs stays."""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.limiting.limits import Limit, admit
from aggregator.models import Attempts, PostsLetGo
from aggregator.retention import leftovers
from aggregator.retention.leftovers import clear_leftovers
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_sessions_that_ran_out_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "ROWS_PER_CHUNK", 2)
    for number in range(5):
        Session.objects.create(session_key=f"old{number}", expire_date=NOW - timedelta(seconds=1))
    Session.objects.create(session_key="young", expire_date=NOW + timedelta(seconds=1))
    assert clear_leftovers(NOW)["sessions"] == 5
    assert [session.pk for session in Session.objects.all()] == ["young"]


def test_lines_of_the_admin_log_go_after_400_days() -> None:
    curator = User.objects.create(username="ada")
    for days in (399, 401):
        LogEntry.objects.create(
            user=curator, action_flag=CHANGE, object_repr=str(days), action_time=NOW - timedelta(days=days)
        )
    assert clear_leftovers(NOW)["admin_log_lines"] == 1
    assert LogEntry.objects.get().object_repr == "399"


def test_attempts_of_who_came_no_more_go() -> None:
    limit = Limit("test", 3, timedelta(seconds=1), timedelta(hours=1), timedelta(hours=1))
    admit(limit, "ada", NOW - timedelta(hours=3))
    assert Attempts.objects.exists()
    admit(limit, "bo", NOW)
    clear_leftovers(NOW)
    assert Attempts.objects.count() == 1


def test_days_on_which_posts_went_go_in_the_end() -> None:
    for days in (399, 401):
        PostsLetGo.objects.add((NOW - timedelta(days=days)).date(), 1)
    clear_leftovers(NOW)
    assert PostsLetGo.objects.total() == 1


def test_unfinished_files_of_killed_processes_go(folder: Path) -> None:
    yesterday = time.time() - 2 * 86400
    names = [".vapidab12cd_3", "secret_keyab12cd_3", "secret_key", "vapid.json", "orrery.sqlite3"]
    for name in names:
        (folder / name).write_text("x", encoding="ascii")
        os.utime(folder / name, (yesterday, yesterday))
    (folder / ".vapidyoung123").write_text("x", encoding="ascii")
    assert clear_leftovers(NOW)["files"] == 2
    assert {path.name for path in folder.iterdir()} == {*names[2:], ".vapidyoung123"}


def test_where_nothing_is_left_nothing_is_written_or_said(caplog: pytest.LogCaptureFixture) -> None:
    with CaptureQueriesContext(connection) as queries, caplog.at_level(logging.INFO):
        clear_leftovers(NOW)
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert caplog.text == ""
