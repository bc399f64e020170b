"""Authors at the desk: the list, the page of one, and what two curators do at once."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from aggregator.curating.authors import join
from aggregator.ingest.types import Person
from aggregator.models import Author, FormerAuthorSlug, SiteState
from tests.at_once import meanwhile
from tests.curators import act, log_in, page, press
from tests.factories import NOW, make_feed
from tests.stores import store_items
from tests.writers import author_of, by, group

pytestmark = pytest.mark.django_db

AUTHORS = "admin:aggregator_author_changelist"
AUTHOR = "admin:aggregator_author_change"


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture
def anns() -> list[Author]:
    return [author_of(group("One")), author_of(group("Other"))]


def version() -> int:
    return SiteState.objects.current().version


def save(client: Client, author: Author, **changed: object) -> str:
    shown = {"name": author.name, "slug": author.slug, "is_hidden": author.is_hidden}
    form = {name: value for name, value in {**shown, **changed}.items() if value is not False}
    initial = {f"initial-{name}": value for name, value in shown.items()}
    response = client.post(reverse(AUTHOR, args=[author.pk]), {**form, **initial}, follow=True)
    assert response.status_code == 200, response
    return response.content.decode()


def test_the_list_says_where_they_wrote_and_what_page_they_have(client: Client, anns: list[Author]) -> None:
    join(Author.objects.filter(pk__in=[author.pk for author in anns]), NOW)
    Author.objects.filter(name="Cleo").update(is_hidden=True)
    found = page(client, AUTHORS)
    assert "that of Ann of One, by a curator" in found
    assert "none: a curator took it away" in found
    assert page(client, AUTHORS, query="?page=joined").count('class="action-select"') == 1
    assert page(client, AUTHORS, query="?page=none").count('class="action-select"') == 2
    assert page(client, AUTHORS, query="?q=bob").count('class="action-select"') == 2
    assert page(client, AUTHORS, query=f"?feed__id__exact={anns[0].feed_id}").count('class="action-select"') == 3


def test_authors_are_joined_and_taken_apart(client: Client, anns: list[Author]) -> None:
    before = version()
    assert "One person now, whose page is that of Ann of One." in act(client, AUTHORS, "join", anns)
    assert (Author.objects.get(pk=anns[1].pk).joined_to, version() > before) == (anns[0], True)
    assert "aren’t one already" in act(client, AUTHORS, "join", anns)
    assert "One author taken apart." in act(client, AUTHORS, "take_apart", [anns[0]])
    assert Author.objects.get(pk=anns[1].pk).is_apart
    assert "Nobody of them is joined" in act(client, AUTHORS, "take_apart", anns)


def test_who_has_no_page_is_joined_to_nobody(client: Client, anns: list[Author]) -> None:
    assert "One author without a page now." in act(client, AUTHORS, "hide", anns[:1])
    assert "Ann has no page: give it back first" in act(client, AUTHORS, "join", anns)
    assert "One author with a page again." in act(client, AUTHORS, "unhide", anns)


def test_a_person_has_only_so_many_authors(client: Client, anns: list[Author], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.curating.authors.MAX_JOINED", 0)
    assert "more than 1 authors in one person" in act(client, AUTHORS, "join", anns)


def test_an_author_is_renamed_and_the_old_address_leads_on(client: Client, anns: list[Author]) -> None:
    before = version()
    save(client, anns[0], name="Ann Lee", slug="ann-lee")
    assert version() > before
    assert "<title>Ann Lee · One" in client.get("/author/ann-lee/").content.decode()
    assert client.get("/author/ann/")["Location"] == "/author/ann-lee/"
    save(client, Author.objects.get(pk=anns[0].pk), slug="ann")
    assert list(FormerAuthorSlug.objects.values_list("slug", flat=True)) == ["ann-lee"]


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("ann-2", "That is the page of Ann of Other."),
        ("Ann Lee!", "such as ann-lee."),
        ("../x", "such as x."),
        ("", "This field is required."),
    ],
)
def test_an_address_that_cant_be_is_refused_in_words(client: Client, anns: list[Author], slug: str, told: str) -> None:
    assert told in save(client, anns[0], slug=slug)
    assert Author.objects.get(pk=anns[0].pk).slug == "ann"


def test_an_address_may_have_letters_of_any_script(client: Client, anns: list[Author]) -> None:
    save(client, anns[0], slug="שָׁלוֹם")
    assert client.get("/author/שָׁלוֹם/").status_code == 200


def test_a_page_is_taken_away_and_given_back(client: Client, anns: list[Author]) -> None:
    save(client, anns[0], is_hidden="on")
    assert client.get("/author/ann/").status_code == 404
    save(client, Author.objects.get(pk=anns[0].pk), is_hidden=False)
    assert client.get("/author/ann/").status_code == 200


def test_the_page_of_one_offers_who_may_be_the_same(client: Client, anns: list[Author]) -> None:
    store_items(make_feed("Third"), by("a", Person("A. Lee", "https://ann.example/")))
    Author.objects.filter(pk=anns[0].pk).update(url="https://ann.example/")
    found = page(client, AUTHOR, anns[0].pk)
    for other in (anns[1], Author.objects.get(name="A. Lee")):
        assert reverse("admin:aggregator_author_join", args=[anns[0].pk, other.pk]) in found
    assert "See it on the site" in found


def test_a_button_joins_and_another_takes_apart(client: Client, anns: list[Author]) -> None:
    one, other = anns
    press(client, "admin:aggregator_author_join", one.pk, other.pk)
    assert Author.objects.get(pk=other.pk).joined_to == one
    assert "They are not one person: take apart" in page(client, AUTHOR, other.pk)
    press(client, "admin:aggregator_author_take_apart", other.pk)
    assert Author.objects.get(pk=other.pk).joined_to is None
    logged = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert [*logged] == ["Pressed “join”.", "Pressed “take apart”."]


def test_who_decides_by_an_old_page_is_told(client: Client, anns: list[Author]) -> None:
    one, other = anns
    shown = f"name={one.name}&joined_to_id=None&is_hidden=False"
    Author.objects.filter(pk=one.pk).update(is_hidden=True)
    told = press(client, "admin:aggregator_author_join", one.pk, other.pk, shown=shown)
    assert "Changed since you opened the page" in told
    assert Author.objects.get(pk=other.pk).joined_to is None
    answer = act(client, AUTHORS, "join", anns, **{f"shown-{one.pk}": shown})
    assert "Changed since you opened the page" in answer


def test_who_may_only_look_finds_no_buttons(anns: list[Author]) -> None:
    reader = log_in(name="reader", may=["view_author"])
    found = page(reader, AUTHOR, anns[0].pk)
    assert 'form="press"' not in found
    assert reader.post(reverse("admin:aggregator_author_take_apart", args=[anns[0].pk])).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_poll_in_the_same_instant_takes_no_address_that_a_curator_gives() -> None:
    one = author_of(group("One"))
    client, feed = log_in(), make_feed("New")

    def rename() -> str:
        return save(client, one, slug="newcomer")

    meanwhile(rename, lambda: None, lambda: store_items(feed, by("a", "Newcomer"), title="New"))
    assert Author.objects.filter(slug__startswith="newcomer").count() == 2
