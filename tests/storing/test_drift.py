"""A feed that becomes another one is told apart from one that only changes; its new posts wait for a curator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.storing.drift import Traits, drift, site_of

# -- the decision ----------------------------------------------------------------------------------------------------


def links(site: str, count: int = 10) -> tuple[str, ...]:
    return tuple(f"https://{site}/post-{number}" for number in range(count))


BLOG = Traits(
    feed_id="urn:blog",
    language="en",
    links=links("blog.example"),
    places=("https://blog.example/feed", "https://blog.example/"),
)
CASINO = Traits(feed_id="urn:casino", language="id", links=links("casino.example"))


def becomes(familiar: int = 0, was: Traits = BLOG, **traits: object) -> str:
    """What is said of a blog whose traits stay as they were, except for these."""
    return drift(was, replace(BLOG, **{"places": (), **traits}), familiar=familiar)  # type: ignore[arg-type]


def test_a_domain_that_was_sold_has_drifted_and_is_told_in_words() -> None:
    assert drift(BLOG, CASINO, familiar=0) == (
        "its posts link to casino.example, no longer to blog.example; its id is another one; "
        "its language is “id”, no longer “en”; none of its earlier posts is left"
    )


@pytest.mark.parametrize(
    "jump", [{"links": links("casino.example")}, {"feed_id": "urn:casino"}, {"language": "id"}], ids=str
)
def test_without_one_familiar_post_each_jump_is_enough(jump: dict[str, object]) -> None:
    assert becomes(**jump)


def test_posts_that_are_all_new_mean_nothing_alone() -> None:
    assert not becomes()


def test_half_of_the_posts_familiar_speak_for_the_feed() -> None:
    assert not drift(BLOG, CASINO, familiar=10)


def test_a_few_familiar_posts_do_not_hide_that_all_else_is_other() -> None:
    assert drift(BLOG, CASINO, familiar=3)


@pytest.mark.parametrize(
    "jump", [{"links": links("elsewhere.example")}, {"feed_id": "urn:new", "language": "de"}], ids=str
)
def test_a_few_familiar_posts_outweigh_one_jump_of_links_or_two_small_ones(jump: dict[str, object]) -> None:
    assert not becomes(familiar=3, **jump)


@pytest.mark.parametrize("change", [{"feed_id": "urn:new"}, {"language": "de"}], ids=str)
def test_a_feed_of_its_last_post_alone_may_change_its_id_or_its_language(change: dict[str, object]) -> None:
    assert not becomes(links=links("blog.example", 1), **change)


def test_a_feed_of_its_last_post_alone_may_not_link_elsewhere() -> None:
    assert becomes(links=links("casino.example", 1))


def test_a_feed_with_few_posts_has_no_habits() -> None:
    assert not drift(replace(BLOG, links=links("blog.example", 4)), CASINO, familiar=0)


def test_an_empty_document_is_no_other_feed() -> None:
    assert not drift(BLOG, replace(CASINO, links=()), familiar=0)


@pytest.mark.parametrize("language", ["", "en-us", "en-gb"])
def test_a_language_that_is_refined_or_left_out_is_no_jump(language: str) -> None:
    assert not becomes(language=language)


@pytest.mark.parametrize(("was", "now"), [("iw", "he"), ("nb", "no"), ("pt-br", "pt-pt")])
def test_two_codes_of_one_language_are_no_jump(was: str, now: str) -> None:
    assert not becomes(was=replace(BLOG, language=was), language=now)


def test_a_feed_that_never_had_an_id_or_a_language_may_get_them() -> None:
    assert not becomes(was=replace(BLOG, feed_id="", language=""), feed_id="urn:new", language="de")


def test_ids_that_are_addresses_of_one_site_are_one_id() -> None:
    was = replace(BLOG, feed_id="http://blog.example/atom.xml")
    assert not becomes(was=was, feed_id="https://www.blog.example/feed")


@pytest.mark.parametrize("site", ["www.blog.example", "new.blog.example"])
def test_links_within_the_site_are_no_jump(site: str) -> None:
    assert not becomes(links=links(site))


def test_links_by_http_instead_of_https_are_no_jump() -> None:
    assert not becomes(links=tuple(link.replace("https", "http") for link in BLOG.links))


def test_links_to_the_site_that_the_feed_names_are_no_jump() -> None:
    behind_a_counter = replace(BLOG, links=links("feedproxy.example"))
    assert not becomes(was=behind_a_counter, links=links("blog.example"))


def test_a_blog_that_moved_by_permanent_redirect_together_with_its_links_is_the_same() -> None:
    moved = replace(BLOG, feed_id="urn:new", links=links("new.example"), places=("https://new.example/feed",))
    assert not drift(BLOG, moved, familiar=0)


def test_a_redirect_does_not_explain_links_to_a_third_site() -> None:
    assert becomes(links=links("casino.example")) == drift(
        BLOG, replace(BLOG, links=links("casino.example"), places=("https://new.example/feed",)), familiar=0
    )


def test_a_redirect_does_not_explain_another_language_without_one_familiar_post() -> None:
    sold = replace(CASINO, places=("https://casino.example/feed",))
    assert "language" in drift(BLOG, sold, familiar=0)


def test_the_links_of_a_planet_lead_anywhere() -> None:
    planet = replace(BLOG, links=tuple(f"https://blog{number}.example/post" for number in range(20)))
    assert not becomes(was=planet, links=links("newcomer.example"))


def test_one_guest_post_elsewhere_is_no_jump() -> None:
    assert not becomes(links=(*links("blog.example", 2), *links("magazine.example", 2)))


def test_posts_without_links_lead_nowhere() -> None:
    assert not becomes(was=replace(BLOG, links=("",) * 10), links=links("blog.example"))
    assert not becomes(links=("",) * 10)


def test_what_is_said_fits_the_row() -> None:
    long = Traits(feed_id="y", language="zz-" + "a" * 30, links=links("b" * 60 + "." + "c" * 200 + ".example"))
    assert len(drift(BLOG, long, familiar=0)) <= 300


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.blog.example/post", "blog.example"),
        ("https://a.b.blog.example:8080/", "blog.example"),
        ("https://notes.blog.co.uk/", "blog.co.uk"),
        ("https://blog.com.au/", "blog.com.au"),
        ("https://ada.blog.de/", "blog.de"),
        ("https://ada.github.io/", "github.io"),
        ("http://127.0.0.2:8000/", "127.0.0.2"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("http://localhost/", "localhost"),
        ("urn:uuid:1", ""),
        ("", ""),
    ],
)
def test_a_site_is_the_registered_name_of_a_host(url: str, site: str) -> None:
    assert site_of(url) == site
