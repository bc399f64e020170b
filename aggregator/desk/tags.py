"""Tags in the admin: the list, from which they are hidden, joined and taken apart, and the page that names one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from aggregator.curating import tags as curating
from aggregator.curating.retagging import retag
from aggregator.models import Tag, TagQuerySet
from aggregator.models.tag import SHOWN
from aggregator.models.tag_key import key_of

from .comparing import ComparedForm
from .long_lists import SEARCHED_ROWS, LongListAdmin
from .one_change import InOneChange
from .seeing import link_for

MAX_JOINED_NAMES = 30
"""That are told of one tag."""
AT_ONCE_SECONDS = 1.0
"""For as long a curator waits until posts are moved; the worker moves the rest."""
JOINED = "joined into another"
NOTHING_JOINED = f"None of them was joined into another. Choose those that were: the list has them as “{JOINED}”."


class TagForm(ComparedForm):
    """A tag, whose name no other one has, however it is spelled."""

    class Meta:
        model = Tag
        fields = ("name", "is_hidden")
        help_texts = {
            "name": "As it is shown. With another word, its page gets another address; that of before leads to it.",
            "is_hidden": "Shown nowhere; the posts under it stay.",
        }

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        try:
            curating.refuse_name(self.instance, name)
        except curating.TagRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return name


class ShownFilter(admin.SimpleListFilter):
    """Whether readers may know of a tag."""

    title = "On the site"
    parameter_name = "shown"
    parameters = (parameter_name,)
    template = "admin/choices.html"
    conditions = {"yes": SHOWN, "hidden": Q(is_hidden=True), "joined": Q(joined_into__isnull=False)}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("yes", "shown"), ("hidden", "hidden"), ("joined", JOINED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> QuerySet[Tag]:
        condition = self.conditions.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


@admin.register(Tag)
class TagAdmin(LongListAdmin, InOneChange):
    """Tags come with posts: a curator adds and deletes none."""

    form = TagForm
    order = ("post_count", "pk")
    order_words = {"up": "More posts", "down": "Fewer posts", "upside_down": "Fewest first", "right": "Most first"}
    list_select_related = ("joined_into",)
    list_filter = (ShownFilter,)
    search_fields = ("name__alike",)
    search_help_text = f"Looks through the first {SEARCHED_ROWS:,} tags of this list; a whole name is found anywhere."
    change_list_template = "admin/long_list.html"
    actions = ("hide", "show", "join", "take_apart")
    stands_on = {
        "hide": ("is_hidden",),
        "show": ("is_hidden",),
        "join": ("name", "joined_into_id"),
        "take_apart": ("joined_into_id",),
    }
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "is_hidden", "post_count", "on_the_site", "leads_here"),
                "description": "Tags come with posts, as their authors chose them. To have several as one, tick them "
                "in the list and join them there.",
            },
        ),
    )
    readonly_fields = ("post_count", "on_the_site", "leads_here")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        return False

    def view_on_site(self, obj: Tag) -> str | None:
        is_on_the_site = obj.post_count and not obj.is_hidden and obj.joined_into_id is None
        return obj.get_absolute_url() if is_on_the_site else None

    # -- the list ------------------------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["shown_name", "shown_posts", Standing(request)]

    @admin.display(description="name")
    def shown_name(self, tag: Tag) -> str:
        return format_html("<bdi>{}</bdi>", tag.name)

    @admin.display(description="posts")
    def shown_posts(self, tag: Tag) -> str:
        return "-" if tag.joined_into_id else str(tag.post_count)

    @admin.display(description="on the site")
    def on_the_site(self, tag: Tag) -> str:
        return standing(tag)

    @admin.display(description="leads here, too")
    def leads_here(self, tag: Tag) -> str:
        rows = list(tag.joined.order_by("key")[: MAX_JOINED_NAMES + 1])
        names = format_html_join(
            ", ", "<bdi>{}</bdi>", ((row.key.replace("_", " "),) for row in rows[:MAX_JOINED_NAMES])
        )
        return format_html("{}{}", names, " and more" if len(rows) > MAX_JOINED_NAMES else "") if rows else "-"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_have_doubles = super().get_search_results(request, queryset, search_term)
        if key := key_of(search_term):
            found |= queryset.filter(key=key, key__gt="")
        return found, may_have_doubles

    # -- what is done --------------------------------------------------------------------------------------------------

    def lock_rows(self, keys: Iterable[Any]) -> set[int]:
        """With those that are joined into them, in one order; nobody gives keys to tags meanwhile."""
        curating.alone_with_names()
        keys = {int(key) for key in keys}
        joined = Tag.objects.filter(joined_into__in=keys).values_list("pk", flat=True)
        return super().lock_rows([*keys, *joined]) & keys

    def save_model(self, request: HttpRequest, obj: Tag, form: forms.ModelForm[Tag], change: bool) -> None:
        now, row = timezone.now(), Tag.objects.filter(pk=obj.pk)
        if "name" in form.changed_data:
            curating.rename(Tag.objects.get(pk=obj.pk), obj.name, now)
        if "is_hidden" in form.changed_data:
            (curating.hide if obj.is_hidden else curating.show)(row, now)

    @admin.action(description="Hide", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: TagQuerySet) -> None:
        self._tell(request, curating.hide(queryset, timezone.now()), "hidden", "None of them was shown.")

    @admin.action(description="Show again", permissions=["change"])
    def show(self, request: HttpRequest, queryset: TagQuerySet) -> None:
        self._tell(request, curating.show(queryset, timezone.now()), "shown again", "None of them was hidden.")

    @admin.action(description="Join into the one with most posts", permissions=["change"])
    def join(self, request: HttpRequest, queryset: TagQuerySet) -> None:
        joined = curating.join(queryset, timezone.now())
        if joined is None:
            told = "Choose two tags at least that are not joined into others: they become one."
            self.message_user(request, told, messages.WARNING)
            return
        into, count = joined
        self._move_posts()
        many = "One tag leads" if count == 1 else f"{count} tags lead"
        told = f"{many} to “{into}” from now on. Open it to give it another name; to undo this, take "
        told += f"apart what the list has as “{JOINED}”."
        self.message_user(request, told, messages.SUCCESS)

    @admin.action(description="Take apart from what they were joined into", permissions=["change"])
    def take_apart(self, request: HttpRequest, queryset: TagQuerySet) -> None:
        count = curating.take_apart(queryset, timezone.now())
        self._move_posts()
        self._tell(request, count, "taken apart", NOTHING_JOINED)

    def _move_posts(self) -> None:
        """After the commit, as this is done in steps that are transactions of their own."""
        transaction.on_commit(lambda: retag(timezone.now(), seconds=AT_ONCE_SECONDS), robust=True)

    def _tell(self, request: HttpRequest, count: int, done: str, nothing: str) -> None:
        if count:
            self.message_user(request, f"{count} tag{'' if count == 1 else 's'} {done}.", messages.SUCCESS)
        else:
            self.message_user(request, nothing, messages.WARNING)


def standing(tag: Tag) -> str:
    """How a tag stands with readers, in a few words."""
    if tag.joined_into:
        return format_html("joined into <bdi>{}</bdi>", tag.joined_into)
    if tag.is_hidden:
        return "hidden"
    if not tag.post_count:
        return "not shown: readers can see no post under it"
    return "shown, with a page" if tag.post_count > 1 else "shown; no page, as it has one post"


class Standing:
    """The column that says so, with a link for who asks."""

    __name__ = "on_the_site"
    short_description = "on the site"

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __call__(self, tag: Tag) -> str:
        if tag.joined_into:
            return format_html("joined into {}", link_for(self.request, tag.joined_into, tag.joined_into.name))
        return standing(tag)
