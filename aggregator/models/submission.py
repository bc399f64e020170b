"""Blogs that visitors propose, and new addresses that owners propose for theirs: what was sent, met and decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string

from .feed import Feed

MAX_NOTE_CHARACTERS = 1000
MAX_WORDS_CHARACTERS = 1000
KEY_CHARACTERS = 32
OPEN_STATES = ("looking", "ready", "waiting", "asked")
"""Of what is still to be decided, here or by its sender."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A post of the blog as it would look here."""

    title: str
    url: str
    published_at: datetime | None
    content_html: str
    """Sanitized, and without links and pictures."""

    @classmethod
    def of(cls, said: dict[str, str]) -> Preview:
        """Of what the evidence holds."""
        published_at = datetime.fromisoformat(said["published_at"]) if said["published_at"] else None
        return cls(said["title"], said["url"], published_at, said["html"])


def new_key() -> str:
    """What a secret address is made from, together with the site's secret: the row alone gives nobody the address."""
    return get_random_string(KEY_CHARACTERS)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> SubmissionQuerySet:
        """Those that nobody has decided or ended."""
        return self.filter(state__in=OPEN_STATES)

    def waiting(self) -> SubmissionQuerySet:
        """Those that a curator has to decide: proven ones first, then the oldest."""
        return self.filter(state="waiting").order_by(models.F("proven_at").asc(nulls_last=True), "sent_at", "pk")

    def to_look_at(self) -> SubmissionQuerySet:
        """Those that the worker has yet to look at, the oldest first."""
        return self.filter(state="looking").order_by("created_at", "pk")


class Submission(models.Model):
    """A blog that somebody proposes, through all of its states. Who sent it is known by a mail address at most.

    `evidence` is what the worker met: {"met": [{"kind", "text", "slug": of the source that it names, or ""}],
    "refusal": a sentence that says why it can't be sent, or "", "posts": [{"title", "url", "published_at": ISO text or
    null, "html": text without links}], newest first}. The posts go after two weeks (`submissions.expiring`). Until it
    was looked at, it holds "begun", how often a look was begun; for a day after one was taken back or expired, "asked"
    (`submissions.proposing`); once it was decided, what undoing that takes (`submissions.deciding`). `decided_at` is
    also when it was taken back or expired.
    """

    class State(models.TextChoices):
        LOOKING = "looking", "looking"
        READY = "ready", "ready"
        WAITING = "waiting", "waiting"
        ASKED = "asked", "asked back"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"
        WITHDRAWN = "withdrawn", "taken back"
        EXPIRED = "expired", "expired"

    class Reason(models.TextChoices):
        OFF_TOPIC = "off_topic", "It is about other things than this site."
        TOO_NEW = "too_new", "It has too few posts yet; come back when there are more."
        SILENT = "silent", "It has had no new post for a long time."
        PROMOTION = "promotion", "It is there to sell something."
        NOT_ITS_OWN = "not_its_own", "Its posts are mostly not its own."
        LANGUAGE = "language", "It is in a language that this site does not gather."
        CONDUCT = "conduct", "It is not in keeping with what this site stands for."
        OTHER = "other", "For another reason."

    key = models.CharField(max_length=KEY_CHARACTERS, default=new_key, unique=True, editable=False)
    address = models.CharField(max_length=2000, help_text="As its sender wrote it, normalized.")
    host = models.CharField(max_length=255, help_text="Of the address, without “www.”.")
    feed_url = models.CharField("feed address", max_length=2000, blank=True, help_text="Found there.")
    site_url = models.CharField("site address", max_length=2000, blank=True)
    title = models.CharField(max_length=300, blank=True)
    moves = models.ForeignKey(
        Feed, models.CASCADE, null=True, blank=True, related_name="proposed_moves", help_text="Whose new address it is."
    )
    note = models.TextField(max_length=MAX_NOTE_CHARACTERS, blank=True)
    email = models.EmailField("mail address", blank=True)
    email_asked_at = models.DateTimeField(null=True, editable=False, help_text="When it was asked to confirm itself.")
    email_proven_at = models.DateTimeField(null=True, editable=False)
    evidence = models.JSONField(default=dict, editable=False)

    state = models.CharField(max_length=10, choices=State, default=State.LOOKING)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, help_text="Why it was declined.")
    words = models.TextField(
        max_length=MAX_WORDS_CHARACTERS, blank=True, help_text="To its sender: beside the reason, or what is asked."
    )
    answer = models.TextField(max_length=MAX_NOTE_CHARACTERS, blank=True, help_text="To what was asked.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False, help_text="Accepted, declined or asked back.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    feed = models.ForeignKey(
        Feed,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="submissions",
        help_text="Accepted as.",
    )
    proven_at = models.DateTimeField(
        null=True, editable=False, help_text="Its sender has shown that the blog is theirs."
    )
    announced_at = models.DateTimeField(null=True, editable=False, help_text="Curators were told; null: still to tell.")
    answered_at = models.DateTimeField(
        null=True, editable=False, help_text="Its sender was written to about the decision, or needn't be."
    )

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "proposal"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["host"], name="one_open_submission_a_host", condition=Q(state__in=OPEN_STATES, moves=None)
            ),
        )
        indexes = (
            models.Index(fields=["state", "created_at"], name="submission_state"),
            models.Index(fields=["announced_at", "state"], name="submission_announced"),
        )

    def __str__(self) -> str:
        return self.title or self.address

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def can_be_sent(self) -> bool:
        """Whether its sender may send it off: a feed was found, and nothing stands against it."""
        return self.state == self.State.READY and bool(self.feed_url) and not self.refusal

    @property
    def previews(self) -> list[Preview]:
        """Its last posts as they would look here; none before the worker looked, and when they have had their time."""
        return [Preview.of(said) for said in self.evidence.get("posts", ())]

    @property
    def met(self) -> list[dict[str, str]]:
        """What the worker noticed, a sentence each."""
        return list(self.evidence.get("met", ()))

    @property
    def refusal(self) -> str:
        """Why it can't be sent; empty if nothing stands against it."""
        return str(self.evidence.get("refusal", ""))
