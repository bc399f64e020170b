"""The footer's own links lead where browsers may go, and what is wrong with one is said."""

from __future__ import annotations

import pytest

from aggregator.own.links import BadLinks, FooterLink, links_of


def test_they_are_names_and_addresses() -> None:
    said = (
        " Imprint = https://kiln.example/imprint?a=1&b=%2C , Über  uns=/about/#yours,Write=MAILTO:ann+x@kiln.example,"
    )
    assert links_of(said) == (
        FooterLink("Imprint", "https://kiln.example/imprint?a=1&b=%2C"),
        FooterLink("Über uns", "/about/#yours"),
        FooterLink("Write", "mailto:ann%2Bx@kiln.example"),
    )
    assert links_of(" , ") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://kiln.example/imprint", "'https://kiln.example/imprint' is none"),
        ("Imprint", "'Imprint' is none"),
        ("Imprint=", "'Imprint=' is none"),
        ("=https://kiln.example", "is none"),
        ("Map=https://kiln.example/52,13", "a comma within an address is written as %2C"),
        ("Imprint=javascript:alert(1)", "that of 'Imprint' is 'javascript:alert"),
        ("Imprint=data:text/html,x", "that of 'Imprint' is 'data:text/html'"),
        ("Imprint=//kiln.example/", "that of 'Imprint' is"),
        ("Imprint=/\\kiln.example/", "that of 'Imprint' is"),
        ("Imprint=imprint.html", "a path of this site such as /about/"),
        ("Imprint=https://", "that of 'Imprint' is"),
        ("Imprint=https://[::1/", "that of 'Imprint' is"),
        ("Imprint=https://ann:secret@kiln.example/", "that of 'Imprint' is"),
        ("Imprint=https://kiln.example/a b", "that of 'Imprint' is"),
        ("Imprint=ftp://kiln.example/", "that of 'Imprint' is"),
        ("Write=mailto:nobody", "such as mailto:planet@example.org"),
        (f"{'x' * 61}=/about/", "at most 60 characters"),
        ("a\u202eb=/about/", "names are words"),
        (f"Imprint=https://kiln.example/{'x' * 2000}", "that of 'Imprint' is"),
        (",".join(f"L{number}=/about/" for number in range(11)), "at most 10 links, and these are 11"),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_none_is_named_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(BadLinks) as raised:
        links_of(text)
    assert said in str(raised.value)
