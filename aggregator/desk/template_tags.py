"""What the admin's own templates need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import template
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from aggregator.models import Entry, Feed, PostsLetGo, Submission, Tick
from aggregator.pages.keeping import kept_in_words

from .columns import shown_standing, standing, time_ago
from .filters import HAS_PROPOSAL, HOLDS, KINDS, count_by_kind
from .seeing import may_see

register = template.Library()
_WORDS = {
    "changed": "that may be another blog now",
    "held": "with held posts",
    "pending": "waiting for the first good poll",
    "dropped": "with rules that drop all of it",
    "silent": "silent for half a year",
}
"""Where a kind's own word would say too little to follow a number."""

register.filter("shown_standing", shown_standing)


@register.simple_tag(takes_context=True)
def standing_of(context: template.Context, entry: Entry) -> str:
    """How an entry stands with readers, with links for who looks at the page."""
    return standing(entry, context["request"]) or "shown"


@register.filter
def ago(moment: datetime | None) -> str:
    """ "3 hours ago", which shows the exact time when pointed at."""
    return time_ago(moment)


@register.simple_tag
def without_search(changelist: ChangeList) -> str:
    """The address of the list as it is narrowed otherwise."""
    return changelist.get_query_string(remove=[SEARCH_VAR])


@register.inclusion_tag("admin/aggregator/desk.html", takes_context=True)
def desk(context: template.Context) -> dict[str, object]:
    """The feeds at a glance, and where to begin."""
    ticked_at = Tick.objects.moment()
    counts = count_by_kind(Feed.objects.all(), timezone.now())
    holding = Feed.objects.filter(HOLDS).count()
    return {
        "perms": context["perms"],
        "may_see_feeds": may_see(context["request"], Feed),
        "csrf_token": context.get("csrf_token"),
        "has_contact": bool(settings.CONTACT),
        "feeds": sum(counts.values()),
        "kinds": [(kind, count, _in_words(kind, count)) for kind, count in counts.items() if count],
        "proposed": Feed.objects.filter(HAS_PROPOSAL).count(),
        "holding": holding if holding > counts["held"] else 0,
        "may_see_proposals": may_see(context["request"], Submission),
        "waiting": Submission.objects.waiting().count(),
        "kept": kept_in_words(),
        "let_go_last": PostsLetGo.objects.latest_day(),
        "let_go_total": PostsLetGo.objects.total(),
        "ticked_at": ticked_at,
        "ticked": time_ago(ticked_at),
    }


def _in_words(kind: str, count: int) -> str:
    words = _WORDS.get(kind, KINDS[kind])
    return f"{count} {words}"


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done at the desk, as its first page tells it."""

    verb: str
    what: str
    """The row, as a link if there is a page of it that its reader may see."""
    kind: str


@register.simple_tag(takes_context=True)
def recently_done(context: template.Context, limit: int) -> list[Done]:
    """What this person did last, the newest first."""
    request = context["request"]
    return [_told(entry, request) for entry in context["log_entries"].filter(user=request.user.pk)[:limit]]


def _told(entry: LogEntry, request: HttpRequest) -> Done:
    model = entry.content_type.model_class() if entry.content_type else None
    address = None if entry.is_deletion() or model is None or not may_see(request, model) else entry.get_admin_url()
    verb = "Added" if entry.is_addition() else "Deleted" if entry.is_deletion() else "Changed"
    what = format_html('<a href="{}">{}</a>', address, entry.object_repr) if address else entry.object_repr
    return Done(verb, what, str(model._meta.verbose_name) if model else "")
