"""What curators do with authors: say that several are one person, or that they aren't, and take pages away.

Each raises the site's version in its own transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from aggregator.models import Author, SiteState, site_change
from aggregator.models.author import MAX_JOINED
from aggregator.models.sql import Locked, lock_kind


class CantJoin(ValueError):
    """Authors who can't be joined; the text is a sentence for people."""


def lock_authors(keys: Iterable[int]) -> list[Author]:
    """These authors as they are now; until the transaction ends, nobody else joins, names or hides any."""
    lock_kind(Locked.AUTHORS)
    rows = Author.objects.filter(pk__in=list(keys)).order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(rows.select_related("feed", "joined_to"))


def join(authors: QuerySet[Author], now: datetime) -> Author:
    """Have these be one person, with all who are one with them already. Returns who stands for them: their page is
    that one's. Raises CantJoin.

    It is the one who had others before, else who is here longest.
    """
    with site_change():
        chosen = lock_authors(set(authors.values_list("pk", flat=True)))
        persons = {author.person.pk: author.person for author in chosen}
        if len(persons) < 2:
            raise CantJoin("Choose two authors, or more, who aren’t one already.")
        if hidden := [person for person in persons.values() if person.is_hidden]:
            raise CantJoin(f"{hidden[0]} has no page: give it back first, if that is no mistake.")
        with_others = set(Author.objects.filter(joined_to__in=persons).values_list("joined_to", flat=True))
        root = persons[min(persons, key=lambda pk: (pk not in with_others, pk))]
        others = [pk for pk in persons if pk != root.pk]
        moving = Author.objects.filter(Q(pk__in=others) | Q(joined_to__in=others))
        if moving.count() + Author.objects.filter(joined_to=root).count() > MAX_JOINED:
            raise CantJoin(f"That would be more than {MAX_JOINED + 1} authors in one person.")
        moving.update(joined_to=root, joined_by=Author.JoinedBy.CURATOR, is_apart=False)
        SiteState.objects.touch(now)
        return root


def take_apart(authors: QuerySet[Author], now: datetime) -> int:
    """Have these be persons of their own again, whom no address joins from now on; of one who stands for others, those.

    Returns how many came apart.
    """
    with site_change():
        keys = [author.pk for author in lock_authors(set(authors.values_list("pk", flat=True)))]
        joined = Author.objects.filter(Q(pk__in=keys) | Q(joined_to__in=keys)).exclude(joined_to=None)
        count = joined.update(joined_to=None, joined_by="", is_apart=True)
        return _touched(count, now)


def hide(authors: QuerySet[Author], now: datetime) -> int:
    """Take away the pages and feeds of these persons; posts go on to name them. Returns how many."""
    return _set_hidden(authors, now, is_hidden=True)


def unhide(authors: QuerySet[Author], now: datetime) -> int:
    """Give them back. Returns how many."""
    return _set_hidden(authors, now, is_hidden=False)


def _set_hidden(authors: QuerySet[Author], now: datetime, *, is_hidden: bool) -> int:
    with site_change():
        chosen = lock_authors(set(authors.values_list("pk", flat=True)))
        persons = Author.objects.filter(pk__in={author.person.pk for author in chosen}, is_hidden=not is_hidden)
        return _touched(persons.update(is_hidden=is_hidden), now)


def _touched(count: int, now: datetime) -> int:
    if count:
        SiteState.objects.touch(now)
    return count
