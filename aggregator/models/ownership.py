"""Who has shown that a blog is theirs: of a proposal, or of a source that is listed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .feed import Feed
from .submission import KEY_CHARACTERS, Submission, new_key


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def proven(self) -> OwnershipQuerySet:
        """Those whose proof was there when it was looked at last."""
        return self.exclude(proven_at=None).filter(lost_at=None)


class Ownership(models.Model):
    """A proof that is asked for, seen, or lost. What is to be seen on the blog is its `code`, which is no secret."""

    class Way(models.TextChoices):
        FEED_LINE = "line", "a line in the feed"
        META = "meta", "a <meta> of the site"
        FILE = "file", "a file of the site"
        REL_ME = "rel_me", "a link to the source's page here"

    key = models.CharField(max_length=KEY_CHARACTERS, default=new_key, unique=True, editable=False)
    code = models.CharField(max_length=KEY_CHARACTERS, default=new_key, unique=True, editable=False)
    submission = models.OneToOneField(Submission, models.SET_NULL, null=True, blank=True, related_name="ownership")
    feed = models.ForeignKey(Feed, models.CASCADE, null=True, blank=True, related_name="ownerships")
    way = models.CharField(max_length=10, choices=Way, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False, help_text="When a look was asked for; null: none is.")
    looked_at = models.DateTimeField(null=True, editable=False)
    proven_at = models.DateTimeField(null=True, editable=False)
    lost_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(max_length=300, blank=True, editable=False, help_text="What the last look saw.")

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["asked_at"], name="ownership_asked", condition=Q(asked_at__isnull=False)),)

    def __str__(self) -> str:
        return f"{self.feed or self.submission}: {self.get_way_display() or 'not proven'}"

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None and self.lost_at is None
