"""What a push service's answer means for us; pure.

Each service has its own words for the same thing (autopush: numbers in JSON, Apple: reasons in JSON, Google: prose,
Windows: headers), and the same status means different things with different services. A single answer is read here and
nowhere else; `settling` weighs many of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.ingest.schedule import retry_after_seconds
from notifications.push_services import Service, operator_of

from .types import Answer, Problem, Reaction, Scope, Verdict

MAX_WAIT_SECONDS = 30 * 60
"""The longest that we choose ourselves, after seven attempts: a push service that was down for hours is tried again
soon enough after it is back, and in the meantime not too often.
"""
_FIRST_WAIT_SECONDS = 30
"""The longest wait after the first attempt; it doubles with each one."""
_MAX_PROMPT_ATTEMPTS = 5
"""So many times in a row a push service may have us come back sooner than we would by ourselves."""
_MAX_REASON_CHARACTERS = 200
"""The column `Delivery.reason` has no room for more."""
_CODE = re.compile(r'"errno"\s*:\s*([0-9]{1,4})|"reason"\s*:\s*"([A-Za-z]{1,40})"', re.ASCII)
_WNS_STATUS = re.compile(r"[a-z]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. Without a `sign` it fits every body, without a `service` every push service."""

    statuses: tuple[int, ...]
    verdict: Verdict
    reason: str
    sign: re.Pattern[str] | None = None
    """What the body or Windows' status must contain."""
    service: Service | None = None
    scope: Scope = Scope.DEVICE
    wait_seconds: int | None = None
    """Where it is known better than by backing off."""


def _sign(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.ASCII | re.IGNORECASE)


_MISMATCH = _sign("key mismatch", "do not correspond", "MismatchSenderId", "VapidPkHashMismatch")
_SIGNATURE = _sign("BadJwtToken", "BadAuthorizationHeader", "BadVapidPublicKey", "ExpiredJwtToken")
_OURS = _sign(r"\bBad(?:Ttl|Urgency|WebPushTopic|WebPushRequest)\b", r'"errno"\s*:\s*1(?:01|1[0-4])\b')
_AT_ONCE = _sign(r'"errno"\s*:\s*202\b')
_SERVER_ERRORS = tuple(range(500, 600))
_REDIRECTS = tuple(range(300, 400))

RULES = (
    # The first that fits.
    Rule((200, 201, 202), Verdict.RETRY, "taken, and dropped at once", _sign("channelthrottled"), Service.MICROSOFT),
    Rule((200, 201, 202), Verdict.ACCEPTED, "accepted"),
    Rule((404, 410), Verdict.GONE, "the subscription has ended"),
    Rule((400, 401, 403), Verdict.RESUBSCRIBE, "it belongs to another VAPID key", _MISMATCH),
    Rule((403,), Verdict.RESUBSCRIBE, "it belongs to another VAPID key", service=Service.MICROSOFT),
    Rule((401, 403), Verdict.OUR_FAULT, "our signature is refused: check the clock and VAPID_ADMIN_EMAIL"),
    Rule((400,), Verdict.OUR_FAULT, "our signature is refused: check the clock and the VAPID keys", _SIGNATURE),
    Rule((400,), Verdict.FAILED, "our request is refused", _OURS, scope=Scope.ORIGIN),
    Rule((400,), Verdict.FAILED, "our request is refused", service=Service.MICROSOFT, scope=Scope.ORIGIN),
    Rule((413,), Verdict.TOO_LARGE, "the message is too large"),
    Rule((429,), Verdict.RETRY, "too many messages for this device", service=Service.APPLE),
    Rule((429,), Verdict.RETRY, "too many messages", scope=Scope.ORIGIN),
    Rule((406,), Verdict.RETRY, "too many messages", service=Service.MICROSOFT, scope=Scope.ORIGIN),
    Rule((408, 425), Verdict.RETRY, "the push service was not ready"),
    Rule((503,), Verdict.RETRY, "the push service was not ready", _AT_ONCE, wait_seconds=1),
    Rule(_SERVER_ERRORS, Verdict.RETRY, "the push service is down"),
    Rule(_REDIRECTS, Verdict.FAILED, "a redirect, which is never followed"),
)
_OTHERWISE = Rule((), Verdict.FAILED, "the message is refused")

_PROBLEMS = {
    Problem.KEY_IS_GONE: Verdict.RESUBSCRIBE,
    Problem.TOO_LARGE: Verdict.TOO_LARGE,
    Problem.ENDPOINT_REFUSED: Verdict.FAILED,
    Problem.KEYS_UNUSABLE: Verdict.FAILED,
}


def classify(origin: str, answer: Answer, *, attempts: int, now: datetime, jitter: float) -> Reaction:
    """What to do after an answer to the message's `attempts`-th attempt (1 for the first).

    `origin` is the endpoint's. `jitter` lies between 0 and 1, and spreads out the waits that we choose ourselves. A
    wait can be longer than the message's life, as it may concern others, too.
    """
    if answer.status is None:
        return _without_answer(answer, attempts, now, jitter)
    rule = next((rule for rule in RULES if _fits(rule, origin, answer)), _OTHERWISE)
    reason = _reason(rule, answer)
    if rule.verdict is not Verdict.RETRY:
        return Reaction(rule.verdict, reason, scope=rule.scope)
    asked_seconds = retry_after_seconds(answer.headers.get("retry-after", ""), now)
    if not asked_seconds:
        is_prompt = rule.wait_seconds is not None and attempts <= _MAX_PROMPT_ATTEMPTS
        wait_seconds = rule.wait_seconds if is_prompt else None
        return _retry(reason, now, wait_seconds or backoff_seconds(attempts, jitter), rule.scope)
    if attempts > _MAX_PROMPT_ATTEMPTS:
        asked_seconds = max(asked_seconds, int(backoff_seconds(attempts - _MAX_PROMPT_ATTEMPTS, jitter)))
    # A server that is down and says for how long speaks for all of its devices.
    scope = Scope.ORIGIN if answer.status in _SERVER_ERRORS else rule.scope
    return _retry(reason, now, asked_seconds, scope, is_asked=True)


def backoff_seconds(attempts: int, jitter: float) -> float:
    """The wait after so many attempts: twice as long each time, up to half an hour; from half of it to the whole."""
    whole = min(_FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 16), MAX_WAIT_SECONDS)
    return whole * (1 + jitter) / 2


def _without_answer(answer: Answer, attempts: int, now: datetime, jitter: float) -> Reaction:
    reason = str(answer.problem)[:_MAX_REASON_CHARACTERS] or "no answer"
    verdict = next((verdict for problem, verdict in _PROBLEMS.items() if problem == answer.problem), None)
    if verdict is not None:
        return Reaction(verdict, reason)
    if answer.is_our_fault:
        return Reaction(Verdict.FAILED, reason, scope=Scope.ORIGIN)
    return _retry(reason, now, backoff_seconds(attempts, jitter), Scope.DEVICE)


def _retry(reason: str, now: datetime, wait_seconds: float, scope: Scope, *, is_asked: bool = False) -> Reaction:
    return Reaction(Verdict.RETRY, reason, now + timedelta(seconds=wait_seconds), scope, is_asked)


def _fits(rule: Rule, origin: str, answer: Answer) -> bool:
    return (
        answer.status in rule.statuses
        and (rule.service is None or rule.service is operator_of(origin))
        and (rule.sign is None or rule.sign.search(f"{_wns_status(answer)} {answer.body}") is not None)
    )


def _reason(rule: Rule, answer: Answer) -> str:
    """For the log: our words, the status, and a code if it looks like one. Prose of others stays out."""
    found = _CODE.search(answer.body)
    code = (found[1] or found[2]) if found else _wns_status(answer)
    return f"{answer.status} {code}: {rule.reason}" if code else f"{answer.status}: {rule.reason}"


def _wns_status(answer: Answer) -> str:
    """What Windows says besides the status: an accepted message may have been dropped."""
    status = answer.headers.get("x-wns-status", "") or answer.headers.get("x-wns-notificationstatus", "")
    return status.lower() if _WNS_STATUS.fullmatch(status.lower()) else ""
