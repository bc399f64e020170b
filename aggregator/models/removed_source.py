"""Places on the web that curators took off this site: what is read from there isn't added again, whoever brings it."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from .feed import Feed

MAX_PARTS = 20
"""Of a path, and of a host's name: deeper ones are looked up no further."""
MAX_PATH_CHARACTERS = 500
"""As many as the column takes."""


class RemovedSourceQuerySet(models.QuerySet["RemovedSource"]):
    def in_force(self) -> RemovedSourceQuerySet:
        """Those whose time hasn't ended, by the database's clock."""
        return self.filter(Q(until=None) | Q(until__gt=Now()))

    def covering(self, urls: Iterable[str]) -> dict[str, RemovedSource]:
        """By its address each of these that lies in a removed place, and that place; of several, the narrowest.

        One query, or none.
        """
        places = {url: places_of(url) for url in urls}
        hosts = {host for each in places.values() for host, _ in each}
        paths = {path for each in places.values() for _, path in each}
        if not hosts:
            return {}
        rows = {(row.host, row.path): row for row in self.in_force().filter(host__in=hosts, path__in=paths)}
        found = {url: next((rows[place] for place in each if place in rows), None) for url, each in places.items()}
        return {url: row for url, row in found.items() if row}


class RemovedSource(models.Model):
    """A host, with all under its name, or a part of one."""

    host = models.CharField(max_length=255, help_text="Without “www.”. With the path /, all hosts below it, too.")
    path = models.CharField(
        max_length=MAX_PATH_CHARACTERS, default="/", help_text="What its addresses begin with; / for all of them."
    )
    reason = models.CharField(
        max_length=200, blank=True, help_text="Whoever wants to add something from there reads this."
    )
    until = models.DateTimeField(null=True, blank=True, help_text="When that ends; empty for never.")
    feed = models.ForeignKey(
        Feed, models.SET_NULL, null=True, blank=True, editable=False, related_name="removals", help_text="If rejected."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RemovedSourceQuerySet.as_manager()

    class Meta:
        ordering = ("host", "path")
        constraints = (models.UniqueConstraint(fields=["host", "path"], name="removed_source_once"),)

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """As people write it: `spam.example`, or `blogs.example/alice`."""
        return (self.host + self.path).removesuffix("/")

    @property
    def sentence(self) -> str:
        """What is told to whoever wants to add something from there; without its last full stop."""
        until = f", until {self.until:%d %b %Y}" if self.until else ""
        because = f": {self.reason.rstrip('.')}" if self.reason else ""
        return f"{self.place} was removed from this site on {self.created_at:%d %b %Y}{until}{because}"


def places_of(url: str) -> list[tuple[str, str]]:
    """The places in which a normalized address lies, as (host, path), the narrowest first."""
    host, steps = _host_and_steps(url)
    if not host:
        return []
    paths = [_path(steps[:count]) for count in range(len(steps), 0, -1)]
    return [*((host, path) for path in paths), *((name, "/") for name in _names_above(host))]


def own_place(url: str, site_url: str, *, is_host_shared: bool = False) -> tuple[str, str] | None:
    """The place of a blog by the addresses of its feed and its site, as (host, path). None if it has none for itself.

    The site counts only if it is on the feed's host, as a feed can name any. With others on that host, or below it,
    only the feed's own path is certain, and the whole host is never the blog's.
    """
    host, steps = _host_and_steps(url)
    if not host:
        return None
    folders = steps[:-1] if steps and "." in steps[-1] else steps  # a file lies in the blog's folder
    if is_host_shared:
        path = _path(folders or steps)
        return (host, path) if path != "/" and len(path) <= MAX_PATH_CHARACTERS else None
    site_host, site_steps = _host_and_steps(site_url)
    if site_host == host:
        common = _beginning_of_both(folders, site_steps)
        folders = folders if site_steps and not common else common  # /feed/@alice and /@alice have nothing in common
    path = _path(folders)
    return host, path if len(path) <= MAX_PATH_CHARACTERS else "/"


def is_shared(host: str, others: Collection[str]) -> bool:
    """Whether one of these hosts is the same one, or lies below it."""
    bare = host.removeprefix("www.")
    return any(other.removeprefix("www.") == bare or other.endswith(f".{bare}") for other in others)


def _beginning_of_both(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return [step for step, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


def _host_and_steps(url: str) -> tuple[str, list[str]]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), [step for step in parts.path.split("/") if step][:MAX_PARTS]


def _path(steps: Sequence[str]) -> str:
    return "/".join(["", *steps, ""]) if steps else "/"


def _names_above(host: str) -> list[str]:
    """The host's name and those that it lies below, but for the last part of all; of an address, that alone."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))][-MAX_PARTS:]
    return [host]
