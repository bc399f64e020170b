"""Who wrote an item: names, and addresses that feeds give; no mail address comes through."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.ingest.normalize import normalize
from aggregator.ingest.parse import parse
from aggregator.ingest.persons import MAX_ADDRESS_CHARACTERS, MAX_PERSONS
from aggregator.ingest.types import Document, Person

NOW = datetime(2026, 6, 24, 12, 0, tzinfo=UTC)
URL = "https://blog.example/feed"


def read(text: str) -> Document:
    return normalize(parse(text, URL, ""), url=URL, now=NOW)


def atom(*authors: str, of_feed: str = "") -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title><id>urn:b</id>'
        f"{of_feed}<entry><title>a</title><id>urn:a</id>{''.join(authors)}</entry></feed>"
    )


def author(name: str, uri: str = "", mail: str = "") -> str:
    return f"<author><name>{name}</name><uri>{uri}</uri><email>{mail}</email></author>"


def persons(text: str) -> tuple[Person, ...]:
    [item] = read(text).items
    return item.persons


def test_atom_names_each_with_the_address_of_each() -> None:
    text = atom(author("Ann", "https://ann.example/"), author("Bob"), author("Cleo", "http://Cleo.example"))
    assert persons(text) == (
        Person("Ann", "https://ann.example/"),
        Person("Bob"),
        Person("Cleo", "http://cleo.example/"),
    )


def test_the_author_of_the_feed_stands_for_its_entries() -> None:
    assert persons(atom(of_feed=author("Ann", "https://ann.example/"))) == (Person("Ann", "https://ann.example/"),)


def test_json_feed_names_people_and_their_addresses() -> None:
    people = [{"name": "Ann", "url": "https://ann.example/"}, {"name": "Bob", "url": 7}, {"url": "https://x.example/"}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "B"}
    item = {"id": "1", "content_text": "a", "authors": people}
    assert persons(json.dumps({**feed, "items": [item]})) == (Person("Ann", "https://ann.example/"), Person("Bob"))


@pytest.mark.parametrize(
    "element",
    [
        "<author>ann@mail.example (Ann)</author>",
        "<author>Ann &lt;ann@mail.example&gt;</author>",
        '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Ann &lt;ann@mail.example&gt;</dc:creator>',
    ],
)
def test_no_mail_address_comes_through(element: str) -> None:
    document = read(f"<rss version='2.0'><channel><item><title>a</title>{element}</item></channel></rss>")
    assert document.items[0].persons == (Person("Ann"),)
    assert "mail.example" not in repr(document)


def test_of_atom_no_mail_address_comes_through_either() -> None:
    assert "mail.example" not in repr(read(atom(author("Ann", "mailto:ann@mail.example", "ann@mail.example"))))


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "ftp://a.example/", "https://" + "a" * MAX_ADDRESS_CHARACTERS + ".example/"),
        *("https://a b/", "tag:ann,2026:x", "mailto:ann@mail.example"),
    ],
)
def test_what_is_no_address_on_the_web_says_nothing(address: str) -> None:
    assert persons(atom(author("Ann", address))) == (Person("Ann"),)


@pytest.mark.parametrize("address", ["https://", "/ann", "ann"])
def test_one_without_a_host_is_of_the_blog_itself(address: str) -> None:
    [person] = persons(atom(author("Ann", address)))
    assert person.url.startswith("https://blog.example/")


def test_an_address_loses_its_password() -> None:
    assert "secret" not in repr(persons(atom(author("Ann", "https://ann:secret@ann.example/"))))


def test_of_hundreds_the_first_few_count() -> None:
    [item] = read(atom(*(author(f"A{number}", f"https://a{number}.example/") for number in range(500)))).items
    assert [person.name for person in item.persons] == [f"A{number}" for number in range(MAX_PERSONS)]
    assert item.persons[-1].url == f"https://a{MAX_PERSONS - 1}.example/"
    assert len(item.author) <= 300


@pytest.mark.parametrize("name", ["שָׁלוֹם כהן", "山田 太郎", "🎈", "Smith, John", "x" * 200])
def test_names_are_what_the_line_of_names_is_made_of(name: str) -> None:
    [item] = read(atom(author(name), author("Bob"))).items
    assert item.author == ", ".join(person.name for person in item.persons)
    assert item.persons[0].name == name


def test_markup_in_a_name_is_text() -> None:
    [item] = read(atom(author("&lt;script&gt;alert(1)&lt;/script&gt;Ann"))).items
    assert "<" not in item.persons[0].name
