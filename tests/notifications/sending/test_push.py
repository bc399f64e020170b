from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from notifications.sending.push import Sender
from notifications.sending.request import MAX_PLAINTEXT_BYTES, Unsendable, encrypt
from notifications.sending.types import Answer, Message, Problem
from notifications.vapid.keys import KeyRing, VapidKey
from notifications.vapid.signing import Tokens
from tests.examples import examples
from tests.notifications.resolving import CONTACT, Fixed
from tests.patience import PATIENCE_SECONDS
from tests.push.service import PushService, Scripted, Subscription
from tests.push.user_agent import UserAgent, to_bytes, to_text

KEY = VapidKey.new()
PAYLOAD = '{"title":"Grüße"}'.encode()
AGENT = UserAgent()


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def browser(service: PushService) -> Subscription:
    service.received.clear()
    service.attempts.clear()
    return service.new_subscription(KEY.public)


def sender_to(service: PushService, **options: Any) -> Sender:
    values: dict[str, Any] = {
        "ring": KeyRing(KEY),
        "contact": CONTACT,
        "extra_hosts": [service.extra_host],
        "ssl_context": service.ssl_context,
        "tokens": Tokens(),
    }
    return Sender(**{**values, **options})


def message_to(browser: Subscription, **changes: Any) -> Message:
    message = Message(browser.endpoint, browser.p256dh, browser.auth, KEY.id, PAYLOAD, 3600, "normal", "topic")
    return replace(message, **changes)


def message_for(endpoint: str = "https://fcm.googleapis.com/x", **changes: Any) -> Message:
    return replace(Message(endpoint, AGENT.p256dh, AGENT.auth, KEY.id, PAYLOAD, 60, "normal", ""), **changes)


def send_all(sender: Sender, *messages: Message) -> list[Answer]:
    async def work() -> list[Answer]:
        async with sender:
            return await asyncio.gather(*(sender.send(message) for message in messages))

    return asyncio.run(work())


def send(sender: Sender, message: Message) -> Answer:
    (answer,) = send_all(sender, message)
    return answer


# -- what is sent ------------------------------------------------------------------------------------------------------


def test_a_message_arrives_and_can_be_read(service: PushService, browser: Subscription) -> None:
    answer = send(sender_to(service), message_to(browser, urgency="low", ttl_seconds=7200))
    (received,) = service.received
    assert (answer.status, answer.problem, answer.is_our_fault) == (201, "", False)
    assert (received.plaintext, received.ttl_seconds, received.urgency) == (PAYLOAD, 7200, "low")
    assert (received.topic, received.headers["content-encoding"]) == ("topic", "aes128gcm")
    assert received.headers["content-type"] == "application/octet-stream"


def test_it_is_signed_for_twelve_hours_and_for_this_origin_only(service: PushService, browser: Subscription) -> None:
    send(sender_to(service, tokens=Tokens(lambda: int(time.time()))), message_to(browser))
    claims = service.received[0].claims
    assert (claims["aud"], claims["sub"]) == (service.origin, CONTACT)
    assert 12 * 3600 - 60 < int(str(claims["exp"])) - time.time() <= 12 * 3600


def test_a_device_is_signed_for_with_the_key_that_it_knows(service: PushService, browser: Subscription) -> None:
    ring = KeyRing(VapidKey.new(), old=(KEY,))
    assert send(sender_to(service, ring=ring), message_to(browser)).status == 201


def test_a_device_whose_key_is_gone_is_not_sent_to(service: PushService, browser: Subscription) -> None:
    answer = send(sender_to(service, ring=KeyRing(VapidKey.new())), message_to(browser))
    assert (answer.problem, answer.is_our_fault, service.attempts) == (Problem.KEY_IS_GONE, True, [])


def test_each_message_has_a_key_and_a_salt_of_its_own() -> None:
    first, second = encrypt(message_for()), encrypt(message_for())
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    assert AGENT.decrypt(first) == AGENT.decrypt(second) == PAYLOAD


def test_the_largest_payload_fills_a_body_of_4096_bytes() -> None:
    body = encrypt(message_for(payload=b"x" * MAX_PLAINTEXT_BYTES))
    assert len(body) == 4096
    assert AGENT.decrypt(body) == b"x" * MAX_PLAINTEXT_BYTES


def test_a_larger_payload_is_not_sent() -> None:
    with pytest.raises(Unsendable) as caught:
        encrypt(message_for(payload=b"x" * (MAX_PLAINTEXT_BYTES + 1)))
    assert caught.value.problem is Problem.TOO_LARGE


@pytest.mark.parametrize(("given_seconds", "sent"), [(0, "60"), (-5, "60"), (59, "60"), (61, "61"), (10**9, "2419200")])
def test_the_time_to_live_is_never_0_and_never_more_than_28_days(
    service: PushService, browser: Subscription, given_seconds: int, sent: str
) -> None:
    send(sender_to(service), message_to(browser, ttl_seconds=given_seconds))
    assert service.attempts[0].headers["ttl"] == sent


@pytest.mark.parametrize(
    "changes", [{"topic": "a b"}, {"topic": "a" * 33}, {"topic": "a\r\nX: y"}, {"urgency": "urgent"}, {"payload": b""}]
)
def test_headers_that_a_push_service_refuses_are_not_sent(
    service: PushService, browser: Subscription, changes: dict[str, Any]
) -> None:
    answer = send(sender_to(service), message_to(browser, **changes))
    assert (answer.problem, answer.is_our_fault, service.attempts) == (Problem.NOT_A_MESSAGE, True, [])


def test_without_a_topic_the_header_is_left_out(service: PushService, browser: Subscription) -> None:
    assert send(sender_to(service), message_to(browser, topic="")).status == 201
    assert "topic" not in service.attempts[0].headers


# -- what comes back ---------------------------------------------------------------------------------------------------


def test_the_answer_has_its_telling_headers_and_not_the_message_s_address(
    service: PushService, browser: Subscription
) -> None:
    headers = {
        "Retry-After": "120",
        "Location": "https://x.example/m/1",
        "X-WNS-Status": "dropped",
        "Set-Cookie": "a=b",
    }
    service.script(browser.token, [Scripted(429, headers, body='{"reason":"TooManyRequests"}')])
    answer = send(sender_to(service), message_to(browser))
    assert (answer.status, answer.body) == (429, '{"reason":"TooManyRequests"}')
    assert answer.headers.items() >= {"retry-after": "120", "x-wns-status": "dropped"}.items()
    assert not answer.headers.keys() & {"location", "set-cookie"}


def test_the_answer_s_time_is_measured(service: PushService, browser: Subscription) -> None:
    service.script(browser.token, [Scripted(201, delay_seconds=0.2)])
    assert 200 <= send(sender_to(service), message_to(browser)).latency_ms < 5000


def test_no_more_than_the_beginning_of_a_body_is_read(service: PushService, browser: Subscription) -> None:
    service.script(browser.token, [Scripted(400, body="x" * 5_000_000)])
    assert send(sender_to(service), message_to(browser)).body == "x" * 1000


def test_a_body_that_promises_gzip_is_not_unpacked(service: PushService, browser: Subscription) -> None:
    service.script(browser.token, [Scripted(400, {"Content-Encoding": "gzip"}, body="not gzip")])
    answer = send(sender_to(service), message_to(browser))
    assert (answer.status, answer.body) == (400, "not gzip")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(service: PushService, browser: Subscription, status: int) -> None:
    service.script(browser.token, [Scripted(status, {"Location": browser.endpoint})])
    assert send(sender_to(service), message_to(browser)).status == status
    assert len(service.attempts) == 1


def test_cookies_are_not_kept(service: PushService, browser: Subscription) -> None:
    service.script(browser.token, [Scripted(201, {"Set-Cookie": "a=b; Path=/"})])

    async def twice() -> None:
        async with sender_to(service) as sender:
            await sender.send(message_to(browser))
            await sender.send(message_to(browser))

    asyncio.run(twice())
    assert ["cookie" in attempt.headers for attempt in service.attempts] == [False, False]


def test_the_environment_s_proxy_is_not_asked(
    service: PushService, browser: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(sender_to(service), message_to(browser)).status == 201


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_service_that_hangs_is_left_in_time_and_delays_no_other(service: PushService, browser: Subscription) -> None:
    other = service.new_subscription(KEY.public)
    service.script(browser.token, [Scripted(hangs=True)] * 2)

    async def meanwhile() -> tuple[Answer, bool]:
        async with sender_to(service, timeout_seconds=PATIENCE_SECONDS) as sender:
            hanging = asyncio.create_task(sender.send(message_to(browser)))
            answer = await sender.send(message_to(other))
            is_left = hanging.done()
            hanging.cancel()
            return answer, is_left

    answer, is_left = asyncio.run(meanwhile())
    assert (answer.status, is_left) == (201, False)
    left = send(sender_to(service, timeout_seconds=0.5), message_to(browser))
    assert (left.problem, left.is_our_fault) == (Problem.NO_ANSWER, False)


def test_waiting_for_a_turn_takes_nothing_from_a_message_s_time(service: PushService, browser: Subscription) -> None:
    """The last waits until 32 others are given up, as long as a message may take. Only the sender's clock is moved."""
    service.script(browser.token, [Scripted(hangs=True)] * 32)

    async def work() -> list[Answer]:
        loop = asyncio.get_running_loop()
        clock = loop.time
        async with sender_to(service, timeout_seconds=PATIENCE_SECONDS) as sender:
            answers = asyncio.gather(*(sender.send(message_to(browser)) for _ in range(33)))
            while len(service.attempts) < 32:
                await asyncio.sleep(0.01)
            loop.time = lambda: clock() + 2 * PATIENCE_SECONDS  # type: ignore[method-assign]
            return await answers

    *others, last = asyncio.run(work())
    assert {answer.problem for answer in others} == {Problem.NO_ANSWER}
    assert last.status == 201


def test_nobody_at_the_port_is_no_connection(service: PushService, browser: Subscription) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    message = message_to(browser, endpoint=f"https://localhost:{port}/x")
    assert send(sender_to(service, extra_hosts=[f"localhost:{port}"]), message).problem is Problem.NO_CONNECTION


def test_a_certificate_of_nobody_we_know_is_not_trusted(service: PushService, browser: Subscription) -> None:
    answer = send(sender_to(service, ssl_context=None), message_to(browser))
    assert (answer.problem, service.attempts) == (Problem.UNTRUSTED, [])


def test_a_certificate_for_another_name_is_not_trusted(service: PushService, browser: Subscription) -> None:
    resolver = Fixed("127.0.0.1", port=service.port)
    answer = send(
        sender_to(service, extra_hosts=["push.example"], resolver=resolver),
        message_to(browser, endpoint="https://push.example/x"),
    )
    assert (answer.problem, service.attempts) == (Problem.UNTRUSTED, [])


def test_an_unknown_name_is_not_found(service: PushService) -> None:
    assert send(sender_to(service, resolver=Fixed()), message_for()).problem is Problem.NAME_NOT_FOUND


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["64:ff9b::a00:1"],
        ["8.8.8.8", "10.0.0.1"],
    ],
)
def test_a_push_service_that_leads_inside_is_not_asked(service: PushService, addresses: list[str]) -> None:
    service.attempts.clear()
    answer = send(sender_to(service, resolver=Fixed(*addresses, port=service.port)), message_for())
    assert (answer.problem, answer.is_our_fault, service.attempts) == (Problem.NOT_PUBLIC, False, [])


@pytest.mark.parametrize(
    "endpoint", ["", "http://169.254.169.254/latest", "https://localhost:1/x", "https://evil.example/x", "https://[/x"]
)
def test_an_address_of_no_push_service_is_not_asked(service: PushService, endpoint: str) -> None:
    answer = send(sender_to(service), message_for(endpoint))
    assert (answer.problem, answer.is_our_fault) == (Problem.ENDPOINT_REFUSED, True)


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": ""},
        {"p256dh": "A"},
        {"p256dh": "AAAA"},
        {"p256dh": "not base64!"},
        {"p256dh": "schlüssel"},
        {"p256dh": to_text(b"\x04" + bytes(64))},
        {"p256dh": to_text(to_bytes(AGENT.p256dh)[:64])},
        {"auth": ""},
        {"auth": "A"},
        {"auth": to_text(bytes(15))},
        {"auth": "ünïcode"},
    ],
)
def test_a_device_with_broken_keys_keeps_nobody_else_from_being_told(
    service: PushService, browser: Subscription, keys: dict[str, str]
) -> None:
    poison, good = send_all(sender_to(service), message_to(browser, **keys), message_to(browser))
    assert (poison.problem, poison.is_our_fault) == (Problem.KEYS_UNUSABLE, True)
    assert good.status == 201


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    endpoint=st.text() | st.just("https://localhost:1/x"),
    p256dh=st.text() | st.just(AGENT.p256dh),
    auth=st.text() | st.just(AGENT.auth),
    key_id=st.text() | st.just(KEY.id),
    payload=st.binary(max_size=50),
    topic=st.text(),
)
def test_no_message_makes_it_raise(
    endpoint: str, p256dh: str, auth: str, key_id: str, payload: bytes, topic: str
) -> None:
    sender = Sender(KeyRing(KEY), contact=CONTACT, extra_hosts=["localhost:1"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("notifications.sending.push._CLOSING_SECONDS", 0)  # no connection comes about
        answer = send(sender, Message(endpoint, p256dh, auth, key_id, payload, 60, "normal", topic))
    assert answer.problem


def test_logs_never_hold_an_endpoint(
    service: PushService, browser: Subscription, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.script(browser.token, [Scripted(500), Scripted(hangs=True)])
    sender = sender_to(service, timeout_seconds=0.3)
    send_all(sender, message_to(browser), message_to(browser), message_to(browser, auth="A"))
    assert not re.search(f"{browser.token}|{browser.auth}|{browser.p256dh}", caplog.text)
