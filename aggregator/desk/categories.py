"""Categories in the admin: their order is edited in the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from aggregator.curating.feeds import delete_categories
from aggregator.models import Category, Feed, FormerSlug, SiteState
from aggregator.models.names import lock_names

from .forms import CategoryForm
from .one_change import InOneChange, in_one_change


class CountedCategory(Protocol):
    """A category as the list's query gives it."""

    feed_total: int


@admin.register(Category)
class CategoryAdmin(InOneChange):
    form = CategoryForm
    list_display = ("shown_name", "slug", "position", "feed_count")
    list_editable = ("position",)
    stands_on = {"delete_selected": ("name", "slug")}
    search_fields = ("name__alike",)
    sortable_by = ()
    show_full_result_count = False
    change_list_template = "admin/desk_list.html"
    search_help_text = "Searches names."
    show_facets = admin.ShowFacets.NEVER
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        categories: QuerySet[Category] = super().get_queryset(request)
        return categories.annotate(feed_total=Count("feeds"))

    def lock_rows(self, keys: Iterable[Any]) -> set[int]:
        """Their feeds first, as everybody locks them who deletes a category, or chooses it (`models.sql`)."""
        keys = list(keys)
        list(Feed.objects.filter(category__in=keys).locked())
        return super().lock_rows(keys)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return in_one_change(self._changeform_alone, request, *args, **kwargs)

    def _changeform_alone(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """An import may make a category of that name in this instant: the form looks once that is done."""
        if request.method == "POST":
            lock_names(categories=[request.POST.get(field, "") for field in ("name", "slug")])
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The list is a form, too, as it holds the positions."""
        return in_one_change(super().changelist_view, request, *args, **kwargs)

    @admin.display(description="name")
    def shown_name(self, category: Category) -> str:
        return category.name

    @admin.display(description="feeds")
    def feed_count(self, category: CountedCategory) -> int:
        return category.feed_total

    def save_model(self, request: HttpRequest, obj: Category, form: ModelForm[Category], change: bool) -> None:
        was = Category.objects.filter(pk=obj.pk).values_list("slug", flat=True).first() or ""
        super().save_model(request, obj, form, change)
        FormerSlug.objects.note(was, Category.objects.get(pk=obj.pk))
        SiteState.objects.touch(timezone.now())

    def get_deleted_objects(
        self, objs: Iterable[Category], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """How many feeds stand in none then; Django would read all that hangs on them."""
        categories = list(objs)
        counts = {"categories": len(categories)}
        if feeds := Feed.objects.filter(category__in=categories).count():
            counts["feeds that stay, in no category"] = feeds
        return categories, counts, set() if self.has_delete_permission(request) else {"category"}, []

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        self.delete_queryset(request, Category.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        delete_categories(queryset, timezone.now())
