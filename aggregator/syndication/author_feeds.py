"""Feeds of authors: what one person writes, wherever readers of this site find it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from aggregator.exchange.outgoing import on_this_site
from aggregator.models.written import entries_by, older_by
from aggregator.pages.authors import only_source, person_or_404, sources_of, title_of, with_former_slugs
from aggregator.pages.budget import LISTING_BYTES, SOURCE_BYTES
from aggregator.pages.caching import changed_at
from aggregator.pages.paging import named_entry

from .feeds import MAX_ENTRIES, Channel, EntriesFeed, in_each_format


class AuthorFeed(EntriesFeed):
    route = "author_"

    def get_object(self, request: HttpRequest, slug: str) -> Channel:
        authors = person_or_404(slug)
        before = named_entry(request, entries_by(authors))
        sources = sources_of(authors)
        where = f" in {sources[0].shown_title}" if len(sources) == 1 else ""
        return self.channel(
            request,
            slug,
            title=title_of(authors),
            description=f"The newest posts by {authors[0].name}{where}, from {settings.SITE_NAME}",
            page_url=on_this_site(authors[0].get_absolute_url()),
            entries=older_by(authors, before, MAX_ENTRIES + 1),
            before=before,
            changed_at=changed_at(request),
            source_bytes=LISTING_BYTES if len(sources) == 1 else SOURCE_BYTES,
        )


atom, rss, json_feed = in_each_format(AuthorFeed, with_former_slugs, reads=["before"], of_source=only_source)
