"""What a curator is told by mail: the part of My devices that is about no device."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User

from notifications.models import MailWish

from .forms import MailWishForm


@dataclass(frozen=True, slots=True)
class ByMail:
    """As the page shows it."""

    form: MailWishForm
    has_mail: bool
    address: str
    """The account's; empty if it has none."""
    quiet_seconds: float
    """Between two mails."""


def by_mail(user: User, unsaved: MailWishForm | None = None) -> ByMail:
    """What the page shows of it."""
    form = unsaved or MailWishForm(instance=wish_of(user))
    return ByMail(form, settings.HAS_MAIL, user.email, 60 * settings.CURATOR_QUIET_MINUTES)


def wish_of(user: User) -> MailWish:
    """What the person wishes; unsaved, if that was never said."""
    return MailWish.objects.filter(user=user).first() or MailWish(user=user)


def locked_wish_of(user_id: int) -> MailWish:
    """The row, which is made if there is none; one at a time for each person. Within a transaction."""
    user = User.objects.select_for_update().get(pk=user_id)
    wish, _ = MailWish.objects.get_or_create(user=user)
    return wish
