"""One transaction at a time, where the database would run them side by side."""

from __future__ import annotations

from django.db import connection

CLAIMING = 0x6F727265
"""Names the lock among those of the database; any number does that nobody else uses."""


def claim_alone() -> None:
    """Wait until no other worker claims, and keep the others waiting until this transaction ends.

    Two claims that ran side by side could each take a feed of one host, as neither sees the other's. An advisory lock
    and no row: whoever stores feeds locks rows in an order of its own, and could meet a claim in a ring. SQLite lets
    one write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])
