"""What strangers may write: a proposal, and an answer."""

from __future__ import annotations

from django import forms

from aggregator.ingest.address import MAX_URL_CHARACTERS
from aggregator.models.submission import MAX_NOTE_CHARACTERS


class ProposalForm(forms.Form):
    """A blog's address, and what else its sender says."""

    address = forms.CharField(
        label="Address of the blog, or of its feed",
        max_length=MAX_URL_CHARACTERS,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", "class": "field-input"}),
        error_messages={"required": "Which blog is it? Its address is missing."},
    )
    note = forms.CharField(
        label="A note for the curators (optional)",
        required=False,
        max_length=MAX_NOTE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4, "class": "field-input"}),
        help_text="Only the curators read it.",
    )
    email = forms.EmailField(
        label="Your mail address (optional)",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "field-input"}),
        help_text="Only for what is written about this proposal; first a mail asks you to confirm the address. "
        "Without it, the page that you get now says everything.",
    )


class AnswerForm(forms.Form):
    """What its sender says to a question of the curators."""

    answer = forms.CharField(
        label="Your answer",
        max_length=MAX_NOTE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4, "class": "field-input"}),
        error_messages={"required": "The answer is empty."},
    )
