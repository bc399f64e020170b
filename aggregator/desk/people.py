"""Accounts and groups in the admin: Django's own pages, which save what was changed in them and no more.

Nor do they offer what they refuse, or list without end what goes with an account that is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.db.models import CASCADE
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
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may not change accounts can't add any: Django's page refuses them, so nothing leads there."""
        return super().has_add_permission(request) and self.has_change_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the password for who may not set it: all that is to be seen of it is a link that sets it."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": [field for field in options["fields"] if field != "password"]})
            for name, options in fieldsets
        ]

    def get_deleted_objects(self, objs: Iterable[User], request: HttpRequest) -> tuple[list[Any], Any, set[str], Any]:
        """How much goes with them, instead of a line for all that they ever did."""
        users = list(objs)
        counts, refused = {"accounts": len(users)}, set[str]()
        if not self.has_delete_permission(request):
            refused.add("account")
        for relation in User._meta.related_objects:
            model = relation.related_model
            if relation.on_delete is not CASCADE:
                continue
            count = model._base_manager.filter(**{f"{relation.field.name}__in": users}).count()
            counts |= {str(model._meta.verbose_name_plural): count} if count else {}
            if count and self.admin_site.is_registered(model):
                may_delete = self.admin_site.get_model_admin(model).has_delete_permission(request)
                refused |= set() if may_delete else {str(model._meta.verbose_name)}
        return users, counts, refused, []

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
