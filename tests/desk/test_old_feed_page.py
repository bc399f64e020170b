"""A feed's page that is older than the feed: nobody's change is undone unseen, whoever comes first."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aggregator.ingest.errors import HttpStatus
from aggregator.models import Category, Feed, FilterRule
from aggregator.storing.feed_row import store_failure
from tests.at_once import together
from tests.curators import FEED, log_in
from tests.factories import NOW, make_category, make_entry, make_feed, make_rule
from tests.old_pages import Answer, OldPage, opened
from tests.stores import POLICY, lease, make_response, store_unchanged

pytestmark = pytest.mark.django_db
FORM = "feed_form"


@pytest.fixture
def feed() -> Feed:
    """With three rules, one of them in a category."""
    feed = make_feed("Tide tables", category=make_category("Sea"))
    for pattern in RULES:
        make_rule(feed, pattern)
    make_category("Land")
    return feed


@pytest.fixture
def ada() -> Client:
    return log_in(name="ada")


@pytest.fixture
def ben() -> Client:
    return log_in(name="ben")


def page_of(client: Client, feed: Feed) -> OldPage:
    return opened(client, FEED, feed.pk, form=FORM)


def rules_of(feed: Feed) -> list[str]:
    return [str(rule) for rule in FilterRule.objects.filter(feed=feed)]


# -- five changes, in every order ------------------------------------------------------------------------------------


def land() -> str:
    return str(Category.objects.get(name="Land").pk)


def change(page: OldPage, what: str) -> None:
    """One of the five changes, sent from a page that may be old by now; a rule in one of three ways."""
    if what == "state":
        values = {"shown": "state=active"}
        page.client.post(reverse("admin:aggregator_feed_pause", args=[Feed.objects.get().pk]), values)
        return
    changes = {
        "title": {"title": "Tides"},
        "category": {"category": land()},
        "display": {"display": "link"},
        "rule added": {"rules-3-pattern": "spam"},
        "rule changed": {"rules-0-pattern": "adverts"},
        "rule deleted": {"rules-2-DELETE": "on"},
    }[what]
    data = {**page.fields, **changes}
    assert page.client.post(page.address, data).status_code == 302, f"{what} was refused"


def facts_of(feed: Feed) -> tuple[object, ...]:
    feed = Feed.objects.select_related("category").get(pk=feed.pk)
    return feed.title, str(feed.category), feed.display, rules_of(feed), feed.state


AFTER_RULE = {"rule added": ["advert", "offer", "sale", "spam"], "rule changed": ["adverts", "offer", "sale"]}
AFTER_RULE["rule deleted"] = ["advert", "offer"]
RULES = ["advert", "offer", "sale"]
FIVE = ("title", "category", "display", "rule", "state")


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("first", [*(pytest.param(one, marks=pytest.mark.any_database) for one in FIVE[1:]), FIVE[0]])
def test_five_changes_from_two_old_pages_all_stay_in_every_order(
    feed: Feed, ada: Client, ben: Client, first: str
) -> None:
    """Both pages were opened before the first change. Who makes which differs from order to order."""
    pages = page_of(ada, feed), page_of(ben, feed)
    orders = 0

    def go_on(done: tuple[str, ...], next_ones: tuple[str, ...]) -> None:
        """Whatever may come next; orders that begin alike share their beginning."""
        nonlocal orders
        orders += len(done) == len(FIVE)
        for what in next_ones:
            with transaction.atomic():
                rule = [*AFTER_RULE][len(done) % 3]
                change(pages[(FIVE.index(what) + len(done)) % 2], rule if what == "rule" else what)
                now = (*done, what)
                assert_all_done(feed, now)
                go_on(now, tuple(one for one in FIVE if one not in now))
                transaction.set_rollback(True)

    go_on((), (first,))
    assert orders == 24


def assert_all_done(feed: Feed, done: tuple[str, ...]) -> None:
    rule = [*AFTER_RULE][done.index("rule") % 3] if "rule" in done else ""
    assert facts_of(feed) == (
        "Tides" if "title" in done else "Tide tables",
        "Land" if "category" in done else "Sea",
        "link" if "display" in done else "full",
        [f"drop posts with “{pattern}” in the title" for pattern in AFTER_RULE.get(rule, RULES)],
        "paused" if "state" in done else "active",
    ), done


# -- the poller is the other one -------------------------------------------------------------------------------------


def move(feed: Feed) -> None:
    """A permanent redirect gives the feed another address."""
    store_unchanged(lease(feed), make_response(feed, permanent_url=f"{feed.url}/new"))


def give_up(feed: Feed) -> None:
    store_failure(lease(feed), HttpStatus(status=410), now=NOW, policy=POLICY)


def rename(feed: Feed) -> None:
    Feed.objects.filter(pk=feed.pk).update(title="Its own title", site_url="https://elsewhere.example/")


POLLS = {
    move: lambda feed: feed.url.endswith("/new"),
    give_up: lambda feed: (feed.state, feed.last_error_kind) == ("gone", "http"),
    rename: lambda feed: (feed.title, feed.site_url) == ("Its own title", "https://elsewhere.example/"),
}


@pytest.mark.parametrize("poll", POLLS)
@pytest.mark.parametrize("what", ["category", "display", "rule added", "rule changed", "rule deleted"])
def test_what_a_poll_changed_stays_whatever_an_old_page_saves(feed: Feed, ada: Client, poll: object, what: str) -> None:
    page, before = page_of(ada, feed), facts_of(feed)
    poll(feed)
    after_poll = Feed.objects.get()
    assert POLLS[poll](after_poll), (after_poll.state, after_poll.last_error_kind)
    change(page, what)
    assert POLLS[poll](Feed.objects.get())
    assert facts_of(feed)[1:4] != before[1:4]


def test_a_poll_and_a_person_who_both_give_an_address_are_both_shown(feed: Feed, ada: Client) -> None:
    page = page_of(ada, feed)
    move(feed)
    moved = Feed.objects.get().url
    answer = page.send(url="https://mine.example/feed")
    assert f"As others have it now: {moved}" in answer.words
    assert "As you have it: https://mine.example/feed" in answer.words
    assert Feed.objects.get().url == moved


# -- where two meet --------------------------------------------------------------------------------------------------

BOTH = {
    "title": ("Mine", "Theirs", "Mine", "Theirs"),
    "category": ("", "LAND", "none", "Land"),
    "display": ("excerpt", "link", "excerpts", "titles only"),
    "site_url": ("https://mine.example/", "https://theirs.example/") * 2,
}


@pytest.fixture(params=BOTH)
def met(request: pytest.FixtureRequest, feed: Feed, ada: Client, ben: Client) -> tuple[Answer, str]:
    """What Ada reads who changed what Ben changed, from a page of before; and the name of the field."""
    name = request.param
    mine, theirs = (land() if value == "LAND" else value for value in BOTH[name][:2])
    late = page_of(ada, feed)
    assert "was changed successfully" in page_of(ben, feed).send(**{name: theirs}).words
    return late.send(**{name: mine}, slug="another-slug"), name


def value_of(name: str) -> str:
    feed = Feed.objects.get()
    return str(feed.category or "none") if name == "category" else str(getattr(feed, name))


def test_both_are_shown_and_nothing_is_saved(met: tuple[Answer, str]) -> None:
    answer, name = met
    *_, mine, theirs = BOTH[name]
    assert f"As others have it now: {theirs}" in answer.words
    assert f"As you have it: {mine}" in answer.words
    assert Feed.objects.get().slug != "another-slug"


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_who_chooses_has_what_was_chosen_and_the_rest_of_the_form_is_saved(
    met: tuple[Answer, str], choice: str
) -> None:
    answer, name = met
    theirs = value_of(name)
    answer.again().send(**{f"stays-{name}": choice})
    assert (value_of(name) == theirs) == (choice == "theirs")
    assert Feed.objects.get().slug == "another-slug"


def test_who_saves_again_without_choosing_is_asked_again(met: tuple[Answer, str]) -> None:
    answer, name = met
    theirs = value_of(name)
    assert "What shall be saved?" in answer.again().send().words
    assert value_of(name) == theirs


def test_what_others_change_while_the_question_stands_is_asked_anew(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(title="Theirs")
    answer = late.send(title="Mine")
    page_of(ben, feed).send(title="Theirs, mended")
    answer = answer.again().send(**{"stays-title": "mine"})
    assert "As others have it now: Theirs, mended" in answer.words
    answer.again().send(**{"stays-title": "mine"})
    assert Feed.objects.get().title == "Mine"


def test_two_who_wrote_the_same_are_not_asked(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(title="The same")
    assert "was changed successfully" in late.send(title="The same").words


def test_who_saves_is_told_what_others_changed(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(title="Theirs", category=land())
    told = late.send(display="link").words
    assert "Others changed this, too, since you opened the page, and that stays. title: Theirs; category: Land." in told


def test_what_others_wrote_is_shown_as_text(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(title="<script>alert(1)</script>")
    html = late.send(title="<b>Mine</b>").html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert ("<script>alert(1)" in html, "<b>Mine" in html) == (False, False)


def test_a_category_that_is_gone_is_left_out_by_who_did_not_choose_it(feed: Feed, ada: Client) -> None:
    page = page_of(ada, feed)
    Category.objects.filter(name="Sea").delete()
    page.send(title="Tides")
    assert facts_of(feed)[:2] == ("Tides", "None")


def test_a_category_that_is_gone_is_a_sentence_for_who_chose_it(feed: Feed, ada: Client) -> None:
    page, chosen = page_of(ada, feed), land()
    Category.objects.filter(name="Land").delete()
    assert "It is not here any more: it was deleted since this page was opened." in page.send(category=chosen).words


def test_a_feed_that_is_gone_is_a_sentence(feed: Feed, ada: Client) -> None:
    page, pk = page_of(ada, feed), feed.pk
    Feed.objects.all().delete()
    told = page.send(title="Tides").words
    assert f"Feed with ID “{pk}” doesn’t exist. Perhaps it was deleted?" in told


# -- rules -----------------------------------------------------------------------------------------------------------


def test_rules_that_two_people_change_are_asked_about_as_a_whole(feed: Feed, ada: Client, ben: Client) -> None:
    """Words that one wrote as an expression would else be read as plain words, because the other took the tick away."""
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-0-field": "author"})
    answer = late.send(**{"rules-0-pattern": "adverts?", "rules-0-is_regex": "on"})
    assert "As others have it now: drop posts with “advert” as author" in answer.words
    assert "As you have it: drop posts matching “adverts?” in the title" in answer.words
    answer.again().send(**{"stays-rules-0-row": "mine"})
    assert rules_of(feed)[0] == "drop posts matching “adverts?” in the title"


def test_the_others_rule_can_be_chosen(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-0-field": "author"})
    late.send(**{"rules-0-pattern": "adverts"}).again().send(**{"stays-rules-0-row": "theirs"})
    assert rules_of(feed)[0] == "drop posts with “advert” as author"


def test_a_rule_that_others_deleted_stays_deleted_and_who_saves_is_told(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-0-DELETE": "on"})
    told = late.send(title="Tides", **{"rules-1-pattern": "offers"}).words
    assert "“drop posts with “advert” in the title” was deleted" in told
    assert [rule.partition("“")[2].partition("”")[0] for rule in rules_of(feed)] == ["offers", "sale"]


@pytest.mark.parametrize(
    ("choice", "patterns"), [("mine", ["offer", "sale", "adverts"]), ("theirs", ["offer", "sale"])]
)
def test_a_rule_that_others_deleted_and_somebody_changed_is_a_question(
    feed: Feed, ada: Client, ben: Client, choice: str, patterns: list[str]
) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-0-DELETE": "on"})
    answer = late.send(title="Tides", **{"rules-0-pattern": "adverts", "rules-2-field": "author"})
    assert "This was deleted since you opened the page, and you changed it." in answer.words
    assert "Add it anew, as you have it: drop posts with “adverts” in the title" in answer.words
    assert "Select a valid choice" not in answer.words
    answer.again().send(**{"stays-rules-0-row": choice})
    assert [rule.pattern for rule in FilterRule.objects.filter(feed=feed)] == patterns
    assert (Feed.objects.get().title, FilterRule.objects.get(pattern="sale").field) == ("Tides", "author")


@pytest.mark.parametrize(("choice", "count"), [("mine", 2), ("theirs", 3)])
def test_a_rule_that_others_changed_and_somebody_deletes_is_a_question(
    feed: Feed, ada: Client, ben: Client, choice: str, count: int
) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-0-pattern": "adverts"})
    answer = late.send(**{"rules-0-DELETE": "on"})
    assert "As others have it now: drop posts with “adverts” in the title Delete it all the same" in answer.words
    assert len(rules_of(feed)) == 3
    answer.again().send(**{"stays-rules-0-row": choice})
    assert len(rules_of(feed)) == count


def test_a_rule_that_two_people_delete_is_deleted(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-0-DELETE": "on"})
    assert "was changed successfully" in late.send(**{"rules-0-DELETE": "on"}).words


def test_rules_that_others_added_count_and_are_told(feed: Feed, ada: Client, ben: Client) -> None:
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-3-pattern": "spam"})
    told = late.send(**{"rules-3-pattern": "eggs"}).words
    assert "“drop posts with “spam” in the title” was added" in told
    assert [rule.pattern for rule in FilterRule.objects.filter(feed=feed)][3:] == ["spam", "eggs"]


def test_an_old_preview_tries_the_rules_that_there_are(feed: Feed, ada: Client, ben: Client) -> None:
    make_entry(feed, "Spam"), make_entry(feed, "An advert")
    late = page_of(ada, feed)
    page_of(ben, feed).send(**{"rules-3-pattern": "spam", "rules-0-DELETE": "on"})
    told = late.send(_preview="1").words
    assert "Of the last 2 posts, 1 would be dropped and 1 shown." in told
    assert "dropped drop posts with “spam” in the title" in told


def test_a_preview_of_a_rule_that_is_gone_is_no_error(feed: Feed, ada: Client) -> None:
    page = page_of(ada, feed)
    FilterRule.objects.all().delete()
    answer = page.send(_preview="1")
    assert "Reading" not in answer.words
    answer.again().send(title="Tides")
    assert facts_of(feed)[3] == []


# -- buttons ---------------------------------------------------------------------------------------------------------


def test_a_button_of_an_old_page_does_not_undo_what_others_decided(feed: Feed, ada: Client) -> None:
    Feed.objects.update(state="paused")
    page = page_of(ada, feed)
    Feed.objects.update(state="rejected")
    told = page.press("Resume")
    assert "“Resume” was not done: the feed changed since you opened its page (state: rejected)." in told
    assert Feed.objects.get().state == "rejected"
    page_of(ada, feed).press("Resume")
    assert Feed.objects.get().state == "active"


def test_a_proposal_that_nobody_saw_is_not_used(feed: Feed, ada: Client) -> None:
    Feed.objects.update(proposed_url="https://seen.example/feed")
    page = page_of(ada, feed)
    Feed.objects.update(proposed_url="https://unseen.example/feed")
    assert "proposed address: https://unseen.example/feed" in page.press("Use the proposed address")
    assert Feed.objects.get().url == feed.url


def test_held_posts_that_nobody_saw_are_not_shown(feed: Feed, ada: Client) -> None:
    Feed.objects.update(held_count=1)
    page = page_of(ada, feed)
    Feed.objects.update(held_count=40)
    assert "held entries: 40" in page.press("Show its held posts")


def test_a_button_that_comes_too_late_says_why_nothing_happened(feed: Feed, ada: Client) -> None:
    Feed.objects.update(state="gone")
    answer = ada.post(reverse("admin:aggregator_feed_pause", args=[feed.pk]), follow=True)
    assert "Only an active feed can be paused; this one is gone." in answer.content.decode()


# -- in the same instant, and how much it costs ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_four_people_who_save_in_the_same_instant_undo_nothing(feed: Feed) -> None:
    Category.objects.filter(name="Land").update(name="Land")
    changes = [{"title": "Tides"}, {"category": land()}, {"display": "link"}, {"rules-3-pattern": "spam"}]
    pages = [page_of(log_in(name=f"curator{number}"), feed) for number in range(4)]

    def save(number: int) -> str:
        return str(pages[number].client.post(pages[number].address, {**pages[number].fields, **changes[number]}))

    assert ["status_code=302" in str(answer) for answer in together(save)] == [True] * 4
    title, category, display, rules, _ = facts_of(feed)
    assert (title, category, display, len(rules)) == ("Tides", "Land", "link", 4)


def test_comparing_asks_the_database_nothing(feed: Feed, ada: Client) -> None:
    page = page_of(ada, feed)
    without = {name: value for name, value in page.fields.items() if not name.startswith("initial-")}
    counts = []
    known = {**page.fields, "initial-title": "Tides"}
    for title, data in (("Warm", page.fields), ("Tides", without), ("Waves", known)):
        with CaptureQueriesContext(connection) as queries:
            ada.post(page.address, {**data, "title": title})
        counts.append(len(queries))
    assert counts[2] == counts[1]
    assert Feed.objects.get().title == "Waves"
