"""kill -9 of a worker at each step from the entries to the last result, then another worker: all are told, and once."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from aggregator.models import Entry, Submission
from notifications.models import AnnouncedEntry, Delivery, Mail, MailWish, Notice, PushSubscription
from notifications.notices.planner import plan
from notifications.sending.delivering import LEASE_SECONDS
from tests.factories import NOW, make_entry
from tests.notifications.desk import make_decider, make_proposal
from tests.notifications.mailing.mail_server import MailServer
from tests.notifications.outbox import Office, make_curator, open_office
from tests.processes import ROOT, site_variables
from tests.push.service import Subscription

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
WATCHING, AWAY, GONE = 12, 2, 2
RESTARTED = NOW + timedelta(seconds=LEASE_SECONDS + 1)


def steps(table_name: str = "STEPS") -> list[str]:
    """The names in a table of `killed`, read without running it."""
    tree = ast.parse((ROOT / "tests/notifications/killed.py").read_text(encoding="utf-8"))
    [table] = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == table_name
    ]
    return list(map(ast.literal_eval, table.keys))  # type: ignore[attr-defined]


@dataclass
class Workers:
    """A process that has workers, on the tests' database, and an office that they send to."""

    office: Office
    mail_server: MailServer
    process: subprocess.Popen[str]

    def work(self, now: datetime, step: str | None = None) -> int:
        """What a worker returned that ran once, or was killed at a step."""
        [authority] = self.office.service.ssl_context.get_ca_certs(binary_form=True)
        facts = {"step": step, "now": now.isoformat(), "authority": b64encode(authority).decode()}
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(facts), file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def workers(django_db_setup: None) -> Iterator[Workers]:
    with open_office() as office, MailServer() as mail_server:
        variables = {"VAPID_PRIVATE_KEY": office.key.private_text, "PUSH_EXTRA_HOSTS": office.service.extra_host}
        mail = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}", "EMAIL_FROM": "planet@planet.example"}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.notifications.killed"],
            cwd=ROOT,
            env=site_variables() | variables | mail,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            yield Workers(office, mail_server, process)
            process.kill()


@pytest.fixture
def office(workers: Workers) -> Office:
    return workers.office


def messages_to(office: Office, browser: Subscription) -> set[tuple[str, str]]:
    """Topic and tag of every message that was accepted for a browser."""
    return {
        (message.topic, message.json["notification"]["tag"])
        for message in office.service.received
        if message.token == browser.token
    }


def needs_what_waits(step: str) -> bool:
    """Whether posts wait already when those come that are planned."""
    return step.startswith(("3 ", "7 ", "15 "))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", steps())
def test_a_worker_killed_at_any_step_tells_everybody_once(step: str, office: Office, workers: Workers) -> None:
    owner = make_curator()
    watching = [office.make_device(owner)[1] for _ in range(WATCHING)]
    away = [office.make_device(owner)[1] for _ in range(AWAY)]
    for browser in away:
        browser.go_offline()
    for _ in range(GONE):
        office.make_device(owner, gone_at=NOW - timedelta(hours=1))[1].unsubscribe()
    for _ in range(3):
        make_entry(days_ago=1 / 24 / 60)
    if needs_what_waits(step):
        plan(NOW)
        make_entry(days_ago=1 / 24 / 60)

    assert workers.work(NOW, step) == -signal.SIGKILL
    assert workers.work(RESTARTED) == 0

    assert not Delivery.objects.unfinished().exists()
    assert not Entry.objects.unannounced().exists()
    count = 4 if needs_what_waits(step) else 3
    assert set(Notice.objects.filter(deliveries__state="accepted").values_list("entry_count", flat=True)) == {count}
    assert Notice.objects.count() == count - 2
    assert AnnouncedEntry.objects.count() == count
    assert Delivery.objects.filter(state="accepted").count() == WATCHING + AWAY
    assert PushSubscription.objects.count() == WATCHING + AWAY  # those that are gone were dropped
    for browser in away:
        browser.go_online()
        assert len(browser.inbox) == 1
    for browser in watching:
        assert browser.inbox
        assert len(messages_to(office, browser)) == 1  # a repeat takes the place of the first


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", steps("DESK_STEPS"))
def test_a_worker_killed_at_any_step_tells_of_the_desk_once(
    step: str, office: Office, workers: Workers, settings: LazySettings
) -> None:
    settings.HAS_MAIL = True  # as the worker's environment has it
    workers.mail_server.received.clear()
    curator = make_decider(email="ann@kiln.example")
    MailWish.objects.create(user=curator, wants_proposals=True)
    browsers = [office.make_device(curator)[1] for _ in range(3)]
    make_proposal("One")
    make_proposal("Two")

    assert workers.work(NOW, step) == -signal.SIGKILL
    assert workers.work(RESTARTED) == 0
    make_proposal("Three")  # in the quiet time
    assert workers.work(NOW + timedelta(minutes=11)) == 0

    assert Notice.objects.get().title == "2 proposals wait"
    assert Submission.objects.get(announced_at=None).title == "Three"
    assert not Delivery.objects.unfinished().exists()
    for browser in browsers:
        assert browser.inbox
        assert len(messages_to(office, browser)) == 1
    ids = [mail.message["Message-ID"] for mail in workers.mail_server.received]
    assert (len(set(ids)), Mail.objects.get().state) == (1, "sent")
    assert len(ids) == (2 if step.startswith("8 ") else 1)  # the one moment that leads to a repeat, under the same id


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_not_killed_sends_each_message_once(office: Office, workers: Workers) -> None:
    browsers = [office.make_device()[1] for _ in range(WATCHING)]
    make_entry(days_ago=1 / 24 / 60)
    assert workers.work(NOW) == 0
    assert workers.work(RESTARTED) == 0
    assert [len(browser.inbox) for browser in browsers] == [1] * WATCHING
