from __future__ import annotations

import pytest

from aggregator.exchange.contact import BadContact, Contact, contact_of


@pytest.mark.parametrize(
    ("text", "href", "shown"),
    [
        ("curators@planet.example", "mailto:curators@planet.example", "curators@planet.example"),
        (" mailto:ann+planet@kiln.example ", "mailto:ann%2Bplanet@kiln.example", "ann+planet@kiln.example"),
        ("a?b&c@localhost", "mailto:a%3Fb%26c@localhost", "a?b&c@localhost"),
        ("ann@größe.example", "mailto:ann@gr%C3%B6%C3%9Fe.example", "ann@größe.example"),
        ("https://planet.example/contact/", "https://planet.example/contact/", "planet.example/contact"),
        ("HTTPS://Planet.example/Contact", "https://Planet.example/Contact", "Planet.example/Contact"),
    ],
)
def test_a_mail_address_or_an_https_address_is_a_contact(text: str, href: str, shown: str) -> None:
    assert contact_of(text) == Contact(href, shown)


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "ann@", "@kiln.example", "ann at kiln.example", "ann@kiln..example", "Ann <ann@kiln.example>"),
        *("http://planet.example/", "javascript:alert(1)@a", "https://", "https://a b/", "https://u:p@planet.example/"),
        *('https://planet.example/"><script>', "https://[", "a@b\nBcc: c@d", f"{'a' * 400}@kiln.example"),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(BadContact):
        contact_of(text)
