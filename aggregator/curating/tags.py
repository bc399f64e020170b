"""What curators do with tags: hide them, show them again, name them, join several into one, and take these apart.

Each raises the site's version in its own transaction. Posts of tags that were joined, or taken apart, are moved after
it, in steps (`retagging`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from aggregator.models import SiteState, Tag, TagQuerySet, site_change
from aggregator.models.sql import Locked, lock_kind
from aggregator.models.tag import MAX_NAME_CHARACTERS
from aggregator.models.tag_key import key_of


class TagRefused(ValueError):
    """A tag can't be named so; its text is a sentence for people."""


def hide(tags: TagQuerySet, now: datetime) -> int:
    """Show these tags nowhere; their posts stay. Returns how many were shown before."""
    return _set_hidden(tags, now, is_hidden=True)


def show(tags: TagQuerySet, now: datetime) -> int:
    """Show these tags again. Returns how many were hidden."""
    return _set_hidden(tags, now, is_hidden=False)


def rename(tag: Tag, name: str, now: datetime) -> None:
    """Call the tag so. The name of before still leads to it, in addresses and in posts. Raises TagRefused.

    Its row, and those that are joined into it, are locked by the caller, within a `site_change`, after
    `alone_with_names`.
    """
    name, key = " ".join(name.split())[:MAX_NAME_CHARACTERS], key_of(name)
    refuse_name(tag, name)
    before, tag.name, tag.key = tag.key, name, key
    if key != before:
        own = Tag.objects.having_keys([key]).filter(joined_into=tag).first()  # one that leads to it already
        if own:
            Tag.objects.filter(pk=own.pk).update(key="")  # as no two may have one
        tag.save(update_fields=["key"])
        if own:
            Tag.objects.filter(pk=own.pk).update(key=before)
        else:
            Tag.objects.create(key=before, name=name, joined_into=tag)
    tag.save(update_fields=["name"])
    SiteState.objects.touch(now)


def refuse_name(tag: Tag, name: str) -> None:
    """Raise TagRefused if the tag can't be called so."""
    key = key_of(name)
    if not key:
        raise TagRefused("A tag needs a letter, a digit or a picture in its name, and can’t be an address.")
    other = Tag.objects.having_keys([key]).exclude(Q(pk=tag.pk) | Q(joined_into=tag)).first()
    if other:
        raise TagRefused(f"There is a tag “{other.joined_into or other}” already: join the two in the list of tags.")


def alone_with_names() -> None:
    """Keep everybody from giving keys to tags until the transaction ends. Call it before any tag is locked."""
    lock_kind(Locked.TAGS)


def join(tags: TagQuerySet, now: datetime) -> tuple[Tag, int] | None:
    """Join these tags into the one of them that most posts have: that one, and how many others. None if there are none.

    The words of the others lead to it from then on, as do their addresses.
    """
    with site_change():
        alone_with_names()
        chosen = [tag for tag in _locked(tags) if tag.joined_into_id is None]
        if len(chosen) < 2:
            return None
        into = max(chosen, key=lambda tag: (not tag.is_hidden, tag.post_count, -tag.pk))
        others = [tag.pk for tag in chosen if tag.pk != into.pk]
        Tag.objects.filter(Q(pk__in=others) | Q(joined_into__in=others)).update(joined_into=into, parted_from=None)
        SiteState.objects.touch(now)
        return into, len(others)


def take_apart(tags: TagQuerySet, now: datetime) -> int:
    """Have these tags, which were joined into others, stand for themselves again. Returns how many."""
    with site_change():
        alone_with_names()
        joined = [tag for tag in _locked(tags) if tag.joined_into_id is not None]
        for tag in joined:
            tag.parted_from_id, tag.parted_after, tag.joined_into_id = tag.joined_into_id, 0, None
            tag.name = tag.name if key_of(tag.name) == tag.key else tag.key.replace("_", " ")
            tag.save(update_fields=["parted_from", "parted_after", "joined_into", "name"])
        if joined:
            SiteState.objects.touch(now)
        return len(joined)


def _set_hidden(tags: TagQuerySet, now: datetime, *, is_hidden: bool) -> int:
    with site_change():
        changed = [tag.pk for tag in _locked(tags) if tag.is_hidden != is_hidden]
        Tag.objects.filter(pk__in=changed).update(is_hidden=is_hidden)
        if changed:
            SiteState.objects.touch(now)
        return len(changed)


def _locked(tags: TagQuerySet) -> Sequence[Tag]:
    """These tags as they are now, their rows locked, but for those who refer to them."""
    ids = list(tags.order_by().values_list("pk", flat=True))
    return list(Tag.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
