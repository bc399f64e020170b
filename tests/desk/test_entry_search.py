"""The search box above the list of posts: as readers search, but in all posts, whatever became of them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.desk import entry_search
from aggregator.models import Entry
from aggregator.search import deadline
from tests.factories import NOW, make_entry, make_feed

pytestmark = pytest.mark.django_db
ENTRIES = "admin:aggregator_entry_changelist"


@pytest.fixture
def client(admin_client: Client) -> Client:
    return admin_client


def listed(client: Client, **asked: str) -> list[str]:
    return [str(entry) for entry in client.get(reverse(ENTRIES), asked).context["cl"].result_list]


def test_posts_are_found_whatever_became_of_them(client: Client) -> None:
    first = make_entry(title="Needle listed", days_ago=1)
    for number, fields in enumerate(
        (
            {"is_hidden": True},
            {"is_held": True},
            {"is_filtered": True},
            {"duplicate_of": first},
            {"emptied_at": NOW},
            {"feed": make_feed(state="rejected")},
        )
    ):
        make_entry(title=f"Needle {number}", days_ago=number + 2, **fields)
    make_entry(title="Hay")
    assert listed(client, q="needle") == ["Needle listed", *(f"Needle {number}" for number in range(6))]
    assert listed(client, q="needle", standing="held") == ["Needle 1"]
    assert listed(client, q="needle", o="oldest")[:2] == ["Needle 5", "Needle 4"]
    assert listed(client, q="needle -listed before:2026-06-20") == ["Needle 3", "Needle 4", "Needle 5"]
    assert listed(client, q="nowhere") == []


def test_the_words_of_a_post_are_found_in_its_text_and_its_source(client: Client) -> None:
    make_entry(make_feed("Ada's blog"), title="One", content_html="<p>about naïve <b>bay</b>es</p>")
    make_entry(title="Two", content_html="<p>about bayes</p>")
    assert listed(client, q="Naive bayes") == ["One"]
    assert listed(client, q='bayes source:"Ada\'s blog"') == ["One"]


def test_pages_of_what_was_found_lead_on(client: Client) -> None:
    for number in range(60):
        make_entry(title=f"Needle {number}", days_ago=number + 1)
        make_entry(title="Hay", days_ago=number + 1)
    first = client.get(reverse(ENTRIES), {"q": "needle"}).context["cl"]
    rest = client.get(reverse(ENTRIES) + first.older).context["cl"]
    titles = [str(entry) for entry in [*first.result_list, *rest.result_list]]
    assert titles == [f"Needle {number}" for number in range(60)]
    assert rest.newer


def test_a_link_finds_its_post_however_it_is_spelled(client: Client) -> None:
    entry = make_entry(title="One", url="https://blog.example/a-post/")
    Entry.objects.filter(pk=entry.pk).update(link_key=entry_search.link_key(entry.url))
    make_entry(title="Two")
    assert listed(client, q="http://www.blog.example/a-post") == ["One"]


def test_who_finds_more_than_can_be_shown_is_told_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_search, "MAX_FOUND", 3)
    monkeypatch.setattr(entry_search, "ENOUGH", 2)
    for number in range(5):
        make_entry(title=f"Needle {number}", days_ago=number + 1)
    response = client.get(reverse(ENTRIES), {"q": "needle"})
    assert len(response.context["cl"].result_list) == 3
    assert "the newest 3 of the posts that match" in response.content.decode()
    assert listed(client, q="needle", until="2026-06-21") == ["Needle 2", "Needle 3", "Needle 4"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-needle", "only says what to leave out"),
        ("before:yesterday", "is no date"),
        ("source:nobody", "No source is called “nobody”."),
        ("x" * 201, "at most 200 characters"),
        ("<script>alert(1)</script> before:<b>", "“&lt;b&gt;” is no date"),
    ],
)
def test_what_cannot_be_looked_for_is_said(client: Client, text: str, told: str) -> None:
    response = client.get(reverse(ENTRIES), {"q": text})
    assert response.status_code == 200
    assert told in response.content.decode()


def test_a_search_that_takes_too_long_says_how_to_narrow_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_entry(title="Needle")
    monkeypatch.setattr(deadline, "MAX_SECONDS", 0.0)
    assert "takes longer than a second" in client.get(reverse(ENTRIES), {"q": "needle"}).content.decode()
