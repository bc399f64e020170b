"""Accounts and groups in the admin, as Django has them; but their search boxes know other letters than ASCII's."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(UserAdmin):
    search_fields = ("username__alike", "first_name__alike", "last_name__alike", "email__alike")


@admin.register(Group)
class AccountGroupAdmin(GroupAdmin):
    search_fields = ("name__alike",)
