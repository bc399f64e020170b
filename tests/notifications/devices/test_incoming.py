from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.devices.incoming import (
    MAX_POST_BYTES,
    Malformed,
    Offer,
    Standing,
    read_offer,
    read_standing,
    read_withdrawal,
)

GOOD: dict[str, Any] = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/a",
    "keys": {"p256dh": "B" * 87, "auth": "a" * 22},
    "key_id": "0123456789abcdef",
}
READERS = (read_offer, read_withdrawal, read_standing)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["endpoint", "keys", "key_id", "name", "expirationTime", "endpoint_hash"])


def offer(**changes: object) -> Offer:
    return read_offer(json.dumps({**GOOD, **changes}).encode())


def read_or_refuse(body: bytes) -> None:
    for read in READERS:
        with suppress(Malformed):
            read(body)


@given(st.binary(max_size=2 * MAX_POST_BYTES))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read_or_refuse(body)


@given(any_json)
def test_any_json_is_read_or_refused(value: object) -> None:
    read_or_refuse(json.dumps(value).encode())


@given(st.dictionaries(names, any_json))
def test_an_offer_with_anything_in_its_fields_is_read_or_refused(changes: dict[str, object]) -> None:
    read_or_refuse(json.dumps({**GOOD, **changes}).encode())


def test_an_offer_is_read_as_the_browser_gives_it() -> None:
    read = offer()
    assert (read.endpoint, read.auth, read.key_id, read.expires_at) == (
        GOOD["endpoint"],
        "a" * 22,
        "0123456789abcdef",
        None,
    )


def test_the_expiration_is_in_milliseconds() -> None:
    expires_at = offer(expirationTime=1_800_000_000_000).expires_at
    assert expires_at is not None
    assert expires_at.isoformat() == "2027-01-15T08:00:00+00:00"


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1, 1e300, True, "soon"])
def test_an_expiration_that_is_no_moment_is_refused(moment: object) -> None:
    with pytest.raises(Malformed):
        offer(expirationTime=moment)


def test_a_name_is_one_line_of_at_most_80_characters() -> None:
    assert offer(name=" My\u202e\n phone\x00" + "!" * 200).name == ("My phone " + "!" * 200)[:80]


def test_half_of_a_surrogate_pair_never_reaches_the_database() -> None:
    assert offer(name="\ud800x").name == "x"


@pytest.mark.parametrize("endpoint", ["", None, {}, ["https://a.example"], "https://a.example/\ud800", "x" * 1001])
def test_an_endpoint_that_is_no_short_plain_text_is_refused(endpoint: object) -> None:
    with pytest.raises(Malformed):
        offer(endpoint=endpoint)


def test_a_browser_without_a_subscription_says_so_with_an_empty_hash() -> None:
    assert read_standing(b'{"endpoint_hash": ""}') == Standing("", "")


def test_a_thousand_brackets_are_refused() -> None:
    with pytest.raises(Malformed):
        read_offer(b"[" * MAX_POST_BYTES)


def test_a_long_body_is_refused_unread() -> None:
    with pytest.raises(Malformed, match="longer"):
        read_offer(b" " * MAX_POST_BYTES + b"{}")
