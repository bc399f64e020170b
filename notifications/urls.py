from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, path

from notifications.devices import app_files, views
from notifications.devices.page import (
    devices,
    for_curators,
    mail_wishes,
    mute,
    remove,
    remove_all,
    rename,
    send_test,
    wishes,
)
from notifications.notices import landing

app_name = "notifications"

DEVICES = f"{settings.ADMIN_URL}devices/"

urlpatterns: list[URLPattern] = [
    path(f"{settings.ADMIN_URL}sw.js", app_files.worker, name="worker"),
    path(f"{settings.ADMIN_URL}app.webmanifest", app_files.manifest, name="manifest"),
    path(DEVICES, for_curators(devices), name="devices"),
    path(f"{DEVICES}remove/", for_curators(remove_all), name="remove_all"),
    path(f"{DEVICES}mail/", for_curators(mail_wishes), name="by_mail"),
    path(f"{DEVICES}<int:pk>/rename/", for_curators(rename), name="rename"),
    path(f"{DEVICES}<int:pk>/mute/", for_curators(mute), name="mute"),
    path(f"{DEVICES}<int:pk>/wishes/", for_curators(wishes), name="wishes"),
    path(f"{DEVICES}<int:pk>/remove/", for_curators(remove), name="remove"),
    path(f"{DEVICES}<int:pk>/test/", for_curators(send_test), name="test"),
    path("notifications/push/key/", views.key, name="key"),
    path("notifications/push/subscribe/", views.subscribe, name="subscribe"),
    path("notifications/push/unsubscribe/", views.unsubscribe, name="unsubscribe"),
    path("notifications/push/sync/", views.sync, name="sync"),
    path("notifications/n/<int:pk>/", landing.landing, name="landing"),
]
