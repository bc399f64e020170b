"""A person at a browser that can be subscribed, as far as the server sees it."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from notifications.models import PushSubscription, endpoint_digest
from tests.push.user_agent import UserAgent

_numbers = itertools.count(1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


def make_user(*, is_staff: bool = True, **fields: Any) -> User:
    return User.objects.create_user(f"visitor{next(_numbers)}", password="secret", is_staff=is_staff, **fields)


@dataclass(slots=True)
class Visitor:
    user: User | None
    key_id: str = "0123456789abcdef"
    """Of the VAPID key that the browser subscribed with."""
    agent: UserAgent = field(default_factory=UserAgent)
    endpoint: str = field(default_factory=lambda: f"https://fcm.googleapis.com/fcm/send/{next(_numbers)}")
    client: Client = field(default_factory=lambda: Client(headers={"user-agent": FIREFOX}))

    def __post_init__(self) -> None:
        if self.user:
            self.client.force_login(self.user)

    @property
    def offer(self) -> dict[str, Any]:
        """What the page posts after `PushManager.subscribe`."""
        keys = {"p256dh": self.agent.p256dh, "auth": self.agent.auth}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys, "key_id": self.key_id}

    @property
    def endpoint_hash(self) -> str:
        return endpoint_digest(self.endpoint)

    def post(self, name: str, facts: object) -> HttpResponse:
        body = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
        return self.client.post(reverse(f"notifications:{name}"), body, content_type="application/json")  # type: ignore[return-value]

    def subscribe(self, **changes: Any) -> HttpResponse:
        return self.post("subscribe", {**self.offer, **changes})

    def sync(self) -> dict[str, Any]:
        """The server's advice."""
        response = self.post("sync", {"endpoint_hash": self.endpoint_hash, "key_id": self.key_id})
        assert response.status_code == 200, response.content
        advice: dict[str, Any] = json.loads(response.content)
        return advice

    def device(self) -> PushSubscription:
        return PushSubscription.objects.get(endpoint_hash=self.endpoint_hash)

    def press(self, verb: str, device: PushSubscription, /, **data: Any) -> HttpResponse:
        """The answer to a button of the page of devices."""
        return self.client.post(reverse(f"notifications:{verb}", args=[device.pk]), data)  # type: ignore[return-value]

    def move(self) -> None:
        """Its push service gives the browser a new subscription."""
        self.agent, self.endpoint = UserAgent(), f"https://fcm.googleapis.com/fcm/send/{next(_numbers)}"
