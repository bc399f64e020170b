"""Lists of feeds in and out of the admin."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aggregator.desk import imports
from aggregator.exchange.opml import read_opml
from aggregator.models import Feed
from tests.curators import FEEDS, IMPORT, log_in, page, press
from tests.factories import make_category, make_feed

pytestmark = [pytest.mark.django_db, pytest.mark.queue]

LIST = b"""<opml version="2.0"><body><outline text="Friends">
<outline text="New" xmlUrl="https://new.example/feed" htmlUrl="https://new.example/"/>
<outline text="Known" xmlUrl="http://KNOWN.example/feed"/>
<outline text="Private" xmlUrl="http://10.0.0.1/&lt;script&gt;"/>
</outline></body></opml>"""


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the worker was asked to poll."""
    ids: list[int] = []
    monkeypatch.setattr(imports, "poll_soon", ids.extend)
    return ids


def upload(client: Client, data: bytes, **fields: object) -> str:
    return press(client, IMPORT, file=SimpleUploadedFile("feeds.opml", data), **fields)


def test_an_import_reports_on_every_entry(client: Client) -> None:
    known = make_feed("Known", url="https://known.example/feed")
    html = upload(client, LIST)
    assert "1 added, 1 already here, 1 refused." in html
    assert "Already here: Known (active)." in html
    assert "outside the public internet" in html
    assert reverse("admin:aggregator_feed_change", args=[known.pk]) in html


def test_addresses_in_the_report_are_escaped(client: Client) -> None:
    assert "10.0.0.1/&lt;script&gt;" in upload(client, LIST)


def test_new_feeds_lie_in_the_files_folders(client: Client) -> None:
    upload(client, LIST)
    assert Feed.objects.get(host="new.example").category.name == "Friends"


def test_a_chosen_category_goes_before_the_files_folders(client: Client) -> None:
    shelf = make_category("Shelf")
    upload(client, LIST, category=shelf.pk)
    assert Feed.objects.get(host="new.example").category == shelf


def test_the_worker_is_asked_to_read_the_new_feeds(client: Client, asked: list[int]) -> None:
    make_feed(url="https://known.example/feed")
    upload(client, LIST)
    assert asked == [Feed.objects.get(host="new.example").pk]


def test_a_second_import_adds_nothing(client: Client) -> None:
    upload(client, LIST)
    assert "0 added, 2 already here, 1 refused." in upload(client, LIST)


ENTITY = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;"/></body></opml>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html><body>Hello</body></html>", "This is a web page, not an OPML file."),
        (b"<rss version='2.0'/>", "This is a feed, not a list of feeds."),
        (
            b"\x89PNG\r\n",
            "This is neither an OPML file nor a planet&#x27;s configuration, and no line of it begins with",
        ),
        (b"[Planet]\nname = P\n[p.opml]\ncontent_type = opml\n", "[p.opml] is a reading list, not a feed: save it"),
        (ENTITY, "The file declares entities."),
        (b"", "The file is empty."),
        (b"<opml><body/></opml>", "The file names no feed."),
        (b"<opml>" + b" " * (5 * 2**20) + b"</opml>", "The file is larger than 5 MiB."),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_plain_words(client: Client, data: bytes, sentence: str) -> None:
    assert sentence in upload(client, data)
    assert not Feed.objects.exists()


def test_no_file_is_refused_in_plain_words(client: Client) -> None:
    assert "Choose a file." in press(client, IMPORT)


def test_looking_at_the_form_adds_nothing(client: Client) -> None:
    assert "OPML file" in page(client, IMPORT)
    assert not Feed.objects.exists()


def test_the_list_of_feeds_leads_to_import_and_export(client: Client) -> None:
    for html in (page(client, FEEDS), page(client, "admin:index")):
        assert reverse(IMPORT) in html
        assert reverse("admin:aggregator_feed_export") in html


def test_the_export_holds_the_public_feeds_and_no_others(client: Client) -> None:
    for state in Feed.State.values:
        make_feed(url=f"https://{state}.example/feed", state=state)
    response = client.get(reverse("admin:aggregator_feed_export"))
    assert response.headers["Content-Disposition"] == 'attachment; filename="feeds.opml"'
    hosts = {outline.url for outline in read_opml(response.content)}
    assert hosts == {f"https://{state}.example/feed" for state in ("active", "paused", "gone")}


def test_a_post_without_a_token_is_refused() -> None:
    response = log_in(checks_csrf=True).post(reverse(IMPORT), {"file": SimpleUploadedFile("feeds.opml", LIST)})
    assert response.status_code == 403
    assert not Feed.objects.exists()


def test_who_may_not_add_feeds_cannot_import() -> None:
    client = log_in(may=["view_feed", "change_feed"])
    response = client.post(reverse(IMPORT), {"file": SimpleUploadedFile("feeds.opml", LIST)})
    assert response.status_code == 403
    assert not Feed.objects.exists()


def test_who_may_not_see_feeds_cannot_export() -> None:
    assert log_in(may=["view_entry"]).get(reverse("admin:aggregator_feed_export")).status_code == 403


@pytest.mark.parametrize("name", [IMPORT, "admin:aggregator_feed_export"])
def test_strangers_are_sent_to_the_login(name: str) -> None:
    assert Client().get(reverse(name)).headers["Location"].startswith(reverse("admin:login"))


# -- planets' configurations -----------------------------------------------------------------------------------------

PLANET = """[Planet]
name = Planet <b>Kiln</b>
link = https://kiln.example/
owner_email = olive@kiln.example
cache_directory = /srv/cache
[https://new.example/feed]
name = New
exclude = lottery
face = new.png
""".encode("iso-8859-1")


def test_a_planets_configuration_is_imported_with_its_rules(client: Client) -> None:
    html = upload(client, PLANET)
    assert "1 added, 0 already here, 0 refused." in html
    assert "Added with 1 rule" in html
    [rule] = Feed.objects.get(host="new.example").rules.all()
    assert str(rule) == "drop posts matching “(?-i:lottery)” in the whole post"


def test_its_report_says_what_is_left_out_and_what_to_do_next(client: Client) -> None:
    html = upload(client, PLANET)
    assert "face: 1 feed; pictures of people aren&#x27;t shown." in html
    assert "cache_directory: [Planet]; all that is read stays in the database." in html
    assert "SITE_NAME=&#x27;Planet &lt;b&gt;Kiln&lt;/b&gt;&#x27;\nWEBSITE_URL=https://kiln.example\n" in html
    assert "CONTACT=olive@kiln.example" in html
    assert "?health=failing" in html


def test_of_a_planet_in_a_folder_no_report_promises_that_its_subscribers_stay(client: Client) -> None:
    assert "go on, so its subscribers stay." in upload(client, PLANET)
    html = upload(client, PLANET.replace(b"kiln.example/\n", b"kiln.example/blogs/\n"))
    assert "so its subscribers stay." not in html
    assert "the web server must redirect /blogs/* to /*." in html


def test_a_list_without_settings_leads_to_none(client: Client) -> None:
    html = upload(client, LIST)
    assert "What to do next" in html
    assert ".env" not in html
    assert "Left out" not in html


def test_of_a_planets_configuration_that_is_half_broken_the_rest_comes(client: Client) -> None:
    html = upload(client, b"[Planet]\nname = P\nx\n[https://ada.example/feed]\n")
    assert "Line 3 (“x”) is neither a [section] nor an option." in html
    assert Feed.objects.get().url == "https://ada.example/feed"


def test_a_list_of_addresses_is_read_too(client: Client) -> None:
    upload(client, b'https://ada.example/feed clay "~Ada says"\nbo.example\n')
    assert list(Feed.objects.order_by("pk").values_list("url", "title", "category__name")) == [
        ("https://ada.example/feed", "Ada says", "clay"),
        ("https://bo.example/", "", None),
    ]


# -- starter feeds ---------------------------------------------------------------------------------------------------

STARTER = "admin:aggregator_feed_starter"


def test_an_empty_desk_offers_starter_feeds(client: Client, asked: list[int]) -> None:
    assert f'action="{reverse(STARTER)}"' in page(client, "admin:index")
    html = press(client, STARTER)
    count = Feed.objects.count()
    assert count >= 12
    assert f"{count} added, 0 already here, 0 refused." in html
    assert len(asked) == count
    assert reverse(STARTER) not in page(client, "admin:index")


def test_a_desk_that_was_open_while_others_added_feeds_adds_none(client: Client) -> None:
    make_feed()
    assert "There are feeds already" in press(client, STARTER)
    assert Feed.objects.count() == 1


def test_who_may_not_add_feeds_gets_no_starter_feeds() -> None:
    client = log_in(may=["view_feed", "change_feed"])
    assert reverse(STARTER) not in page(client, "admin:index")
    assert client.post(reverse(STARTER)).status_code == 403
    assert not Feed.objects.exists()


def test_starter_feeds_need_a_press_and_a_token(client: Client) -> None:
    assert client.get(reverse(STARTER)).status_code == 405
    assert not Feed.objects.exists()
