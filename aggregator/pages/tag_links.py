"""The links to tags under a post. Made once for each tag: a page can have hundreds, and most have them in common."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from aggregator.models.entry_tag import ShownTag

MAX_LISTED_TAGS = 8
"""Of a post, where several posts are listed; on its own page it has all."""


def links_to(tags: Iterable[ShownTag]) -> SafeString:
    prefix = get_script_prefix()
    return format_html_join(" ", "{}", ((_link(prefix, tag),) for tag in tags))


def link_bytes(tag: ShownTag) -> int:
    """How many bytes a page takes for one."""
    return len(_link(get_script_prefix(), tag).encode())


@lru_cache(maxsize=4096)
def _link(prefix: str, tag: ShownTag) -> SafeString:
    address = reverse("tag", args=[tag.slug])
    return format_html('<a class="tag p-category" href="{}" rel="tag"><bdi>{}</bdi></a>', address, tag.name)
