"""To whom a mail goes and what it says, by the rows as they are at this moment; nothing, if it has become needless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from aggregator.models import Feed, Submission
from notifications.models import Kind, Mail, MailWish, ToldFeed, wanted_kinds
from notifications.notices.matters import PERMISSIONS, Matter, holds_posts, in_trouble, of_feed, of_submission

from .senders import DECIDED_STATES
from .texts import Text, address_mail, decision_mail, desk_mail


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    text: Text


def letter(mail: Mail, now: datetime) -> Letter | None:
    """What is to be sent; None if nobody wants it any more."""
    proposal = mail.submission
    if mail.about == Mail.About.DESK:
        return _to_curator(mail, mail.user, now) if mail.user else None
    if proposal is None or not proposal.email:
        return None
    if mail.about == Mail.About.ADDRESS:
        is_open = proposal.is_open and proposal.email_proven_at is None
        return Letter(proposal.email, address_mail(proposal)) if is_open else None
    is_told = proposal.state in DECIDED_STATES and proposal.email_proven_at is not None
    return Letter(proposal.email, decision_mail(proposal)) if is_told else None


def _to_curator(mail: Mail, user: User, now: datetime) -> Letter | None:
    """What has come to the desk since the mail was planned, of the kinds that he chose and may decide about."""
    wish = MailWish.objects.filter(user=user).first()
    if wish is None or not (user.email and user.is_active and user.is_staff):
        return None
    kinds = [kind for kind in Kind if kind.value in wanted_kinds(wish) and user.has_perm(PERMISSIONS[kind])]
    new, older_count = list[Matter](), 0
    for kind in kinds:
        matters, told_before = _waiting(kind, mail.created_at, now)
        new += matters
        older_count += told_before
    return Letter(user.email, desk_mail(new, older_count)) if new else None


def _waiting(kind: Kind, since: datetime, now: datetime) -> tuple[list[Matter], int]:
    """Of a kind what curators were told of since then, and how many they were told of before."""
    if kind == Kind.PROPOSALS:
        proposals = Submission.objects.filter(state=Submission.State.WAITING).select_related("moves").order_by("pk")
        new = [of_submission(proposal) for proposal in proposals.filter(announced_at__gte=since)]
        return new, proposals.filter(announced_at__lt=since).count()
    so = holds_posts() if kind == Kind.HELD else in_trouble(now)
    told = ToldFeed.objects.filter(kind=kind)
    feeds = Feed.objects.filter(so).order_by("plain_title", "pk")
    new_feeds = feeds.filter(pk__in=told.filter(announced_at__gte=since).values("feed"))
    older_count = feeds.filter(pk__in=told.filter(announced_at__lt=since).values("feed")).count()
    return [of_feed(kind, feed) for feed in new_feeds], older_count
