"""Reading the environment (or `.env`): each value checked, and named when it can't be used.

`NAME_FILE` names a file to read a secret from.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from aggregator.exchange.contact import BadContact, contact_of
from aggregator.unreadable import WAY_OUT, why_unreadable

BASE_DIR = Path(__file__).resolve().parent.parent


def unreadable(what: str, path: Path, error: OSError) -> ImproperlyConfigured:
    """What to raise where a file can't be read: which, by whom and why. It is there, so nobody is to make it anew."""
    return ImproperlyConfigured(f"{what}, {path}, {why_unreadable(error)}. {WAY_OUT}")


class _Files(environ.FileAwareEnv):  # type: ignore[misc]
    def get_value(self, var: str, *arguments: Any, **options: Any) -> Any:
        name = f"{var}_FILE"
        path = os.environ.get(name, "")
        try:
            value = super().get_value(var, *arguments, **options)
            is_empty = bool(path) and not str(self.ENVIRON[var]).strip()
        except OSError as error:
            raise unreadable(name, Path(path), error) from error
        if is_empty:  # taken for none, the site would make itself another key or use another database
            raise ImproperlyConfigured(f"{name}, {path}, is empty: put the value there, or unset {name}.")
        return value


def _read_env_file(path: Path) -> None:
    """Takes what the file says into the environment; nothing, where there is none.

    One that can't be read ends the start. Django-environ would go on without a word, with the data of another site.
    """
    try:
        with path.open("rb"):
            pass
    except (FileNotFoundError, IsADirectoryError):
        return
    except OSError as error:
        sys.exit(str(unreadable("The file of settings", path, error)))
    environ.Env.read_env(str(path))


env = _Files()
_read_env_file(Path(os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))))


def refuse(name: str, expected: str) -> ImproperlyConfigured:
    # An address may contain a password, and this sentence ends up in logs.
    value = "…" if name.endswith("_URL") and "@" in os.environ.get(name, "") else repr(os.environ.get(name, ""))
    return ImproperlyConfigured(f"{name}={value} can't be used: it must be {expected}.")


def refuse_half_restored(mark: Path) -> None:
    """Raises ImproperlyConfigured where a restore was interrupted, unless this is another one."""
    if mark.exists() and sys.argv[1:2] != ["restore"]:
        backup = mark.read_text(encoding="utf-8", errors="replace").strip() or "FILE"
        raise ImproperlyConfigured(
            "A restore was interrupted here, and what is there may be half of one site and half of another. Run it "
            f"again, and nothing else before: manage.py restore {backup}"
        )


@contextmanager
def ended_by_bad_settings() -> Iterator[None]:
    """Ends the program where a setting can't be used: with the sentence that says so, as no traceback says more."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def read_bool(name: str, *, default: bool) -> bool:
    words = {"": default} | dict.fromkeys(("1", "true", "on", "yes"), True)
    words |= dict.fromkeys(("0", "false", "off", "no"), False)
    value = env.str(name, default="").strip().lower()
    if value not in words:
        raise refuse(name, "one of 1, true, on, yes, 0, false, off, no")
    return words[value]


def read_number(name: str, *, default: float, minimum: float = 0, maximum: float = 1e12) -> float:
    try:
        value = float(env.str(name, default="") or default)
    except ValueError as error:
        raise refuse(name, "a number") from error
    if not minimum <= value <= maximum:
        raise refuse(name, f"at least {minimum:g}" + (f" and at most {maximum:.15g}" if maximum < 1e12 else ""))
    return value


def read_count(name: str, *, default: int, minimum: int = 1, maximum: float = 1e12) -> int:
    value = read_number(name, default=default, minimum=minimum, maximum=maximum)
    if value != int(value):
        raise refuse(name, "a whole number")
    return int(value)


def read_port() -> int:
    """Where the web server listens."""
    return read_count("PORT", default=8000, maximum=65535)


def read_list(name: str, *, default: str = "") -> list[str]:
    return [word.strip() for word in env.str(name, default=default).split(",") if word.strip()]


def read_ports(name: str, *, default: str) -> frozenset[int]:
    try:
        return frozenset(int(port) for port in read_list(name, default=default))
    except ValueError as error:
        raise refuse(name, "port numbers with commas between them") from error


def read_networks(name: str, *, default: str = "") -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(word) for word in read_list(name, default=default))
    except ValueError as error:
        raise refuse(name, "networks such as 10.1.0.0/16, with commas between them") from error


def read_contact(name: str) -> str:
    """A mail address, without "mailto:", or an https address; empty if there is none."""
    value = env.str(name, default="").strip()
    if not value:
        return ""
    try:
        contact = contact_of(value)
    except BadContact as error:
        raise refuse(name, "a mail address such as curators@planet.example.org, or an https address") from error
    return contact.text if contact.href.startswith("mailto:") else contact.href
