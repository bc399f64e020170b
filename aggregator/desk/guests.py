"""Adding one post by its address: the page is looked at, a curator sees and corrects what it says, and saves it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from aggregator.curating.guests import GuestPost, GuestRefused, add_post, look_at, possible_address
from aggregator.ingest.text import one_line
from aggregator.models import Entry

PERMISSION = "aggregator.add_entry"
LOOK, ADD = "look", "add"
"""Values of the buttons, which are called `do`."""


class AddressForm(forms.Form):
    address = forms.CharField(
        max_length=2000,
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url", "spellcheck": "false"}),
        help_text="Of the page of one post. It is looked at once, and never again.",
    )


class PostForm(forms.Form):
    """What the page says, to be corrected."""

    url = forms.CharField(label="Address", max_length=2000, widget=forms.TextInput(attrs={"class": "vTextField"}))
    title = forms.CharField(max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
    author = forms.CharField(required=False, max_length=300, widget=forms.TextInput(attrs={"class": "vTextField"}))
    site_name = forms.CharField(
        label="Blog",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Readers see: from …",
    )
    published_at = forms.DateTimeField(
        label="Published",
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%d %H:%M"),
        help_text="In UTC, such as 2026-06-24 12:00; left empty, it is now. After three days, nobody is notified.",
    )
    excerpt = forms.CharField(
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Plain text. Readers see it below the title, with a link to the post.",
    )

    def clean_url(self) -> str:
        try:
            return possible_address(self.cleaned_data["url"])
        except GuestRefused as refusal:
            raise ValidationError(str(refusal)) from refusal

    @property
    def post(self) -> GuestPost:
        data = self.cleaned_data
        texts = {name: one_line(data[name], 300) for name in ("title", "author", "excerpt", "site_name")}
        published_at = data["published_at"]
        return GuestPost(url=data["url"], published_at=published_at and published_at.astimezone(UTC), **texts)


@require_http_methods(["GET", "HEAD", "POST"])
def guest_post(request: HttpRequest, *, model_admin: admin.ModelAdmin[Entry]) -> HttpResponse:
    """The form for an address; then what its page says, to be corrected; then the post's page at the desk."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, model_admin, AddressForm(), LOOK)
    if request.POST.get("do") == ADD:
        return _added(request, model_admin)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, model_admin, form, LOOK)
    try:
        found = look_at(form.cleaned_data["address"], timezone.now())
    except GuestRefused as refusal:
        form.add_error("address", str(refusal))
        return _page(request, model_admin, form, LOOK)
    known = {name: getattr(found, name) for name in PostForm.base_fields}
    return _page(request, model_admin, PostForm(initial=known), ADD)


def _added(request: HttpRequest, model_admin: admin.ModelAdmin[Entry]) -> HttpResponse:
    form = PostForm(request.POST)
    if not form.is_valid():
        return _page(request, model_admin, form, ADD)
    try:
        entry = add_post(form.post, timezone.now())
    except GuestRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, model_admin, form, ADD)
    model_admin.log_addition(request, entry, "Added by its address.")
    _tell(request, entry)
    if model_admin.has_view_permission(request, entry):
        return redirect("admin:aggregator_entry_change", entry.pk)
    return redirect("admin:aggregator_entry_guest")


def _tell(request: HttpRequest, entry: Entry) -> None:
    if entry.duplicate_of:
        messages.info(request, f"Added. It is here through {entry.duplicate_of.feed} already, and is shown there.")
    elif entry.is_held:
        messages.warning(request, "Added, and held: in other words, it is here already. Choose what is shown.")
    elif entry.is_filtered:
        messages.warning(request, f"Added, and dropped by a rule of “{entry.feed}”.")
    else:
        messages.success(request, f"Added, and shown under “{entry.feed}”.")


def _page(request: HttpRequest, model_admin: admin.ModelAdmin[Entry], form: forms.Form, do: str) -> HttpResponse:
    context: dict[str, Any] = model_admin.admin_site.each_context(request) | {
        "title": "Add one post",
        "opts": model_admin.opts,
        "media": model_admin.media,
        "form": form,
        "do": do,
        "verb": "Add" if do == ADD else "Look at it",
        "may_see_entries": model_admin.has_view_permission(request),
    }
    return TemplateResponse(request, "admin/aggregator/entry/guest.html", context)
