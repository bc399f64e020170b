"""A curator at work: a logged-in browser, and the words that a page shows."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

ADDING = "admin:aggregator_feed_add"
FEEDS = "admin:aggregator_feed_changelist"
FEED = "admin:aggregator_feed_change"
ENTRIES = "admin:aggregator_entry_changelist"
ENTRY = "admin:aggregator_entry_change"
CATEGORIES = "admin:aggregator_category_changelist"
IMPORT = "admin:aggregator_feed_import"


def log_in(*, name: str = "curator", may: Iterable[str] | None = None, checks_csrf: bool = False) -> Client:
    """A browser of a staff member: of one who may do everything, or only what these permissions say."""
    user = User.objects.create_user(name, password="secret", is_staff=True, is_superuser=may is None)
    user.user_permissions.set(Permission.objects.filter(codename__in=may or ()))
    client = Client(enforce_csrf_checks=checks_csrf)
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    """The page's HTML; it must be there."""
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, response
    return response.content.decode()


def press(client: Client, name: str, *args: object, **data: object) -> str:
    """The HTML of the page that a form leads to."""
    response = client.post(reverse(name, args=args), data, follow=True)
    assert response.status_code == 200, response
    return response.content.decode()


def act(client: Client, name: str, action: str, chosen: Iterable[object], **data: object) -> str:
    """The HTML of the page after an action on some rows of a list."""
    return press(client, name, action=action, _selected_action=[row.pk for row in chosen], **data)  # type: ignore[attr-defined]
