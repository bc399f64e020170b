"""Say how the feeds are, to people or to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from aggregator.curating.feeds import UnknownFeed, feeds_named
from aggregator.diagnosis import (
    diagnose,
    double_note,
    filtered_note,
    held_note,
    proposal_note,
    skipped_note,
    why_no_posts,
)
from aggregator.management.database_command import DatabaseCommand
from aggregator.models import Entry, Feed
from aggregator.models.unseen import Unseen, unseen_of
from aggregator.storing import outage

HEADINGS = ("ID", "STATE", "SHOWN", "LAST GOOD POLL", "NEXT POLL", "FEED")


class Command(DatabaseCommand):
    help = "Shows the health of every feed, or of the named ones: as a table, or with their entries as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("feeds", nargs="*", metavar="ID or URL")
        parser.add_argument("--json", action="store_true", help="a list of feeds with all their entries, newest first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            feeds = feeds_named(options["feeds"]) if options["feeds"] else Feed.objects.all()
        except UnknownFeed as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self._write_json(feeds.order_by("pk").iterator(chunk_size=100))
        else:
            self._write_table(list(feeds.by_title()))

    def _write_json(self, feeds: Iterator[Feed]) -> None:
        """Feed by feed: all entries of a large site together are more than memory should hold."""
        before = "["
        for feed in feeds:
            self.stdout.write(before + json.dumps(_as_json(feed)), ending="")
            before = ",\n"
        self.stdout.write("[]" if before == "[" else "]")

    def _write_table(self, feeds: list[Feed]) -> None:
        if not feeds:
            self.stdout.write("There are no feeds yet; add one with add_feed.")
            return
        now = timezone.now()
        rows = [HEADINGS, *(_row(feed, now) for feed in feeds)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS) - 1)]
        unseen = unseen_of(feeds)
        for row, feed in zip(rows, [None, *feeds], strict=True):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join([*cells, row[-1]]))
            if feed and feed.last_error:
                self.stdout.write(f"    {feed.failure_count}×: {feed.last_error}")
            for note in _notes(feed, unseen.get(feed.pk)) if feed else ():
                if note:
                    self.stdout.write(f"    {note}")
        if outage.is_likely(now, since=now - outage.MAX_ANSWER_AGE, silent_since=now - 2 * outage.MAX_ANSWER_AGE):
            self.stdout.write(
                "Nobody has answered for an hour: is this machine's network up? No feed is blamed for it."
            )


def _notes(feed: Feed, unseen: Unseen | None) -> tuple[str, ...]:
    notes = (proposal_note(feed), double_note(feed), held_note(feed), filtered_note(feed), skipped_note(feed))
    return *notes, _about_no_posts(feed, unseen)


def _about_no_posts(feed: Feed, unseen: Unseen | None) -> str:
    """Why none is shown, and under which other feeds copies are."""
    titles = ", ".join(other.shown_title for other in unseen.shown_under) if unseen else ""
    return why_no_posts(feed, unseen) + (f" Shown under: {titles}" if titles else "")


def _row(feed: Feed, now: datetime) -> tuple[str, ...]:
    return (
        str(feed.pk),
        diagnose(feed, now).word,
        str(feed.entry_count),
        _minute(feed.last_ok_at),
        _minute(feed.next_poll_at) if feed.is_polled else "-",
        f"{feed.shown_title} <{feed.url or 'no address'}>",
    )


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _as_json(feed: Feed) -> dict[str, Any]:
    return {
        "url": feed.url,
        "title": feed.title,
        "state": feed.state,
        "error": feed.last_error or None,
        "disabled": feed.is_disabled,
        "next_poll_at": feed.next_poll_at.isoformat(),
        "entries": [_entry_as_json(entry) for entry in Entry.objects.from_feed(feed).newest_first()],
    }


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "link": entry.url,
        "id": entry.guid,
        "author": entry.author,
        "published": entry.published_at.isoformat() if entry.published_at else None,
        "content": entry.content_html,
    }
