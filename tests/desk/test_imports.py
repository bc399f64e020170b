"""The import of a list, as a curator sees it: what is done at once, how far the rest is, what became of each line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from huey.contrib.djhuey import HUEY

from aggregator.curating.imports import begin_import
from aggregator.desk.forms import MAX_UNFINISHED_IMPORTS
from aggregator.desk.imports import GOES_ON
from aggregator.exchange.opml import Outline
from aggregator.models import Feed, FeedImport
from aggregator.tasks import go_on_with_imports
from tests.curators import IMPORT, log_in, page, press
from tests.factories import NOW, make_category, make_feed

pytestmark = [pytest.mark.django_db, pytest.mark.queue]
REPORT = "admin:aggregator_feed_import_report"
STOP = "admin:aggregator_feed_import_stop"


@pytest.fixture
def client() -> Client:
    return log_in()


@pytest.fixture(autouse=True)
def queue() -> Iterator[None]:
    HUEY.flush()
    yield
    HUEY.flush()


def tasks() -> list[str]:
    """The names of what waits for the worker."""
    found = []
    while task := HUEY.dequeue():
        found.append(task.name)
    return found


def file_of(count: int, extra: str = "") -> SimpleUploadedFile:
    lines = "".join(f'<outline text="Blog {n}" xmlUrl="https://blog{n}.example/feed"/>' for n in range(count))
    return SimpleUploadedFile("feeds.opml", f'<opml version="2.0"><body>{lines}{extra}</body></opml>'.encode())


def upload(client: Client, count: int, extra: str = "", **fields: object) -> HttpResponse:
    return client.post(reverse(IMPORT), {"file": file_of(count, extra), **fields})  # type: ignore[return-value]


def report_of(client: Client, query: str = "") -> HttpResponse:
    response = client.get(reverse(REPORT, args=[FeedImport.objects.get().pk]) + query)
    assert response.status_code == 200
    return response  # type: ignore[return-value]


def test_a_short_list_is_answered_in_full(client: Client) -> None:
    html = press(client, IMPORT, file=file_of(40))
    assert "<strong>40 added, 0 already here, 0 refused.</strong>" in html
    assert all(f"https://blog{number}.example/feed<" in html for number in range(40))
    assert "<progress" not in html
    assert "Look again" not in html
    assert tasks() == ["poll_feeds_now"]
    assert "Refresh" not in report_of(client).headers


def test_of_a_long_list_the_request_adds_a_hundred_and_leads_to_its_page(client: Client) -> None:
    response = upload(client, 250)
    assert response.status_code == 303
    assert response.headers["Location"] == reverse(REPORT, args=[FeedImport.objects.get().pk])
    assert Feed.objects.count() == 100
    assert tasks() == ["go_on_with_imports", "poll_feeds_now"]


def test_while_the_worker_is_at_it_the_page_says_how_far_it_is_and_looks_again(client: Client) -> None:
    make_feed(url="https://blog7.example/feed")
    private = "".join(f'<outline xmlUrl="http://10.0.0.1/{number}"/>' for number in range(1150))
    upload(client, 50, private)
    response = report_of(client)
    html = response.content.decode()
    assert "100 of 1,200 looked at: 49 added, 1 already here, 50 refused." in html
    assert 'value="100" max="1200"' in html
    assert "Look again" in html
    assert response.headers["Refresh"] == "5"


def test_when_it_is_done_the_page_is_its_report_and_looks_no_more(client: Client) -> None:
    upload(client, 250)
    go_on_with_imports.call_local()
    response = report_of(client)
    assert "<strong>250 added, 0 already here, 0 refused.</strong>" in response.content.decode()
    assert "<progress" not in response.content.decode()
    assert "Refresh" not in response.headers


def test_a_page_further_on_is_left_to_who_reads_it(client: Client) -> None:
    upload(client, 350)
    go_on_with_imports.call_local()
    FeedImport.objects.update(finished_at=None)
    response = report_of(client, "?page=2")
    assert "Page 2 of 4" in response.content.decode()
    assert "Refresh" not in response.headers


def test_lines_come_by_the_hundred_and_first_what_was_refused(client: Client) -> None:
    upload(client, 120, '<outline xmlUrl="http://10.0.0.1/last"/>')
    go_on_with_imports.call_local()
    first, second = (report_of(client, f"?page={number}").content.decode() for number in (1, 2))
    assert first.index("http://10.0.0.1/last") < first.index("https://blog0.example/feed")
    assert "https://blog119.example/feed" not in first
    assert "https://blog119.example/feed" in second


def test_a_page_that_there_is_not_shows_the_last_one(client: Client) -> None:
    upload(client, 120)
    go_on_with_imports.call_local()
    assert "Page 2 of 2" in report_of(client, "?page=99999999999999999999").content.decode()
    assert "Page 1 of 2" in report_of(client, "?page=x").content.decode()


def test_an_import_that_stands_still_asks_for_the_worker(client: Client) -> None:
    upload(client, 250)
    FeedImport.objects.update(moved_at=datetime.now(UTC) - timedelta(minutes=7))
    response = report_of(client)
    assert "Nothing was added for 7" in response.content.decode()
    assert "Is the worker running?" in response.content.decode()
    assert response.headers["Refresh"] == "60"


def test_a_queue_that_is_away_is_told_and_nothing_is_lost(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", refuse)
    html = press(client, IMPORT, file=file_of(150))
    assert GOES_ON in unescape(html)
    assert "100 of 150 looked at" in html
    go_on_with_imports.call_local()
    assert Feed.objects.count() == 150


def test_the_first_words_of_an_import_that_nobody_has_begun(client: Client) -> None:
    begin_import([Outline(url="https://a.example/")], curator="ada", now=NOW)
    assert "No line was looked at yet." in report_of(client).content.decode()


def test_a_chosen_category_is_named_and_holds_for_the_rest_too(client: Client) -> None:
    shelf = make_category("Shelf")
    upload(client, 150, category=shelf.pk)
    assert "new feeds go to Shelf" in report_of(client).content.decode()
    go_on_with_imports.call_local()
    assert shelf.feeds.count() == 150


def test_a_password_is_not_on_the_page(client: Client) -> None:
    upload(client, 0, '<outline xmlUrl="https://ada:correct-horse@a.example/feed"/>')
    html = report_of(client).content.decode()
    assert "https://…@a.example/feed" in html
    assert "correct-horse" not in html


def test_the_form_names_recent_imports(client: Client) -> None:
    assert "No list was imported here in the last 30 days." in page(client, IMPORT)
    upload(client, 250)
    html = page(client, IMPORT)
    assert reverse(REPORT, args=[FeedImport.objects.get().pk]) in html
    assert "by curator, <strong>under way</strong>: 100 of 250 looked at" in html


def test_too_many_lists_that_wait_are_refused(client: Client) -> None:
    for _ in range(MAX_UNFINISHED_IMPORTS):
        begin_import([Outline(url="https://a.example/")], curator="ada", now=NOW)
    assert "20 lists are not done yet. Is the worker running?" in press(client, IMPORT, file=file_of(1))
    assert not Feed.objects.exists()


def test_an_import_can_be_stopped_and_what_was_added_stays(client: Client) -> None:
    upload(client, 250)
    row = FeedImport.objects.get()
    assert "Stop; what was added stays" in report_of(client).content.decode()
    answer = client.post(reverse(STOP, args=[row.pk]), follow=True)
    html = unescape(answer.content.decode())
    assert "Stopped: 150 lines were not looked at." in html
    assert "100 added, 0 already here, 0 refused, 150 not looked at." in html
    assert row.lines.filter(kind="left").count() == 150
    assert "stopped the import" in html
    assert "Stop; what" not in html
    go_on_with_imports.call_local()
    assert Feed.objects.count() == 100
    assert "It was done already." in client.post(reverse(STOP, args=[row.pk]), follow=True).content.decode()


def stop_address() -> str:
    row = begin_import([Outline(url="https://blog.example/feed")], curator="ada", now=NOW)
    return reverse(STOP, args=[row.pk])


def test_who_may_not_add_feeds_may_not_stop_an_import() -> None:
    assert log_in(may=["view_feed"]).post(stop_address()).status_code == 403
    assert not FeedImport.objects.get().is_finished


def test_no_link_and_no_other_site_stops_an_import() -> None:
    client, address = log_in(checks_csrf=True), stop_address()
    assert (client.get(address).status_code, client.post(address).status_code) == (405, 403)
    assert not FeedImport.objects.get().is_finished


def test_another_curator_may_look_at_it(client: Client) -> None:
    upload(client, 1)
    client.force_login(User.objects.create_superuser("other"))
    assert "Begun by curator" in report_of(client).content.decode()


def test_who_may_not_add_feeds_may_not_look_at_imports() -> None:
    row = begin_import([Outline(url="https://a.example/")], curator="ada", now=NOW)
    client = log_in(may=["view_feed", "change_feed"])
    assert client.get(reverse(REPORT, args=[row.pk])).status_code == 403


def test_strangers_are_sent_to_the_login() -> None:
    row = begin_import([Outline(url="https://a.example/")], curator="ada", now=NOW)
    assert Client().get(reverse(REPORT, args=[row.pk])).headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("number", [4711, 10**30])
def test_an_import_that_is_not_there_is_not_found(client: Client, number: int) -> None:
    assert client.get(reverse(REPORT, args=[number])).status_code == 404
