"""Actions on rows of a list, and deleting, by what the page showed of the rows: what changed since is left alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aggregator.models import site_change

from .given import GivenLists, is_key, keys_in
from .shown import NAME, changed_since, in_words, shown

MAX_NAMED = 5
"""Rows that a sentence names."""


class ActsAsShown(GivenLists):
    """Actions and deleting do nothing with rows that aren't as the page showed them; a sentence says so."""

    stands_on: Mapping[str, Collection[str]] = {}
    """By an action's name, the columns that people decide by who choose it."""

    # -- what pages send along -------------------------------------------------------------------------------------

    @admin.display(description=getattr(admin.ModelAdmin.action_checkbox, "short_description", ""))
    def action_checkbox(self, obj: Model) -> SafeString:
        return format_html("{}{}", super().action_checkbox(obj), self._kept_with(obj))

    def _kept_with(self, row: Model) -> str:
        columns = dict.fromkeys(name for names in self.stands_on.values() for name in names)
        if not columns:
            return ""
        return format_html('<input type="hidden" name="{}-{}" value="{}">', NAME, row.pk, shown(row, columns))

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> Any:
        return super().render_delete_form(request, {**context, "kept_with": self._kept_with(context["object"])})

    # -- what is done ----------------------------------------------------------------------------------------------

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        names = self.stands_on.get(self._action(request), ())
        if not names:
            self._tell_left_out(request, queryset)
            return super().response_action(request, queryset, *args, **kwargs)
        with site_change():
            chosen = keys_in(request.POST.getlist(ACTION_CHECKBOX_NAME))
            is_of_all = request.POST.get("select_across", "0") != "0"
            # All that are acted on at once, as their order counts (`models.sql`), and not first those of the page.
            self.lock_rows(queryset.values_list("pk", flat=True) if is_of_all else chosen)
            self._tell_left_out(request, queryset)
            rows = list(queryset.filter(pk__in=chosen))
            changed = {row.pk: row for row in rows if self._changed(request, row, names)}
            if changed:
                self.tell_changed(request, changed.values(), names)
            if rows and len(changed) == len(rows) and not is_of_all:
                return HttpResponseRedirect(request.get_full_path())
            response = super().response_action(request, queryset.exclude(pk__in=changed), *args, **kwargs)
        asked_on = getattr(response, "context_data", None)
        if asked_on is not None:  # a page that asks once more
            asked_on["kept_with"] = [self._kept_with(row) for row in rows if row.pk not in changed]
        return response

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "POST":
            row, names = self.get_object(request, unquote(object_id)), self.stands_on.get("delete_selected", ())
            if row and self.has_delete_permission(request, row) and self._changed(request, row, names):
                self.tell_changed(request, [row], names)
                return HttpResponseRedirect(request.get_full_path())
        return super().delete_view(request, object_id, extra_context)

    def lock_rows(self, keys: Iterable[Any]) -> set[int]:
        """Keep others from changing these rows until the transaction ends. Returns the keys of those that are here."""
        rows = self.model._default_manager.filter(pk__in=list(keys)).order_by("pk")
        # Not from referring to them: who does may have locked what comes after them in the order of `models.sql`.
        return {row.pk for row in rows.select_for_update(no_key=True).only("pk")}

    def _action(self, request: HttpRequest) -> str:
        """The name of the action; a page has its list of them twice."""
        names, place = request.POST.getlist("action"), request.POST.get("index", "0")
        at = int(place) if is_key(place) else 0
        return names[min(at, len(names) - 1)] if names else ""  # as Django takes the last one, then

    def _changed(self, request: HttpRequest, row: Model, names: Iterable[str]) -> list[str]:
        return changed_since(row, names, request.POST.get(f"{NAME}-{row.pk}", ""))

    # -- what is said ----------------------------------------------------------------------------------------------

    def now_in_words(self, request: HttpRequest, row: Any, names: Iterable[str]) -> str:
        """How a row is now, for who decided by what isn't so any more."""
        return in_words(row, names)

    def tell_changed(self, request: HttpRequest, rows: Iterable[Any], names: Iterable[str]) -> None:
        told = [f"“{row}” ({self.now_in_words(request, row, names)})" for row in rows]
        more = f" and {len(told) - MAX_NAMED} more" if len(told) > MAX_NAMED else ""
        sentence = (
            f"Changed since you opened the page, and left as it is now: {', '.join(told[:MAX_NAMED])}{more}. "
            "Choose again if you still want it."
        )
        self.message_user(request, sentence, messages.WARNING)

    def _tell_left_out(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        if request.POST.get("select_across", "0") == "0":
            chosen = {int(key) for key in keys_in(request.POST.getlist(ACTION_CHECKBOX_NAME))}
            self.tell_gone(request, len(chosen) - queryset.filter(pk__in=chosen).count())

    def tell_gone(self, request: HttpRequest, count: int) -> None:
        if count:
            one, many = self.opts.verbose_name, self.opts.verbose_name_plural
            whom = f"One {one} is" if count == 1 else f"{count} {many} are"
            told = f"{whom} no longer in this list: deleted, or changed, since you opened the page."
            self.message_user(request, told, messages.WARNING)
