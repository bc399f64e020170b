"""Where the site's database, queue and cache are: each address checked at the start, as nobody reads a traceback."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, refuse

REDIS = {"redis", "rediss"}
POSTGRES = {"postgres", "postgresql"}


def read_address(name: str, parse: Callable[[str], dict[str, Any]], *, default: str, expected: str) -> dict[str, Any]:
    """What Django wants to know of a database or cache, from its address."""
    try:
        url = env.str(name, default="") or default
        _check(url)
        config = parse(url)
    except (ValueError, KeyError, ImproperlyConfigured) as error:
        raise refuse(name, expected) from error
    if not {"ENGINE", "BACKEND"} & config.keys():
        raise refuse(name, expected)
    return config


def queue_backend(url: str) -> dict[str, str]:
    """Huey's storage for an address: sqlite, redis or postgres."""
    scheme = url.partition("://")[0]
    try:
        _check(url)
        if scheme in POSTGRES:
            _check_for_libpq(url)
    except ValueError as error:
        examples = "sqlite:///path/to/a/file, redis://host:6379/0 or postgres://user:password@host/name"
        raise refuse("HUEY_URL", f"an address such as {examples}") from error
    if scheme == "sqlite":
        return {"huey_class": "config.queues.SqliteHuey", "filename": _file_in_a_folder(url)}
    if scheme in REDIS | {"unix"}:
        return {"huey_class": "config.queues.RedisHuey", "url": url}
    if scheme in POSTGRES:
        return {"huey_class": "config.queues.PostgresHuey", "dsn": url}
    raise refuse("HUEY_URL", "an address that starts with sqlite:///, redis:// or postgres://")


def _check(url: str) -> None:
    """Raises ValueError for what no client could use, and for what it would take for another place."""
    scheme, mark, rest = url.partition("://")
    if not mark or (scheme in POSTGRES and not rest):
        raise ValueError("not all of an address")
    if scheme not in REDIS:
        return
    place = urlsplit(url)
    for host in place.netloc.rpartition("@")[2].split(","):
        if urlsplit(f"//{host}").port == 0:  # which itself raises it for what is no port
            raise ValueError("no port")
    number = place.path.strip("/")
    if number and not number.isdecimal():  # redis-py would take the first database
        raise ValueError("no number of a database")


def _check_for_libpq(url: str) -> None:
    """As libpq reads it, which takes passwords with signs that other clients want escaped."""
    psycopg = import_module("psycopg")  # by name, as most sites do without: it would be a tenth of a short command
    try:
        ports = str(psycopg.conninfo.conninfo_to_dict(url).get("port", "")).split(",")
    except psycopg.Error as error:
        raise ValueError("no address of PostgreSQL") from error
    if any(port and not 0 < int(port) <= 65535 for port in ports):
        raise ValueError("no port")


def _file_in_a_folder(url: str) -> str:
    name = url.removeprefix("sqlite:///")
    folder = Path(name).parent
    if name == url or not name or not folder.is_dir():
        raise refuse("HUEY_URL", f"sqlite:/// and the path of a file in a folder that is there ({folder} is not)")
    return name
