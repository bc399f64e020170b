"""The curators' forms. They refuse in plain words what `curating` refuses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.html import format_html

from aggregator.curating.adding import FeedRefused, checked_address, known_feed, refuse_removed
from aggregator.curating.moving_in import UNREADABLE, Arrival, read_list
from aggregator.exchange.opml import MAX_BYTES
from aggregator.ingest.address import normalize_url
from aggregator.models import Category, Feed, FeedImport
from aggregator.models.names import lock_names

from .comparing import GONE, ComparedForm

MAX_UNFINISHED_IMPORTS = 20
"""Lists that wait for the worker. If it is away for days, nobody fills the disk with them."""

MAX_SAID_NOTES = 10
"""On a file that names no feed: a planet may keep them in lists of their own, and the notes say which."""


class FeedForm(ComparedForm):
    """What both feed forms share: one address, spelled our way, that no other feed has."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url", "spellcheck": "false"}),
    )

    url_help = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].help_text = self.url_help

    def clean_url(self) -> str:
        try:
            return checked_address(self.cleaned_data["url"])
        except FeedRefused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        address = data.get("url")
        if not address:
            return data
        # Until the form is saved, as the feed is already: a second click must find what the first one added.
        lock_names(addresses=[address], slug_stems=[self._slug_stem(address)])
        known = known_feed(address)
        if known and known.pk != self.instance.pk:
            self.add_error("url", _already_here(known))
        elif "url" in self.changed_data:
            self._refuse_removed(address)
        return data

    def _refuse_removed(self, address: str) -> None:
        try:
            refuse_removed([address])
        except FeedRefused as refusal:
            self.add_error("url", str(refusal))

    def _slug_stem(self, address: str) -> str:
        feed = Feed(title=self.cleaned_data.get("title", ""))
        feed.point_to(address)
        return str(self.cleaned_data.get("slug") or feed.slug_stem)


class FeedAddForm(FeedForm):
    url_help = "Of the feed or of the blog: if it is the blog's, its feed is found. It is read at once."

    class Meta:
        model = Feed
        fields = ("url", "category", "title")


class FeedChangeForm(FeedForm):
    url_help = "A new address is read at the next poll, which is then due at once."

    class Meta:
        model = Feed
        fields = ("title", "url", "site_url", "category", "display", "is_unlimited", "slug")
        help_texts = {
            "site_url": "Left empty, it is taken from the feed.",
            "slug": "Names the blog's page here; changing it breaks links to that page.",
        }

    def clean_site_url(self) -> str:
        address = self.cleaned_data["site_url"].strip()
        try:
            return normalize_url(address) if address else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error


class GuestsForm(ComparedForm):
    """The source of guests, which has no address."""

    class Meta:
        model = Feed
        fields = ("title", "category", "display", "slug")
        help_texts = {**FeedChangeForm.Meta.help_texts, "title": "Left empty, it is called as it was at first."}


class CategoryForm(ComparedForm):
    """A category, whose name no other one has, be it in upper or lower case."""

    class Meta:
        model = Category
        fields = ("name", "slug", "position")
        help_texts = {
            "slug": "Names the category’s page and feeds here; addresses with its former slugs lead on to them.",
        }

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        known = Category.objects.named(name).exclude(pk=self.instance.pk).first()
        if known:
            raise ValidationError(f"There is a category of this name already: {known}.")
        return name


class CategoryChoiceForm(forms.Form):
    """Where to put some feeds."""

    category = forms.ModelChoiceField(
        Category.objects.all(), required=False, empty_label="No category", error_messages={"invalid_choice": GONE}
    )


class ImportForm(forms.Form):
    """An OPML file or a planet's configuration; once it is valid, `arrival` holds what it brings."""

    file = forms.FileField(
        label="OPML file or planet’s configuration",
        help_text="The list of feeds that a feed reader or another planet exports; the configuration of a Planet, "
        "Venus, Pluto, Perlanet or rawdog site (config.ini); or a text with an address in each line; at most "
        f"{MAX_BYTES // 2**20} MiB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        required=False,
        empty_label="As the file's folders say",
        error_messages={"invalid_choice": GONE},
        help_text="Of new feeds; those that are here already stay where they are.",
    )
    arrival: Arrival

    def clean_file(self) -> UploadedFile[Any]:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if FeedImport.objects.unfinished().count() >= MAX_UNFINISHED_IMPORTS:
            raise ValidationError(f"{MAX_UNFINISHED_IMPORTS} lists are not done yet. Is the worker running?")
        if (upload.size or 0) > MAX_BYTES:  # not even read
            raise ValidationError(f"The file is larger than {MAX_BYTES // 2**20} MiB.")
        try:
            self.arrival = read_list(upload.read())
        except UNREADABLE as error:
            raise ValidationError(str(error)) from error
        if not self.arrival.outlines:
            raise ValidationError(["The file names no feed.", *self.arrival.notes[:MAX_SAID_NOTES]])
        return upload


def _already_here(feed: Feed) -> str:
    return format_html(
        'This feed is here already: <a href="{}">{}</a> ({}).',
        reverse("admin:aggregator_feed_change", args=[feed.pk]),
        feed.shown_title,
        feed.get_state_display(),
    )
