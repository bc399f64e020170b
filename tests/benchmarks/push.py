"""A post for 10,000 devices, against a loop of one `webpush()` per row: `python -m tests.benchmarks.push [DEVICES]`.

The push services answer in 100 ms. One device in twenty is asked to wait a second, one in a hundred has a broken row,
and one in fifty is with a push service that never answers.
"""

from __future__ import annotations

import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from statistics import quantiles

from aiohttp.abc import AbstractResolver, ResolveResult

from tests.benchmarks import site

site.start()

from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from pywebpush import webpush  # noqa: E402

from notifications.models import Delivery, PushSubscription, endpoint_digest  # noqa: E402
from notifications.notices.planner import plan  # noqa: E402
from notifications.sending.delivering import deliver_due, next_due_at  # noqa: E402
from notifications.sending.push import Sender  # noqa: E402
from notifications.vapid.keys import KeyRing, VapidKey  # noqa: E402
from tests.benchmarks.push_service import NAMES  # noqa: E402
from tests.factories import make_entry  # noqa: E402
from tests.push.user_agent import UserAgent  # noqa: E402

GOOGLE, MOZILLA, APPLE, WINDOWS, HANGS, _ = NAMES
SAMPLE = 200
KEYS = 200


@dataclass(frozen=True, slots=True)
class Here(AbstractResolver):
    """Leads every push service to the one that runs here."""

    port: int

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=self.port, family=family or 2, proto=0, flags=0)  # type: ignore[arg-type]
        ]

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    port: int
    authority: bytes
    key: VapidKey

    def sender(self, timeout_seconds: float = 15) -> Sender:
        return Sender(
            KeyRing(self.key),
            contact="mailto:curators@planet.example",
            extra_hosts=NAMES,
            resolver=Here(self.port),
            ssl_context=ssl.create_default_context(cadata=self.authority),
            timeout_seconds=timeout_seconds,
        )

    def accepted(self) -> dict[str, int]:
        context = ssl.create_default_context(cadata=self.authority)
        with urllib.request.urlopen(f"https://localhost:{self.port}/accepted", context=context) as answer:
            return dict(json.load(answer))


@contextmanager
def running_service() -> Iterator[Service]:
    command = [sys.executable, "-m", "tests.benchmarks.push_service"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        yield Service(facts["port"], b64decode(facts["authority"]), VapidKey.new())
        process.stdin.close()


def endpoint(number: int) -> str:
    """Of 100 devices: 62 with Google, 15 with Mozilla, 13 with Apple, 8 with Windows, 2 with the one that hangs."""
    share = number % 100
    if share < 2:
        return f"https://{HANGS}/hangs/{number}"
    if share < 15:
        # Apple's "too many" is about one device; five of its thirteen are asked to wait.
        return f"https://{APPLE}/{'busy' if share < 7 else 'ok'}/{number}"
    host = MOZILLA if share < 30 else WINDOWS if share < 38 else GOOGLE
    return f"https://{host}/ok/{number}"


def make_devices(count: int, key: VapidKey) -> None:
    owner = User.objects.create_user("curator", is_staff=True)
    agents = cycle([UserAgent() for _ in range(KEYS)])
    long_ago = timezone.now() - timedelta(days=9)
    PushSubscription.objects.bulk_create(
        [
            PushSubscription(
                user=owner,
                endpoint=endpoint(number),
                endpoint_hash=endpoint_digest(endpoint(number)),
                p256dh="broken" if number % 100 == 99 else agent.p256dh,
                auth=agent.auth,
                key_id=key.id,
                name=f"Device {number}",
                created_at=long_ago,
            )
            for number, agent in zip(range(count), agents, strict=False)
        ],
        batch_size=1000,
    )


def plan_a_post(total: int, what: str) -> None:
    now = timezone.now()
    make_entry(first_seen_at=now - timedelta(minutes=1), published_at=now)
    cpu = site.cpu_seconds()
    with CaptureQueriesContext(connection) as queries:
        assert plan(now) == total
    print(f"planned  {total} deliveries ({what}): {site.cpu_seconds() - cpu:.1f} s of CPU, {len(queries)} queries")


def send_all_but_hanging(service: Service) -> None:
    """As the worker does it: send what is due, come back when more is."""
    others = Delivery.objects.unfinished().exclude(service=HANGS)
    while others.exists():
        deliver_due(sender=service.sender())
        if (due := next_due_at()) and others.exists():
            time.sleep(max((due - timezone.now()).total_seconds(), 0.05))


def give_up_hanging(service: Service) -> int:
    """Time flies, until nothing is left to do; how many minutes flew."""
    start = now = timezone.now()
    while due := next_due_at():
        now = max(now, due)
        deliver_due(clock=lambda: now, sender=service.sender(timeout_seconds=0.2))  # noqa: B023
    return round((now - start).total_seconds() / 60)


def serial_seconds(service: Service) -> float:
    """What a message costs in the obvious loop. It stops at the first broken row, so these are whole ones."""
    payload = json.dumps({"title": "A post", "body": "A blog", "url": "https://planet.example/post/1/"})
    agents = [UserAgent() for _ in range(20)]
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(ssl.DER_cert_to_PEM_cert(service.authority))
        file.flush()
        os.environ["REQUESTS_CA_BUNDLE"] = file.name
        start = time.perf_counter()
        for number, agent in zip(range(SAMPLE), cycle(agents), strict=False):
            webpush(
                {
                    "endpoint": f"https://localhost:{service.port}/ok/serial{number}",
                    "keys": {"p256dh": agent.p256dh, "auth": agent.auth},
                },
                payload,
                vapid_private_key=service.key.private_text,
                vapid_claims={"sub": "mailto:curators@planet.example"},
            )
        return (time.perf_counter() - start) / SAMPLE


def report_latencies(start: datetime, total: int) -> float:
    """Prints how long after the plan began messages were accepted; the seconds to the last one."""
    accepted = Delivery.objects.filter(state="accepted").values_list("finished_at", flat=True)
    seconds = sorted((moment - start).total_seconds() for moment in accepted)
    cuts = quantiles(seconds, n=100)
    half, most, last = cuts[49], cuts[94], seconds[-1]
    print(f"accepted {len(seconds)} of {total}: half after {half:.1f} s, p95 {most:.1f} s, last {last:.1f} s")
    return seconds[-1]


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with running_service() as service:
        make_devices(total, service.key)
        with_rows, cpu, start = megabytes(), site.cpu_seconds(), timezone.now()
        plan_a_post(total, "one post, nothing waits")
        plan_a_post(total, "one more, the first waits for all")
        send_all_but_hanging(service)
        cpu = site.cpu_seconds() - cpu
        last = report_latencies(start, total)
        print(f"cost     {cpu:.1f} s of processor time, {cpu / total * 1000:.2f} ms a device")
        print(f"memory   {with_rows:.0f} MB before, {megabytes():.0f} MB at the most")
        minutes = give_up_hanging(service)
        states = Counter(Delivery.objects.values_list("state", flat=True))
        print(f"in the end, {minutes} minutes later: {dict(states)}; the services counted {service.accepted()}")
        assert not Delivery.objects.unfinished().exists()
        serial = serial_seconds(service) * total
        print(f"one webpush() per row: {serial:.0f} s for all (from {SAMPLE}), {serial / last:.1f} times as long")


if __name__ == "__main__":
    main()
