"""Whether a person may have a test sent, and the delivery for it. Each costs us and a push service a message."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from notifications.models import Delivery, PushSubscription
from notifications.sending.delivering import test_push

MAX_TESTS_PER_HOUR = 20
"""By one person, to all of his devices: enough to try each, and some of them again."""
HOUR = timedelta(hours=1)


class NotNow(Exception):
    """A test that isn't sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        """For the person."""


def ask(device: PushSubscription, now: datetime) -> Delivery:
    """A test to the device, ready to be sent; raises NotNow.

    They are counted in the rows, so it makes no difference which of several web processes is asked.
    """
    assert device.user_id is not None, "only a person's own devices have the button"
    with transaction.atomic():
        User.objects.select_for_update().get(pk=device.user_id)  # one at a time for each person keeps the limit
        tests = Delivery.objects.tests().filter(device__user=device.user_id, created_at__gt=now - HOUR)
        if tests.unfinished().filter(device=device).exists():
            raise NotNow(f"A test to {device} is still on its way.")
        if tests.count() >= MAX_TESTS_PER_HOUR:
            raise NotNow(f"{MAX_TESTS_PER_HOUR} tests in an hour are enough. Try again later.")
        return test_push(device, now)
