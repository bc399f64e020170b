"""Makes, shows, rotates and drops the VAPID keys (RFC 8292) that sign our push messages."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.checks import ERROR
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from notifications.checks import check_extra_hosts, check_keys, check_site
from notifications.models import PushSubscription
from notifications.sending.contact import contact
from notifications.vapid.key_files import drop, make_first, rotate
from notifications.vapid.keys import KeyRing, VapidKey, current_path, keyring


class Command(BaseCommand):
    help = "Show the public VAPID key; make the pair in DATA_DIR if there is none yet."
    # A broken key must not keep away the command that tells how to mend it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--ensure", action="store_true", help="Make the pair if it is missing, and say only that.")
        one.add_argument("--generate", action="store_true", help="Print a new pair for the environment; keep nothing.")
        one.add_argument(
            "--rotate", action="store_true", help="Make a new key; the old one signs on for the devices that know it."
        )
        one.add_argument(
            "--drop", metavar="KEY_ID", help="Give up an old key at once; its devices repair themselves on a visit."
        )
        one.add_argument(
            "--check", action="store_true", help="Say which keys there are, who needs them, what is wrong."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["generate"]:
            self._print_pair(VapidKey.new())
        elif options["rotate"]:
            self._rotate(usable_keys())
        elif options["drop"]:
            self._drop(options["drop"], keyring())
        elif options["check"]:
            self._check(keyring())
        else:
            self._ensure(quiet=options["ensure"])

    def _ensure(self, *, quiet: bool) -> None:
        ring = usable_keys()
        if ring.current is None and make_first():
            self.stdout.write(f"First start: made a VAPID key pair in {current_path()}")
            ring = usable_keys()
        if ring.current and not quiet:
            self.stdout.write(ring.current.public)

    def _rotate(self, ring: KeyRing) -> None:
        if settings.VAPID_PRIVATE_KEY:
            self.stdout.write(
                "The key comes from the environment. Add the present VAPID_PRIVATE_KEY to VAPID_OLD_PRIVATE_KEYS "
                "there, then set these, and restart:"
            )
            self._print_pair(VapidKey.new())
            return
        if ring.current is None:
            self._ensure(quiet=False)
            return
        key = rotate(ring.current)
        self.stdout.write(f"New subscriptions use {key.id}. Each device changes over when its owner next comes by.")
        self._list(keyring())

    def _drop(self, key_id: str, ring: KeyRing) -> None:
        if ring.current and ring.current.id == key_id:
            raise CommandError(f"{key_id} is in use: make a new key with --rotate, then drop this one.")
        was_kept = drop(key_id)
        if keyring().get(key_id):
            raise CommandError(
                f"{key_id} stands in the environment: take it out of VAPID_OLD_PRIVATE_KEYS, and restart."
            )
        if not was_kept:
            raise CommandError(f"There is no key {key_id}. `vapid_keys --check` lists them.")
        self.stdout.write(f"Dropped {key_id}: nothing is signed with it any more.")
        self._list(keyring())

    def _check(self, ring: KeyRing) -> None:
        self._list(ring)
        self.stdout.write(f"Contact for push services: {contact()}")
        found = [*check_keys(), *check_extra_hosts(), *check_site()]
        for message in found:
            self.stdout.write(f"{message.msg} {message.hint}")
        if any(message.level >= ERROR for message in found):
            raise CommandError("The keys can't be used as they are.")

    def _list(self, ring: KeyRing) -> None:
        devices = devices_by_key()
        for key in ring.all:
            role = "current" if key == ring.current else "old"
            self.stdout.write(f"{key.id}  {role:<7}  {count_in_words(devices, key.id)}")
        for key_id in sorted((devices or {}).keys() - {key.id for key in ring.all}):
            self.stdout.write(f"{key_id}  gone     {count_in_words(devices, key_id)}: to be repaired on a visit")

    def _print_pair(self, key: VapidKey) -> None:
        self.stdout.write(f"VAPID_PRIVATE_KEY={key.private_text}\nVAPID_PUBLIC_KEY={key.public}")


def usable_keys() -> KeyRing:
    """The keys; CommandError if some can't be used, so that none is made or lost on account of it."""
    ring = keyring()
    if ring.problems:
        raise CommandError("\n".join(f"{problem.what}. {problem.way_out}" for problem in ring.problems))
    return ring


def devices_by_key() -> Mapping[str, int] | None:
    """How many devices subscribed with each key, or None if the database can't say."""
    try:
        return PushSubscription.objects.count_by_key()
    except DatabaseError:
        return None


def count_in_words(devices: Mapping[str, int] | None, key_id: str) -> str:
    if devices is None:
        return "devices unknown (no database)"
    count = devices.get(key_id, 0)
    return "1 device" if count == 1 else f"{count} devices"
