from __future__ import annotations

from django.urls import URLPattern, path

from . import mail_address, owner_views, proposing, views

urlpatterns: list[URLPattern] = [
    path("submit/", views.submit, name="submit"),
    path("submit/mail/<str:token>/", mail_address.confirm, name="submission_mail"),
    path("submit/<str:token>/", views.status, name="submission"),
    path("submit/<str:token>/send/", views.act, {"verb": proposing.send}, name="submission_send"),
    path("submit/<str:token>/take-back/", views.act, {"verb": proposing.take_back}, name="submission_take_back"),
    path("submit/<str:token>/look/", views.act, {"verb": proposing.look_again}, name="submission_look"),
    path("submit/<str:token>/answer/", views.answer, name="submission_answer"),
    path("submit/<str:token>/proof/", owner_views.proposal_proof, name="submission_proof"),
    path("source/<slug:slug>/owner/", owner_views.begin, name="source_owner"),
    path("owner/<str:token>/", owner_views.owner, name="owner"),
    path("owner/<str:token>/take-off/", owner_views.take_off, name="owner_take_off"),
]
