"""Accounts in the admin: Django's page of them, without a button that refuses and without endless lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import CASCADE
from django.http import HttpRequest

admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
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
