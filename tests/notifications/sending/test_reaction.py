"""The table of what push services answer, one line each, and the waits between attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.sending.reaction import MAX_WAIT_SECONDS, backoff_seconds, classify
from notifications.sending.types import Answer, Problem, Reaction, Scope, Verdict

NOW = datetime(2026, 6, 24, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)

MOZILLA = "https://updates.push.services.mozilla.com"
GOOGLE = "https://fcm.googleapis.com"
APPLE = "https://web.push.apple.com"
WINDOWS = "https://wns2-par02p.notify.windows.com"
OTHER = "https://push.example"
EVERYONE = (MOZILLA, GOOGLE, APPLE, WINDOWS, OTHER)


def autopush(code: int, errno: int, message: str = "") -> str:
    return f'{{"code":{code},"errno":{errno},"error":"x","message":"{message}","more_info":"http://autopush.example"}}'


def apple(reason: str) -> str:
    return f'{{"reason":"{reason}"}}'


def react(
    origin: str,
    status: int | None,
    body: str = "",
    headers: dict[str, str] | None = None,
    *,
    attempts: int = 1,
    jitter: float = 0.5,
    **fields: object,
) -> Reaction:
    answer = Answer(status, headers or {}, body, **fields)  # type: ignore[arg-type]
    return classify(origin, answer, attempts=attempts, now=NOW, jitter=jitter)


def wait_seconds(reaction: Reaction) -> float:
    assert reaction.retry_at is not None
    return (reaction.retry_at - NOW).total_seconds()


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", EVERYONE)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_accepted_is_said_by_200_201_and_202(origin: str, status: int) -> None:
    reaction = react(origin, status)
    assert (reaction.verdict, reaction.reason) == (Verdict.ACCEPTED, f"{status}: accepted")


def test_windows_may_accept_and_say_that_it_dropped() -> None:
    reaction = react(WINDOWS, 201, headers={"x-wns-status": "dropped"})
    assert (reaction.verdict, reaction.reason) == (Verdict.ACCEPTED, "201 dropped: accepted")


def test_windows_may_accept_and_drop_for_too_many_messages() -> None:
    reaction = react(WINDOWS, 200, headers={"x-wns-notificationstatus": "channelThrottled"})
    assert (reaction.verdict, reaction.scope) == (Verdict.RETRY, Scope.DEVICE)


@pytest.mark.parametrize(
    ("origin", "status", "body"),
    [
        (MOZILLA, 410, autopush(410, 103)),
        (MOZILLA, 410, autopush(410, 105)),
        (MOZILLA, 410, autopush(410, 106)),
        (MOZILLA, 404, autopush(404, 102)),
        (GOOGLE, 410, "push subscription has unsubscribed or expired."),
        (GOOGLE, 404, ""),
        (APPLE, 410, apple("Unregistered")),
        (APPLE, 404, apple("BadPath")),
        (WINDOWS, 410, ""),
        (WINDOWS, 404, ""),
        (OTHER, 410, ""),
        (OTHER, 404, ""),
    ],
)
def test_a_subscription_that_has_ended_is_gone(origin: str, status: int, body: str) -> None:
    assert react(origin, status, body).verdict is Verdict.GONE


@pytest.mark.parametrize(
    ("origin", "status", "body"),
    [
        (MOZILLA, 401, autopush(401, 109, "VAPID public key mismatch")),
        (GOOGLE, 403, "the VAPID credentials in the authorization header do not correspond to the credentials used"),
        (GOOGLE, 403, "MismatchSenderId"),
        (APPLE, 400, apple("VapidPkHashMismatch")),
        (WINDOWS, 403, ""),
        (OTHER, 403, '{"code": 403, "message": "key mismatch"}'),
    ],
)
def test_a_device_of_another_key_is_kept_for_its_repair(origin: str, status: int, body: str) -> None:
    assert react(origin, status, body).verdict is Verdict.RESUBSCRIBE


@pytest.mark.parametrize(
    ("origin", "status", "body"),
    [
        (MOZILLA, 401, autopush(401, 109, "Invalid aud in token")),
        (GOOGLE, 403, "the audience in the token is wrong"),
        (GOOGLE, 401, ""),
        (APPLE, 403, apple("BadJwtToken")),
        (APPLE, 403, apple("ExpiredJwtToken")),
        (APPLE, 400, apple("BadAuthorizationHeader")),
        (APPLE, 400, apple("BadVapidPublicKey")),
        (WINDOWS, 401, ""),
        (OTHER, 401, ""),
        (OTHER, 403, ""),
    ],
)
def test_a_refused_signature_is_our_fault_and_no_device_s(origin: str, status: int, body: str) -> None:
    assert react(origin, status, body).verdict is Verdict.OUR_FAULT


@pytest.mark.parametrize(
    ("origin", "body", "headers"),
    [
        *((MOZILLA, autopush(400, errno), {}) for errno in (101, 110, 111, 112, 113, 114)),
        *((APPLE, apple(reason), {}) for reason in ("BadTtl", "BadUrgency", "BadWebPushTopic", "BadWebPushRequest")),
        (WINDOWS, "", {"x-wns-error-description": "Ttl value conflicts with X-WNS-Cache-Policy."}),
    ],
)
def test_a_refused_request_fails_and_counts_on_no_device(origin: str, body: str, headers: dict[str, str]) -> None:
    reaction = react(origin, 400, body, headers)
    assert (reaction.verdict, reaction.scope) == (Verdict.FAILED, Scope.ORIGIN)


@pytest.mark.parametrize("origin", EVERYONE)
@pytest.mark.parametrize("status", [402, 405, 409, 418, 422, 451, 499])
def test_a_refusal_that_nobody_knows_fails_and_counts_on_the_device(origin: str, status: int) -> None:
    reaction = react(origin, status)
    assert (reaction.verdict, reaction.scope) == (Verdict.FAILED, Scope.DEVICE)


def test_an_unknown_400_fails_and_counts_on_the_device() -> None:
    for origin, body in ((GOOGLE, "bad"), (MOZILLA, autopush(400, 199)), (APPLE, apple("BadDeviceToken")), (OTHER, "")):
        reaction = react(origin, 400, body)
        assert (reaction.verdict, reaction.scope) == (Verdict.FAILED, Scope.DEVICE)


@pytest.mark.parametrize("status", [100, 203, 204, 226, 600, 999])
def test_a_status_that_means_nothing_here_fails(status: int) -> None:
    assert react(OTHER, status).verdict is Verdict.FAILED


@pytest.mark.parametrize("origin", EVERYONE)
def test_too_large_is_said_by_413(origin: str) -> None:
    assert react(origin, 413).verdict is Verdict.TOO_LARGE


@pytest.mark.parametrize(
    ("origin", "status", "scope"),
    [
        (MOZILLA, 429, Scope.ORIGIN),
        (GOOGLE, 429, Scope.ORIGIN),
        (WINDOWS, 429, Scope.ORIGIN),
        (WINDOWS, 406, Scope.ORIGIN),
        (OTHER, 429, Scope.ORIGIN),
        (APPLE, 429, Scope.DEVICE),
    ],
)
def test_too_many_messages_rest_the_service_and_with_apple_the_device(origin: str, status: int, scope: Scope) -> None:
    reaction = react(origin, status, headers={"retry-after": "900"})
    assert (reaction.verdict, reaction.scope, wait_seconds(reaction)) == (Verdict.RETRY, scope, 900)


def test_406_is_nobody_else_s_word_for_too_many() -> None:
    assert react(GOOGLE, 406).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, autopush(500, 999)), (502, autopush(502, 900)), (502, autopush(502, 903)), (503, autopush(503, 201))],
)
def test_a_service_that_is_down_is_tried_again(status: int, body: str) -> None:
    reaction = react(MOZILLA, status, body)
    assert (reaction.verdict, reaction.scope, wait_seconds(reaction)) == (Verdict.RETRY, Scope.DEVICE, 22.5)


@pytest.mark.parametrize("status", [500, 501, 503, 504, 599, 408, 425])
@pytest.mark.parametrize("origin", EVERYONE)
def test_everyone_s_trouble_is_a_reason_to_try_again(origin: str, status: int) -> None:
    assert react(origin, status).verdict is Verdict.RETRY


def test_mozilla_says_when_to_come_back_at_once() -> None:
    assert wait_seconds(react(MOZILLA, 503, autopush(503, 202))) == 1


def test_a_service_that_says_how_long_it_is_down_rests_for_all_devices() -> None:
    reaction = react(MOZILLA, 503, autopush(503, 201), {"retry-after": "120"})
    assert (reaction.scope, wait_seconds(reaction)) == (Scope.ORIGIN, 120)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_fails(status: int) -> None:
    assert react(MOZILLA, status, headers={"retry-after": "5"}).verdict is Verdict.FAILED


def test_self_hosted_services_that_speak_as_the_known_ones_are_understood() -> None:
    assert react(OTHER, 401, autopush(401, 109, "key mismatch")).verdict is Verdict.RESUBSCRIBE


# -- no answer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "verdict", "scope"),
    [
        (Problem.NO_ANSWER, Verdict.RETRY, Scope.DEVICE),
        (Problem.NO_CONNECTION, Verdict.RETRY, Scope.DEVICE),
        (Problem.NAME_NOT_FOUND, Verdict.RETRY, Scope.DEVICE),
        (Problem.NOT_PUBLIC, Verdict.RETRY, Scope.DEVICE),
        (Problem.UNTRUSTED, Verdict.RETRY, Scope.DEVICE),
        (Problem.NOT_HTTP, Verdict.RETRY, Scope.DEVICE),
        ("", Verdict.RETRY, Scope.DEVICE),
        (Problem.KEYS_UNUSABLE, Verdict.FAILED, Scope.DEVICE),
        (Problem.ENDPOINT_REFUSED, Verdict.FAILED, Scope.DEVICE),
        (Problem.KEY_IS_GONE, Verdict.RESUBSCRIBE, Scope.DEVICE),
        (Problem.TOO_LARGE, Verdict.TOO_LARGE, Scope.DEVICE),
    ],
)
def test_each_problem_has_its_reaction(problem: str, verdict: Verdict, scope: Scope) -> None:
    reaction = react(OTHER, None, problem=problem)
    assert (reaction.verdict, reaction.scope) == (verdict, scope)
    assert reaction.reason == (problem or "no answer")


def test_a_mistake_of_ours_fails_and_counts_on_no_device() -> None:
    reaction = react(OTHER, None, problem="a mistake of ours", is_our_fault=True)
    assert (reaction.verdict, reaction.scope) == (Verdict.FAILED, Scope.ORIGIN)


# -- waits -------------------------------------------------------------------------------------------------------------


def test_a_wait_can_be_asked_for_as_a_date() -> None:
    assert wait_seconds(react(GOOGLE, 429, headers={"retry-after": "Wed, 24 Jun 2026 12:10:00 GMT"})) == 600


@pytest.mark.parametrize("value", ["", "0", "-5", "soon", "Wed, 24 Jun 2026 11:00:00 GMT", "\u0663"])
def test_a_wait_that_is_none_is_replaced_by_our_own(value: str) -> None:
    assert wait_seconds(react(GOOGLE, 429, headers={"retry-after": value}, jitter=1)) == 30


@pytest.mark.parametrize("value", ["604801", "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_push_service_has_us_wait_for_more_than_a_week(value: str) -> None:
    reaction = react(GOOGLE, 429, headers={"retry-after": value})
    assert reaction.retry_at == NOW + WEEK


def test_our_own_waits_double_up_to_half_an_hour() -> None:
    waits = [backoff_seconds(attempts, 1) for attempts in range(1, 10)]
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


@pytest.mark.parametrize("attempts", [1, 3, 9, 32_767])
def test_chance_takes_no_more_than_half_of_a_wait(attempts: int) -> None:
    assert backoff_seconds(attempts, 0) == backoff_seconds(attempts, 1) / 2


@pytest.mark.parametrize("status", [429, 500, None])
def test_retries_outlast_an_outage_of_hours_and_are_few(status: int | None) -> None:
    for jitter in (0.0, 1.0):
        attempts, seconds = 0, 0.0
        while seconds < 6 * 3600:
            attempts += 1
            seconds += wait_seconds(react(GOOGLE, status, attempts=attempts, jitter=jitter))
        assert attempts <= 31


@pytest.mark.parametrize(
    ("status", "body", "headers"), [(503, autopush(503, 202), {}), (429, "", {"retry-after": "1"})]
)
def test_who_says_soon_for_ever_is_asked_less_and_less_often(status: int, body: str, headers: dict[str, str]) -> None:
    waits = [
        wait_seconds(react(OTHER, status, body, headers, attempts=attempts, jitter=1)) for attempts in range(1, 30)
    ]
    assert waits[:5] == [1] * 5
    assert waits == sorted(waits)
    assert waits[-1] == MAX_WAIT_SECONDS


# -- reasons -----------------------------------------------------------------------------------------------------------


def test_a_reason_holds_the_status_and_the_service_s_code() -> None:
    assert react(MOZILLA, 410, autopush(410, 106)).reason == "410 106: the subscription has ended"
    assert react(APPLE, 403, apple("BadJwtToken")).reason.startswith("403 BadJwtToken: our signature is refused")


@pytest.mark.parametrize(
    "body",
    ["https://fcm.googleapis.com/fcm/send/secret", '{"reason":"https://x/secret"}', '{"message":"token secret"}'],
)
def test_a_reason_holds_no_prose_of_others(body: str) -> None:
    for status in (400, 403, 410, 429, 500):
        assert "secret" not in react(GOOGLE, status, body).reason


texts = st.text() | st.sampled_from([autopush(400, 101), apple("BadTtl"), "[" * 1000, "key mismatch", '"errno":1011'])


@given(
    origin=st.sampled_from(EVERYONE) | st.text(),
    status=st.none() | st.integers(0, 1000),
    body=texts,
    headers=st.dictionaries(st.sampled_from(["retry-after", "x-wns-status", "ttl", "date"]), texts),
    problem=texts | st.sampled_from(list(Problem)),
    attempts=st.integers(1, 32_767),
    jitter=st.floats(0, 1),
)
def test_whatever_comes_back_there_is_a_reaction_within_bounds(
    origin: str,
    status: int | None,
    body: str,
    headers: dict[str, str],
    problem: str,
    attempts: int,
    jitter: float,
) -> None:
    answer = Answer(status, headers, body, problem)
    reaction = classify(origin, answer, attempts=attempts, now=NOW, jitter=jitter)
    assert 0 < len(reaction.reason) <= 200
    assert (reaction.retry_at is not None) == (reaction.verdict is Verdict.RETRY)
    if reaction.retry_at is not None:
        assert NOW + timedelta(seconds=1) <= reaction.retry_at <= NOW + WEEK
    if reaction.verdict is Verdict.GONE:
        assert status in {404, 410}
