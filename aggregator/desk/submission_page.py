"""The page of one proposal: who sent it, what the worker met, and a form for each thing that can be decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import modelformset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from aggregator.filtering.rules import MAX_RULES
from aggregator.models import Category, Feed, FilterRule, Submission, site_change
from aggregator.models.submission import MAX_WORDS_CHARACTERS
from aggregator.submissions.deciding import (
    DECIDABLE,
    Undecidable,
    Wishes,
    accept,
    ask_back,
    can_be_undone,
    decline,
    undo,
    what_became,
)
from aggregator.tasks import poll_soon
from aggregator.worker import QUEUE_AWAY

from .columns import time_ago, web_link
from .comparing import GONE
from .given import is_key
from .rules import MAX_ROWS, RuleForm
from .seeing import link_for
from .shown import NAME, changed_since, gone, shown

DO = "do"
"""Names the button of each form; its value is the verb."""
STANDS_ON = ("state", "feed_url", "answer", "decided_at")
"""What people decide by: if it changed since the page was opened, nothing is done."""
TONES = {"waiting": "waiting", "asked": "waiting", "accepted": "good"}


class AcceptForm(forms.Form):
    category = forms.ModelChoiceField(
        Category.objects.all(), required=False, empty_label="No category", error_messages={"invalid_choice": GONE}
    )
    display = forms.ChoiceField(choices=Feed.Display.choices, initial=Feed.Display.FULL)


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *Submission.Reason.choices])
    words = forms.CharField(
        required=False,
        max_length=MAX_WORDS_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Of your own, if you like. Its sender reads them beside the reason.",
    )


class AskForm(forms.Form):
    words = forms.CharField(
        label="Question",
        max_length=MAX_WORDS_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Its sender reads it, and answers. The proposal waits for you again then.",
    )


RuleRows = modelformset_factory(FilterRule, form=RuleForm, extra=2, max_num=MAX_RULES, absolute_max=MAX_ROWS)


class Forms:
    """The forms of the page; the one that was sent has what was written in it."""

    def __init__(self, request: HttpRequest) -> None:
        verb = request.POST.get(DO, "")
        sent = {name: request.POST if name == verb else None for name in ("accept", "decline", "ask")}
        self.accept = AcceptForm(sent["accept"])
        nothing = FilterRule.objects.none()
        self.rules = RuleRows(sent["accept"], queryset=nothing, prefix="rules")
        self.decline = DeclineForm(sent["decline"], prefix="decline")
        self.ask = AskForm(sent["ask"], prefix="ask")

    @property
    def wishes(self) -> Wishes | None:
        """How the feed is to be shown; None if something is wrong with that."""
        has_rules = f"{self.rules.prefix}-TOTAL_FORMS" in self.rules.data
        if not self.accept.is_valid() or (has_rules and not self.rules.is_valid()):
            return None
        rules = self.rules.save(commit=False) if has_rules else ()
        return Wishes(self.accept.cleaned_data["category"], self.accept.cleaned_data["display"], rules)


def page_of_proposal(
    request: HttpRequest, object_id: str, *, model_admin: admin.ModelAdmin[Submission]
) -> HttpResponse:
    """The page; after a decision, itself once more, with a sentence about it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = Submission.objects.select_related("decided_by", "moves", "feed").filter(sent_at__isnull=False)
    row = rows.filter(pk=object_id).first() if is_key(object_id) else None
    if row is None:
        return gone(request, model_admin)
    forms_ = Forms(request)
    if request.method == "POST":
        if not model_admin.has_change_permission(request):
            raise PermissionDenied
        if answer := _decided(request, row, forms_, model_admin):
            return answer
    return TemplateResponse(
        request, "admin/aggregator/submission/page.html", _context(request, row, forms_, model_admin)
    )


def _context(
    request: HttpRequest, row: Submission, forms_: Forms, model_admin: admin.ModelAdmin[Submission]
) -> dict[str, Any]:
    may_decide = model_admin.has_change_permission(request)
    return model_admin.admin_site.each_context(request) | {
        "title": "Proposal",
        "subtitle": str(row),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "submission": row,
        "badge": state_badge(row),
        "became": what_became(row),
        "facts": _facts(request, row),
        "shown": shown(row, STANDS_ON),
        "may_be_decided": may_decide and row.state in DECIDABLE,
        "may_be_asked": may_decide and row.state == Submission.State.WAITING,
        "may_be_undone": may_decide and can_be_undone(row, timezone.now()),
        "forms": forms_,
    }


def state_badge(row: Submission) -> str:
    """Its state as a word on a colored ground."""
    return format_html('<span class="badge badge-{}">{}</span>', TONES.get(row.state, "off"), row.get_state_display())


def _facts(request: HttpRequest, row: Submission) -> list[tuple[str, str]]:
    is_accepted = row.state == Submission.State.ACCEPTED  # what was undone keeps its feed
    return [
        *([("A new address of", link_for(request, row.moves, str(row.moves)))] if row.moves else []),
        *([("Read now at", web_link(row.moves.url))] if row.moves else []),
        ("Address", web_link(row.address)),
        ("Feed", web_link(row.feed_url)),
        *([("Site", web_link(row.site_url))] if row.site_url else []),
        ("Sent", time_ago(row.sent_at)),
        ("Looked at", time_ago(row.looked_at)),
        ("Proof", "Its sender has shown that it is theirs" if row.proven_at else "None that it is the sender’s own"),
        ("Mail", _reached(row)),
        *([("Accepted as", link_for(request, row.feed, str(row.feed)))] if row.feed and is_accepted else []),
    ]


def _reached(row: Submission) -> str:
    if row.email and row.email_proven_at:
        return "Its sender is written to"
    return "An address that nobody has confirmed" if row.email else "None: its sender sees the answer on a page"


# -- deciding --------------------------------------------------------------------------------------------------------


def _decided(
    request: HttpRequest, row: Submission, forms_: Forms, model_admin: admin.ModelAdmin[Submission]
) -> HttpResponse | None:
    """Where a curator goes after a decision, or after one that others made; None if the form isn't right yet."""
    if changed_since(row, STANDS_ON, request.POST.get(NAME, "")):
        messages.warning(request, f"Nothing was done: this changed since you opened the page. {what_became(row)}")
        return redirect(request.path)
    verb = _VERBS.get(request.POST.get(DO, ""))
    if verb is None:
        return redirect(request.path)
    try:
        with site_change():
            told = verb(request, row, forms_)
            if not told:
                return None
            model_admin.log_change(request, row, told)
    except Undecidable as refusal:
        messages.warning(request, f"Nothing was done. {refusal}")
        return redirect(request.path)
    messages.success(request, told)
    feed_id = (
        Submission.objects.filter(pk=row.pk, state=Submission.State.ACCEPTED).values_list("feed", flat=True).first()
    )
    if feed_id and poll_soon([feed_id]) is not None:
        messages.warning(request, f"{QUEUE_AWAY} The feed is read as soon as it can be.")
    return redirect(request.path)


def _accept(request: HttpRequest, row: Submission, forms_: Forms) -> str:
    if row.moves:
        accept(row, Wishes(), _curator(request), timezone.now())
        return "Accepted. The feed is read at its new address from now on, at once for the first time."
    wishes = forms_.wishes
    if wishes is None:
        return ""
    accept(row, wishes, _curator(request), timezone.now())
    return "Accepted. It is read at once, and shown after its first good poll."


def _decline(request: HttpRequest, row: Submission, forms_: Forms) -> str:
    if not forms_.decline.is_valid():
        return ""
    data = forms_.decline.cleaned_data
    decline(row, data["reason"], data["words"], _curator(request), timezone.now())
    return f"Declined. Its sender reads why: {Submission.Reason(data['reason']).label}"


def _ask(request: HttpRequest, row: Submission, forms_: Forms) -> str:
    if not forms_.ask.is_valid():
        return ""
    ask_back(row, forms_.ask.cleaned_data["words"], _curator(request), timezone.now())
    return "Asked back. It waits here again once its sender has answered."


def _undo(request: HttpRequest, row: Submission, forms_: Forms) -> str:
    is_listed = row.state == Submission.State.ACCEPTED
    undo(row, timezone.now())
    if not is_listed:
        return "Undone: it waits for a decision again."
    where = "is read at its old address again" if row.moves else "is neither polled nor shown"
    return f"Undone: it waits for a decision again, and the feed {where}. What was sent to anybody stays sent."


def _curator(request: HttpRequest) -> Any:
    return request.user


_VERBS: dict[str, Callable[[HttpRequest, Submission, Forms], str]] = {
    "accept": _accept,
    "decline": _decline,
    "ask": _ask,
    "undo": _undo,
}
"""Each decides, and says what was done; it says nothing if its form isn't right."""
