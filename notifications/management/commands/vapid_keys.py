"""Makes and shows the VAPID key pair (RFC 8292) that signs our push messages."""

from __future__ import annotations

import base64
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from py_vapid import Vapid02


class Command(BaseCommand):
    help = "Show the public VAPID key; make the pair in DATA_DIR if there is none yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ensure", action="store_true", help="Make the pair if it is missing, and say only that.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.VAPID_PRIVATE_KEY and settings.VAPID_PUBLIC_KEY:
            if not options["ensure"]:
                self.stdout.write(f"{settings.VAPID_PUBLIC_KEY}\n(set by VAPID_PUBLIC_KEY)")
            return
        path: Path = settings.DATA_DIR / "vapid_private_key.pem"
        if not path.exists():
            self._make(path)
            self.stdout.write(f"First start: made a VAPID key pair in {path}")
        if not options["ensure"]:
            self.stdout.write(public_key(path))

    def _make(self, path: Path) -> None:
        vapid = Vapid02()
        vapid.generate_keys()
        # Created with its mode, so that the key is at no moment readable by others.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(vapid.private_pem())


def public_key(path: Path) -> str:
    """The public half as browsers want it: the uncompressed point, base64url without padding (RFC 8292 section 3.2)."""
    try:
        key = Vapid02.from_file(str(path)).public_key
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} holds no VAPID key: move it away, and the next start makes a new pair.") from error
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
