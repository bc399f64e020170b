"""What a curator may change of an author: what the page is called, where it is, and whether there is one."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from aggregator.models import Author
from aggregator.models.author import MAX_NAME_CHARACTERS, MAX_SLUG_CHARACTERS
from aggregator.models.person_names import slug_stem

from .comparing import ComparedForm


class AuthorForm(ComparedForm):
    name = forms.CharField(
        max_length=MAX_NAME_CHARACTERS,
        help_text="Of the page and its feeds. Posts go on to say what their feed says.",
        widget=forms.TextInput(attrs={"class": "vTextField", "dir": "auto"}),
    )
    slug = forms.CharField(
        max_length=MAX_SLUG_CHARACTERS,
        help_text="The page is at /author/…/. What it was called before leads there.",
        widget=forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false", "dir": "auto"}),
    )

    class Meta:
        model = Author
        fields = ("name", "slug", "is_hidden")

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug_stem(slug) != slug and slug != self.instance.slug:
            raise ValidationError(f"Small letters of any script, digits and hyphens, such as {slug_stem(slug)}.")
        taken = Author.objects.filter(slug=slug).exclude(pk=self.instance.pk).select_related("feed").first()
        if taken:
            raise ValidationError(f"That is the page of {taken} of {taken.feed}.")
        return slug
