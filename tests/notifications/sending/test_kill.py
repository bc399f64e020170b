"""kill -9 of a worker at each step from the entries to the last result, then another worker: all are told, and once."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from aggregator.models import Entry
from notifications.models import AnnouncedEntry, Delivery, Notice, PushSubscription
from notifications.sending.delivering import LEASE_SECONDS
from tests.factories import NOW, make_entry
from tests.notifications.outbox import Office, make_curator, office
from tests.patience import PATIENCE_SECONDS
from tests.push.service import Subscription

pytestmark = pytest.mark.slow
__all__ = ["office"]
ROOT = Path(__file__).resolve().parent.parent.parent.parent
WATCHING, AWAY, GONE = 12, 2, 2
RESTARTED = NOW + timedelta(seconds=LEASE_SECONDS + 1)


def steps() -> list[str]:
    """The names in `killed.STEPS`, read without running it."""
    tree = ast.parse((ROOT / "tests/notifications/killed.py").read_text(encoding="utf-8"))
    [table] = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STEPS"
    ]
    return list(map(ast.literal_eval, table.keys))  # type: ignore[attr-defined]


def work(office: Office, now: datetime, step: str | None = None) -> int:
    """What a worker process returned that ran once, on the tests' database, or was killed at a step."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        user = f"{database['USER']}:{database['PASSWORD']}".rstrip(":")
        url = f"postgres://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    variables = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "VAPID_PRIVATE_KEY": office.key.private_text,
        "PUSH_EXTRA_HOSTS": office.service.extra_host,
    }
    [authority] = office.service.ssl_context.get_ca_certs(binary_form=True)
    facts = {"step": step, "now": now.isoformat(), "authority": b64encode(authority).decode()}
    command = [sys.executable, "-m", "tests.notifications.killed", json.dumps(facts)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables, timeout=PATIENCE_SECONDS).returncode


def messages_to(office: Office, browser: Subscription) -> set[tuple[str, str]]:
    """Topic and tag of every message that was accepted for a browser."""
    return {
        (message.topic, message.json["notification"]["tag"])
        for message in office.service.received
        if message.token == browser.token
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", steps())
def test_a_worker_killed_at_any_step_tells_everybody_once(step: str, office: Office) -> None:
    owner = make_curator()
    watching = [office.make_device(owner)[1] for _ in range(WATCHING)]
    away = [office.make_device(owner)[1] for _ in range(AWAY)]
    for browser in away:
        browser.go_offline()
    for _ in range(GONE):
        office.make_device(owner)[1].unsubscribe()
    for _ in range(3):
        make_entry(days_ago=1 / 24 / 60)

    assert work(office, NOW, step) == -signal.SIGKILL
    assert work(office, RESTARTED) == 0

    assert not Delivery.objects.unfinished().exists()
    assert not Entry.objects.unannounced().exists()
    assert Notice.objects.count() == 1
    assert AnnouncedEntry.objects.count() == 3
    assert Delivery.objects.filter(state="accepted").count() == WATCHING + AWAY
    assert PushSubscription.objects.count() == WATCHING + AWAY  # those that are gone were dropped
    for browser in away:
        browser.go_online()
        assert len(browser.inbox) == 1
    for browser in watching:
        assert browser.inbox
        assert len(messages_to(office, browser)) == 1  # a repeat takes the place of the first


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_not_killed_sends_each_message_once(office: Office) -> None:
    browsers = [office.make_device()[1] for _ in range(WATCHING)]
    make_entry(days_ago=1 / 24 / 60)
    assert work(office, NOW) == 0
    assert work(office, RESTARTED) == 0
    assert [len(browser.inbox) for browser in browsers] == [1] * WATCHING
