from __future__ import annotations

import pytest

from notifications.vapid.keys import VapidKey
from notifications.vapid.signing import Tokens
from tests.push.user_agent import to_bytes
from tests.push.vapid_check import Refused, check_authorization

HOUR = 3600
CONTACT = "mailto:curators@planet.example"
ORIGIN = "https://push.example"
KEY = VapidKey.new()


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.5

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(clock)


def claims_of(header: str, clock: Clock, *, origin: str = ORIGIN, key: VapidKey = KEY) -> dict[str, object]:
    return check_authorization(header, origin=origin, key=to_bytes(key.public), now=clock())


def test_a_token_proves_who_sends_and_for_whom(tokens: Tokens, clock: Clock) -> None:
    claims = claims_of(tokens.authorization(ORIGIN, KEY, CONTACT), clock)
    assert claims == {"aud": ORIGIN, "exp": 1_800_000_000 + 12 * HOUR, "sub": CONTACT}


def test_it_is_used_again_until_five_minutes_before_its_end(tokens: Tokens, clock: Clock) -> None:
    first = tokens.authorization(ORIGIN, KEY, CONTACT)
    clock.now += 12 * HOUR - 301
    assert tokens.authorization(ORIGIN, KEY, CONTACT) == first
    clock.now += 2
    assert tokens.authorization(ORIGIN, KEY, CONTACT) != first


def test_no_push_service_gets_the_token_of_another(tokens: Tokens, clock: Clock) -> None:
    other = "https://other.example"
    header = tokens.authorization(ORIGIN, KEY, CONTACT)
    assert claims_of(tokens.authorization(other, KEY, CONTACT), clock, origin=other)["aud"] == other
    with pytest.raises(Refused, match="aud"):
        claims_of(header, clock, origin=other)


def test_each_key_signs_for_itself(tokens: Tokens, clock: Clock) -> None:
    other = VapidKey.new()
    tokens.authorization(ORIGIN, KEY, CONTACT)
    assert claims_of(tokens.authorization(ORIGIN, other, CONTACT), clock, key=other)


def test_a_new_contact_is_told_at_once(tokens: Tokens, clock: Clock) -> None:
    tokens.authorization(ORIGIN, KEY, CONTACT)
    assert claims_of(tokens.authorization(ORIGIN, KEY, "https://planet.example/about"), clock)["sub"] != CONTACT


def test_a_clock_that_is_set_back_makes_a_new_token(tokens: Tokens, clock: Clock) -> None:
    tokens.authorization(ORIGIN, KEY, CONTACT)
    clock.now -= 20 * HOUR
    assert claims_of(tokens.authorization(ORIGIN, KEY, CONTACT), clock)


def test_a_crowd_of_origins_fills_no_memory(tokens: Tokens) -> None:
    for number in range(1005):
        tokens.authorization(f"https://push{number}.example", KEY, CONTACT)
    assert len(tokens) <= 1000
