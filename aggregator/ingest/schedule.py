"""When to ask a feed again: as often as it posts, never sooner than it wishes, less and less often while it fails."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from math import ceil
from statistics import median

_HOUR = 3600
_DAY = 24 * _HOUR
_MAX_RHYTHM_POSTS = 10
"""The newest posts, from whose pauses a feed's rhythm is reckoned: what a blog did years ago doesn't count."""

_POLLS_PER_POST = 4
"""In a usual pause between two posts: a new one is found after a quarter of that at most."""

_MAX_RETRY_AFTER_SECONDS = 7 * _DAY
"""A server can send us away for a week. One that asks for a year was configured by mistake."""

_DELAY = re.compile(r"([0-9]+)(?:\.[0-9]+)?\s*(?:s|sec|secs|seconds?)?", re.ASCII | re.IGNORECASE)
_FIRST_MOMENT = 1_000_000_000
"""In 2001, counted from 1970. As a delay it would be 31 years."""

_MAX_AGE = re.compile(r'max-age\s*=\s*"?(\d{1,12})"?', re.ASCII | re.IGNORECASE)

PROBE_SECONDS = 30 * _DAY
"""The wait between two looks whether a feed that is gone has come back."""

GONE_AFTER = timedelta(days=60)
"""How long a feed may go without a good answer, if nothing is at its address or its host's name has no address."""


@dataclass(frozen=True, slots=True)
class SchedulePolicy:
    """The limits of every wait, in seconds."""

    min_interval_seconds: int = 20 * 60
    """As low as 30 s makes sense where all feeds are our own (the demo)."""
    max_interval_seconds: int = 12 * _HOUR
    quiet_interval_seconds: int = 6 * _HOUR
    """For a feed with fewer than two dated posts, which have no rhythm yet; and a new blog's second post is news."""
    cap_seconds: int = _DAY
    """The most that a feed can ask for; one that asks for a year was configured by mistake."""
    min_failure_seconds: int = _HOUR
    max_failure_seconds: int = 7 * _DAY
    jitter_share: float = 0.1
    """How much of a wait the jitter moves at most, so that feeds added together spread out."""


def interval_seconds(published: Sequence[datetime], policy: SchedulePolicy, *, asked_seconds: int = 0) -> int:
    """A quarter of the usual pause between a feed's last ten posts (any order), within the policy's limits.

    Longer if the feed itself asks for more, up to the cap. Its wish is lengthened by as much as jitter can shorten it.
    """
    newest = sorted(published, reverse=True)[:_MAX_RHYTHM_POSTS]
    if len(newest) < 2:
        wanted: float = policy.quiet_interval_seconds
    else:
        wanted = median((later - earlier).total_seconds() for later, earlier in pairwise(newest)) / _POLLS_PER_POST
    rhythm_seconds = min(max(wanted, policy.min_interval_seconds), policy.max_interval_seconds)
    wish_seconds = min(asked_seconds, policy.cap_seconds) / (1 - policy.jitter_share)
    return ceil(max(rhythm_seconds, wish_seconds))


def freshness_seconds(headers: Mapping[str, str], now: datetime) -> int | None:
    """How long a server says that its answer stays fresh, or None if it doesn't say. Never negative.

    `headers` have lower-case names. Cache-Control's max-age, unless no-cache or no-store stands with it; Expires only
    without a Cache-Control (RFC 9111 sections 4.2.1 and 5.3).
    """
    cache_control = headers.get("cache-control")
    if cache_control is not None:
        directives = [directive.strip() for directive in cache_control.split(",")]
        if any(directive.lower().startswith(("no-cache", "no-store")) for directive in directives):
            return None
        ages = [int(match[1]) for directive in directives if (match := _MAX_AGE.fullmatch(directive))]
        return min(ages, default=None)
    expires_at = _read_http_date(headers.get("expires", ""))
    return None if expires_at is None else _seconds_until(expires_at, now)


def next_success(
    now: datetime, interval_seconds: int, asked_seconds: int | None, jitter: float, policy: SchedulePolicy
) -> datetime:
    """When to ask a healthy feed again. `jitter` is random, from -1 to 1; `asked_seconds` is the feed's own wish.

    Jitter moves the interval both ways, but a wish only to later: what the feed asked for, up to the cap, is kept.
    """
    wait_seconds = interval_seconds * (1 + policy.jitter_share * jitter)
    wish_seconds = min(asked_seconds or 0, policy.cap_seconds) * (1 + policy.jitter_share * abs(jitter))
    return now + timedelta(seconds=max(wait_seconds, wish_seconds))


def outside_of(moment: datetime, skip_hours: Sequence[int], skip_days: Sequence[int]) -> datetime:
    """The moment, put off by whole hours until it is in none of these hours (0 to 23) and days (Monday is 0), in UTC.

    So feeds that skip the night spread over the morning as they would have over the night. The longest that can be
    asked for is less than a week, as long as a server can send us away; who leaves no hour at all has made a mistake,
    and asks for nothing.
    """
    if len(set(skip_hours)) >= 24 or len(set(skip_days)) >= 7:
        return moment
    there = moment.astimezone(UTC)
    while there.hour in skip_hours or there.weekday() in skip_days:
        there += timedelta(hours=1)
    return there


def next_failure(now: datetime, failures: int, jitter: float, policy: SchedulePolicy) -> datetime:
    """When to ask again after so many failures in a row (1, 2, …): 1 h, doubled each time, up to 7 d, and jitter."""
    # The exponent has a limit: 2.0 ** 1024 overflows, and a dead feed can get there.
    doublings = min(max(failures - 1, 0), 30)
    wait_seconds = min(policy.min_failure_seconds * 2**doublings, policy.max_failure_seconds)
    return now + timedelta(seconds=wait_seconds * (1 + policy.jitter_share * jitter))


def retry_after_seconds(value: str, now: datetime) -> int | None:
    """Seconds to wait, at most 7 d, or None if the header is unreadable. Never negative: a moment past is 0.

    Both forms of RFC 9110 section 10.2.3 are read, a delay or an HTTP date, and what servers make of them: a delay with
    a unit or a fraction, a date of ISO 8601, a moment in seconds or milliseconds since 1970.
    """
    text = value.strip().strip('"')
    if delay := _DELAY.fullmatch(text):
        # Compared by length first: int() refuses more than 4,300 digits.
        seconds = int(delay[1]) if len(delay[1]) < 14 else _MAX_RETRY_AFTER_SECONDS
        if seconds >= _FIRST_MOMENT:
            since_1970 = seconds / 1000 if seconds >= 1000 * _FIRST_MOMENT else seconds
            seconds = max(0, ceil(since_1970 - now.timestamp()))
        return min(seconds, _MAX_RETRY_AFTER_SECONDS)
    moment = _read_http_date(text)
    return None if moment is None else min(_seconds_until(moment, now), _MAX_RETRY_AFTER_SECONDS)


def is_gone(status: int | None, kind: str, failing_since: datetime | None, now: datetime) -> bool:
    """Whether a failing feed counts as gone: at once for 410, after 60 days without a good answer for 404 and
    where no server can be asked. Everybody sees it: what an inside name is to our resolver makes no difference.

    `kind` is the error's kind; `status` the HTTP status, if there was one.
    """
    if status == 410:
        return True
    is_missing = status == 404 or kind in {"dns", "refused"}
    return is_missing and failing_since is not None and now - failing_since >= GONE_AFTER


def _read_http_date(text: str) -> datetime | None:
    """An aware moment, or None. A date without a zone is GMT (RFC 9110 section 5.6.7)."""
    try:
        moment = datetime.fromisoformat(text) if text[4:5] == "-" else parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(0, round((moment - now).total_seconds()))
