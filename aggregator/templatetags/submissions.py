"""What the pages of proposals show."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from aggregator.models import Submission

register = template.Library()


@register.inclusion_tag("submissions/mail_standing.html")
def mail_standing(submission: Submission) -> dict[str, Any]:
    """Whether what is decided is written to the sender's mail address, too; nothing if there is none."""
    return {"submission": submission, "has_mail": settings.HAS_MAIL}
