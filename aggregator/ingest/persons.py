"""Who wrote an item: names, and the addresses on the web that the feed gives for these persons. Mail addresses are not
read: nothing could be done with one but to show or to compare it, and it is nobody's business here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice

from .address import absolute_link
from .plain import person_names
from .types import Person

MAX_PERSONS = 10
"""Of one item: so many have pages of their own. All are named above the post, as far as there is room."""
MAX_NAMES_CHARACTERS = 300
"""Of all of an item's authors together; the column has room for as many."""
MAX_ADDRESS_CHARACTERS = 500
"""Of a person's address; a longer one is no home of anybody."""

_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def with_addresses(given: Iterable[tuple[str, str]]) -> tuple[Person, ...]:
    """Those of these (name, address) for whom there is an address on the web, as their feed wrote it."""
    found: dict[str, str] = {}
    for name, address in given:
        if len(address) <= MAX_ADDRESS_CHARACTERS and _WEB.match(address):
            for person in person_names([name]):
                found.setdefault(person, address)
    return tuple(Person(name, url) for name, url in islice(found.items(), MAX_PERSONS))


def names_that_fit(authors: Iterable[str], plain: Callable[[str], str]) -> list[str]:
    """The names, each once; as many as fit whole, unless the first alone is too long."""
    names: list[str] = []
    # Mail addresses are taken out once more, as one that was escaped can be seen only now.
    for name in person_names(map(plain, authors)):
        if len(", ".join([*names, name])) > MAX_NAMES_CHARACTERS:
            break
        names.append(name)
    return names


def persons_of(names: Iterable[str], addressed: Iterable[Person], plain: Callable[[str], str]) -> tuple[Person, ...]:
    """The first of these persons, each with the address that was given for the name."""
    urls = {name: person.url for person in addressed for name in person_names([plain(person.name)])}
    return tuple(Person(name, _possible(urls.get(name, ""))) for name in islice(names, MAX_PERSONS))


def _possible(address: str) -> str:
    url = absolute_link(address, "") if address else ""
    return url if len(url) <= MAX_ADDRESS_CHARACTERS else ""
