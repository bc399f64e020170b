"""Tags at the desk: the list and its actions, and the page of one."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from aggregator.curating.tags import alone_with_names, rename
from aggregator.models import SiteState, Tag
from tests.at_once import meanwhile
from tests.curators import act, log_in, page
from tests.factories import NOW, make_feed
from tests.models.test_tagging import counts
from tests.stores import make_item, store_items

pytestmark = pytest.mark.django_db
TAGS = "admin:aggregator_tag_changelist"
TAG = "admin:aggregator_tag_change"


@pytest.fixture
def client() -> Client:
    return log_in()


def bring(*names: str, posts: int = 1) -> None:
    for name in names:
        store_items(make_feed(), *(make_item(f"{name} {number}", tags=(name,)) for number in range(posts)))


def tag(key: str) -> Tag:
    return Tag.objects.get(key=key)


def listed(html: str) -> list[str]:
    return re.findall(r'<th class="field-shown_name">.*?<bdi>(.*?)</bdi>', html)


def save(client: Client, row: Tag, *, shown: Tag | None = None, **fields: object) -> str:
    was = shown or row
    form = {"name": was.name, "initial-name": was.name, "initial-is_hidden": was.is_hidden}
    if was.is_hidden:
        form["is_hidden"] = "on"
    answer = client.post(reverse(TAG, args=[row.pk]), {**form, **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_list_without_tags_says_so(client: Client) -> None:
    assert "There is nothing yet." in page(client, TAGS)


def test_the_list_has_those_of_most_posts_first(client: Client) -> None:
    bring("one"), bring("many", posts=3), bring("two", posts=2)
    assert listed(page(client, TAGS)) == ["many", "two", "one"]
    assert listed(page(client, TAGS, query="?o=oldest")) == ["one", "two", "many"]


def test_a_long_list_goes_on(client: Client) -> None:
    Tag.objects.bulk_create(Tag(name=f"t{n}", key=f"t{n}", post_count=n) for n in range(70))
    html = page(client, TAGS)
    assert (listed(html)[0], "Fewest first" in html) == ("t69", True)
    [older] = re.findall(r'<a href="(\?[^"]*)" rel="next">Fewer posts</a>', html)
    assert listed(page(client, TAGS, query=older.replace("&amp;", "&")))[0] == "t19"


@pytest.mark.parametrize("words", ["Web Dev", "web-dev", "#web_dev", "dev"])
def test_a_search_finds_a_tag_by_any_spelling(client: Client, words: str) -> None:
    bring("Web Dev", "other")
    assert listed(client.get(reverse(TAGS), {"q": words}).content.decode()) == ["Web Dev"]


def test_tags_are_hidden_and_shown_again(client: Client) -> None:
    bring("one", "two")
    before = SiteState.objects.current().version
    assert "1 tag hidden." in act(client, TAGS, "hide", [tag("one")])
    assert SiteState.objects.current().version != before
    assert listed(page(client, TAGS, query="?shown=hidden")) == ["one"]
    assert listed(page(client, TAGS, query="?shown=yes")) == ["two"]
    assert "None of them was shown." in act(client, TAGS, "hide", [tag("one")])
    assert "1 tag shown again." in act(client, TAGS, "show", [tag("one")])


@pytest.mark.django_db(transaction=True)
def test_tags_are_joined_and_taken_apart() -> None:
    client = log_in()
    bring("py"), bring("python", posts=2)
    told = act(client, TAGS, "join", [tag("py"), tag("python")])
    assert "One tag leads to “python” from now on." in told
    assert counts() == {"python": 3}
    assert listed(page(client, TAGS, query="?shown=joined")) == ["py"]
    assert "<bdi>py</bdi>" in page(client, TAG, tag("python").pk)
    assert "take apart what the list has as “joined into another”" in told
    told = act(client, TAGS, "take_apart", [tag("python")])
    assert "Choose those that were: the list has them as “joined into another”." in told
    assert "1 tag taken apart." in act(client, TAGS, "take_apart", [tag("py")])
    assert counts() == {"py": 1, "python": 2}


def test_one_tag_is_joined_with_nothing(client: Client) -> None:
    bring("py")
    assert "Choose two tags at least" in act(client, TAGS, "join", [tag("py")])


def test_a_tag_gets_a_name(client: Client) -> None:
    bring("python")
    save(client, tag("python"), name="Python")
    assert tag("python").name == "Python"
    save(client, tag("python"), name="The Language")
    assert tag("the_language").name == "The Language"
    assert tag("python").joined_into == tag("the_language")


@pytest.mark.parametrize(
    ("name", "words"), [("JS", "There is a tag “js” already"), ("!!", "needs a letter"), ("", "This field is required")]
)
def test_a_name_is_refused_in_words(client: Client, name: str, words: str) -> None:
    bring("python", "js")
    assert words in save(client, tag("python"), name=name)
    assert tag("python").name == "python"


def test_what_two_curators_change_is_asked_or_kept(client: Client) -> None:
    bring("python")
    shown = tag("python")
    save(client, shown, name="Python")
    assert "stays-name" in save(client, tag("python"), shown=shown, name="PYTHON")  # it asks which of both shall stay
    save(client, tag("python"), shown=shown, is_hidden="on")
    assert (tag("python").name, tag("python").is_hidden) == ("Python", True)


def test_an_action_leaves_what_changed_since(client: Client) -> None:
    bring("py", "python")
    html = page(client, TAGS)
    shown = dict(re.findall(r'name="(shown-\d+)" value="([^"]*)"', html))
    Tag.objects.filter(key="py").update(name="Other")
    told = act(
        client, TAGS, "join", [tag("py"), tag("python")], **{k: v.replace("&amp;", "&") for k, v in shown.items()}
    )
    assert "Changed since you opened the page" in told
    assert tag("py").joined_into is None


def test_nobody_adds_or_deletes_tags(client: Client) -> None:
    bring("one")
    assert client.get(reverse("admin:aggregator_tag_add")).status_code == 403
    assert client.post(reverse("admin:aggregator_tag_delete", args=[tag("one").pk]), {"post": "yes"}).status_code == 403


def test_who_may_only_look_changes_nothing() -> None:
    bring("one")
    reader = log_in(may=["view_tag"])
    assert "one" in page(reader, TAGS)
    act(reader, TAGS, "hide", [tag("one")])
    assert not tag("one").is_hidden


def test_a_name_is_shown_as_text(client: Client) -> None:
    bring("<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(client, TAGS)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time")
@pytest.mark.django_db(transaction=True)
def test_a_poll_that_brings_a_name_in_the_instant_it_is_given_waits() -> None:
    bring("python")
    feed = make_feed()

    def call() -> None:
        alone_with_names()
        rename(tag("python"), "Snake", NOW)

    def poll() -> object:
        return store_items(feed, make_item("a", tags=("snake", "python")))

    assert not isinstance(meanwhile(call, lambda: None, poll), Exception)
    assert counts() == {"Snake": 2}
