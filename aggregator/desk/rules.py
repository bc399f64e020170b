"""The rules of a feed on its page: rows that are checked, saved and tried out there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from aggregator.diagnosis import filtered_note
from aggregator.filtering.expressions import BadPattern
from aggregator.filtering.judging import judge_anew, post_of, rule_of
from aggregator.filtering.rules import MAX_RULES, Judge, Rule, Verdict, check
from aggregator.models import Entry, Feed, FilterRule

from .compared_rows import ComparedInlineRows
from .comparing import ComparedForm

PREVIEW = "_preview"
"""Names the button that shows what the rules in the form would do, and saves nothing."""
PREFIX = "rules"
"""Begins the names of the rows' fields in the form."""
MAX_ROWS = MAX_RULES + 10
"""That are read of a form, which says how many it has. Each is checked while its feed is locked."""
MAX_PREVIEWED_POSTS = 50
"""Enough to judge rules by, and few enough to be judged while a curator waits."""
SIMPLER = "Write it more simply, without repeats within repeats such as (a+)+."


class RuleForm(ComparedForm):
    is_one = True

    class Meta:
        model = FilterRule
        fields = ("action", "pattern", "field", "is_regex")
        error_messages = {"pattern": {"required": "Write what to look for, or tick “Delete”."}}
        widgets = {"pattern": forms.TextInput(attrs={"class": "rule-pattern", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label  # the heading of its column isn't tied to it

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "pattern" in data:
            try:
                check(data["pattern"], is_regex=data.get("is_regex", False))
            except BadPattern as error:
                self.add_error("pattern", str(error))
        return data


class RuleFormSet(ComparedInlineRows):
    """The rows of rules. For a preview they are checked as they are for saving, but are never valid to be saved."""

    is_preview = False

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_preview

    def clean(self) -> None:
        super().clean()
        if len(self.typed()) > MAX_RULES:
            raise ValidationError(f"A feed can have {MAX_RULES} rules; delete some.")

    def typed(self) -> list[FilterRule]:
        """The rules as they would be, saved or not: without those to be deleted, with those that others added."""
        filled = [*self.initial_forms, *(form for form in self.extra_forms if form.has_changed())]
        here = [form.instance for form in filled if not (form.is_dropped or self._should_delete_form(form))]
        return [*here, *self.came]


class RuleInline(admin.TabularInline):  # type: ignore[type-arg]
    model = FilterRule
    form = RuleForm
    formset = RuleFormSet
    template = "admin/aggregator/feed/rules.html"
    extra = 2
    max_num = MAX_RULES
    verbose_name_plural = "rules"

    # Rules belong to their feed: whoever may change the feed may change them.

    def has_view_permission(self, request: HttpRequest, obj: Feed | None = None) -> bool:
        user = request.user
        return user.has_perm("aggregator.view_feed") or user.has_perm("aggregator.change_feed")

    def has_change_permission(self, request: HttpRequest, obj: Feed | None = None) -> bool:
        return request.user.has_perm("aggregator.change_feed")

    def has_add_permission(self, request: HttpRequest, obj: Feed | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Feed | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_formset(self, request: HttpRequest, obj: Feed | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **{"absolute_max": MAX_ROWS, **kwargs})
        formset.is_preview = PREVIEW in request.POST
        return formset


def inlines_for(request: HttpRequest, feed: Feed | None) -> tuple[type[RuleInline], ...]:
    """The rows of rules, for a feed that exists. A form that was sent without them leaves the rules as they are."""
    is_sent_without = request.method == "POST" and f"{PREFIX}-TOTAL_FORMS" not in request.POST
    return () if feed is None or is_sent_without else (RuleInline,)


# -- saving ----------------------------------------------------------------------------------------------------------


def save_rules(request: HttpRequest, formset: RuleFormSet, now: datetime) -> None:
    """Save the rows. If they changed, or if one had been stopped, the feed's entries are judged anew."""
    # Locked before its rules change: polls lock feeds first, too (`aggregator.models.sql` tells the order).
    feed = Feed.objects.select_for_update().get(pk=formset.instance.pk)
    was_stopped = any(form.instance.out_of_time_at for form in formset.initial_forms)
    _number(formset)
    formset.save()
    if formset.has_changed() or was_stopped:
        judge_anew(feed, now)
        feed.refresh_from_db()
        messages.info(request, _after_saving(feed))
        for sentence in slow_rules(feed):
            messages.warning(request, sentence)


def _number(formset: RuleFormSet) -> None:
    """New rules come after those that are there."""
    known = [form.instance for form in formset.initial_forms if not form.is_gone]
    last = max((rule.position for rule in [*known, *formset.came]), default=0)
    anew = [form for form in formset.initial_forms if form.is_anew]
    for position, form in enumerate([*anew, *formset.extra_forms], last + 1):
        form.instance.position = position


def _after_saving(feed: Feed) -> str:
    older = "" if feed.unjudged_below is None else " The worker judges the older ones within the next minutes."
    return f"Its rules were applied: {filtered_note(feed) or 'no post is dropped'}.{older}"


def slow_rules(feed: Feed) -> list[str]:
    """A sentence for each rule that had to be stopped since it was saved."""
    stopped = FilterRule.objects.filter(feed=feed, out_of_time_at__isnull=False)
    return [f"The rule “{rule}” took too long over a post, and was ignored there. {SIMPLER}" for rule in stopped]


# -- trying out ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would become of one entry, and why."""

    entry: Entry
    is_dropped: bool
    reason: str

    @property
    def is_changed(self) -> bool:
        """Whether saving the rules would change what readers see of it."""
        return self.is_dropped != self.entry.is_filtered


@dataclass(frozen=True, slots=True)
class Preview:
    """What the rules in the form would do to the newest posts."""

    summary: str
    lines: list[PreviewLine]
    warnings: list[str]


def preview_asked(request: HttpRequest, inlines: Iterable[Any]) -> Preview | None:
    """What the rules in the form would do, if the curator asked for it; else None."""
    formsets = (inline.formset for inline in inlines if PREVIEW in request.POST)
    return next((preview_of(formset) for formset in formsets), None)


def preview_of(formset: RuleFormSet) -> Preview:
    """What the rules in the rows would do to the newest posts. Changes nothing."""
    if formset.total_error_count():
        return Preview("Correct the rules first: what is wrong stands beside them.", [], [])
    typed = {rule_of(row): str(row) for row in formset.typed()}
    judge = Judge(typed)
    entries = Entry.objects.from_feed(formset.instance).kept().newest_first()[:MAX_PREVIEWED_POSTS]
    lines = [_line(entry, judge.judge(post_of(entry, with_text=judge.reads_text)), typed) for entry in entries]
    warnings = [f"The rule “{typed[rule]}” takes too long. {SIMPLER}" for rule in judge.out_of_time]
    return Preview(_summary(typed, lines), lines, warnings)


def _line(entry: Entry, verdict: Verdict, names: dict[Rule, str]) -> PreviewLine:
    if verdict.rule:
        return PreviewLine(entry, verdict.is_dropped, names[verdict.rule])
    otherwise = "a rule took too long" if verdict.is_in_doubt else ""
    return PreviewLine(entry, verdict.is_dropped, "no rule keeps it" if verdict.is_dropped else otherwise)


def _summary(typed: Iterable[Rule], lines: list[PreviewLine]) -> str:
    if not lines:
        return "There are no posts yet to try the rules on."
    if not typed:
        return "There are no rules: everything is shown."
    dropped = sum(line.is_dropped for line in lines)
    last = "the only post" if len(lines) == 1 else f"the last {len(lines)} posts"
    return f"Of {last}, {dropped} would be dropped and {len(lines) - dropped} shown. Nothing is saved yet."
