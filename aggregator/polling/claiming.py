"""Which feeds a run takes, and for how long it goes on taking some."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from aggregator.models import Feed, FeedQuerySet

LEASE_SECONDS = 180
"""If a worker is killed, the feeds that it had claimed wait this long for another one."""
KEEP_SECONDS = 60
"""How often the claims of feeds that wait here are renewed."""
MAX_OFFERED_FEEDS = 1000
"""How many feeds of a list one claim looks at; a query that names all of a long list costs more than it finds."""


class Claims:
    """What is due; or the feeds of `among`, each once, whatever their due date and state. None after `seconds`.

    Feeds of a host that asked to be left alone aren't taken before it may be asked again (RFC 9110 section 10.2.3).
    """

    def __init__(
        self,
        among: FeedQuerySet | None,
        *,
        seconds: float,
        spacing_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        # A dictionary, because it is a set that keeps its order.
        self._wanted = None if among is None else dict.fromkeys(among.with_address().values_list("pk", flat=True))
        self._spacing_seconds = spacing_seconds
        self._clock = clock
        self._stop_at = time.monotonic() + seconds
        self._look_again_at = -math.inf
        self._keep_again_at = time.monotonic() + KEEP_SECONDS

    def take(self, most: int) -> list[Feed]:
        """Up to `most` feeds, one a host, which no other worker polls for LEASE_SECONDS.

        Once all are taken that may be asked, there are none for a moment: each answer of a server is an occasion to
        take more, and a host that was asked rests for longer than that.
        """
        if self._are_over() or time.monotonic() < self._look_again_at:
            return []
        now = self._clock()
        offered = self._offered()
        is_all = self._wanted is None or len(offered) == len(self._wanted)
        feeds = self._candidates(now, offered).claim(
            now, lease_seconds=LEASE_SECONDS, spacing_seconds=self._spacing_seconds, limit=most
        )
        self._drop(feed.pk for feed in feeds)
        if len(feeds) < most:
            self._put_last(offered)
            if is_all:
                self._look_again_at = time.monotonic() + self._spacing_seconds / 4
        return feeds

    def keep(self, feeds: Sequence[Feed]) -> None:
        """Renew the claims of these feeds once a minute, unless others have them by now: they wait through no fault of
        theirs, and another worker would only ask their servers again, and wait, too.
        """
        if not feeds or time.monotonic() < self._keep_again_at:
            return
        self._keep_again_at = time.monotonic() + KEEP_SECONDS
        Feed.objects.renew_claims(feeds, self._clock() + timedelta(seconds=LEASE_SECONDS))

    def give_back(self, feeds: Sequence[Feed]) -> None:
        """End these claims, whose rows the caller has locked. All due feeds of their hosts wait as after any request:
        whether these hosts were asked a moment ago is written nowhere.
        """
        again_at = self._clock() + timedelta(seconds=self._spacing_seconds)
        Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).update(lease=None, next_poll_at=again_at)
        Feed.objects.put_off({feed.host for feed in feeds}, again_at)

    def wait(self) -> bool:
        """Whether feeds are left whose hosts were only just asked; sleeps until those may be asked again."""
        now = self._clock()
        if self._are_over() or not self._candidates(now, list(self._wanted or ())).unclaimed(now).exists():
            return False
        time.sleep(max(self._spacing_seconds / 4, 0.05))
        return True

    def end(self) -> list[Feed]:
        """The feeds of the list that other workers have claimed, or whose servers rest.

        Those for which there was no time become due.
        """
        if not self._wanted:
            return []
        left = Feed.objects.filter(pk__in=self._wanted)
        if self._is_out_of_time():
            now = self._clock()
            with transaction.atomic():
                ids = list(left.rested(now).unclaimed(now).locked().values_list("pk", flat=True))
                Feed.objects.filter(pk__in=ids).update(next_poll_at=now)
            self._drop(ids)
        return list(Feed.objects.filter(pk__in=self._wanted))

    def _offered(self) -> list[int]:
        return list(islice(self._wanted or (), MAX_OFFERED_FEEDS))

    def _candidates(self, now: datetime, offered: list[int]) -> FeedQuerySet:
        return Feed.objects.due(now) if self._wanted is None else Feed.objects.filter(pk__in=offered).rested(now)

    def _drop(self, ids: Iterable[int]) -> None:
        if self._wanted is not None:
            for pk in ids:
                self._wanted.pop(pk, None)

    def _put_last(self, offered: Iterable[int]) -> None:
        """Their hosts are busy; others of the list may be free."""
        for pk in offered:
            if self._wanted and pk in self._wanted:
                self._wanted[pk] = self._wanted.pop(pk)

    def _are_over(self) -> bool:
        return self._wanted == {} or self._is_out_of_time()

    def _is_out_of_time(self) -> bool:
        return time.monotonic() > self._stop_at
