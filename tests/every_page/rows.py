"""A site that has some of everything that pages show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from aggregator.ingest.types import Enclosure
from aggregator.models import Entry, Feed, Ownership, Submission, Tick
from aggregator.models.counting import refresh_counts
from aggregator.models.emptying import empty
from aggregator.submissions.mail_address import confirming_path
from aggregator.submissions.preview import without_links
from aggregator.submissions.tokens import token_of
from tests.factories import NOW, make_category, make_feed
from tests.stores import store_items
from tests.submissions.owners import address_of, make_owner
from tests.tagged import tag_all
from tests.writers import by

from .posts import ARABIC, CODE, LONG, PICTURES, STRUCTURE, TABLES, post

FEW = 3
"""Of what fills a page, in a site with many pages."""

MEDIA = (
    Enclosure("https://media.example/talk.mp3", "audio/mpeg", 46_000_000, 2820),
    Enclosure("https://media.example/film.mp4", "video/mp4", title="A film, with “quotes” & <signs>"),
    Enclosure("https://media.example/one-picture.png", "image/png", title=""),
    Enclosure("https://media.example/notes.pdf", "application/pdf", 12_000),
)


@dataclass(slots=True)
class Rows:
    """What the pages show; addresses by what is special about them."""

    kinds_of_post: list[Entry]
    let_go: Entry
    long: Entry
    older: Entry
    """Has posts of its source before it and after it."""
    by_ann: Entry
    asked: dict[str, str] = field(default_factory=dict)
    """Addresses of which readers ask why they aren't here."""
    proposals: dict[str, str] = field(default_factory=dict)
    proofs: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)


def fill() -> Rows:
    north = feeds()
    Tick.objects.update_or_create(pk=1, defaults={"ticked_at": timezone.now()})
    tag_all("Code", "Cats & “dogs”", "كود", "c++", "Talks")
    gone = Entry.objects.get(title="Let go")
    with transaction.atomic():
        empty([gone.pk], NOW)
        refresh_counts(Feed.objects.all())
    posts = list(Entry.objects.listed().newest_first().select_related("feed"))
    alike = ("Number 1", "Number 2", "Of two", "Long", *(f"Plain {number}" for number in range(1, 2 * FEW)))
    rows = Rows(
        kinds_of_post=[one for one in posts if one.title not in alike],
        let_go=gone,
        long=next(one for one in posts if one.title == "Long"),
        older=next(one for one in posts if one.title == "Plain 2"),
        by_ann=next(one for one in posts if one.title == "Number 0"),
    )
    rows.asked = {
        "a post": rows.older.url,
        "a post that is held": "https://blog.example/Held%200/",
        "a post that was let go": gone.url,
        "a source": north.url,
        "a source that fails": "https://failing.example/feed",
        "a source that was taken off": "https://off.example/feed",
        "unknown": "https://unknown.example/post/",
    }
    proposals(rows, north)
    owners(rows, north)
    return rows


def feeds() -> Feed:
    """Sources in every state and of every kind. Returns the one whose posts are hard to show; these have a tag of their
    own and are in no category, as checkers would look at them for most of their time."""
    frameworks = make_category("Frameworks")
    make_category("Empty", position=1)
    north = make_feed("North", url="https://north.example/feed", slug="north", description="Words & “signs” <b>")
    texts = {"Pictures": PICTURES, "Structure": STRUCTURE, "Tables": TABLES, "Code": CODE, "Long": LONG}
    hard = [post(name, html, days_ago=1 + day / 10, tags=("Hard",)) for day, (name, html) in enumerate(texts.items())]
    store_items(north, *hard, title="North", language="en")
    light = make_feed("Light", url="https://light.example/feed", slug="light", category=frameworks)
    items = [post(f"Plain {n}", f"<p>Some words, {n}.</p>", days_ago=1.6 + n / 100) for n in range(2 * FEW)]
    items += [post("Heard", "<p>Some words to hear.</p>", days_ago=1.7, enclosures=MEDIA)]
    items += [post("Of two", "<p>Words.</p>", days_ago=1.8, title='Ann & "Bob": <i>Of two</i>')]
    items += [post("", "<p>A note of few words.</p>", days_ago=1.9, title="")]
    items += [post("Let go", "<p>Old words.</p>", days_ago=20)]
    store_items(light, *items, title="Light", language="en")
    arabic = make_feed("مدونة", url="https://arabic.example/feed", category=frameworks, slug="arabic")
    store_items(arabic, post("مرحبا", ARABIC, days_ago=1.2, language="ar"), title="مدونة", language="ar")
    group = make_feed("Several", url="https://several.example/feed", slug="several")
    store_items(
        group,
        *(
            by(
                f"Number {n}",
                *names,
                url=f"https://blog.example/{n}",
                days_ago=2 + n,
                source_title="Elsewhere",
                source_url="https://e.example/",
            )
            for n, names in enumerate([("Ann",), ("Ann", "Bob"), ("Ann", "Cy")])
        ),
        title="Several",
    )
    for display in ("excerpt", "link"):
        other = make_feed(f"Shown as {display}", url=f"https://{display}.example/feed", display=display)
        store_items(other, post(f"By {display}", LONG, days_ago=1.5), title=f"Shown as {display}")
    states = {
        "paused": {"state": "paused"},
        "gone": {"state": "gone"},
        "failing": {
            "failing_since": NOW - timedelta(days=9),
            "failure_count": 12,
            "last_error_kind": "timeout",
            "last_error": "It took too long.",
        },
    }
    for name, fields in states.items():
        make_feed(f"Source {name}", url=f"https://{name}.example/feed", **fields)
    make_feed("1 of guests", url="https://1.example/feed", slug="guests", site_url="")
    Feed.objects.filter(slug="guests").update(url="", host="")
    return north


def proposals(rows: Rows, feed: Feed) -> None:
    found = {
        "address": "https://new.example/",
        "host": "new.example",
        "feed_url": "https://new.example/feed",
        "title": "A new blog",
        "note": "Mine.\nPlease.",
    }
    html = without_links(post("Preview", CODE + TABLES + PICTURES).content_html or "")
    previews = [
        {"title": "One", "url": "", "published_at": NOW.isoformat(), "html": html},
        {"title": "", "url": "", "published_at": "", "html": "<h1>Large</h1><p>x</p>"},
    ]
    met = [
        {"kind": "", "text": "It is here.", "slug": feed.slug},
        {"kind": "", "text": "It has few posts.", "slug": ""},
    ]
    evidence = {"met": met, "refusal": "", "posts": previews}
    states = {
        "looking": {"feed_url": "", "evidence": {}},
        "ready": {"looked_at": NOW},
        "refused": {"state": "ready", "evidence": {**evidence, "refusal": "It is listed already."}},
        "waiting": {"sent_at": NOW, "proven_at": NOW},
        "asked": {"words": "Whose is it?\nYours?"},
        "accepted": {"feed": feed, "decided_at": NOW, "words": "Welcome."},
        "declined": {"reason": "off_topic", "words": "Sorry.", "decided_at": NOW},
        "withdrawn": {"decided_at": NOW},
        "expired": {"decided_at": NOW},
    }
    for name, fields in states.items():
        said = {**found, "evidence": evidence, "state": name, "answer": "" if name != "waiting" else "Mine.", **fields}
        one = Submission.objects.create(
            **{**said, "address": f"https://{name}.example/", "host": f"{name}.example", "email": f"{name}@new.example"}
        )
        rows.proposals[name] = reverse("submission", args=[token_of("submission", one.key)])
        if name in ("looking", "ready", "waiting", "declined"):
            rows.proofs[name] = f"{rows.proposals[name]}proof/"
        if name == "waiting":
            Ownership.objects.create(submission=one, created_at=NOW, asked_at=timezone.now())
            rows.mails["asked"] = confirming_path(one)
        if name == "asked":
            one.email_proven_at = NOW
            one.save(update_fields=["email_proven_at"])
            rows.mails["confirmed"] = confirming_path(one)
    rows.proposals["forgotten"] = reverse("submission", args=[token_of("submission", "x" * 32)])


def owners(rows: Rows, feed: Feed) -> None:
    proven = make_owner(feed)
    held = store_items(feed, *(post(f"Held {n}", "<p>x</p>", days_ago=1) for n in range(2)), title="North")
    assert held
    Entry.objects.filter(title__startswith="Held").update(is_held=True)
    Feed.objects.filter(pk=feed.pk).update(held_count=2)
    move = {"address": "https://moved.example/", "host": "moved.example", "moves": feed, "state": "waiting"}
    Submission.objects.create(**move)
    kinds = {
        "proven": proven,
        "another": make_owner(feed),
        "begun": make_owner(feed, proven_at=None, looked_at=NOW, answer="The code was not found."),
        "awaited": make_owner(feed, proven_at=None, asked_at=timezone.now()),
        "lost": make_owner(feed, lost_at=NOW),
        "ended": make_owner(feed, ended_at=NOW),
        "of a paused blog": make_owner(Feed.objects.get(title="Source paused")),
        "taken off": make_owner(make_feed("Taken off", url="https://off.example/feed", state="rejected")),
    }
    rows.owners.update({name: address_of(one) for name, one in kinds.items()})
