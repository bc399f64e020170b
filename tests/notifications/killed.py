"""Workers that plan and send once, and kill themselves at a step: `python -m tests.notifications.killed`.

For each line of its input it forks a worker, and prints what that returned. A line is JSON: `step` (a name of STEPS or
DESK_STEPS, or null), `now`, and `authority`, the certificate that the push service's is signed with, in base64.
Settings come from the environment, as a worker's do. It forks, as to start Python and Django takes longer than the
work; and leaves without taking Python apart, which does, too.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import ssl
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402

from notifications.mailing import posting  # noqa: E402
from notifications.notices import announcing, desk_planner, planner  # noqa: E402
from notifications.sending import delivering  # noqa: E402
from notifications.sending.contact import contact  # noqa: E402
from notifications.sending.courier import Courier  # noqa: E402
from notifications.sending.push import Sender  # noqa: E402
from notifications.sending.settling import Settler  # noqa: E402
from notifications.vapid.keys import keyring  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_before(owner: Any, name: str, call: int = 1) -> Callable[[], None]:
    return lambda: _watch(owner, name, call, is_after=False)


def kill_after(owner: Any, name: str, call: int = 1) -> Callable[[], None]:
    return lambda: _watch(owner, name, call, is_after=True)


def _watch(owner: Any, name: str, call: int, *, is_after: bool) -> None:
    original = getattr(owner, name)
    calls = 0

    def watched(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not is_after:
            die()
        result = original(*args, **kwargs)
        if calls == call:
            die()
        return result

    setattr(owner, name, watched)


STEPS = {
    "1 before entries are claimed": kill_before(planner, "_claim"),
    "2 entries are claimed": kill_after(planner, "_claim"),
    "3 some deliveries are written": kill_after(announcing.Announcing, "write", call=2),
    "4 all deliveries are written": kill_after(planner, "announce"),
    "5 entries are marked, nothing is committed": kill_before(connection, "commit"),
    "6 the plan is committed": kill_after(connection, "commit"),
    "7 deliveries are leased": kill_before(Settler, "refuse"),
    "8 some messages are handed over": kill_after(Courier, "submit", call=3),
    "9 push services have answered": kill_before(Settler, "settle", call=2),
    "10 some results are written, not committed": kill_after(Settler, "_write", call=4),
    "11 a group of results is committed": kill_after(Settler, "settle", call=2),
    "12 a device is about to be dropped": kill_before(Settler, "_drop_or_ask_again"),
    "13 a device is dropped, not committed": kill_after(Settler, "_drop_or_ask_again"),
    "14 all is done": kill_after(delivering, "deliver_due"),
    "15 what waited has an end, what takes its place isn't written": kill_after(announcing.Announcing, "_end", call=3),
}
DESK_STEPS = {
    "1 proposals are taken": kill_after(desk_planner, "_take_proposals"),
    "2 deliveries are written": kill_after(desk_planner, "announce"),
    "3 mails are written, nothing is committed": kill_before(connection, "commit"),
    "4 the plan is committed": kill_after(connection, "commit"),
    "5 push services have answered": kill_before(Settler, "settle"),
    "6 results are committed": kill_after(Settler, "settle"),
    "7 a mail is claimed": kill_before(posting._Run, "post"),
    "8 the mail server has taken a mail": kill_before(posting, "_end"),
    "9 all is done": kill_after(posting, "post_due"),
}


def work(facts: dict[str, Any]) -> None:
    now = datetime.fromisoformat(facts["now"])
    announcing.ROWS_PER_CHUNK = 4
    delivering.MAX_CLAIMED_DELIVERIES = delivering.MAX_MESSAGES_UNDER_WAY_PER_SERVICE = 4
    delivering.MAX_ANSWERS_PER_TRANSACTION = 3
    sender = Sender(
        keyring(),
        contact=contact(),
        extra_hosts=settings.PUSH_EXTRA_HOSTS,
        ssl_context=ssl.create_default_context(cadata=b64decode(facts["authority"])),
    )
    connection.ensure_connection()
    if facts["step"]:
        (STEPS | DESK_STEPS)[facts["step"]]()
    planner.plan(now)
    desk_planner.plan_desk(now)
    delivering.deliver_due(clock=lambda: now, sender=sender)
    posting.post_due(lambda: now)


def main() -> None:
    reverse("admin:index")  # loads what each worker would load of the site's pages, to write their addresses
    gc.freeze()  # a worker that looked through all of this for garbage would get a copy of it first
    for line in sys.stdin:
        worker = os.fork()
        if not worker:
            work(json.loads(line))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
