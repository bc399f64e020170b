"""Authors: who wrote the posts of a feed, by name; and persons, who are one author or several that were joined."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.urls import reverse

from .derived import DerivedField, DerivingQuerySet, DerivingRow
from .entry import Entry
from .feed import Feed
from .page_order import InPageOrder
from .person_names import name_key
from .spelling import plain
from .visible import LISTED, OF_PUBLIC_FEEDS, through

MAX_NAME_CHARACTERS = 300
MAX_SLUG_CHARACTERS = 100
MAX_JOINED = 20
"""To the one who stands for them all, at most: a page asks for the posts of each."""


class AuthorQuerySet(DerivingQuerySet["Author"]):
    def persons(self) -> AuthorQuerySet:
        """Those who have a page of their own, as they were joined to nobody."""
        return self.filter(joined_to=None)

    def with_place(self) -> AuthorQuerySet:
        return self.select_related("feed", "joined_to", "joined_to__feed")

    def hand_on(self, feed_ids: Iterable[int]) -> None:
        """Before these feeds are deleted: of persons who are joined to authors of theirs, others stand in for those.

        Curators' word, what the person is called, and the address of the page stay.
        """
        leaving = self.filter(feed__in=list(feed_ids), joined__isnull=False).distinct()
        for root in leaving:
            heir = root.joined.exclude(feed__in=list(feed_ids)).order_by("pk").first()
            if heir is None:
                continue
            root.joined.exclude(pk=heir.pk).update(joined_to=heir)
            former, root.slug, heir.slug = heir.slug, f"-{root.pk}", root.slug  # two can't have it for a moment
            root.save(update_fields=["slug"])
            heir.name, heir.is_hidden, heir.joined_to, heir.joined_by = root.name, root.is_hidden, None, ""
            heir.save(update_fields=["name", "slug", "is_hidden", "joined_to", "joined_by"])
            FormerAuthorSlug.objects.filter(author=root).update(author=heir)
            FormerAuthorSlug.objects.note(former, heir)


class Author(DerivingRow):
    """Somebody of this name who wrote in this feed. Another feed's author is another row, until they are joined."""

    class JoinedBy(models.TextChoices):
        CURATOR = "curator", "by a curator"
        ADDRESS = "address", "by the address that both blogs give"

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="authors", db_index=False, editable=False)
    key = models.CharField(max_length=32, editable=False, help_text="Of the name as the feed writes it.")
    name = models.CharField(max_length=MAX_NAME_CHARACTERS)
    plain_name = DerivedField(of="name", by=plain, max_length=MAX_NAME_CHARACTERS)
    slug = models.CharField(max_length=MAX_SLUG_CHARACTERS, unique=True)
    url = models.CharField("address", max_length=500, blank=True, editable=False, help_text="As the feed gives it.")
    joining_key = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Of the address, if the feed lies below it."
    )
    joined_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="joined", db_index=False
    )
    joined_by = models.CharField(max_length=10, choices=JoinedBy, blank=True, editable=False)
    is_apart = models.BooleanField(default=False, editable=False, help_text="A curator took it apart from others.")
    is_hidden = models.BooleanField(
        "no page", default=False, help_text="There is no page of this author; posts go on to name the author."
    )

    had_more = models.BooleanField(
        default=False, editable=False, help_text="Readers saw posts by this author whose time is over."
    )

    objects = AuthorQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["feed", "key"], name="author_once_per_feed"),)
        indexes = (
            models.Index(fields=["joining_key"], name="author_joining_key", condition=Q(joining_key__gt="")),
            models.Index(fields=["joined_to"], name="author_joined_to", condition=Q(joined_to__isnull=False)),
            models.Index(fields=["key"], name="author_key"),
            models.Index(fields=["url"], name="author_url", condition=Q(url__gt="")),
            models.Index(fields=["is_hidden", "id"], name="author_hidden", condition=Q(is_hidden=True)),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("author", args=[self.slug])

    @property
    def person(self) -> Author:
        """Who stands for this author: another one, or the author."""
        return self.joined_to or self

    @property
    def own_url(self) -> str:
        """The address that the feed gives of the author, if the feed lies below it: any can give any. Empty if not."""
        return self.url if self.joining_key else ""

    @property
    def is_blog(self) -> bool:
        """Whether it is the feed's own title, which is no name of a person, as far as anybody can tell."""
        return name_key(self.feed.shown_title) == self.key

    def all_of_person(self) -> list[Author]:
        """The authors that are this person, with their feeds; this one comes first."""
        joined = Author.objects.filter(Q(pk=self.pk) | Q(joined_to=self)).select_related("feed").order_by("pk")
        return sorted(joined[: MAX_JOINED + 1], key=lambda author: author.pk != self.pk)


class EntryAuthorQuerySet(InPageOrder["EntryAuthor"]):
    entry_id_column = "entry_id"

    def shown(self) -> EntryAuthorQuerySet:
        """Those of posts that readers may see."""
        return self.filter(through("entry", LISTED & OF_PUBLIC_FEEDS))

    def let_go(self) -> None:
        """Of posts whose time is over: their authors had some, that is all that stays."""
        seen = self.filter(through("entry", LISTED)).values_list("author", flat=True)
        Author.objects.filter(pk__in=set(seen), had_more=False).update(had_more=True)
        self.delete()

    def follow_entries(self) -> None:
        """Stand where the entries stand now."""
        entry = Entry.objects.filter(pk=OuterRef("entry"))
        self.update(timeline_at=Subquery(entry.values("timeline_at")))

    def with_worth(self) -> EntryAuthorQuerySet:
        """With `is_worth_a_link`: whether the person's page says more than the entry and its source."""
        others = Author.objects.filter(feed=OuterRef("author__feed")).exclude(pk=OuterRef("author"))
        joined = Author.objects.filter(joined_to=OuterRef("author"))
        more = EntryAuthor.objects.filter(author=OuterRef("author")).shown().exclude(entry=OuterRef("entry"))
        is_several = Q(author__joined_to__isnull=False) | Q(Exists(joined))
        is_worth = is_several | (Q(Exists(others)) & Q(Exists(more)))
        worth = {"is_worth_a_link": ExpressionWrapper(is_worth, BooleanField())}
        return self.annotate(**worth)  # by name, mypy would take it for a second attribute


class EntryAuthor(models.Model):
    """That an author wrote an entry; the author is one of the entry's own feed."""

    author = models.ForeignKey(Author, models.CASCADE, related_name="posts", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="authors", db_index=False)
    timeline_at = models.DateTimeField(help_text="The entry's.")

    is_worth_a_link = False
    """No column: as `with_worth` reads it."""

    objects = EntryAuthorQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        # The index of this constraint finds an entry's rows, too.
        constraints = (models.UniqueConstraint(fields=["entry", "author"], name="entry_author_once"),)
        indexes = (models.Index(fields=["author", "-timeline_at", "-entry"], name="entry_author_timeline"),)

    def __str__(self) -> str:
        return f"entry {self.entry_id} by author {self.author_id}"


class FormerAuthorSlugQuerySet(models.QuerySet["FormerAuthorSlug"]):
    def note(self, before: str, author: Author) -> None:
        """The saved author had the slug `before`. Its slug of now leads to no other author any more."""
        self.filter(slug=author.slug).delete()
        if before and before != author.slug:
            self.update_or_create(slug=before, defaults={"author": author})


class FormerAuthorSlug(models.Model):
    """Leads to the author who had it last. It counts for as long as no author has it."""

    slug = models.CharField(max_length=MAX_SLUG_CHARACTERS, unique=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="former_slugs")

    objects = FormerAuthorSlugQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug


class UnreadBylines(models.Model):
    """One row, on a site that had posts before it had authors: whose authors are still to be told from their lines."""

    below = models.BigIntegerField(help_text="Entries with lower numbers than this.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"entries below {self.below}"
