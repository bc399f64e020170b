"""The newest posts under a tag, as feeds."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest

from aggregator.exchange.outgoing import on_this_site
from aggregator.models import Entry, EntryTag, Tag
from aggregator.models.entry_tag import listed_of
from aggregator.pages.paging import named_entry
from aggregator.pages.tags import of_tag

from .feeds import MAX_ENTRIES, Channel, EntriesFeed, in_each_format


class TagFeed(EntriesFeed):
    route = "tag_"

    def get_object(self, request: HttpRequest, tag: Tag) -> Channel:
        before = named_entry(request, Entry.objects.of_public_feeds().filter(entry_tags__tag=tag))
        listed = EntryTag.objects.listed_under(tag)
        rows = listed.older_than(before) if before else listed
        ids = rows.newest_first().entry_ids(MAX_ENTRIES + 1)
        if not (ids or listed.exists()):
            raise Http404  # of what nobody may see, nobody learns the name
        return self.channel(
            request,
            tag.slug,
            title=f"{tag.name} · {settings.SITE_NAME}",
            description=f"The newest posts tagged “{tag.name}”",
            page_url=on_this_site(tag.get_absolute_url()),
            entries=listed_of(ids),
            before=before,
        )


atom, rss, json_feed = in_each_format(TagFeed, of_tag, reads=["before"])
