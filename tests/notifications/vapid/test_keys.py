from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from notifications.vapid.keys import VapidKey, check_subscription_keys, from_base64url, keyring, to_base64url
from tests.push.user_agent import UserAgent, new_vapid_key, to_bytes, to_text

PEM = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg
-----END PRIVATE KEY-----"""


@pytest.fixture
def site(settings: LazySettings, tmp_path: Path) -> LazySettings:
    settings.DATA_DIR = tmp_path
    settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY = ""
    settings.VAPID_OLD_PRIVATE_KEYS = []
    return settings


def keep(site: LazySettings, key: VapidKey, name: str = "vapid_private_key") -> Path:
    path = Path(site.DATA_DIR) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(key.private_text + "\n")
    return path


def whats() -> list[str]:
    return [problem.what for problem in keyring().problems]


# -- reading a key -----------------------------------------------------------------------------------------------------


def test_a_key_is_its_number_its_point_and_a_name() -> None:
    public, private = new_vapid_key()
    key = VapidKey.read(to_text(private))
    assert (key.public, key.private) == (public, private)
    assert key.id == hashlib.sha256(to_bytes(public)).hexdigest()[:16]


def test_a_key_can_be_given_as_pem_in_all_its_forms() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key = VapidKey.of(private)
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        pem = private.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
        body = "".join(pem.splitlines()[1:-1])
        urlsafe = body.replace("+", "-").replace("/", "_").rstrip("=")
        for text in (pem, pem.replace("\n", "\\n"), body, urlsafe, f"  {body}\n"):
            assert VapidKey.read(text) == key


def test_a_file_of_openssl_with_parameters_before_the_key_is_read() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    assert VapidKey.read(parameters + pem) == VapidKey.of(private)


def other_curve() -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk!",
        "AAAA",
        to_text(bytes(32)),
        to_text(b"\xff" * 32),
        PEM,
        "Schlüssel",
        new_vapid_key()[0],
        other_curve(),
    ],
    ids=["nothing", "junk", "short", "zeros", "ones", "cut", "beyond ASCII", "public", "another curve"],
)
def test_what_is_no_key_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(ValueError, match="no private key of the curve P-256"):
        VapidKey.read(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_keys(text: str) -> None:
    with suppress(ValueError):
        VapidKey.read(text)


def test_a_key_that_is_shown_shows_no_secret() -> None:
    key = VapidKey.new()
    assert str(key.private) not in repr(key)
    assert key.private_text not in repr(key)


@given(st.binary())
def test_bytes_have_one_spelling(data: bytes) -> None:
    text = to_base64url(data)
    assert from_base64url(text) == (data or None)
    assert from_base64url(text + "=") is None


@pytest.mark.parametrize("text", ["", "A", "AB=", "A+", "A/", "AB\n", "AA==", "AB", "Ä"])
def test_other_spellings_are_refused(text: str) -> None:
    assert from_base64url(text) is None


# -- the ring ----------------------------------------------------------------------------------------------------------


def test_without_a_key_there_is_none_and_none_is_made(site: LazySettings) -> None:
    ring = keyring()
    assert (ring.current, ring.all, ring.problems) == (None, (), ())
    assert list(Path(site.DATA_DIR).iterdir()) == []


def test_the_key_is_read_from_its_file(site: LazySettings) -> None:
    key = VapidKey.new()
    keep(site, key)
    assert keyring().current == key


def test_the_environment_wins_and_the_key_of_the_file_still_signs(site: LazySettings) -> None:
    ours, kept = VapidKey.new(), VapidKey.new()
    keep(site, kept)
    site.VAPID_PRIVATE_KEY, site.VAPID_PUBLIC_KEY = ours.private_text, ours.public
    ring = keyring()
    assert ring.current == ours
    assert ring.get(kept.id) == kept


def test_the_public_key_may_be_left_out_or_padded(site: LazySettings) -> None:
    key = VapidKey.new()
    site.VAPID_PRIVATE_KEY = key.private_text
    for public in ("", key.public + "=", base64.b64encode(to_bytes(key.public)).decode()):
        site.VAPID_PUBLIC_KEY = public
        assert keyring().current == key


def test_old_keys_come_from_the_environment_and_from_files(site: LazySettings) -> None:
    first, second, current = VapidKey.new(), VapidKey.new(), VapidKey.new()
    keep(site, current)
    keep(site, first, f"vapid_old/{first.id}")
    site.VAPID_OLD_PRIVATE_KEYS = [second.private_text]
    assert set(keyring().all) == {first, second, current}
    assert keyring().get("0" * 16) is None


def test_a_key_that_is_current_and_old_counts_once(site: LazySettings) -> None:
    key = VapidKey.new()
    keep(site, key)
    keep(site, key, f"vapid_old/{key.id}")
    assert keyring().all == (key,)


def test_a_changed_file_is_noticed(site: LazySettings) -> None:
    first, second = VapidKey.new(), VapidKey.new()
    keep(site, first)
    assert keyring().current == first
    keep(site, second)
    assert keyring().current == second


NO_KEY = "can't be used: it is no private key of the curve P-256"


@pytest.mark.parametrize(
    ("content", "how"), [(b"junk", NO_KEY), (b"\xff\xfe\x00", NO_KEY), (b"", "is empty"), (b"\n", "is empty")]
)
def test_a_file_that_holds_no_key_is_named_and_left_alone(site: LazySettings, content: bytes, how: str) -> None:
    path = Path(site.DATA_DIR) / "vapid_private_key"
    path.write_bytes(content)
    assert keyring().current is None
    assert whats() == [f"{path} {how}"]
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_read_is_named(site: LazySettings) -> None:
    path = Path(site.DATA_DIR) / "vapid_private_key"
    path.mkdir()
    assert [str(path) in what for what in whats()] == [True]


def test_a_pair_that_does_not_match_is_named_and_not_used(site: LazySettings) -> None:
    site.VAPID_PRIVATE_KEY, site.VAPID_PUBLIC_KEY = VapidKey.new().private_text, VapidKey.new().public
    assert keyring().current is None
    assert whats() == ["VAPID_PUBLIC_KEY is not the public half of VAPID_PRIVATE_KEY"]


@pytest.mark.parametrize("public", ["junk", "ü", "===="])
def test_a_public_key_that_is_none_is_named(site: LazySettings, public: str) -> None:
    site.VAPID_PRIVATE_KEY, site.VAPID_PUBLIC_KEY = VapidKey.new().private_text, public
    assert whats() == ["VAPID_PUBLIC_KEY is not the public half of VAPID_PRIVATE_KEY"]


def test_half_a_pair_does_not_fall_back_to_the_file(site: LazySettings) -> None:
    keep(site, VapidKey.new())
    site.VAPID_PUBLIC_KEY = VapidKey.new().public
    assert keyring().current is None
    assert whats() == ["VAPID_PUBLIC_KEY is set and VAPID_PRIVATE_KEY is not"]


def test_a_broken_old_key_is_named_and_the_others_still_sign(site: LazySettings) -> None:
    key = VapidKey.new()
    keep(site, key)
    site.VAPID_OLD_PRIVATE_KEYS = ["junk"]
    assert keyring().all == (key,)
    assert whats() == ["VAPID_OLD_PRIVATE_KEYS can't be used: it is no private key of the curve P-256"]


def test_a_problem_shows_no_secret(site: LazySettings) -> None:
    site.VAPID_PRIVATE_KEY = "almost-a-secret"
    assert "almost-a-secret" not in repr(keyring())


# -- a subscription's keys ---------------------------------------------------------------------------------------------

AGENT = UserAgent()
POINT = to_bytes(AGENT.p256dh)


def test_a_browsers_keys_are_fine() -> None:
    check_subscription_keys(AGENT.p256dh, AGENT.auth)


@pytest.mark.parametrize(
    "p256dh",
    [
        "",
        "A",
        "!" * 87,
        to_text(POINT[:64]),
        to_text(POINT + b"\0"),
        to_text(b"\x03" + POINT[1:33]),
        to_text(b"\x06" + POINT[1:]),
        to_text(b"\x04" + bytes(64)),
        to_text(POINT[:-1] + bytes([POINT[-1] ^ 1])),
        to_text(POINT) + "=",
        base64.b64encode(b"\x04" + b"\xff" * 64).decode(),
        "\u0141" + to_text(POINT)[1:],
    ],
    ids=[
        *("nothing", "a letter", "no base64url", "a byte short", "a byte long", "compressed", "hybrid", "zeros"),
        *("off the curve", "padded", "base64", "beyond ASCII"),
    ],
)
def test_a_point_that_is_none_is_refused(p256dh: str) -> None:
    with pytest.raises(ValueError, match="p256dh"):
        check_subscription_keys(p256dh, AGENT.auth)


@pytest.mark.parametrize("auth", ["", "A", to_text(bytes(15)), to_text(bytes(17)), to_text(bytes(16)) + "==", "ü" * 22])
def test_a_secret_of_another_length_is_refused(auth: str) -> None:
    with pytest.raises(ValueError, match="auth"):
        check_subscription_keys(AGENT.p256dh, auth)
