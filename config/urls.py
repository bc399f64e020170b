from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from aggregator import health
from aggregator.desk.login import login
from aggregator.pages.own_files import own_file

admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("own/<str:name>", own_file, name="own_file"),
]
if apps.is_installed("notifications"):  # before the admin, which answers for every address below its own
    urlpatterns += [path("", include("notifications.urls"))]
urlpatterns += [
    path(f"{settings.ADMIN_URL}login/", login),  # instead of the admin's, which never tires of passwords
    path(settings.ADMIN_URL, admin.site.urls),
    path("", include("aggregator.urls")),
]

handler404 = "config.storage.not_found"
handler500 = "config.storage.failed"
