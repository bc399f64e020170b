"""What pages of the admin show and know about notifications."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest

from notifications.devices.this_browser import bound_hash
from notifications.models import PushSubscription
from notifications.vapid.keys import keyring

register = template.Library()


@register.inclusion_tag("notifications/head.html", takes_context=True)
def push_head(context: template.Context) -> dict[str, Any]:
    """The page script with all that it needs to know. Only for pages of a logged-in curator."""
    request: HttpRequest = context["request"]
    current = keyring().current
    states = dict(PushSubscription.objects.of(request.user).values_list("endpoint_hash", "state"))
    is_on = states.get(bound_hash(request)) == PushSubscription.State.ACTIVE
    return {
        "user": request.user,
        "key": current,
        "believed": bound_hash(request) if is_on else "",
        "device_count": len(states),
    }


@register.inclusion_tag("notifications/panel.html")
def push_panel() -> dict[str, Any]:
    """The offer to tell this device of new posts, and how it stands; the script shows what applies."""
    return {"site_name": settings.SITE_NAME}
