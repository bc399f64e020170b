"""Makes a site ready to start, and says where it will be."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from aggregator.management.database_command import DatabaseCommand
from aggregator.unreadable import WAY_OUT, why_unreadable


class Command(DatabaseCommand):
    help = "Make the site ready: tables, static files, keys, a first admin account. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if apps.is_installed("notifications"):
            call_command("vapid_keys", ensure=True, stdout=self.stdout)
        login = self._first_admin()
        self.stdout.write(f"\n  {settings.SITE_NAME}: {settings.WEBSITE_URL}/")
        self.stdout.write(f"  Curators: {settings.WEBSITE_URL}/{settings.ADMIN_URL}  {login}\n")
        if not settings.CONTACT:
            self.stdout.write("  CONTACT is not set: no page tells readers whom to write to. See .env.example.\n")
        self.stdout.write("\n")

    def _first_admin(self) -> str:
        """How to log in. The first start makes an account and leaves its password in DATA_DIR."""
        users = get_user_model().objects
        path = settings.DATA_DIR / "admin_password"
        if not users.filter(is_superuser=True).exists():
            password = secrets.token_urlsafe(12)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(password + "\n")
            users.create_superuser("admin", password=password)
        try:
            password = path.read_text().strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"login: admin  password: {path} {why_unreadable(error)}. {WAY_OUT}"
        if not password:
            return f"login: admin  password: {path} is empty; `manage.py changepassword admin` sets another one"
        return f"login: admin  password: {password}  (kept in {path}; delete it once you have changed it)"
