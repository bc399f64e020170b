"""Owners for tests: what they have shown, and the forms that they send as a browser without scripts would."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from itertools import count

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from aggregator.models import Feed, Ownership
from aggregator.submissions.ownership import owner_token
from tests.factories import NOW

NETWORKS = (f"network {number}" for number in count())
"""Each begins no more than a few."""
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def make_owner(feed: Feed, *, at: datetime = NOW, **fields: object) -> Ownership:
    """Somebody who has shown that the blog is theirs."""
    said = {"way": Ownership.Way.META, "created_at": at, "looked_at": at, "proven_at": at}
    return Ownership.objects.create(feed=feed, **{**said, **fields})


def address_of(ownership: Ownership) -> str:
    return reverse("owner", args=[owner_token(ownership)])


def hidden_fields(html: str) -> dict[str, str]:
    """What the forms of a page send along, whatever else is filled in."""
    return {name: unescape(value) for name, value in HIDDEN.findall(html)}


def page_of(ownership: Ownership) -> str:
    response = Client().get(address_of(ownership))
    assert response.status_code == 200
    return response.content.decode()


def send(ownership: Ownership, do: str, *, page: str = "", at: str = "", **fields: str) -> HttpResponse:
    """The answer to a form of the owner's page, as it is now or as `page` has it; `at` is its address below."""
    client = Client(enforce_csrf_checks=True)
    stamp = hidden_fields(page or page_of(ownership))
    return client.post(f"{address_of(ownership)}{at}", {**stamp, "do": do, **fields}, follow=True)
