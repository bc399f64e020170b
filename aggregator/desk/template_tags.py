"""What the admin's own templates need."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.conf import settings

from aggregator.models import Feed, PostsLetGo, Tick
from aggregator.pages.keeping import kept_in_words

from .columns import shown_standing, standing, time_ago
from .filters import HAS_HELD_POSTS, HAS_PROPOSAL, IS_CHANGED, IS_FAILING

register = template.Library()

register.filter("standing", standing)
register.filter("shown_standing", shown_standing)


@register.filter
def ago(moment: datetime | None) -> str:
    """ "3 hours ago", which shows the exact time when pointed at."""
    return time_ago(moment)


@register.inclusion_tag("admin/aggregator/desk.html", takes_context=True)
def desk(context: template.Context) -> dict[str, object]:
    """The feeds at a glance, and where to begin."""
    ticked_at = Tick.objects.moment()
    return {
        "perms": context["perms"],
        "csrf_token": context.get("csrf_token"),
        "has_contact": bool(settings.CONTACT),
        "feeds": Feed.objects.count(),
        "failing": Feed.objects.filter(IS_FAILING).count(),
        "changed": Feed.objects.filter(IS_CHANGED).count(),
        "held": Feed.objects.filter(HAS_HELD_POSTS).count(),
        "proposed": Feed.objects.filter(HAS_PROPOSAL).count(),
        "pending": Feed.objects.filter(state=Feed.State.PENDING).count(),
        "kept": kept_in_words(),
        "let_go_last": PostsLetGo.objects.latest_day(),
        "let_go_total": PostsLetGo.objects.total(),
        "ticked_at": ticked_at,
        "ticked": time_ago(ticked_at),
    }
