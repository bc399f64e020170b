"""What the commands that add and poll feeds have in common: files, a line for each feed, a progress bar."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.module_loading import import_string

from aggregator.curating.adding import drop_doubles
from aggregator.curating.lists import ADDED_AT_ONCE, Wanted, add_many
from aggregator.exchange.env_lines import has_website
from aggregator.ingest.errors import AlreadyListed
from aggregator.models import Feed, FeedQuerySet
from aggregator.polling.conductor import poll
from aggregator.polling.outcomes import Outcome, Report

from .database_command import DatabaseCommand

Advance = Callable[[int], object]
Writing = Callable[[], AbstractContextManager[object]]


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Leaves the worker's line for each poll out of the log: the command writes its own."""
    logger = logging.getLogger("aggregator.polling")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class Result(NamedTuple):
    """How many feeds were added, refused, and not read yet."""

    added: int
    refused: int
    unread: int


class FeedCommand(DatabaseCommand):
    requires_system_checks = ()  # they load every page; `check` and the web server's start run them

    def read_file(self, name: str) -> bytes:
        """The file's bytes; those of stdin for "-". Raises CommandError."""
        if name == "-":
            return sys.stdin.buffer.read()
        try:
            return Path(name).read_bytes()
        except OSError as error:
            raise CommandError(f"{name} can't be read: {error.strerror}.") from error

    def read_text(self, name: str) -> str:
        """The file's text. Raises CommandError."""
        try:
            return self.read_file(name).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CommandError(f"{name} can't be read: it is not UTF-8 text.") from error

    def poll_showing(
        self, among: FeedQuerySet | None, line_of: Callable[[Outcome], str], *, is_anew: bool = False
    ) -> Report:
        """Poll, with a progress bar on a terminal and what `line_of` says of each feed, unless that is empty."""
        with _quiet_log(), self._progress(partial(_count, among)) as (advance, writing):

            def tell(outcome: Outcome) -> None:
                advance(1)
                if line := line_of(outcome):
                    with writing():
                        self.stdout.write(line)

            return poll(among, on_outcome=tell, is_anew=is_anew)

    @contextmanager
    def _progress(self, count: Callable[[], int]) -> Iterator[tuple[Advance, Writing]]:
        """What moves the bar on by some feeds, and what hides it while a line is written. No bar without a terminal."""
        if not self.stderr.isatty():
            yield lambda _: None, nullcontext
            return
        tqdm = import_string("tqdm.tqdm")
        with tqdm(total=count(), unit="feed", leave=False) as bar:
            yield bar.update, tqdm.external_write_mode

    def add_and_read(self, wanted: Iterable[Wanted], *, category: str = "", is_polling: bool = True) -> Result:
        """Add feeds and read those that wait for their first good poll.

        Each feed has one line: what was found, or why not. They come when all are added; meanwhile the bar tells, or,
        without a terminal, a line for each hundred.
        """
        wanted = list(wanted)
        with self._progress(lambda: len(wanted)) as (advance, _):
            report = add_many(wanted, category=category, on_looked_at=self._told_at_times(advance, len(wanted)))
        waiting = {line.feed.pk: line.url for line in report.lines if line.feed and _is_waiting(line.feed)}
        for line in report.lines:
            if not (is_polling and line.feed and line.feed.pk in waiting):
                self.stdout.write(f"{line.url}: {line.text}")
        unread = 0
        if is_polling and waiting:
            added = {feed.pk for feed in report.added}
            among = Feed.objects.filter(pk__in=waiting)
            result = self.poll_showing(among, lambda outcome: f"{waiting[outcome.feed.pk]}: {found(outcome, added)}")
            doubles = drop_doubles(list(added))
            report = report.with_doubles(doubles)
            unread = len(result.failed) - len(doubles)
        yet = f" {unread} could not be read yet and {'is' if unread == 1 else 'are'} tried again." if unread else ""
        self.stdout.write(report.summary + yet)
        return Result(added=len(report.added), refused=len(report.refused), unread=unread)

    def say_what_is_next(
        self, added: int, *, is_polling: bool, env_lines: Sequence[str] = (), has_moved: bool = False
    ) -> None:
        """What is left to do for people after an import, if there is anything."""
        steps = []
        if added and not is_polling:
            steps.append(
                "The worker reads the new feeds over the next minutes. No post that is there already is announced."
            )
        if added:
            steps.append(
                "`python manage.py feed_status` says how each feed is doing, and why one fails; so does the admin."
            )
        if has_moved:
            where = "" if has_website(env_lines) else ", if it lay in no folder"
            steps.append(
                f"Let the planet's host name lead to this site when you like it. Its addresses go on{where}: "
                "/atom.xml, /rss20.xml and /opml.xml are here, and /rss10.xml, /foafroll.xml, /index.html and "
                "/titles_only.html lead to what stands in their place."
                + (where and " From a folder, the web server must redirect them to here: see “link” above.")
            )
        if env_lines:
            steps.append("These lines of the planet are for `.env`; start web server and worker anew then.")
        if steps:
            self.stdout.write("\nWhat to do next:")
        for step in steps:
            self.stdout.write(f"- {step}")
        for line in env_lines:
            self.stdout.write(f"    {line}")

    def _told_at_times(self, advance: Advance, total: int) -> Advance:
        """As `advance`, and, where no bar is seen, with a line after each bit of a list that has several."""
        if self.stderr.isatty() or total <= ADDED_AT_ONCE:
            return advance
        seen = 0

        def advance_and_tell(count: int) -> None:
            nonlocal seen
            seen += count
            self.stdout.write(f"{seen} of {total} looked at.")
            self.stdout.flush()

        return advance_and_tell


def _count(among: FeedQuerySet | None) -> int:
    return (Feed.objects.due(timezone.now()) if among is None else among).count()


def found(outcome: Outcome, added: Container[int]) -> str:
    """What a feed's first poll brought, in a line; `added` are the ids of feeds that weren't here before."""
    if outcome.error:
        is_staying = outcome.kind == "failed" and outcome.feed.last_error_kind != AlreadyListed.kind
        if not is_staying:
            return outcome.error
        here = "Added" if outcome.feed.pk in added else "Already here"
        return f"{here}, but it couldn't be read yet: {outcome.error.rstrip('.')}; it is tried again."
    entries = "1 entry" if outcome.new == 1 else f"{outcome.new} entries"
    return f"{outcome.feed.shown_title}, {entries}" + (f" ({outcome.note})" if outcome.note else "")


def _is_waiting(feed: Feed) -> bool:
    return feed.state == Feed.State.PENDING
