"""Accounts and groups in the admin: Django's own pages, which save what was changed in them and no more."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.http import Http404, HttpRequest

from .comparing import ComparedForm
from .one_change import InOneChange, in_one_change
from .shown import gone

admin.site.unregister((User, Group))


class AccountForm(ComparedForm, UserChangeForm):  # type: ignore[type-arg]
    """Others may take rights away, and the person may log in, while a page is open."""


@admin.register(User)
class AccountAdmin(InOneChange, UserAdmin):
    form = AccountForm
    search_fields = ("username__alike", "first_name__alike", "last_name__alike", "email__alike")
    stands_on = {"delete_selected": ("username", "is_active", "is_staff", "is_superuser")}

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """It saves the whole row, a moment after it was read."""
        try:
            return in_one_change(super().user_change_password, request, *args, **kwargs)
        except Http404:
            return gone(request, self)


@admin.register(Group)
class CuratorGroupAdmin(InOneChange, GroupAdmin):
    search_fields = ("name__alike",)
    stands_on = {"delete_selected": ("name",)}
