"""A curator's rule as a row. `rules` says how rules are read, `filtering` what follows from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class FilterRule(models.Model):
    """What a curator lets through of a feed, or doesn't; `rules` says how rules are read."""

    class Action(models.TextChoices):
        DROP = "drop", "drop posts with"
        KEEP = "keep", "keep only posts with"
        REQUIRE = "require", "drop posts without"

    class Field(models.TextChoices):
        TITLE = "title", "in the title"
        TAG = "tag", "as a tag"
        AUTHOR = "author", "as author"
        TEXT = "text", "in the text"
        ANY = "any", "anywhere"
        WHOLE = "whole", "in the whole post"

    feed = models.ForeignKey("aggregator.Feed", models.CASCADE, related_name="rules")
    action = models.CharField("what to do", max_length=10, choices=Action, default=Action.DROP)
    pattern = models.CharField("words", max_length=1000)
    field = models.CharField("where", max_length=10, choices=Field, default=Field.TITLE)
    is_regex = models.BooleanField("regular expression", default=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    out_of_time_at = models.DateTimeField(
        null=True, editable=False, help_text="When it was last stopped over a post, since it was saved."
    )

    class Meta:
        ordering = ("position", "pk")
        verbose_name = "rule"
        default_permissions = ()  # rules belong to their feed: who may change that may change them
        constraints = (
            models.CheckConstraint(condition=Q(action__in=["keep", "drop", "require"]), name="rule_action_known"),
            models.CheckConstraint(
                condition=Q(field__in=["title", "tag", "author", "text", "any", "whole"]), name="rule_field_known"
            ),
        )

    def __str__(self) -> str:
        action = str(self.get_action_display())
        if self.is_regex:
            action = action.replace("without", "not matching").replace("with", "matching")
        return f"{action} “{self.pattern}” {self.get_field_display()}"
