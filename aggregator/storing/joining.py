"""Which authors of several feeds are one person by the address that these give; `authoring` says why that is safe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from django.db.models import F, Q

from aggregator.ingest.address import host_of, link_identity
from aggregator.models import Author
from aggregator.models.author import MAX_JOINED

MAX_SHARING = 200
"""Authors that have one address: where it is more, it is no person's."""

_BY_ADDRESS = Author.JoinedBy.ADDRESS


def joining_key(address: str, feed_url: str) -> str:
    """What the authors of two feeds share who can be joined by this address; empty unless the feed lies below it."""
    if not address or not _lies_below(feed_url, address):
        return ""
    return sha256(link_identity(address).encode()).hexdigest()[:32]


def _lies_below(feed_url: str, address: str) -> bool:
    """Whether only who has the address can have put the feed where it is: below its path on the same host or, if it is
    a whole site, on a host below that one."""
    host, feed_host = host_of(address), host_of(feed_url)
    if not (host and feed_host):
        return False
    place, feed = urlsplit(address), urlsplit(feed_url)
    if place.query:
        return False
    if host == feed_host:
        return f"{feed.path.rstrip('/')}/".startswith(f"{place.path.rstrip('/')}/")
    return "." in host and place.path in {"", "/"} and feed_host.endswith(f".{host}")


def settle(keys: Collection[str], moved: Iterable[Author]) -> bool:
    """Take apart what was joined by addresses and isn't to be any more, and join who is to be; whether any were.

    `keys` are those of the addresses; `moved` are authors that had another one. Call it under the lock of these keys.
    """
    ids = [author.pk for author in moved]
    rows = Author.objects.filter(Q(joining_key__in=keys) | Q(pk__in=ids) | Q(joined_to__in=ids))
    rows = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    by_key: defaultdict[str, list[Author]] = defaultdict(list)
    for author in rows:
        by_key[author.joining_key].append(author)
    shared = {key for key, authors in by_key.items() if _is_nobodys(authors)}
    apart = _take_apart([author for authors in by_key.values() for author in authors], shared)
    joined = 0
    for key, authors in by_key.items():
        if key and key not in shared:
            joined += _join(authors)
    return bool(apart or joined)


def _is_nobodys(authors: Sequence[Author]) -> bool:
    """Whether one feed gives the address of these for two names."""
    return len(authors) > MAX_SHARING or len({author.feed_id for author in authors}) < len(authors)


def _take_apart(authors: Iterable[Author], shared: Collection[str]) -> int:
    """Those that were joined by an address that is nobody's, or isn't that of both any more."""
    ids = [author.pk for author in authors]
    by_address = Author.objects.filter(Q(pk__in=ids) | Q(joined_to__in=ids), joined_by=_BY_ADDRESS)
    is_over = Q(joining_key__in=shared) | ~Q(joining_key=F("joined_to__joining_key")) | Q(joining_key="")
    over = list(by_address.filter(is_over).values_list("pk", flat=True))
    return Author.objects.filter(pk__in=over).update(joined_to=None, joined_by="") if over else 0


def _join(authors: Sequence[Author]) -> int:
    """Join those of one name, each to the one who has others already, else to the first."""
    rows = Author.objects.filter(pk__in=[author.pk for author in authors], is_apart=False, is_hidden=False)
    groups: defaultdict[str, list[Author]] = defaultdict(list)
    for author in rows.select_related("joined_to").order_by("pk"):
        groups[author.key].append(author)
    count = 0
    for group in groups.values():
        with_others = set(Author.objects.filter(joined_to__in=group).values_list("joined_to", flat=True))
        roots = {author.person.pk: author.person for author in group if author.joined_to or author.pk in with_others}
        if len(roots) > 1 or not {*roots} <= {author.pk for author in group}:
            continue  # curators joined them to others, or in two ways: theirs is the word
        root = next(iter(roots.values()), group[0])
        room = MAX_JOINED - Author.objects.filter(joined_to=root).count()
        alone = [author.pk for author in group if author.joined_to is None and author.pk != root.pk]
        count += Author.objects.filter(pk__in=alone[: max(0, room)]).update(joined_to=root, joined_by=_BY_ADDRESS)
    return count
