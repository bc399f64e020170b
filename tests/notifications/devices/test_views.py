from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from aggregator.models import Category
from notifications.devices import subscribing, views
from notifications.models import PushSubscription
from notifications.push_services import MAX_ENDPOINT_CHARACTERS
from notifications.vapid.keys import VapidKey
from tests.examples import examples
from tests.factories import NOW, make_category
from tests.notifications.visitors import Visitor, make_user
from tests.push.user_agent import UserAgent

pytestmark = pytest.mark.django_db

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def curator(site_key: VapidKey) -> Visitor:
    return Visitor(make_user(), site_key.id)


def another(curator: Visitor) -> Visitor:
    """Somebody else, at another browser."""
    return Visitor(make_user(), curator.key_id)


def at_the_same_browser(curator: Visitor) -> Visitor:
    """Somebody else who logs in at this browser: it has the same subscription."""
    return Visitor(make_user(), curator.key_id, curator.agent, curator.endpoint)


# -- who may subscribe -----------------------------------------------------------------------------------------------


def test_a_curator_subscribes(curator: Visitor) -> None:
    assert curator.subscribe().status_code == 200
    device = curator.device()
    assert (device.user, device.p256dh, device.auth, device.key_id, device.state) == (
        curator.user,
        curator.agent.p256dh,
        curator.agent.auth,
        curator.key_id,
        "active",
    )


def test_all_that_a_browser_says_is_kept(curator: Visitor) -> None:
    curator.subscribe(expirationTime=1_900_000_000_000, name="Kitchen")
    kept = PushSubscription.objects.values("endpoint", "endpoint_hash", "expires_at", "name").get()
    assert kept == {
        "endpoint": curator.endpoint,
        "endpoint_hash": curator.endpoint_hash,
        "expires_at": datetime.fromtimestamp(1_900_000_000, UTC),
        "name": "Kitchen",
    }


def test_the_longest_endpoint_is_kept_and_known_again(curator: Visitor) -> None:
    curator.endpoint = curator.endpoint.ljust(MAX_ENDPOINT_CHARACTERS, "x")
    assert curator.subscribe().status_code == 200
    assert curator.sync()["known"]


@pytest.mark.parametrize("kind", ["nobody", "reader", "retired"])
@pytest.mark.parametrize("name", ["subscribe", "sync"])
def test_others_get_a_403_in_json_and_no_login_page(kind: str, name: str, site_key: VapidKey) -> None:
    user = {
        "nobody": lambda: None,
        "reader": lambda: make_user(is_staff=False),
        "retired": lambda: make_user(is_active=False),
    }[kind]()
    visitor = Visitor(user, site_key.id)
    response = visitor.post(name, visitor.offer)
    assert (response.status_code, response["Content-Type"]) == (403, "application/json")
    assert not PushSubscription.objects.exists()


def test_a_post_from_another_site_is_refused(curator: Visitor) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(curator.user)
    body = json.dumps(curator.offer)
    response = client.post(reverse("notifications:subscribe"), body, content_type="application/json")
    assert (response.status_code, PushSubscription.objects.count()) == (403, 0)


def test_the_worker_is_given_a_token_that_lets_it_post(curator: Visitor) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(curator.user)
    token = client.get(reverse("notifications:key")).json()["csrf_token"]
    response = client.post(
        reverse("notifications:subscribe"),
        json.dumps(curator.offer),
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert response.status_code == 200


def test_a_form_post_is_refused(curator: Visitor) -> None:
    assert curator.client.post(reverse("notifications:subscribe"), {"endpoint": curator.endpoint}).status_code == 415


def test_a_body_over_4_kib_is_refused(curator: Visitor) -> None:
    assert curator.subscribe(name="x" * 4096).status_code == 413


def test_a_body_that_django_does_not_read_is_refused_and_no_error_of_ours(
    curator: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    assert curator.subscribe(name="x" * 5_000_000).status_code == 413
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_person_may_subscribe_so_often_and_no_more(curator: Visitor) -> None:
    for _ in range(views.MAX_SUBSCRIBES_PER_HOUR):
        assert curator.subscribe().status_code == 200
    assert curator.subscribe().status_code == 429


def test_the_limit_of_one_person_stops_nobody_else(curator: Visitor) -> None:
    for _ in range(views.MAX_SUBSCRIBES_PER_HOUR + 1):
        curator.subscribe()
    assert another(curator).subscribe().status_code == 200


# -- what is taken in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/a",
        "http://169.254.169.254/latest/meta-data/",
        "https://push.example/a",
        "https://fcm.googleapis.com@push.example/a",
        "https://fcm.googleapis.com.push.example/a",
    ],
)
def test_an_endpoint_that_is_no_push_service_is_refused(curator: Visitor, endpoint: str) -> None:
    response = curator.subscribe(endpoint=endpoint)
    assert (response.status_code, PushSubscription.objects.count()) == (400, 0)


def test_a_refusal_does_not_repeat_the_endpoint(curator: Visitor) -> None:
    assert "secret-token" not in curator.subscribe(endpoint="https://push.example/secret-token").content.decode()


@pytest.mark.parametrize("keys", [{"p256dh": "BAAA"}, {"auth": "AAAA"}, {"p256dh": "B" + "A" * 86}, {"auth": "=" * 22}])
def test_keys_that_no_message_can_be_encrypted_to_are_refused(curator: Visitor, keys: dict[str, str]) -> None:
    assert curator.subscribe(keys={**curator.offer["keys"], **keys}).status_code == 400


def test_a_subscription_for_a_foreign_key_must_be_made_anew(curator: Visitor) -> None:
    response = curator.subscribe(key_id="f" * 16)
    assert (response.status_code, json.loads(response.content)["rotate"]) == (409, True)


def test_a_site_without_a_key_takes_nobody_in(curator: Visitor, settings: LazySettings) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert curator.subscribe().status_code == 409


def test_a_device_without_a_name_is_called_by_its_browser(curator: Visitor) -> None:
    curator.subscribe()
    assert curator.device().name == "Firefox on Linux"


@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=5000) | any_json.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_answered_and_never_with_a_500(curator: Visitor, body: bytes) -> None:
    cache.clear()
    for name in ("subscribe", "unsubscribe", "sync"):
        assert 200 <= curator.post(name, body).status_code < 500


@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(st.sampled_from(["endpoint", "keys", "key_id", "name", "expirationTime"]), any_json),
    keys=st.dictionaries(st.sampled_from(["p256dh", "auth"]), any_json),
)
def test_an_offer_with_odd_fields_is_answered_and_never_with_a_500(
    curator: Visitor, changes: dict[str, Any], keys: dict[str, Any]
) -> None:
    cache.clear()
    offer = {**curator.offer, "keys": {**curator.offer["keys"], **keys}, **changes}
    for name in ("subscribe", "unsubscribe", "sync"):
        assert 200 <= curator.post(name, offer).status_code < 500


# -- whose device it is ------------------------------------------------------------------------------------------------


def test_subscribing_again_keeps_name_and_wishes(curator: Visitor) -> None:
    curator.subscribe()
    PushSubscription.objects.update(name="Kitchen", text="generic", wants_everything=False, most_a_day=3)
    curator.subscribe(name="Another name")
    device = curator.device()
    assert (device.name, device.text, device.wants_everything, device.most_a_day) == ("Kitchen", "generic", False, 3)


def test_subscribing_again_takes_the_new_keys(curator: Visitor) -> None:
    curator.subscribe()
    curator.agent = UserAgent()
    curator.subscribe()
    assert (PushSubscription.objects.count(), curator.device().p256dh) == (1, curator.agent.p256dh)


def test_subscribing_again_mends_a_device_that_was_given_up(curator: Visitor) -> None:
    curator.subscribe()
    PushSubscription.objects.update(state="disabled", error_count=3, failing_since=NOW, last_error="x", changed_at=NOW)
    curator.subscribe()
    device = curator.device()
    assert (device.state, device.error_count, device.failing_since, device.last_error) == ("active", 0, None, "")
    assert device.changed_at != NOW


def test_a_browser_with_a_new_endpoint_is_the_device_that_it_was(curator: Visitor) -> None:
    curator.subscribe()
    before = curator.device().pk
    curator.move()
    curator.subscribe()
    assert (curator.device().pk, PushSubscription.objects.count()) == (before, 1)


def test_chosen_categories_survive_a_new_endpoint(curator: Visitor) -> None:
    curator.subscribe()
    curator.device().categories.add(make_category("Python"))
    curator.move()
    curator.subscribe()
    assert list(curator.device().categories.all()) == list(Category.objects.all())


def test_an_endpoint_of_somebody_else_is_refused_without_its_keys(curator: Visitor) -> None:
    curator.subscribe()
    thief = another(curator)
    assert thief.subscribe(endpoint=curator.endpoint).status_code == 409
    assert (curator.device().user, curator.device().p256dh) == (curator.user, curator.agent.p256dh)


@pytest.mark.parametrize("part", ["p256dh", "auth"])
def test_half_of_the_keys_is_no_proof(curator: Visitor, part: str) -> None:
    curator.subscribe()
    thief = another(curator)
    keys = {**thief.offer["keys"], part: curator.offer["keys"][part]}
    assert thief.subscribe(endpoint=curator.endpoint, keys=keys).status_code == 409


def test_who_holds_the_very_subscription_takes_the_browser_over(curator: Visitor) -> None:
    curator.subscribe()
    next_person = at_the_same_browser(curator)
    assert next_person.subscribe().status_code == 200
    assert curator.device().user == next_person.user


def test_who_takes_a_browser_over_inherits_no_wishes(curator: Visitor) -> None:
    curator.subscribe(name="Secret lair")
    PushSubscription.objects.update(text="generic")
    at_the_same_browser(curator).subscribe()
    assert (curator.device().name, curator.device().text) == ("Firefox on Linux", "detailed")


def test_a_person_has_only_so_many_devices(curator: Visitor) -> None:
    for number in range(subscribing.MAX_DEVICES_PER_PERSON):
        Visitor(curator.user, curator.key_id, endpoint=f"https://fcm.googleapis.com/of/{number}").subscribe()
    one_more = Visitor(curator.user, curator.key_id)
    assert one_more.subscribe().status_code == 409


def test_at_the_limit_a_known_device_may_still_renew_itself(curator: Visitor) -> None:
    curator.subscribe()
    for number in range(subscribing.MAX_DEVICES_PER_PERSON - 1):
        Visitor(curator.user, curator.key_id, endpoint=f"https://fcm.googleapis.com/of/{number}").subscribe()
    curator.move()
    assert curator.subscribe().status_code == 200


# -- leaving -----------------------------------------------------------------------------------------------------------


def test_the_owner_unsubscribes(curator: Visitor) -> None:
    curator.subscribe()
    response = curator.post("unsubscribe", {"endpoint": curator.endpoint})
    assert (response.status_code, PushSubscription.objects.count()) == (200, 0)


def test_unsubscribing_twice_is_no_error(curator: Visitor) -> None:
    curator.subscribe()
    curator.post("unsubscribe", curator.offer)
    response = curator.post("unsubscribe", curator.offer)
    assert (response.status_code, json.loads(response.content)) == (200, {"removed": False})


def test_the_secret_of_the_browser_is_enough_to_unsubscribe(curator: Visitor) -> None:
    curator.subscribe()
    nobody = Visitor(None)
    nobody.post("unsubscribe", curator.offer)
    assert not PushSubscription.objects.exists()


def test_a_stranger_who_unsubscribes_for_ever_waits_and_a_curator_does_not(curator: Visitor) -> None:
    curator.subscribe()
    nobody = Visitor(None, curator.key_id)
    free = views.UNSUBSCRIBES_OF_STRANGERS.free
    answers = [nobody.post("unsubscribe", nobody.offer) for _ in range(free + 3)]
    assert [answer.status_code for answer in answers] == [200] * free + [429] * 3
    assert answers[-1]["Retry-After"] == "1"
    assert curator.post("unsubscribe", {"endpoint": curator.endpoint}).json() == {"removed": True}


def test_without_the_secret_nobody_else_can_unsubscribe_it(curator: Visitor) -> None:
    curator.subscribe()
    another(curator).post("unsubscribe", {"endpoint": curator.endpoint, "keys": {"auth": UserAgent().auth}})
    another(curator).post("unsubscribe", {"endpoint": curator.endpoint})
    assert PushSubscription.objects.exists()


def test_logging_out_removes_this_device_and_no_other(curator: Visitor) -> None:
    at_home = Visitor(curator.user, curator.key_id)
    at_home.subscribe()
    curator.subscribe()
    curator.client.post(reverse("admin:logout"))
    assert [device.endpoint for device in PushSubscription.objects.all()] == [at_home.endpoint]


def test_logging_out_removes_a_device_that_was_only_known_again(curator: Visitor) -> None:
    curator.subscribe()
    curator.client.force_login(curator.user)  # a new session
    curator.sync()
    curator.client.post(reverse("admin:logout"))
    assert not PushSubscription.objects.exists()


def test_a_browser_that_was_left_does_not_come_back_by_itself(curator: Visitor) -> None:
    curator.subscribe()
    curator.client.post(reverse("admin:logout"))
    curator.client.force_login(curator.user)
    assert curator.sync()["release"]


# -- how a browser stands ----------------------------------------------------------------------------------------------


def test_a_known_browser_is_known(curator: Visitor) -> None:
    curator.subscribe()
    assert curator.sync() == {"known": True, "rotate": False, "release": False, "state": "active", "others": 0}


def test_a_known_browser_counts_as_seen(curator: Visitor) -> None:
    curator.subscribe()
    PushSubscription.objects.update(seen_at=NOW)
    curator.sync()
    assert curator.device().seen_at > NOW


def test_a_browser_that_the_server_forgot_may_come_back(curator: Visitor) -> None:
    curator.subscribe()
    PushSubscription.objects.all().delete()
    advice = curator.sync()
    assert (advice["known"], advice["release"]) == (False, False)


def test_a_browser_whose_device_was_removed_must_let_go(curator: Visitor) -> None:
    curator.subscribe()
    curator.press("remove", curator.device())
    assert curator.sync()["release"]


def test_a_removed_device_comes_back_with_a_click(curator: Visitor) -> None:
    curator.subscribe()
    curator.press("remove", curator.device())
    curator.subscribe()
    assert curator.sync()["known"]


def test_a_browser_that_tells_somebody_else_must_let_go(curator: Visitor) -> None:
    curator.subscribe()
    advice = at_the_same_browser(curator).sync()
    assert (advice["known"], advice["release"]) == (False, True)


def test_a_browser_with_an_old_key_must_subscribe_anew(curator: Visitor, settings: LazySettings) -> None:
    curator.subscribe()
    settings.VAPID_PRIVATE_KEY = VapidKey.new().private_text
    assert curator.sync()["rotate"]


def test_a_device_that_its_push_service_refuses_must_subscribe_anew(curator: Visitor) -> None:
    curator.subscribe()
    PushSubscription.objects.update(state="stale")
    assert curator.sync()["rotate"]


def test_a_browser_learns_how_many_other_devices_there_are(curator: Visitor) -> None:
    Visitor(curator.user, curator.key_id).subscribe()
    another(curator).subscribe()
    assert curator.sync()["others"] == 1


def test_the_worker_gets_the_present_key(curator: Visitor, site_key: VapidKey) -> None:
    answer = curator.client.get(reverse("notifications:key")).json()
    assert (answer["public_key"], answer["key_id"]) == (site_key.public, site_key.id)


def test_nothing_that_scripts_ask_is_kept_by_caches(curator: Visitor) -> None:
    assert "no-store" in curator.client.get(reverse("notifications:key"))["Cache-Control"]
