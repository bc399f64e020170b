"""What pages of the admin show and know about notifications."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from notifications.devices.this_browser import bound_hash
from notifications.models import PushSubscription
from notifications.vapid.keys import keyring

register = template.Library()


@register.inclusion_tag("notifications/head.html", takes_context=True)
def push_head(context: template.Context) -> dict[str, Any]:
    """The page script with all that it needs to know. Only for pages of a logged-in curator."""
    request: HttpRequest = context["request"]
    current = keyring().current
    devices = {device.endpoint_hash: device for device in PushSubscription.objects.of(request.user)}
    device = devices.get(bound_hash(request))
    is_on = device is not None and device.is_told(timezone.now())
    return {
        "user": request.user,
        "key": current,
        "key_ids": [key.id for key in keyring().all],
        "believed": bound_hash(request) if is_on else "",
        "device_count": len(devices),
    }


@register.inclusion_tag("notifications/panel.html")
def push_panel() -> dict[str, Any]:
    """The offer to tell this device of new posts, and how it stands; the script shows what applies."""
    return {"site_name": settings.SITE_NAME, "names_posts": not settings.PUSH_NAME_NO_POST}


@register.inclusion_tag("notifications/told.html", takes_context=True)
def push_told(context: template.Context) -> dict[str, Any]:
    """After one's password has changed: which of one's devices are told all the same, and the buttons to end that."""
    here = bound_hash(context["request"])
    devices = list(PushSubscription.objects.of(context["request"].user))
    is_here = any(device.endpoint_hash == here for device in devices)
    return {"devices": devices, "here": here, "is_here": is_here, "has_others": len(devices) > is_here}


@register.inclusion_tag("notifications/told_others.html", takes_context=True)
def push_told_to(context: template.Context, user: User) -> dict[str, Any]:
    """Where somebody's password is changed for him: which devices of his are told whatever it is."""
    reader = context["request"].user
    devices = list(PushSubscription.objects.of(user))
    return {"devices": devices, "owner": user, "may_end": reader.is_superuser}
