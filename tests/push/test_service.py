"""The push service that other tests rely on: it must let nothing wrong pass."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPusher

from tests.patience import PATIENCE_SECONDS

from .service import PushService, Scripted, Subscription
from .user_agent import Undecryptable, UserAgent, new_vapid_key, to_bytes, to_text

# RFC 8291, section 5 and appendix A.
RFC_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
RFC_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RFC_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
RFC_BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@dataclass(frozen=True, slots=True)
class Rig:
    """A service, a browser that subscribed there, and a sender."""

    service: PushService
    browser: Subscription
    private_key: bytes

    def post(self, data: bytes = b"{}", *, claims: dict[str, object] | None = None, **changes: str | None) -> int:
        """The status for a message that is right but for the changes: headers by name, None leaves one out."""
        return self.send(self.encrypt(data), **{"authorization": self.authorization(**claims or {}), **changes})

    def encrypt(self, data: bytes) -> bytes:
        return bytes(WebPusher(self.browser.as_json()).encode(data)["body"])

    def authorization(self, **claims: object) -> str:
        right = {"aud": self.service.origin, "exp": int(time.time()) + 3600, "sub": "mailto:team@planet.example"}
        signed = Vapid02.from_raw(to_text(self.private_key).encode()).sign({**right, **claims})
        return str(signed["Authorization"])

    def send(self, body: bytes, **headers: str | None) -> int:
        return self.answer(body, **headers).status

    def answer(self, body: bytes, **headers: str | None) -> HTTPResponse:
        usual = {"ttl": "60", "content-encoding": "aes128gcm", "authorization": self.authorization()}
        sent = {name.replace("_", "-"): value for name, value in {**usual, **headers}.items() if value is not None}
        line = HTTPSConnection(
            "localhost", self.service.port, timeout=PATIENCE_SECONDS, context=self.service.ssl_context
        )
        with contextlib.closing(line):
            line.request("POST", urlsplit(self.browser.endpoint).path, body, sent)
            answer = line.getresponse()
            answer.read()
        return answer

    def last_reason(self) -> str:
        return self.service.attempts[-1].reason


@pytest.fixture
def rig() -> Iterator[Rig]:
    public, private = new_vapid_key()
    with PushService() as service:
        yield Rig(service, service.new_subscription(public), private)


def test_the_message_of_the_rfc_can_be_read() -> None:
    private = ec.derive_private_key(int.from_bytes(to_bytes(RFC_PRIVATE), "big"), ec.SECP256R1())
    agent = UserAgent(private, to_bytes(RFC_AUTH))
    assert agent.p256dh == RFC_PUBLIC
    assert agent.decrypt(to_bytes(RFC_BODY)) == b"When I grow up, I want to be a watermelon"


def test_a_message_for_other_keys_can_not_be_read() -> None:
    with pytest.raises(Undecryptable, match="other keys"):
        UserAgent().decrypt(to_bytes(RFC_BODY))


def test_a_right_message_is_accepted_and_read(rig: Rig) -> None:
    assert rig.post('{"title": "Grüße"}'.encode(), topic="abc", urgency="low") == 201
    (received,) = rig.service.received
    assert (received.json, received.ttl_seconds) == ({"title": "Grüße"}, 60)
    assert (received.topic, received.urgency) == ("abc", "low")
    assert rig.browser.inbox == ['{"title": "Grüße"}'.encode()]


def test_an_accepted_message_has_an_address_and_its_time_to_live(rig: Rig) -> None:
    answer = rig.answer(rig.encrypt(b"{}"), ttl="99999999")
    assert answer.headers["Location"].startswith(rig.service.origin)
    assert answer.headers["TTL"] == str(30 * 86400)


def test_an_unknown_subscription_is_404(rig: Rig) -> None:
    rig.browser.endpoint += "x"
    assert rig.post() == 404


def test_an_ended_subscription_is_410(rig: Rig) -> None:
    rig.browser.unsubscribe()
    assert rig.post() == 410


@pytest.mark.parametrize("ttl", [None, "", "-1", "1.5", "soon", "99999999999"])
def test_a_time_to_live_must_be_a_number_of_seconds(rig: Rig, ttl: str | None) -> None:
    assert rig.post(ttl=ttl) == 400
    assert "TTL" in rig.last_reason()


@pytest.mark.parametrize("topic", ["", "a" * 33, "a b", "Grüße", "a=="])
def test_a_topic_must_be_short_base64url(rig: Rig, topic: str) -> None:
    assert rig.post(topic=topic.encode().decode("latin-1")) == 400
    assert "topic" in rig.last_reason()


def test_an_urgency_must_be_known(rig: Rig) -> None:
    assert rig.post(urgency="urgent") == 400


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://localhost"},
        {"aud": "https://fcm.googleapis.com"},
        {"exp": int(time.time()) - 1},
        {"exp": int(time.time()) + 90_000},
    ],
)
def test_a_token_must_be_for_this_service_and_for_today(rig: Rig, claims: dict[str, object]) -> None:
    assert rig.post(claims=claims) == 403


def test_a_sender_without_a_token_is_401(rig: Rig) -> None:
    assert rig.post(authorization=None) == 401


def test_a_sender_with_another_key_is_403(rig: Rig) -> None:
    _, other = new_vapid_key()
    stranger = Rig(rig.service, rig.browser, other)
    assert stranger.post() == 403
    assert stranger.last_reason() == "key mismatch"


def test_a_token_must_be_signed_with_the_key_that_it_names(rig: Rig) -> None:
    _, other = new_vapid_key()
    own, forged = rig.authorization(), Rig(rig.service, rig.browser, other).authorization()
    assert rig.post(authorization=forged.split(",")[0] + "," + own.split(",")[1]) == 403
    assert rig.last_reason() == "bad signature"


@pytest.mark.parametrize("key_suffix", ["=", "!", "A"])
def test_the_named_key_must_be_strict_base64url(rig: Rig, key_suffix: str) -> None:
    assert rig.post(authorization=rig.authorization() + key_suffix) == 403


def test_a_body_of_4096_bytes_is_the_largest(rig: Rig) -> None:
    assert [rig.post(b" " * 3993), rig.post(b" " * 3994)] == [201, 413]


@pytest.mark.parametrize(
    ("start", "length", "value"),
    [(20, 1, b"\x40"), (21, 1, b"\x05"), (16, 4, (18).to_bytes(4, "big"))],
    ids=["short key id", "compressed point", "several records"],
)
def test_the_frame_of_the_encryption_must_be_right(rig: Rig, start: int, length: int, value: bytes) -> None:
    body = rig.encrypt(b"{}")
    assert rig.send(body[:start] + value + body[start + length :]) == 400


def test_another_encoding_is_400(rig: Rig) -> None:
    assert rig.post(content_encoding="aesgcm") == 400


def test_a_damaged_message_is_400(rig: Rig) -> None:
    body = rig.encrypt(b"{}")
    assert rig.send(body[:-1] + bytes([body[-1] ^ 1])) == 400


def test_messages_wait_for_a_browser_that_is_off(rig: Rig) -> None:
    rig.browser.go_offline()
    rig.post(b"1")
    rig.post(b"2")
    assert rig.browser.inbox == []
    rig.browser.go_online()
    assert rig.browser.inbox == [b"1", b"2"]


def test_a_message_without_time_to_live_is_lost_on_a_browser_that_is_off(rig: Rig) -> None:
    rig.browser.go_offline()
    assert rig.post(b"1", ttl="0") == 201
    rig.browser.go_online()
    assert rig.browser.inbox == []


def test_a_topic_replaces_what_still_waits(rig: Rig) -> None:
    rig.browser.go_offline()
    for data, topic in ((b"1", "a"), (b"2", "b"), (b"3", "a")):
        rig.post(data, topic=topic)
    rig.browser.go_online()
    assert rig.browser.inbox == [b"2", b"3"]


def test_scripted_answers_come_once_each_and_before_any_check(rig: Rig) -> None:
    wait = Scripted(429, {"Retry-After": "120"}, body="slow down")
    rig.service.script(rig.browser.token, [wait, Scripted(302, {"Location": "/elsewhere"})])
    first = rig.answer(b"nonsense")
    assert (first.status, first.headers["Retry-After"]) == (429, "120")
    assert [rig.post(), rig.post()] == [302, 201]


def test_a_scripted_silence_lasts(rig: Rig) -> None:
    rig.service.script(rig.browser.token, [Scripted(hangs=True)])
    line = HTTPSConnection("localhost", rig.service.port, timeout=0.3, context=rig.service.ssl_context)
    with contextlib.closing(line):
        line.request("POST", urlsplit(rig.browser.endpoint).path, b"")
        with pytest.raises(TimeoutError):
            line.getresponse()


def test_every_attempt_is_on_record(rig: Rig) -> None:
    rig.post(ttl=None)
    rig.post()
    assert [attempt.status for attempt in rig.service.attempts] == [400, 201]
    assert len(rig.service.received) == 1
