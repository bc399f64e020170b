from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from aggregator.pages import (
    authors,
    blogroll,
    favicon,
    follow,
    news,
    old_addresses,
    opensearch,
    search,
    sitemap,
    source_status,
    tags,
    views,
    why,
)
from aggregator.submissions import urls as submissions
from aggregator.syndication import author_feeds, lists, search_feeds, tag_feeds
from aggregator.syndication import feeds as syndication


class Year:
    regex = "[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04}"


class TwoDigits:
    """A month or a day; whether the calendar has it is for the view to say."""

    regex = "[0-9]{2}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:02}"


class RowId:
    """A number that every database can store."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class AuthorSlug:
    """Letters of any script; no controls, which a database may refuse."""

    regex = r"[^/\x00-\x1f\x7f]{1,100}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AuthorSlug, "author_slug")
register_converter(RowId, "row_id")
register_converter(Year, "year")
register_converter(TwoDigits, "two_digits")

urlpatterns: list[URLPattern] = [
    path("", views.front, name="front"),
    path("category/<slug:slug>/", views.category, name="category"),
    path("source/<slug:slug>/", views.source, name="source"),
    *blogroll.urlpatterns,
    *tags.urlpatterns,
    *news.urlpatterns,
    path("post/<row_id:pk>/", views.post, name="post"),
    path("post/<row_id:pk>/part/<later_page:part>/", views.post, name="post_part"),
    path("author/<author_slug:slug>/", authors.author, name="author"),
    path("author/<author_slug:slug>/new.json", authors.author_news, name="author_news"),
    path("archive/<year:year>/<two_digits:month>/", views.month, name="month"),
    path("archive/<year:year>/<two_digits:month>/<two_digits:day>/", views.day, name="day"),
    path("search/", search.search, name="search"),
    path("search/atom.xml", search_feeds.atom, name="search_atom"),
    path("search/rss20.xml", search_feeds.rss, name="search_rss"),
    path("search/feed.json", search_feeds.json_feed, name="search_json_feed"),
    path("opensearch.xml", opensearch.description, name="opensearch"),
    path("about/", views.about, name="about"),
    path("why/", why.why, name="why"),
    path("follow/", follow.follow, name="follow"),
    path("source/<slug:slug>/status/", source_status.source_status, name="source_status"),
    path(".well-known/recommendations.opml", lists.recommendations, name="recommendations"),
    *sitemap.urlpatterns,
    path("favicon.ico", favicon.favicon, name="favicon"),
    *submissions.urlpatterns,
    path("atom.xml", syndication.atom, name="atom"),
    path("rss20.xml", syndication.rss, name="rss"),
    path("feed.json", syndication.json_feed, name="json_feed"),
    path("opml.xml", lists.opml, name="opml"),
    path("category/<slug:slug>/atom.xml", syndication.category_atom, name="category_atom"),
    path("category/<slug:slug>/rss20.xml", syndication.category_rss, name="category_rss"),
    path("category/<slug:slug>/feed.json", syndication.category_json_feed, name="category_json_feed"),
    path("category/<slug:slug>/opml.xml", lists.category_opml, name="category_opml"),
    path("source/<slug:slug>/atom.xml", syndication.source_atom, name="source_atom"),
    path("source/<slug:slug>/rss20.xml", syndication.source_rss, name="source_rss"),
    path("source/<slug:slug>/feed.json", syndication.source_json_feed, name="source_json_feed"),
    path("tag/<tag_slug:slug>/atom.xml", tag_feeds.atom, name="tag_atom"),
    path("tag/<tag_slug:slug>/rss20.xml", tag_feeds.rss, name="tag_rss"),
    path("tag/<tag_slug:slug>/feed.json", tag_feeds.json_feed, name="tag_json_feed"),
    path("author/<author_slug:slug>/atom.xml", author_feeds.atom, name="author_atom"),
    path("author/<author_slug:slug>/rss20.xml", author_feeds.rss, name="author_rss"),
    path("author/<author_slug:slug>/feed.json", author_feeds.json_feed, name="author_json_feed"),
    *old_addresses.urlpatterns,
]
