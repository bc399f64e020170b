"""A form that is sent is one change of the site, with all that hangs on it; and what others did meanwhile stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from aggregator.models import site_change

from .acting import ActsAsShown
from .compared_rows import ListedRows
from .comparing import ComparedForm
from .given import is_key


def in_one_change(view: Callable[..., Any], request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
    """The view's answer. What a form saves is one transaction then; reading needs none."""
    with site_change() if request.method == "POST" else nullcontext():
        return view(request, *args, **kwargs)


class InOneChange(ActsAsShown, admin.ModelAdmin):  # type: ignore[type-arg]
    """What a form saves, and what it leads to, is one transaction: its last statement raises the site's version.

    Its row is locked before it is compared with what the page showed (`comparing`), and only what was changed is saved.
    """

    form = ComparedForm

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return in_one_change(super().changeform_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return in_one_change(super().delete_view, request, *args, **kwargs)

    # -- the row as it is now ----------------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; while a form is saved, locked and as it is then."""
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not transaction.get_connection().in_atomic_block:
            return row
        self.lock_rows([row.pk])
        try:
            row.refresh_from_db()
        except self.model.DoesNotExist:
            return None
        return row

    # -- a list that is a form, too ----------------------------------------------------------------------------------

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": ComparedForm, **kwargs})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        if request.method == "POST":
            key = re.compile(rf"form-[0-9]+-{self.opts.pk.name}")
            sent = {text for name, text in request.POST.items() if key.fullmatch(name) and is_key(text)}
            self.tell_gone(request, len(sent) - len(self.lock_rows(sent)))
        limits = {"max_num": self.list_max_show_all, "absolute_max": self.list_max_show_all}
        return super().get_changelist_formset(request, **{"formset": ListedRows, **limits, **kwargs})

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Rows that are shown once more, as something is wrong, have their own forms: Django pairs them by place."""
        response = super().changelist_view(request, extra_context)
        listed = (getattr(response, "context_data", None) or {}).get("cl")
        if listed is not None and listed.formset is not None and listed.formset.is_bound:
            listed.formset.forms = [form for form in listed.formset.forms if not form.is_gone]
            listed.result_list = [form.row_now for form in listed.formset.forms]
        return response

    # -- saving ------------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.fields_to_save)
        else:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._tell_what_stays(request, form, formsets)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            self._tell_what_stays(request, context["adminform"].form, formsets)
        return super().render_change_form(request, context, *args, **kwargs)

    def _tell_what_stays(self, request: HttpRequest, form: Any, formsets: Iterable[Any]) -> None:
        """What others did since the page was opened, if they did anything."""
        words = [words for one in (form, *formsets) if hasattr(one, "kept") for words in one.kept()]
        if words:
            told = f"Others changed this, too, since you opened the page, and that stays. {'; '.join(words)}."
            self.message_user(request, told, messages.INFO)
