"""Which entries of a feed the items of its document may be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Q

from .page_order import InPageOrder

if TYPE_CHECKING:
    from aggregator.ingest.types import Item

_Entry = TypeVar("_Entry", bound=models.Model)
"""`entry` uses this module, not the other way round."""


class ResemblingQuerySet(InPageOrder[_Entry]):
    def known_to(self, guids_of: Mapping[int, Collection[str]]) -> Self:
        """The entries that feeds, by their ids, have under these guids.

        Written so that databases look up feed by feed: each has ids of its own.
        """
        clauses = [Q(feed=feed_id, guid__in=guids) for feed_id, guids in guids_of.items()]
        return self.filter(Q(*clauses, _connector=Q.OR)) if clauses else self.none()

    def resembling(self, items_of: Mapping[int, Collection[Item]]) -> Self:
        """The entries of feeds, by their ids, that resemble one of the items, be it one of another of these feeds.

        That is, they have its link (by http or https), its date or its title, or no link and its text. Whose item it
        is makes no difference here, as one clause for all feeds takes a database less time than one for each.
        """
        items = list(chain.from_iterable(items_of.values()))
        return self.filter(_like_one_of(items), feed__in=items_of) if items else self.none()


def _like_one_of(items: Collection[Item]) -> Q:
    links = {f"{scheme}://{item.url.partition('://')[2]}" for item in items for scheme in ("https", "http")}
    dates = {item.published_at for item in items if item.published_at}
    texts = {item.content_hash for item in items}
    titles = {item.title for item in items if item.title}
    return Q(url__in=links) | Q(published_at__in=dates) | Q(url="", content_hash__in=texts) | Q(title__in=titles)
