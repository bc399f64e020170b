"""Authors in the admin: the list, and the page of one, with who may be the same person."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from aggregator.curating.authors import CantJoin, hide, join, lock_authors, take_apart, unhide
from aggregator.models import Author, FormerAuthorSlug, SiteState, site_change
from aggregator.models.written import has_page

from .author_form import AuthorForm
from .columns import web_link
from .entry_filters import FeedFilter
from .long_lists import SEARCHED_ROWS, LongListAdmin
from .one_change import InOneChange
from .seeing import Linked, link_for
from .shown import NAME, changed_since, gone, shown

STANDING = ("name", "joined_to_id", "is_hidden")
"""What people go by who join authors, take them apart or hide them."""
MAX_LISTED_CHARACTERS = 60
"""Of a name in the list: else one of three hundred would push the other columns away."""
MAX_ALIKE = 10
"""Others who may be the same person, as the page of one names them."""


class PageFilter(admin.SimpleListFilter):
    title = "Pages"
    parameter_name = "page"
    parameters = (parameter_name,)
    template = "admin/choices.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("joined", "joined to another"), ("none", "no page")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Author]) -> QuerySet[Author]:
        if self.value() == "joined":
            return queryset.filter(joined_to__isnull=False)
        return queryset.filter(is_hidden=True) if self.value() == "none" else queryset


class SourceFilter(FeedFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        narrowed = super().queryset(request, queryset)
        return narrowed.filter(feed=self.feed) if self.feed else narrowed


@admin.register(Author)
class AuthorAdmin(LongListAdmin, InOneChange):
    """Feeds name authors; a curator says who is one person, what the page is called, and whether there is one."""

    form = AuthorForm
    list_select_related = ("feed", "joined_to", "joined_to__feed")
    list_filter = (PageFilter, SourceFilter)
    search_fields = ("name__alike",)
    search_help_text = f"Looks through the names of the first {SEARCHED_ROWS:,} authors of this list."
    change_list_template = "admin/long_list.html"
    actions = ("join", "take_apart", "hide", "unhide")
    stands_on = dict.fromkeys(actions, STANDING)
    view_on_site = False
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", "is_hidden", "feed", "address", "one_with"),
                "description": "Who asks that there be no page of theirs gets that here: the page and its feeds are "
                "gone then, and posts go on to name their author.",
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        """Deleted, they would come back with the next post."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Author | None = None) -> Any:
        return [
            name for name in flatten_fieldsets(self.get_fieldsets(request, obj)) if name not in AuthorForm.Meta.fields
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Author | None = None) -> Any:
        links: dict[Any, Any] = {"feed": Linked("feed", request)}
        return [
            (name, {**options, "fields": tuple(links.get(field, field) for field in options["fields"])})
            for name, options in self.fieldsets
        ]

    def lock_rows(self, keys: Iterable[Any]) -> set[int]:
        return {author.pk for author in lock_authors(keys)}

    # -- the list ----------------------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["short_name", Linked("feed", request), "address", "its_page"]

    @admin.display(description="name")
    def short_name(self, author: Author) -> str:
        name = author.name
        return name if len(name) <= MAX_LISTED_CHARACTERS else f"{name[: MAX_LISTED_CHARACTERS - 1]}…"

    @admin.display(description="address, by the feed’s word")
    def address(self, author: Author) -> str:
        return web_link(author.url)

    @admin.display(description="page")
    def its_page(self, author: Author) -> str:
        if author.joined_to:
            return f"that of {author.joined_to} of {author.joined_to.feed}, {author.get_joined_by_display()}"
        return "none: a curator took it away" if author.is_hidden else "its own"

    # -- the page of one ---------------------------------------------------------------------------------------------

    @admin.display(description="one person with")
    def one_with(self, author: Author) -> SafeString | str:
        others = [one for one in author.person.all_of_person() if one.pk != author.pk]
        if not others:
            return "nobody"
        return format_html_join("", "<div>{} of {}{}</div>", ((one, one.feed, _joined_by(one)) for one in others))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With a link to the page that readers have, and buttons for who may be, or is, the same person."""
        author = Author.objects.with_place().filter(pk=context["original"].pk).first()
        around: dict[str, Any] = {}
        if author:
            person = author.person
            is_there = has_page(person, person.all_of_person())
            around["public_url"] = person.get_absolute_url() if is_there else ""
            around["shown_author"] = shown(author, STANDING)
            around["is_one_of_several"] = bool(author.joined_to_id) or author.joined.exists()
            around["alike"] = [(one, link_for(request, one, f"{one} of {one.feed}")) for one in _alike(author)]
        return super().render_change_form(request, {**context, **around}, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Author, form: ModelForm[Author], change: bool) -> None:
        was = Author.objects.filter(pk=obj.pk).values_list("slug", flat=True).first() or ""
        super().save_model(request, obj, form, change)
        FormerAuthorSlug.objects.note(was, Author.objects.get(pk=obj.pk))
        SiteState.objects.touch(timezone.now())

    # -- joining and hiding ------------------------------------------------------------------------------------------

    @admin.action(description="Join: they are one person", permissions=["change"])
    def join(self, request: HttpRequest, authors: QuerySet[Author]) -> None:
        try:
            person = join(authors, timezone.now())
        except CantJoin as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            told = format_html("One person now, whose page is that of {} of {}.", person, person.feed)
            self.message_user(request, told, messages.SUCCESS)

    @admin.action(description="Take apart: they are not one person", permissions=["change"])
    def take_apart(self, request: HttpRequest, authors: QuerySet[Author]) -> None:
        self._tell(request, take_apart(authors, timezone.now()), "taken apart", "Nobody of them is joined to another.")

    @admin.action(description="Have no page", permissions=["change"])
    def hide(self, request: HttpRequest, authors: QuerySet[Author]) -> None:
        self._tell(request, hide(authors, timezone.now()), "without a page now", "They had no page before.")

    @admin.action(description="Have a page again", permissions=["change"])
    def unhide(self, request: HttpRequest, authors: QuerySet[Author]) -> None:
        self._tell(request, unhide(authors, timezone.now()), "with a page again", "They have pages already.")

    def _tell(self, request: HttpRequest, count: int, done: str, nothing: str) -> None:
        if count:
            whom = "One author" if count == 1 else f"{count} authors"
            self.message_user(request, f"{whom} {done}.", messages.SUCCESS)
        else:
            self.message_user(request, nothing, messages.INFO)

    # -- buttons -----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        apart, one = (wrap(require_POST(partial(self.press, verb=verb))) for verb in ("take_apart", "join"))
        buttons = [
            path("<int:pk>/take-apart/", apart, name="aggregator_author_take_apart"),
            path("<int:pk>/join/<int:other>/", one, name="aggregator_author_join"),
        ]
        return [*buttons, *super().get_urls()]

    def press(self, request: HttpRequest, pk: int, *, verb: str, other: int = 0) -> HttpResponse:
        """Do what the button says, if the author is as the page showed, and come back to that page."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        with site_change():
            self.lock_rows([pk, other])
            author = Author.objects.filter(pk=pk).first()
            if author is None:
                return gone(request, self)
            if changed_since(author, STANDING, request.POST.get(NAME, "")):
                self.tell_changed(request, [author], STANDING)
            else:
                getattr(self, verb)(request, Author.objects.filter(pk__in=[pk, other]))
                self.log_change(request, author, f"Pressed “{verb.replace('_', ' ')}”.")
        return redirect("admin:aggregator_author_change", pk)

    def now_in_words(self, request: HttpRequest, row: Author, names: Iterable[str]) -> str:
        return f"page: {self.its_page(row)}"


def _joined_by(author: Author) -> str:
    return f", {author.get_joined_by_display()}" if author.joined_by else ""


def _alike(author: Author) -> list[Author]:
    """Persons of other sources who have the name or the address: perhaps the same."""
    is_alike = Q(key=author.key) | (Q(url=author.url) if author.url else Q())
    others = Author.objects.persons().filter(is_alike, is_hidden=False).exclude(feed=author.feed)
    return list(others.exclude(pk=author.person.pk).select_related("feed").order_by("pk")[:MAX_ALIKE])
