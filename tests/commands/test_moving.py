"""Moving in and out: import_opml, import_planet, export_opml."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from aggregator.curating import lists
from aggregator.exchange.opml import read_opml
from aggregator.models import Category, Entry, Feed, FilterRule
from tests.commands.running import refusal, run
from tests.documents import rss
from tests.factories import NOW, make_category, make_feed
from tests.servers import Answer, FeedServer

pytestmark = pytest.mark.django_db


def opml(url: str) -> bytes:
    return (
        '<opml version="2.0"><body><outline text="Friends">'
        f'<outline text="Named so" xmlUrl="{url}"/><outline text="Private" xmlUrl="http://10.0.0.1/"/>'
        "</outline></body></opml>"
    ).encode()


def written(folder: Path, data: bytes) -> str:
    file = folder / "list"
    file.write_bytes(data)
    return str(file)


def test_a_list_is_added_and_read(tmp_path: Path, feed_server: FeedServer) -> None:
    url = feed_server.add("/feed", Answer(rss("Fresh Paint", [("One", NOW)])))
    printed = run("import_opml", written(tmp_path, opml(url)))
    assert f"{url}: Named so, 1 entry\n" in printed
    assert "http://10.0.0.1/: 10.0.0.1 is not asked" in printed
    assert "1 added, 0 already here, 1 refused." in printed
    assert Feed.objects.get().category.name == "Friends"


def test_a_list_whose_feed_cannot_be_read_yet_says_so(tmp_path: Path, feed_server: FeedServer) -> None:
    url = feed_server.url("/nothing")
    printed = run("import_opml", written(tmp_path, opml(url)))
    assert f"{url}: Added, but it couldn't be read yet: There is nothing at this address (404); it is tried" in printed
    assert "1 added, 0 already here, 1 refused. 1 could not be read yet and is tried again.\n" in printed


def test_a_list_can_be_left_to_the_worker(tmp_path: Path, feed_server: FeedServer) -> None:
    run("import_opml", written(tmp_path, opml(feed_server.url("/feed"))), "--no-poll")
    assert feed_server.requests == []
    assert Feed.objects.get().state == "pending"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_tells_of_how_many_are_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"no_poll": True, "stdout": io.StringIO(), "stderr": Terminal()}
    call_command("import_opml", written(tmp_path, opml("https://a.example/feed")), **options)
    assert "0/2" in capsys.readouterr().err
    run("import_opml", written(tmp_path, opml("https://b.example/feed")), "--no-poll")
    assert capsys.readouterr().err == ""


def test_a_list_is_read_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(opml("https://a.example/feed"))))
    run("import_opml", "-", "--no-poll")
    assert Feed.objects.get().url == "https://a.example/feed"


@pytest.mark.parametrize("data", [b"", b"<html><body>Hi</body></html>", b"\xff\xfe\x00garbage", b"{}"])
def test_what_is_no_list_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    printed, sentence = refusal("import_opml", written(tmp_path, data))
    assert printed == ""
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_missing_list_is_refused_in_a_sentence() -> None:
    assert refusal("import_opml", "/no/such/file")[1] == "/no/such/file can't be read: No such file or directory."


def test_the_export_imports_into_the_same_feeds(tmp_path: Path) -> None:
    make_feed("Ä & <b>", url="https://a.example/feed?x=1&y=2", category=make_category("Friends"))
    make_feed("Other", url="https://b.example/feed")
    before = set(Feed.objects.values_list("url", "title", "site_url", "category__name"))
    exported = run("export_opml").encode()
    Feed.objects.all().delete()
    Category.objects.all().delete()
    run("import_opml", written(tmp_path, exported), "--no-poll")
    assert set(Feed.objects.values_list("url", "title", "site_url", "category__name")) == before


def test_the_export_tells_only_of_public_feeds() -> None:
    make_feed(url="https://shown.example/feed")
    make_feed(url="https://waiting.example/feed", state="pending")
    make_feed(url="https://spam.example/feed", state="rejected")
    assert [outline.url for outline in read_opml(run("export_opml").encode())] == ["https://shown.example/feed"]


PLANET = b"""[Planet]
name = Planet Example
date_format = %B %d
[https://ada.example/feed]
name = Ada
[https://lists.example/list.opml]
content_type = opml
"""


def test_a_planet_moves_in(tmp_path: Path) -> None:
    printed = run("import_planet", written(tmp_path, PLANET), "--no-poll")
    assert "Planet Example: 1 feed\n" in printed
    assert "Left out: [https://lists.example/list.opml] is a reading list" in printed
    assert Feed.objects.get().title == "Ada"


def test_a_planets_feeds_get_the_category_that_is_asked_for(tmp_path: Path) -> None:
    run("import_planet", written(tmp_path, PLANET), "--no-poll", "--category", "Moved in")
    assert Feed.objects.get().category.name == "Moved in"


def test_an_import_ends_with_what_to_do_next(tmp_path: Path) -> None:
    data = PLANET + b"[https://bo.example/feed]\nexclude = (\nface = bo.png\n"
    data = data.replace(b"[https", b"link = http://planet.example/\nowner_email = olga@planet.example\n[https", 1)
    printed = run("import_planet", written(tmp_path, data), "--no-poll")
    assert "Left out: exclude “(”: 1 feed; This is no regular expression" in printed
    assert "Left out: face: 1 feed; pictures of people aren't shown.\n" in printed
    _, _, steps = printed.partition("\nWhat to do next:\n")
    assert steps.startswith("- The worker reads the new feeds over the next minutes.")
    assert "`python manage.py feed_status`" in steps
    assert "Its addresses go on: /atom.xml, " in steps
    assert "/foafroll.xml" in steps
    assert steps.endswith(
        "    SITE_NAME='Planet Example'\n    WEBSITE_URL=http://planet.example\n    CONTACT=olga@planet.example\n"
    )


def test_of_a_planet_in_a_folder_no_import_promises_that_its_addresses_go_on(tmp_path: Path) -> None:
    data = PLANET.replace(b"[https", b"link = http://planet.example/blogs/\n[https", 1)
    printed = run("import_planet", written(tmp_path, data), "--no-poll")
    assert "the web server must redirect /blogs/* to /*." in printed
    assert "Its addresses go on:" not in printed
    assert "see “link” above" in printed


def test_filters_are_taken_over(tmp_path: Path) -> None:
    printed = run(
        "import_planet", written(tmp_path, PLANET + b"filter = A\n[http://b.example/]\nfilter = B"), "--no-poll"
    )
    assert "Taken over: filter and exclude, as one rule of 1 feed, unless a feed is here already.\n" in printed
    assert "http://b.example/: Added with 1 rule; it waits for its first poll.\n" in printed


def test_it_is_said_whose_filters_are_not_taken_over(tmp_path: Path) -> None:
    make_feed("Ada", url="https://ada.example/feed")
    printed = run("import_planet", written(tmp_path, PLANET.replace(b"Ada\n", b"Ada\nfilter = A\n")), "--no-poll")
    known = "https://ada.example/feed: Already here: Ada (active). It keeps its own rules; 1 rule of the list left out."
    assert known in printed


def test_the_same_list_again_changes_nothing_and_leaves_nothing_out(tmp_path: Path) -> None:
    shared = b"[DEFAULT]\nexclude = B\n" + PLANET.replace(b"Ada\n", b"Ada\nfilter = A\n")
    file = written(tmp_path, shared + b"[http://ada.example/feed]\nfilter = A\n")
    run("import_planet", file, "--no-poll")
    before = list(Feed.objects.values()), list(FilterRule.objects.values())
    again = run("import_planet", file, "--no-poll")
    assert (list(Feed.objects.values()), list(FilterRule.objects.values())) == before
    assert "https://ada.example/feed: Already here: Ada (pending).\nhttp://ada.example/feed: Already here: Ada" in again
    assert "0 added, 2 already here, 0 refused." in again
    assert "of the list left out" not in again


def test_a_list_that_adds_nothing_leaves_nothing_to_do(tmp_path: Path) -> None:
    make_feed(url="https://a.example/feed")
    assert "What to do next" not in run("import_opml", written(tmp_path, opml("https://a.example/feed")), "--no-poll")


def test_without_a_terminal_a_line_tells_how_far_a_long_list_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAUSE_SECONDS", 0)
    outlines = "".join(f'<outline xmlUrl="https://blog{n}.example/feed"/>' for n in range(101))
    printed = run("import_opml", written(tmp_path, f"<opml>{outlines}</opml>".encode()), "--no-poll")
    assert printed.startswith("100 of 101 looked at.\n101 of 101 looked at.\n")


@pytest.mark.parametrize("data", [b"", b"<rss/>", b"\xff\xfe", b"[other]\nx = 1\n"])
def test_what_is_no_planet_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    printed, sentence = refusal("import_planet", written(tmp_path, data))
    assert printed == ""
    assert sentence.endswith(".")


@pytest.mark.parametrize("command", ["import_opml", "import_planet"])
@pytest.mark.parametrize(
    "data",
    [
        b'# mine\nhttps://ada.example/feed clay "~Ada"\nexec:x\n',
        b"maxage 0\nfeed 1h https://ada.example/feed\n  define_name Ada\n",
        b"feeds:\n  - url: https://ada.example/feed\n    title: Ada\n    face: x\n",
        b"\xff\xfe" + "[https://ada.example/feed]\r\nname = Ada\r\nface = x".encode("utf-16-le"),
        b'<opml><body><outline text="Ada" xmlUrl="https://ada.example/feed"/><outline text="x',
    ],
)
def test_whatever_kind_of_list_it_is_both_commands_read_it(tmp_path: Path, command: str, data: bytes) -> None:
    printed = run(command, written(tmp_path, data), "--no-poll")
    assert list(Feed.objects.values_list("url", "title")) == [("https://ada.example/feed", "Ada")]
    assert "Left out: " in printed
    assert "What to do next" in printed


def test_a_planets_filters_drop_posts_from_the_first_poll_on(tmp_path: Path, feed_server: FeedServer) -> None:
    titles = ["Clay in the kiln", "A kiln, a lottery", "clay"]
    url = feed_server.add("/feed", Answer(rss("Kim", [(title, NOW) for title in titles])))
    config = f"[Planet]\nfilters = regexp_sifter.py?exclude=lottery\n[{url}]\nfilter = Clay|kiln\n"
    run("import_planet", written(tmp_path, config.encode()))
    assert list(Entry.objects.listed().values_list("title", flat=True)) == ["Clay in the kiln"]
