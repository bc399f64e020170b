"""A listed blog can't take over another's posts: only what a feed can't claim puts it into a shown post's place.

Each kind of blog meets each kind of thief, which carries the blog's links under its own address, and a planet, which
copies honestly. They come in all orders.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction

from aggregator.curating.entries import choose, choose_no_more, hide, unhide
from aggregator.curating.feeds import delete_feeds, reject
from aggregator.folding import group
from aggregator.ingest.types import Item
from aggregator.models import Entry, Feed
from tests.factories import NOW, make_feed
from tests.stores import lease, make_document, make_item, make_response, store_document, store_items, store_unchanged

pytestmark = pytest.mark.django_db


def text_of(post: str, words: int = 60) -> str:
    return f"<p>{' '.join(f'{post}{number}' for number in range(words))}</p>"


# -- who meets -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Victim:
    """A blog: where its feed is read, and where its posts are."""

    feed_url: str
    site_url: str
    is_home: bool
    """Whether its feed is read from the host of its posts."""


VICTIMS = {
    "own host": Victim("https://ada.example/feed.xml", "https://ada.example/", is_home=True),
    "feed served elsewhere": Victim("https://burner.example/ada", "https://ada.example/", is_home=False),
    "shared host": Victim("https://host.example/ada/feed.xml", "https://host.example/ada/", is_home=True),
}
IDS = {
    "link": "{link}",
    "own tag": "tag:{host},2026:{name}",
    "software's tag": "tag:blogger.com,1999:blog-1.post-{name}",
    "urn": "urn:uuid:{name}",
    "old domain": "http://old.example/{name}",
}
"""A blog's ids, as its software makes them."""
THIEF_HOSTS = {
    "own host": ["https://thief.example/feed.xml"],
    "feed served elsewhere": ["https://thief.example/feed.xml", "https://burner.example/thief"],
    "shared host": ["https://thief.example/feed.xml", "https://host.example/thief/feed.xml"],
}
CLAIMED = ["", "2026/", "none"]
"""The site that a thief names as its own: the blog's, a place deeper in it, or its own."""
CARRIED = ["links and ids", "links"]
WORDS = ["same", "excerpt", "edited", "other"]


def words_of_thief(words: str, name: str) -> str:
    text = text_of(name)
    texts = {
        "same": text,
        "excerpt": f"<p>{' '.join(text[3:-4].split()[:20])} …</p>",
        "edited": text.replace(f"{name}7 ", "changed ").replace(f"{name}30 ", "altered "),
        "other": text_of(f"thief{name}"),
    }
    return texts[words]


@dataclass(frozen=True)
class Post:
    """One post of the blog, with the kind of its id, and what the thief makes of it."""

    name: str
    ids: str
    carried: str
    words: str


POSTS = [Post(f"p{at}", *kinds) for at, kinds in enumerate(product(IDS, CARRIED, WORDS))]


def documents_of(victim: Victim) -> dict[str, list[Item]]:
    """The documents of the three feeds: each has each post."""
    host = victim.site_url.split("/")[2]
    own, stolen = [], []
    for post in POSTS:
        link = f"{victim.site_url}2026/{post.name}/"
        guid = IDS[post.ids].format(link=link, host=host, name=post.name)
        item = make_item(post.name, guid=guid, url=link, content_html=text_of(post.name))
        thiefs_guid = guid if post.carried == "links and ids" else f"thief {post.name}"
        text = words_of_thief(post.words, post.name)
        own.append(item)
        stolen.append(replace(item, guid=thiefs_guid, title=f"{post.name} of mine", content_html=text))
    return {"victim": own, "thief": stolen, "planet": own}


def expected(post: Post, victim: Victim, order: tuple[str, ...]) -> dict[str, str]:
    """What becomes of the post in each feed."""
    shown = "victim" if victim.is_home else order[0]

    def standing(feed: str) -> str:
        if feed == shown:
            return "shown"
        return "held" if post.words == "other" and "thief" in {feed, shown} else "folded"

    return {feed: standing(feed) for feed in order}


def standing(entry: Entry) -> str:
    if entry.is_held:
        return "held"
    return "folded" if entry.duplicate_of_id else "shown"


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize(
    "claimed", [*(pytest.param(one, marks=pytest.mark.any_database) for one in CLAIMED[1:]), CLAIMED[0]]
)
@pytest.mark.parametrize(("kind", "thief_url"), [(kind, url) for kind, urls in THIEF_HOSTS.items() for url in urls])
def test_in_whatever_order_they_come_only_the_home_takes_a_posts_place(
    kind: str, thief_url: str, claimed: str, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    victim = VICTIMS[kind]
    documents = documents_of(victim)
    sites = {
        "victim": victim.site_url,
        "thief": "https://thief.example/" if claimed == "none" else victim.site_url + claimed,
        "planet": "https://planet.example/",
    }
    urls = {"victim": victim.feed_url, "thief": thief_url, "planet": "https://planet.example/atom.xml"}

    def come(name: str, after: int) -> None:
        """The feed is added and read, so many others having been before it."""
        feed = make_feed(name, url=urls[name], site_url=sites[name])
        now = NOW + timedelta(minutes=after)
        with django_capture_on_commit_callbacks(execute=True):
            store_items(feed, *documents[name], now=now, title=name, site_url=sites[name])

    def look(order: tuple[str, ...]) -> None:
        wanted = {
            (feed, item.url): place
            for post, item in zip(POSTS, documents["victim"], strict=True)
            for feed, place in expected(post, victim, order).items()
        }
        feeds = Feed.objects.in_bulk()
        entries = Entry.objects.only("feed_id", "url", "is_held", "duplicate_of_id").in_bulk()
        keys = {pk: (feeds[entry.feed_id].title, entry.url) for pk, entry in entries.items()}
        assert {keys[pk]: standing(entry) for pk, entry in entries.items()} == wanted, order
        for entry in entries.values():
            assert entry.duplicate_of_id is None or wanted[keys[entry.duplicate_of_id]] == "shown"
        unannounced = Entry.objects.unannounced().values_list("pk", flat=True)
        assert not [pk for pk in unannounced if standing(entries[pk]) != "shown"]
        for feed in feeds.values():
            places = [place for (title, _), place in wanted.items() if title == feed.title]
            assert (feed.entry_count, feed.held_count) == (places.count("shown"), places.count("held"))

    in_all_orders(urls, come, look)


def in_all_orders(
    names: Collection[str],
    come: Callable[[str, int], None],
    look: Callable[[tuple[str, ...]], None],
    before: tuple[str, ...] = (),
) -> None:
    """Has all of them come, and looks; then in each other order, those that begin alike sharing their beginning."""
    if len(before) == len(names):
        look(before)
    for name in names:
        if name not in before:
            with transaction.atomic():
                come(name, len(before))
                in_all_orders(names, come, look, (*before, name))
                transaction.set_rollback(True)


# -- the story of one post -------------------------------------------------------------------------------------------

LINK = "https://ada.example/2026/engines/"
BLOGGER = "tag:blogger.com,1999:blog-1.post-2"
TEXT, OTHER = text_of("ada"), text_of("mine")


def blog(title: str = "Ada", host: str = "ada.example") -> Feed:
    return make_feed(title, url=f"https://{host}/feed.xml", site_url=f"https://{host}/")


def served_elsewhere() -> Feed:
    return make_feed("Ada", url="https://burner.example/ada", site_url="https://ada.example/")


def thief() -> Feed:
    return make_feed("Thief", url="https://thief.example/feed.xml", site_url="https://ada.example/2026/")


def bring(feed: Feed, content_html: str = TEXT, *, minutes: int = 0, name: str = "1", **fields: object) -> Entry:
    """The post as the feed has it now; a poll that comes later brings it again, maybe changed."""
    feed = Feed.objects.get(pk=feed.pk)
    given = {"guid": name, "url": LINK, "content_hash": content_html[:60], **fields}
    item = make_item("Engines", content_html=content_html, **given)
    store_items(feed, item, now=NOW + timedelta(minutes=minutes), title=feed.title, site_url=feed.site_url)
    return Entry.objects.get(feed=feed, guid=item.guid)


def places() -> dict[str, str]:
    return {entry.feed.title: standing(entry) for entry in Entry.objects.select_related("feed")}


def one(entry: Entry) -> Any:
    return Entry.objects.filter(pk=entry.pk)


@pytest.mark.parametrize("victim", [blog, served_elsewhere])
def test_a_copy_that_changes_its_words_later_is_held(victim: Callable[[], Feed]) -> None:
    taker = thief()
    bring(victim())
    bring(taker, minutes=1)
    assert places() == {"Ada": "shown", "Thief": "folded"}
    bring(taker, OTHER, minutes=2)
    assert places() == {"Ada": "shown", "Thief": "held"}
    bring(taker, TEXT, minutes=3)
    assert places() == {"Ada": "shown", "Thief": "folded"}


def test_who_is_shown_first_and_then_changes_its_words_swallows_no_post_unseen() -> None:
    taker = thief()
    bring(taker)
    bring(served_elsewhere(), minutes=1)
    assert places() == {"Thief": "shown", "Ada": "folded"}
    bring(taker, OTHER, minutes=2)
    assert places() == {"Thief": "shown", "Ada": "held"}


def test_an_author_may_write_a_post_anew_while_copies_of_the_old_text_stay_folded() -> None:
    ada = blog()
    bring(ada)
    bring(blog("Planet", "planet.example"), minutes=1)
    bring(ada, text_of("anew"), minutes=2)
    assert places() == {"Ada": "shown", "Planet": "folded"}


def test_a_post_that_comes_home_with_other_words_than_the_one_that_is_shown_takes_its_place() -> None:
    bring(thief(), OTHER)
    bring(blog(), minutes=1)
    assert places() == {"Ada": "shown", "Thief": "held"}


@pytest.mark.parametrize("text", ["", "<p>Read on at my blog.</p>", "<img src='https://ada.example/1.png' alt=''>"])
def test_a_text_that_says_next_to_nothing_is_an_excerpt(text: str) -> None:
    bring(blog())
    bring(thief(), text, minutes=1)
    assert places() == {"Ada": "shown", "Thief": "folded"}


@pytest.mark.parametrize("victim", [blog, served_elsewhere])
def test_to_carry_a_link_twice_doesnt_help(victim: Callable[[], Feed]) -> None:
    bring(victim())
    taker = thief()
    items = [
        make_item(name, guid=name, url=LINK, content_html=text) for name, text in (("a", OTHER), ("b", text_of("b")))
    ]
    store_items(taker, *items, title="Thief", site_url=taker.site_url)
    assert [entry.feed.title for entry in Entry.objects.listed()] == ["Ada"]
    assert Entry.objects.held().count() == 2


@pytest.mark.parametrize(("at_home", "elsewhere"), [(0, 1), (1, 0)])
def test_a_blogs_posts_that_all_link_to_one_page_are_not_held_for_a_copy(at_home: int, elsewhere: int) -> None:
    ada, planet = blog(), blog("Planet", "planet.example")
    for step in range(2):
        if step == at_home:
            items = [make_item(name, guid=name, url=LINK, content_html=text_of(name)) for name in "ab"]
            store_items(ada, *items, title="Ada", site_url=ada.site_url)
        if step == elsewhere:
            bring(planet, text_of("a"), name="a", minutes=step)
    assert Entry.objects.listed().count() == 3


# -- ids alone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("victim", [blog, served_elsewhere])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_post_is_neither_displaced_nor_held_for_one_that_has_its_id_under_another_link(
    victim: Callable[[], Feed], order: tuple[int, ...]
) -> None:
    feeds, links = [victim(), blog("Thief", "thief.example")], [LINK, "https://thief.example/engines"]
    for minutes, number in enumerate(order):
        bring(feeds[number], [TEXT, OTHER][number], guid=BLOGGER, url=links[number], minutes=minutes)
    assert places() == {"Ada": "shown", "Thief": "shown"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_id_that_was_made_in_the_blogs_name_is_the_blogs(order: tuple[int, ...]) -> None:
    feeds, links = [blog(), blog("Thief", "thief.example")], [LINK, "https://thief.example/engines"]
    for minutes, number in enumerate(order):
        link, words = links[number], [TEXT, OTHER][number]
        bring(feeds[number], words, guid="tag:ada.example,2026:1", url=link, minutes=minutes)
    assert places() == {"Ada": "shown", "Thief": "held"}


def test_a_copy_under_its_own_link_takes_no_post_from_a_blog_whose_feed_is_served_elsewhere() -> None:
    bring(served_elsewhere(), guid=BLOGGER)
    bring(blog("Thief", "thief.example"), guid=BLOGGER, url="https://thief.example/engines", minutes=1)
    assert places()["Ada"] == "shown"


def test_a_blog_that_moved_keeps_its_posts_though_its_old_links_are_its_ids() -> None:
    bring(thief(), url="http://old.example/engines")
    bring(blog(), guid="http://old.example/engines", minutes=1)
    assert places()["Ada"] == "shown"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_posts_with_one_title_and_text_the_one_at_home_is_shown(order: tuple[int, ...]) -> None:
    feeds, links = [blog(), thief()], [LINK, "https://ada.example/?p=17"]
    for minutes, number in enumerate(order):
        bring(feeds[number], url=links[number], minutes=minutes)
    assert places() == {"Ada": "shown", "Thief": "folded"}


@pytest.mark.parametrize("state", [Feed.State.PENDING, Feed.State.REJECTED])
def test_a_feed_that_is_not_public_bears_no_witness(state: str) -> None:
    bring(blog("Planet", "planet.example"))
    unknown = blog("Unknown", "ada.example")
    bring(unknown, minutes=1)
    Feed.objects.filter(pk=unknown.pk).update(state=state)
    bring(served_elsewhere(), minutes=2)
    entry = Entry.objects.get(feed__title="Planet")
    bring(entry.feed, TEXT.replace("ada7", "ada8"), minutes=3)
    assert places()["Planet"] == "shown"


# -- what a curator says ---------------------------------------------------------------------------------------------


@pytest.fixture
def held() -> Entry:
    """The post of a blog whose feed is served elsewhere, held for a thief that was first."""
    bring(thief(), OTHER)
    return bring(served_elsewhere(), minutes=1)


def again(entry: Entry) -> None:
    """Another poll brings the entry's post, edited."""
    bring(entry.feed, TEXT.replace("ada9", "edited"), minutes=9)


def test_the_copy_that_a_curator_chose_is_shown_whatever_comes(held: Entry) -> None:
    assert choose(one(held), NOW) == 1
    again(held)
    bring(blog("Home", "ada.example"), text_of("home"), minutes=10)
    assert places() == {"Ada": "shown", "Thief": "held", "Home": "held"}


def test_a_choice_can_be_undone(held: Entry) -> None:
    choose(one(held), NOW)
    assert choose_no_more(one(held), NOW) == 1
    assert places() == {"Ada": "held", "Thief": "shown"}


def test_of_one_post_one_copy_is_chosen_the_last(held: Entry) -> None:
    choose(one(held), NOW)
    choose(Entry.objects.filter(feed__title="Thief"), NOW)
    assert places() == {"Ada": "held", "Thief": "shown"}
    assert Entry.objects.filter(is_original=True).count() == 1


def test_a_post_that_a_curator_let_pass_is_not_held_again(held: Entry) -> None:
    assert unhide(one(held), NOW) == 1
    again(held)
    assert places() == {"Ada": "shown", "Thief": "shown"}


@pytest.mark.parametrize("end", [hide, "reject", "delete"])
def test_what_was_held_for_a_post_that_is_gone_is_shown(held: Entry, end: Any) -> None:
    taker = Feed.objects.filter(title="Thief")
    if end is hide:
        hide(Entry.objects.filter(feed__in=taker), NOW)
    else:
        {"reject": reject, "delete": delete_feeds}[end](taker, NOW)
    held.refresh_from_db()
    assert (standing(held), held.held_for) == ("shown", None)


def test_a_held_post_that_a_curator_hides_waits_no_more_and_comes_back_when_it_is_shown(held: Entry) -> None:
    hide(one(held), NOW)
    assert not Entry.objects.held().exists()
    again(held)
    unhide(one(held), NOW)
    assert places() == {"Ada": "shown", "Thief": "shown"}


def test_posts_that_are_held_for_others_put_no_feed_in_doubt(held: Entry) -> None:
    held.feed.refresh_from_db()
    assert (held.feed.is_drifting, held.feed.held_count) == (False, 1)
    assert held.feed.held_reason.startswith("other words under links")
    assert held in Entry.objects.beyond_doubt()
    unhide(one(held), NOW)
    held.feed.refresh_from_db()
    assert (held.feed.held_count, held.feed.held_reason) == (0, "")


# -- limits ----------------------------------------------------------------------------------------------------------


def test_switched_off_nothing_is_held_for_its_words_and_what_is_held_waits(held: Entry, settings: LazySettings) -> None:
    settings.FOLD_DUPLICATES = False
    bring(blog("Planet", "planet.example"), text_of("third"), minutes=2)
    assert places() == {"Ada": "held", "Thief": "shown", "Planet": "shown"}
    assert unhide(one(held), NOW) == 1
    assert places()["Ada"] == "shown"


def test_more_texts_than_are_compared_at_once_are_compared_in_parts(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.FEED_POSTS_PER_DAY = 0
    monkeypatch.setattr(group, "MAX_COMPARED_TEXTS", 250)
    names = [f"n{number}" for number in range(200)]
    for feed, words in ((blog(), "{}"), (thief(), "mine{}")):
        items = [
            make_item(name, url=f"https://ada.example/{name}", content_html=text_of(words.format(name), 20))
            for name in names
        ]
        store_items(feed, *items, title=feed.title, site_url=feed.site_url)
    assert {entry.feed.title for entry in Entry.objects.listed()} == {"Ada"}
    assert Entry.objects.held().count() == 200


def test_a_poll_report_counts_what_is_held_for_others() -> None:
    bring(blog())
    taker = thief()
    item = make_item("Engines", url=LINK, content_html=OTHER)
    assert store_items(taker, item, title="Thief", site_url=taker.site_url).held == 1


@pytest.mark.parametrize("is_unchanged", [True, False])
def test_a_blog_that_moves_home_by_a_permanent_redirect_takes_its_posts_back(is_unchanged: bool) -> None:
    feed = served_elsewhere()
    bring(thief())
    assert standing(bring(feed, name="2")) == "folded"
    goal = "https://ada.example/feed.xml"
    for hours in (1, 20, 40):
        now, row = NOW + timedelta(hours=hours), lease(Feed.objects.get(pk=feed.pk))
        answer = make_response(row, permanent_url=goal)
        if is_unchanged:
            store_unchanged(row, answer, now=now)
        else:
            store_document(row, answer, make_document(site_url=feed.site_url), now=now)
    assert Feed.objects.get(pk=feed.pk).url == goal
    assert {entry.feed_id: standing(entry) for entry in Entry.objects.all()}[feed.pk] == "shown"
    assert [standing(entry) for entry in Entry.objects.exclude(feed=feed)] == ["folded"]


def test_a_copy_that_other_rules_read_is_no_other_post() -> None:
    bring(blog())
    planet = make_feed("Planet", url="https://planet.example/atom.xml", content_version="1")
    assert standing(bring(planet, name="2")) == "folded"
    Feed.objects.filter(pk=planet.pk).update(content_version="1")
    assert standing(bring(planet, OTHER, minutes=9, name="2")) == "folded"
    assert standing(bring(planet, text_of("third"), minutes=18, name="2")) == "held"
