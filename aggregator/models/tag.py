"""Tags: the words that authors file their posts under, one row for all spellings of a word."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse

from .derived import DerivedField, DerivingQuerySet, DerivingRow
from .spelling import MAX_CASELESS_FACTOR, plain
from .sql import FirstCharacter, add_to_rows
from .tag_key import MAX_KEY_CHARACTERS, key_of, slug_of

MAX_NAME_CHARACTERS = 100
"""As many as `ingest` leaves of one."""
MIN_PAGE_POSTS = 2
"""A tag of fewer posts has no page: a search finds its one post as well."""
SHOWN = Q(is_hidden=False, joined_into__isnull=True)


class HasPage(Func):
    """Whether a tag of so many posts has a page; without parameters, as SQLite looks into an index for no others."""

    template = f"(%(expressions)s >= {MIN_PAGE_POSTS})"
    output_field = models.BooleanField()


WITH_PAGE = SHOWN & Q(HasPage("post_count"))


class TagQuerySet(DerivingQuerySet["Tag"]):
    def shown(self) -> TagQuerySet:
        """Tags that readers may know of: a curator has neither hidden them nor joined them into another."""
        return self.filter(SHOWN)

    def with_page(self) -> TagQuerySet:
        """Those of them that have a page: more than one post that readers can see."""
        return self.filter(WITH_PAGE)

    def most_used(self) -> TagQuerySet:
        return self.order_by("-post_count", "-pk")

    def by_name(self) -> TagQuerySet:
        return self.order_by("plain_name", "pk")

    def beginning_with(self, characters: Collection[str]) -> TagQuerySet:
        """Those whose plain name begins with one of these characters; the empty one stands for no name."""
        return self.alias(first=FirstCharacter("plain_name")).filter(first__in=characters)

    def count_by_first_character(self) -> dict[str, int]:
        first = self.order_by().annotate(first=FirstCharacter("plain_name"))
        return dict(first.values_list("first").annotate(count=models.Count("pk")))

    def having_keys(self, keys: Collection[str]) -> TagQuerySet:
        return self.filter(key__in=keys, key__gt="")  # the second half leads planners to the partial index

    def of_key(self, key: str) -> Tag | None:
        """The tag that stands for this key: another one, if a curator has joined them. It may be hidden."""
        tag = self.having_keys([key]).select_related("joined_into").first() if key else None
        return tag and (tag.joined_into or tag)

    def keys_of(self, name: str) -> list[str]:
        """The keys of all that this name stands for, those of tags that were joined too; none, if that is hidden."""
        key = key_of(name)
        tag = self.of_key(key)
        if tag is None:
            return [key] if key else []  # it may stand in posts that have no rows of tags yet
        if tag.is_hidden:
            return []
        return [tag.key, *self.filter(joined_into=tag).order_by("key").values_list("key", flat=True)]

    def add_posts(self, more: Mapping[int, int]) -> None:
        """Count so many posts more, or fewer, under these tags. Only `site_change` calls this."""
        add_to_rows(self.model, "post_count", {pk: posts for pk, posts in more.items() if posts})


class Tag(DerivingRow):
    """A word that posts are filed under. What readers may see of it, `SHOWN` says."""

    name = models.CharField(max_length=MAX_NAME_CHARACTERS)
    plain_name = DerivedField(of="name", by=plain, max_length=MAX_CASELESS_FACTOR * MAX_NAME_CHARACTERS)
    key = models.CharField(max_length=MAX_KEY_CHARACTERS, editable=False, db_index=False)
    """What its spellings have in common (`tag_key`). Its address is made of it."""
    is_hidden = models.BooleanField("hidden", default=False)
    joined_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="joined", db_index=False
    )
    """The tag that stands for this one, and for no other that is joined itself."""
    parted_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    """The tag that stood for this one until a curator took them apart; null once its posts are under this one again."""
    parted_after = models.PositiveBigIntegerField(default=0, editable=False)
    """Of that tag's entries, those up to this id are done."""
    post_count = models.IntegerField("posts", default=0, editable=False)
    """How many posts readers find under it. No positive field: differences are added."""

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = (
            # With a condition, as PostgreSQL would else keep everybody from changing a key who files posts under it.
            models.UniqueConstraint(fields=["key"], name="tag_key_once", condition=Q(key__gt="")),
        )
        indexes = (
            models.Index(fields=["post_count", "id"], name="tag_by_posts"),
            models.Index(fields=["-post_count", "-id"], name="tag_most_used", condition=SHOWN),
            models.Index(fields=["plain_name", "id"], name="tag_by_name", condition=WITH_PAGE),
            models.Index(
                FirstCharacter("plain_name"), F("plain_name"), F("id"), name="tag_by_letter", condition=WITH_PAGE
            ),
            models.Index(fields=["joined_into"], name="tag_joined", condition=Q(joined_into__isnull=False)),
            models.Index(fields=["parted_from"], name="tag_parted", condition=Q(parted_from__isnull=False)),
            models.Index(fields=["post_count", "id"], name="tag_hidden", condition=Q(is_hidden=True)),
            models.Index(fields=["post_count", "id"], name="tag_joined_list", condition=Q(joined_into__isnull=False)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def slug(self) -> str:
        return slug_of(self.key)

    def get_absolute_url(self) -> str:
        return reverse("tag", args=[self.slug])
