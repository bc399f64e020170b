"""The rules on a feed's page: typed, tried out, refused, saved; and who may do that."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.desk.rules import MAX_RULES
from aggregator.diagnosis import diagnose
from aggregator.filtering import judging as filtering
from aggregator.models import Entry, Feed, FilterRule, SiteState
from tests.commands.running import run
from tests.curators import ENTRIES, ENTRY, FEED, FEEDS, log_in, page, press
from tests.factories import NOW, make_entry, make_feed, make_rule

pytestmark = pytest.mark.django_db
ENDLESS = "(a|aa)+$"
BAIT = "a" * 200 + "!"


@pytest.fixture
def client() -> Client:
    return log_in()


def form_of(feed: Feed, *rows: dict[str, object], saved: int = 0, **changes: object) -> dict[str, object]:
    """What a browser sends of the feed's page: its fields and the rows of the rules, `saved` of them known."""
    data: dict[str, object] = {name: getattr(feed, name) for name in ("title", "url", "site_url", "display", "slug")}
    data |= {"rules-TOTAL_FORMS": len(rows), "rules-INITIAL_FORMS": saved, **changes}
    for number, row in enumerate(rows):
        whole = {"feed": feed.pk, "action": "drop", "field": "title", "pattern": "", **row}
        data |= {f"rules-{number}-{name}": value for name, value in whole.items()}
    return data


def row_of(rule: FilterRule, **changes: object) -> dict[str, object]:
    return {"id": rule.pk, "action": rule.action, "field": rule.field, "pattern": rule.pattern, **changes}


def words(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def save(client: Client, feed: Feed, *rows: dict[str, object], **more: Any) -> str:
    return words(press(client, FEED, feed.pk, **form_of(feed, *rows, **more)))


def preview(client: Client, feed: Feed, *rows: dict[str, object], **more: Any) -> str:
    return save(client, feed, *rows, **more, _preview="1")


# -- saving ----------------------------------------------------------------------------------------------------------


def test_a_saved_rule_is_applied_at_once(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, "An advert"), make_entry(feed, "A post")
    assert "Its rules were applied: 1 post dropped by rules." in save(client, feed, {"pattern": "advert"}, {})
    assert Entry.objects.listed().get().title == "A post"


def test_a_deleted_rule_lets_its_posts_come_back(client: Client) -> None:
    feed = make_feed()
    rule = make_rule(feed, "advert")
    make_entry(feed, "An advert", is_filtered=True)
    text = save(client, feed, row_of(rule, DELETE="on"), saved=1)
    assert "Its rules were applied: no post is dropped." in text
    assert (Entry.objects.listed().count(), FilterRule.objects.count()) == (1, 0)


def test_a_changed_rule_is_applied_anew(client: Client) -> None:
    feed = make_feed()
    rule = make_rule(feed, "advert")
    make_entry(feed, "An advert", is_filtered=True)
    save(client, feed, row_of(rule, pattern="another"), saved=1)
    assert Entry.objects.listed().count() == 1


def test_rules_keep_the_order_in_which_they_were_added(client: Client) -> None:
    feed = make_feed()
    rule = make_rule(feed, "one", position=7)
    save(client, feed, row_of(rule), {"pattern": "two"}, {"pattern": "three"}, saved=1)
    assert list(feed.rules.values_list("pattern", flat=True)) == ["one", "two", "three"]


def test_saving_a_feed_without_changing_its_rules_judges_nothing(client: Client) -> None:
    feed = make_feed()
    rule = make_rule(feed, "advert")
    make_entry(feed, "An advert")  # as if it had not been judged yet
    assert "were applied" not in save(client, feed, row_of(rule), {}, saved=1)
    assert Entry.objects.listed().count() == 1


def test_a_form_that_was_sent_without_the_rows_leaves_the_rules_alone(client: Client) -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    names = ("url", "site_url", "display", "slug")
    press(client, FEED, feed.pk, title="Another", **{name: getattr(feed, name) for name in names})
    feed.refresh_from_db()
    assert (feed.title, feed.rules.count()) == ("Another", 1)


def test_a_saved_rule_raises_the_version_of_the_site(client: Client) -> None:
    feed, before = make_feed(), SiteState.objects.current().version
    save(client, feed, {"pattern": "advert"})
    assert SiteState.objects.current().version > before


def test_older_posts_are_left_to_the_worker_and_the_curator_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "BATCH_ENTRIES", 1)
    feed = make_feed()
    make_entry(feed, "Old advert"), make_entry(feed, "New advert")
    assert "The worker judges the older ones within the next minutes." in save(client, feed, {"pattern": "advert"})
    assert Entry.objects.listed().get().title == "Old advert"


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"pattern": "(spon", "is_regex": "on"}, "missing ), unterminated subpattern at character 1."),
        ({"pattern": "a{99999999}", "is_regex": "on"}, "This expression is too large"),
        ({"pattern": "\u0301"}, "Write a word or a sign that can be looked for."),
        ({"pattern": "", "action": "keep"}, "Write what to look for, or tick “Delete”."),
        ({"pattern": "a" * 1001}, "at most 1000 characters"),
    ],
)
def test_a_rule_that_can_not_be_used_is_refused_beside_its_field(
    client: Client, row: dict[str, object], sentence: str
) -> None:
    assert sentence in save(client, make_feed(), row)
    assert not FilterRule.objects.exists()


def test_too_many_rules_are_refused(client: Client) -> None:
    rows = [{"pattern": str(number)} for number in range(MAX_RULES + 1)]
    assert "A feed can have 20 rules; delete some." in save(client, make_feed(), *rows)
    assert not FilterRule.objects.exists()


def test_a_rule_of_another_feed_can_not_be_changed(client: Client) -> None:
    feed, other = make_feed(), make_feed()
    rule = make_rule(other, "advert")
    save(client, feed, row_of(rule, pattern="mine"), saved=1)
    rule.refresh_from_db()
    assert (rule.feed, rule.pattern) == (other, "advert")


# -- trying out ------------------------------------------------------------------------------------------------------


def test_a_preview_says_what_would_become_of_each_post_and_why(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, "An advert"), make_entry(feed, "A post")
    text = preview(client, feed, {"pattern": "advert"})
    assert "Of the last 2 posts, 1 would be dropped and 1 shown. Nothing is saved yet." in text
    assert "dropped now shown drop posts with “advert” in the title" in text


def test_a_preview_changes_nothing(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, "An advert")
    preview(client, feed, {"pattern": "advert"}, title="Another title")
    before = feed.title
    feed.refresh_from_db()
    assert (FilterRule.objects.count(), Entry.objects.filter(is_filtered=True).count(), feed.title) == (0, 0, before)


def test_a_preview_keeps_what_was_typed(client: Client) -> None:
    feed = make_feed()
    page = press(client, FEED, feed.pk, **form_of(feed, {"pattern": "<advert>"}, title="Typed title", _preview="1"))
    assert 'value="&lt;advert&gt;"' in page
    assert 'value="Typed title"' in page


def test_a_preview_is_of_the_last_fifty_posts(client: Client) -> None:
    feed = make_feed()
    for number in range(52):
        make_entry(feed, f"Advert {number}")
    assert "Of the last 50 posts, 50 would be dropped" in preview(client, feed, {"pattern": "advert"})


def test_a_preview_names_what_no_rule_keeps(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, "A post")
    assert "no rule keeps it" in preview(client, feed, {"pattern": "python", "action": "keep"})


def test_a_preview_leaves_rules_out_that_are_to_be_deleted(client: Client) -> None:
    feed = make_feed()
    rule = make_rule(feed, "advert")
    make_entry(feed, "An advert", is_filtered=True)
    text = preview(client, feed, row_of(rule, DELETE="on"), saved=1)
    assert "There are no rules: everything is shown." in text
    assert "shown now dropped" in text


def test_a_preview_without_posts_says_so(client: Client) -> None:
    assert "There are no posts yet to try the rules on." in preview(client, make_feed(), {"pattern": "advert"})


def test_a_preview_of_a_rule_that_can_not_be_used_says_what_is_wrong(client: Client) -> None:
    text = preview(client, make_feed(), {"pattern": "(", "is_regex": "on"})
    assert "Correct the rules first" in text
    assert "at character 1." in text


def test_a_preview_of_a_rule_that_takes_too_long_ends_and_says_so(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, BAIT)
    text = preview(client, feed, {"pattern": ENDLESS, "is_regex": "on"})
    assert "takes too long" in text
    assert "0 would be dropped" in text
    assert "shown a rule took too long" in text


def test_texts_of_posts_are_escaped_in_a_preview(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, "<script>alert(1)</script>")
    html = press(client, FEED, feed.pk, **form_of(feed, {"pattern": "alert"}, _preview="1"))
    assert "<script>alert(1)</script>" not in html


# -- being told ------------------------------------------------------------------------------------------------------


def test_a_rule_that_takes_too_long_is_named_after_saving_and_on_the_feeds_page(client: Client) -> None:
    feed = make_feed()
    make_entry(feed, BAIT)
    sentence = "The rule “drop posts matching “(a|aa)+$” in the title” took too long over a post"
    assert sentence in save(client, feed, {"pattern": ENDLESS, "is_regex": "on"})
    assert sentence in words(page(client, FEED, feed.pk))


def test_feeds_with_rules_that_take_too_long_can_be_listed(client: Client) -> None:
    make_rule(make_feed("Slow rules"), ENDLESS, is_regex=True, out_of_time_at=NOW)
    make_feed("Other")
    text = page(client, FEEDS, query="?health=slow_rules")
    assert ("Slow rules" in text, "Other" in text) == (True, False)


def test_the_list_of_feeds_says_how_many_posts_are_dropped(client: Client) -> None:
    make_feed(filtered_count=12)
    assert "12 posts dropped by rules" in page(client, FEEDS)


def test_feed_status_says_how_many_posts_are_dropped() -> None:
    make_feed(filtered_count=1)
    assert "    1 post dropped by rules" in run("feed_status")


def test_a_feed_that_shows_nothing_because_of_its_rules_is_diagnosed() -> None:
    found = diagnose(make_feed(filtered_count=3), NOW)
    assert (found.tone, found.word) == ("waiting", "all dropped")


def test_dropped_posts_can_be_listed(client: Client) -> None:
    make_entry(title="Gone", is_filtered=True), make_entry(title="There")
    text = page(client, ENTRIES, query="?standing=dropped")
    assert ("Gone" in text, "There" in text) == (True, False)


def test_the_page_of_a_dropped_post_says_why_it_is_not_shown(client: Client) -> None:
    entry = make_entry(is_filtered=True)
    address = reverse(FEED, args=[entry.feed_id])
    assert f'dropped by <a href="{address}#rules-group">a rule</a>' in page(client, ENTRY, entry.pk)


def test_without_rules_the_page_says_what_they_do_and_has_two_empty_rows(client: Client) -> None:
    text = page(client, FEED, make_feed().pk)
    assert "Without rules everything is shown." in text
    assert ("rules-1-pattern" in text, "rules-2-pattern" in text) == (True, False)


def test_each_field_of_a_row_has_a_name_for_those_who_hear_the_page(client: Client) -> None:
    text = page(client, FEED, make_feed().pk)
    fields = re.findall(r'<(?:select|input)[^>]*name="rules-0-(?:action|pattern|field|is_regex)"[^>]*>', text)
    assert len(fields) == 4
    assert all("aria-label=" in field for field in fields)


# -- who may ---------------------------------------------------------------------------------------------------------


def test_who_may_change_feeds_may_change_their_rules() -> None:
    feed = make_feed()
    save(log_in(may=["change_feed", "view_feed"]), feed, {"pattern": "advert"})
    assert feed.rules.count() == 1


def test_who_may_only_see_feeds_sees_the_rules_and_can_not_touch_them() -> None:
    feed = make_feed()
    make_rule(feed, "advert")
    client = log_in(may=["view_feed"])
    text = page(client, FEED, feed.pk)
    assert ("advert" in text, 'name="rules-0-pattern"' in text, "_preview" in text) == (True, False, False)
    assert client.post(reverse(FEED, args=[feed.pk]), form_of(feed, {"pattern": "x"})).status_code == 403
    assert client.post(reverse(FEED, args=[feed.pk]), form_of(feed, {}, _preview="1")).status_code == 403


def test_neither_saving_nor_a_preview_goes_without_a_token() -> None:
    feed = make_feed()
    client = log_in(checks_csrf=True)
    for more in ({}, {"_preview": "1"}):
        answer = client.post(reverse(FEED, args=[feed.pk]), form_of(feed, {"pattern": "advert"}, **more))
        assert answer.status_code == 403
    assert not FilterRule.objects.exists()


def test_a_stranger_is_sent_to_the_login() -> None:
    feed = make_feed()
    answer = Client().post(reverse(FEED, args=[feed.pk]), form_of(feed, {"pattern": "advert"}, _preview="1"))
    assert (answer.status_code, "login" in answer.headers["Location"]) == (302, True)
