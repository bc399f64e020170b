"""What mails say: plain text of our own words, put together when they are sent.

To an address that nobody has confirmed goes nothing that a stranger wrote: else the site would carry their messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from aggregator.models import Submission
from aggregator.submissions.mail_address import confirming_path
from aggregator.submissions.tokens import token_of
from notifications.notices.desk_places import place_of
from notifications.notices.desk_text import generic_desk_text, one_title
from notifications.notices.matters import Matter
from notifications.notices.payload import clean

MAX_SUBJECT_CHARACTERS = 120
MAX_LISTED_MATTERS = 50


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


def desk_mail(new: list[Matter], older_count: int) -> Text:
    """To a curator: what has come to the desk, and how much waits there since before."""
    desk, devices = _absolute(reverse("admin:index")), _absolute(reverse("notifications:devices"))
    end = f"You get this because you chose it on {devices}"
    if settings.PUSH_NAME_NO_POST:
        said, _ = generic_desk_text(settings.SITE_NAME)
        return _text(said, [f"Something waits for a decision: {desk}", end])
    older = f"{older_count} more {'waits' if older_count == 1 else 'wait'} since before: {desk}" if older_count else ""
    unlisted = len(new) - MAX_LISTED_MATTERS
    more = f"And {unlisted} more: {desk}" if unlisted > 0 else ""
    subject = one_title(new)
    return _text(subject, [*(_listed(matter) for matter in new[:MAX_LISTED_MATTERS]), more, older, end])


def address_mail(proposal: Submission) -> Text:
    """To an address that nobody has confirmed, once: whether it wants to be written to."""
    return _text(
        "Is this your mail address?",
        [
            f"Somebody proposed a blog to {settings.SITE_NAME} and gave this address, to be told what is decided.",
            f"If that was you, say so here:\n{_absolute(confirming_path(proposal))}",
            "If it wasn't, do nothing: nothing more will be sent to you about it.",
        ],
    )


def decision_mail(proposal: Submission) -> Text:
    """To who proposed a blog and has confirmed the address: what the curators decided."""
    name = clean(proposal.title or proposal.host, 80)
    state, status = proposal.state, _absolute(reverse("submission", args=[token_of("submission", proposal.key)]))
    words = proposal.words.strip()
    if state == Submission.State.ACCEPTED:
        feed = proposal.feed
        shown = f"Its posts will be here: {_absolute(feed.get_absolute_url())}" if feed else ""
        return _text(f"Accepted: {name}", [f"{proposal.address} was accepted. Thank you!", shown, words, status])
    if state == Submission.State.DECLINED:
        reason = proposal.get_reason_display() if proposal.reason else ""
        return _text(f"Declined: {name}", [f"{proposal.address} was declined.", reason, words, status])
    asked = f"Before they decide about {proposal.address}, the curators ask you:"
    return _text(f"A question about {name}", [asked, words, f"You can answer here:\n{status}"])


def _text(subject: str, parts: Iterable[str]) -> Text:
    site = settings.SITE_NAME
    body = "\n\n".join(part for part in parts if part)
    return Text(
        clean(f"[{site}] {subject}", MAX_SUBJECT_CHARACTERS), f"{body}\n\n-- \n{site}\n{settings.WEBSITE_URL}\n"
    )


def _listed(matter: Matter) -> str:
    words = f"\n{matter.words}" if matter.words else ""
    return f"{one_title([matter])}{words}\n{_absolute(place_of(matter.kind, matter.row_id))}"


def _absolute(path: str) -> str:
    return f"{settings.WEBSITE_URL}{path}"
