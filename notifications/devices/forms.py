"""The forms for one's own device: its name, how long it is silent, and which posts it tells of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.forms import BoundField
from django.http import QueryDict

from aggregator.desk.comparing import ComparedForm
from aggregator.models import Category, Feed
from notifications.models import MailWish, PushSubscription
from notifications.notices.matters import PERMISSIONS

KIND_LABELS = {
    "wants_posts": "new posts",
    "wants_proposals": "proposals: a blog, or a new address for one",
    "wants_held": "posts held: until somebody decides on them",
    "wants_trouble": "a feed in trouble: gone, failing for three days, or looking like another one",
}
MORNING_HOUR = 8
"""When “until tomorrow” ends."""


class NameForm(ComparedForm):
    class Meta:
        model = PushSubscription
        fields = ("name",)

    def __init__(self, data: QueryDict | None = None, *, instance: PushSubscription) -> None:
        super().__init__(data, instance=instance, auto_id=f"%s-{instance.pk}")


class MuteForm(forms.Form):
    """How long to be silent. The time zone is filled in by the page's script; without it, mornings are UTC's."""

    until = forms.ChoiceField(choices=[("hour", "1 hour"), ("tomorrow", "until tomorrow"), ("now", "no longer")])
    time_zone = forms.CharField(max_length=64, required=False)

    def muted_until(self, now: datetime) -> datetime | None:
        match self.cleaned_data["until"]:
            case "hour":
                return now + timedelta(hours=1)
            case "tomorrow":
                return next_morning(now, self.cleaned_data["time_zone"])
        return None


def next_morning(now: datetime, time_zone: str) -> datetime:
    """8 o'clock of the next day there; of UTC's for a time zone that nobody knows."""
    zone = ZoneInfo(time_zone) if time_zone in available_timezones() else now.tzinfo
    tomorrow = now.astimezone(zone) + timedelta(days=1)
    return tomorrow.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)


def lock_choices(data: QueryDict, device_id: int) -> None:
    """Lock the feeds and categories that the form of this device names; within a transaction, before the device.

    They can't be deleted until its choice is saved, and of those that are gone by then it says so itself.
    `aggregator.models.sql` tells the order: feeds, categories, devices.
    """
    for name, rows in (("feeds", Feed.objects.all()), ("categories", Category.objects.all())):
        chosen = data.getlist(f"{_prefix(device_id)}-{name}")
        ids = {int(text[:18]) for text in chosen if text.isascii() and text.isdigit()}
        list(rows.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _prefix(device_id: int) -> str:
    return f"device-{device_id}"


def leave_out_kinds(form: forms.ModelForm, person: User | None) -> None:  # type: ignore[type-arg]
    """Take from the form the kinds of notices that the person can't decide about, and so is never told of."""
    for kind, permission in PERMISSIONS.items():
        if person is None or not person.has_perm(permission):
            del form.fields[f"wants_{kind.value}"]


class MailWishForm(ComparedForm):
    """Of which kinds a curator is told by mail."""

    class Meta:
        model = MailWish
        fields = ("wants_proposals", "wants_held", "wants_trouble")
        labels = {name: label for name, label in KIND_LABELS.items() if name != "wants_posts"}

    def __init__(self, data: QueryDict | None = None, *, instance: MailWish) -> None:
        super().__init__(data, instance=instance, prefix="mail")
        leave_out_kinds(self, instance.user)

    @property
    def kinds(self) -> list[BoundField]:
        """What there can be mails about."""
        return [self[name] for name in self.fields]


class WishesForm(ComparedForm):
    """What the device tells of, which posts, in which words, and how often."""

    wants_everything = forms.TypedChoiceField(
        label="Of new posts",
        choices=[("yes", "all posts"), ("no", "only posts of what I choose here")],
        coerce=lambda choice: choice == "yes",
        widget=forms.RadioSelect,
    )
    categories = forms.ModelMultipleChoiceField(
        Category.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    feeds = forms.ModelMultipleChoiceField(
        Feed.objects.none(), label="Sources", required=False, widget=forms.CheckboxSelectMultiple
    )
    most_a_day = forms.IntegerField(
        label="At most",
        min_value=1,
        max_value=1000,
        required=False,
        help_text="notices of new posts in 24 hours; empty: no limit",
    )

    class Meta:
        model = PushSubscription
        fields = (
            *("wants_posts", "wants_proposals", "wants_held", "wants_trouble"),
            *("wants_everything", "categories", "feeds", "text", "most_a_day"),
        )
        labels = {"text": "Show", **KIND_LABELS}
        widgets = {"text": forms.RadioSelect}

    def __init__(self, data: QueryDict | None = None, *, instance: PushSubscription) -> None:
        initial = {"wants_everything": "yes" if instance.wants_everything else "no"}
        super().__init__(data, instance=instance, initial=initial, prefix=_prefix(instance.pk))
        leave_out_kinds(self, instance.user)
        for bound in self.kinds if self.is_bound else ():
            if bound.html_initial_name not in self.data:  # a page from before there were kinds sends no tick for them
                del self.fields[bound.name]
        if settings.PUSH_NAME_NO_POST:  # the site decides; what the owner wished stays, for when it no longer does
            del self.fields["text"]
        self.fields["feeds"].queryset = Feed.objects.public().by_title()  # type: ignore[attr-defined]
        self.fields["feeds"].label_from_instance = lambda feed: feed.shown_title  # type: ignore[attr-defined]

    @property
    def kinds(self) -> list[BoundField]:
        """What it can be asked to tell of, by kinds of notices."""
        return [self[name] for name in self.fields if name in KIND_LABELS]

    def clean(self) -> dict[str, Any]:
        wishes = super().clean()
        chosen = [*(wishes.get("categories") or ()), *(wishes.get("feeds") or ())]
        wants_posts = wishes.get("wants_posts", self.instance.wants_posts)
        if wants_posts and wishes.get("wants_everything") is False and not chosen and not self.errors:
            self.add_error("wants_everything", "Choose at least one category or source, or all posts.")
        return wishes
