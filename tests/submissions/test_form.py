"""The form and the pages of a proposal: who gets through, with which words others are refused, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings

from aggregator.models import Attempts, Submission, Tick
from aggregator.submissions import strangers, views
from aggregator.submissions.tokens import token_of
from tests.curators import log_in
from tests.factories import make_feed

from .test_proposing import ready

pytestmark = [pytest.mark.django_db, pytest.mark.queue]

STRICT = Client(enforce_csrf_checks=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def queue() -> Iterator[None]:
    """Empty before and after: the worker is asked in each test that sends something."""
    HUEY.flush()
    yield
    HUEY.flush()


def asked() -> list[str]:
    """What waits for the worker."""
    return [task.name for task in HUEY.pending()]


def fields(**changes: str | None) -> dict[str, str]:
    """What a browser sends a minute after it was shown the form; a field that is None is left out."""
    token = strangers.new_token(timezone.now() - MINUTE)
    sent = {"token": token, "leave_empty": "", "address": "https://a.example/", "note": "", "email": "", **changes}
    return {name: value for name, value in sent.items() if value is not None}


def send(client: Client = STRICT, **changes: str | None) -> HttpResponse:
    return client.post("/submit/", fields(**changes))  # type: ignore[return-value]


def told(response: HttpResponse) -> str:
    return " ".join(re.findall(r'role="alert">([^<]*)<', response.content.decode()))


def test_who_sends_the_form_is_led_to_a_page_of_its_own() -> None:
    response = send(address="a.example", note="Mine & good", email="me@a.example")
    proposal = Submission.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/submit/{token_of('submission', proposal.key)}/")
    assert (proposal.address, proposal.note, proposal.email) == ("https://a.example/", "Mine & good", "me@a.example")
    assert STRICT.get(response["Location"]).status_code == 200
    assert asked() == ["look_at_proposals"], "at once, not with the next minute"


def test_without_a_queue_it_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker finds it in the rows, a minute later."""

    def refuse(*_: object) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(HUEY.storage, "enqueue", refuse)
    assert (send().status_code, Submission.objects.count()) == (303, 1)


def test_the_form_that_is_shown_can_be_sent_three_seconds_later(monkeypatch: pytest.MonkeyPatch) -> None:
    page = STRICT.get("/submit/").content.decode()
    shown = dict(re.findall(r'name="(\w+)"(?: value="([^"]*)")?', page.partition('<form class="form"')[2]))
    assert set(shown) == {"token", "leave_empty", "address", "note"}
    assert told(send(token=shown["token"])).startswith("That was fast.")
    later = timezone.now() + timedelta(seconds=3)
    monkeypatch.setattr(views.timezone, "now", lambda: later)
    assert send(token=shown["token"]).status_code == 303


@pytest.mark.parametrize("has_mail", [True, False])
def test_a_mail_address_is_asked_for_only_where_mail_is_sent(settings: Settings, has_mail: bool) -> None:
    settings.HAS_MAIL = has_mail
    page = STRICT.get("/submit/").content.decode()
    assert ('name="email"' in page, "This site sends no mail" in page) == (has_mail, not has_mail)


def test_what_a_page_is_called_stands_in_its_main_part() -> None:
    """Outside it, its header is a second banner of the site, and a jump to the main part passes it over."""
    for path in ("/submit/", path_of(ready())):
        page = STRICT.get(path).content.decode()
        assert page.index("<main") < page.index('<header class="heading">') < page.index("<h1") < page.index("</main>")


def test_who_hears_the_form_hears_the_hint_and_the_complaint_with_their_field() -> None:
    page = send(address="", note="n" * 1500).content.decode()
    named = {name for names in re.findall(r'aria-describedby="([^"]*)"', page) for name in names.split()}
    assert named == {"id_address_error", "id_note_helptext", "id_note_error"}
    assert named <= set(re.findall(r' id="([^"]*)"', page))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"token": None}, "It isn’t certain that this was sent from our form."),
        ({"token": "1750000000:made-up"}, "It isn’t certain that this was sent from our form."),
        ({"token": signing.Signer(salt="another").sign("1750000000")}, "It isn’t certain"),
        ({"token": "old"}, "The form was open for longer than a day."),
        ({"token": "new"}, "That was fast."),
        ({"leave_empty": None}, "A field was missing that has to be there and empty, “leave_empty”."),
        ({"leave_empty": "https://casino.example/"}, "The field “leave_empty” has to stay empty"),
        ({"address": ""}, "Which blog is it? Its address is missing."),
        ({"address": "http://169.254.169.254/"}, "This address can’t be asked."),
        ({"address": "https://a.example/" + "a" * 2000}, "at most 2000 characters"),
        ({"note": "x" * 1001}, "at most 1000 characters"),
        ({"note": "a\0b"}, "Null characters are not allowed"),
        ({"email": "nobody"}, "Enter a valid email address."),
    ],
)
def test_what_is_refused_is_told_why_leaves_no_row_and_loses_no_word(
    changes: dict[str, str | None], words: str
) -> None:
    ages = {"old": timedelta(hours=24, seconds=5), "new": timedelta(seconds=1)}
    if age := ages.get(changes.get("token") or ""):
        changes = {"token": strangers.new_token(timezone.now() - age)}
    response = send(**{"note": "My words", **changes})
    assert (response.status_code, Submission.objects.count(), Attempts.objects.count()) == (400, 0, 0)
    assert asked() == []
    assert words in told(response)
    assert "note" in changes or "My words" in response.content.decode()


def test_a_form_that_is_refused_can_be_sent_again_as_it_is_shown() -> None:
    for changes in (
        {"token": None},
        {"address": ""},
        {"token": strangers.new_token(timezone.now() - 25 * 60 * MINUTE)},
    ):
        [token] = re.findall(r'name="token" value="([^"]+)"', send(**changes).content.decode())
        assert strangers.is_to_be_kept(token, timezone.now())


def test_a_fourth_in_an_hour_is_refused_whatever_neighbor_it_comes_from() -> None:
    for number in range(3):
        client = Client(REMOTE_ADDR=f"203.0.113.{number}")
        assert send(client, address=f"https://a{number}.example/").status_code == 303
    response = send(Client(REMOTE_ADDR="203.0.113.9"), address="https://a9.example/", note="My words")
    assert (response.status_code, Submission.objects.count()) == (429, 3)
    assert 3590 < int(response["Retry-After"]) <= 3600
    assert told(response) == "3 proposals in an hour have come from your network. The next can in 60 minutes."
    assert "My words" in response.content.decode()


def test_who_comes_while_another_is_received_is_sent_away_for_a_second_and_asks_no_row(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: object
) -> None:
    meanwhile: list[HttpResponse] = []

    def propose(*_: object, **__: object) -> Submission:
        with django_assert_num_queries(0):  # type: ignore[operator]
            meanwhile.append(send(Client()))
        return ready()

    monkeypatch.setattr(views.proposing, "propose", propose)
    assert send().status_code == 303
    [response] = meanwhile
    assert (response.status_code, response["Retry-After"]) == (429, "1")
    assert "Somebody else is sending something just now." in response.content.decode()


def test_more_than_four_kilobytes_are_not_read() -> None:
    response = STRICT.post("/submit/", fields(note="x" * 5000))
    assert (response.status_code, Submission.objects.count()) == (413, 0)
    assert response.content == b"At most 4096 bytes are read here.\n"


@pytest.mark.parametrize("letter", ["x", "ж", "漢"])
def test_a_note_of_a_thousand_letters_fits_in_any_script(letter: str) -> None:
    assert send(note=letter * 1000).status_code == 303
    assert Submission.objects.get().note == letter * 1000


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_what_is_no_form_is_no_error_of_ours(content_type: str) -> None:
    assert STRICT.post("/submit/", b'{"address": "x"}', content_type=content_type).status_code == 400


def test_the_door_can_be_closed(settings: Settings) -> None:
    proposal = ready()
    settings.SUBMISSIONS = False
    assert "No blogs can be proposed here just now." in STRICT.get("/submit/").content.decode()
    assert (send().status_code, Submission.objects.count()) == (403, 1)
    assert "It is ready." in page_of(proposal)
    assert all("/submit/" not in STRICT.get(path).content.decode() for path in ("/", "/about/", "/sources/", "/none"))


@pytest.mark.parametrize("path", ["/", "/about/", "/sources/", "/none"])
def test_pages_lead_to_the_door(path: str) -> None:
    assert '<a href="/submit/">' in STRICT.get(path).content.decode()


# -- the page of a proposal ------------------------------------------------------------------------------------------


def path_of(proposal: Submission, verb: str = "") -> str:
    return f"/submit/{token_of('submission', proposal.key)}/{verb}"


def page_of(proposal: Submission) -> str:
    return STRICT.get(path_of(proposal)).content.decode()


@pytest.mark.parametrize("token", ["x", "x.y", "a" * 32])
def test_nobody_guesses_a_page(token: str) -> None:
    proposal = ready()
    for guess in (token, proposal.key, token_of("owner", proposal.key)):
        assert STRICT.get(f"/submit/{guess}/").status_code == 404
        assert STRICT.post(f"/submit/{guess}/send/").status_code == 404


def test_no_page_sets_a_cookie_is_kept_or_tells_where_it_is() -> None:
    proposal = ready(note="Mine")
    for client in (STRICT, log_in()):
        for response in (client.get("/submit/"), client.get(path_of(proposal)), send(client, token=None)):
            assert dict(response.cookies) == {}
            assert response["Cache-Control"] == "private, no-store"
            assert (response["Referrer-Policy"], response["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    page = page_of(proposal)
    assert ('rel="canonical"' in page, "noindex" in page, "<script" in page) == (False, True, False)


def test_only_while_it_is_looked_at_the_page_loads_itself_anew() -> None:
    refresh = {
        state: re.findall(
            r'http-equiv="refresh" content="(\d+)"', page_of(ready(state=state, host=state, looked_at=None))
        )
        for state in Submission.State.values
    }
    assert {state: content for state, content in refresh.items() if content} == {"looking": ["30"]}
    new = ready(state="looking", host="new", looked_at=None, created_at=timezone.now())
    assert 'content="3"' in page_of(new)


def test_it_says_when_nobody_is_there_to_look() -> None:
    proposal = ready(state="looking")
    assert "is away just now" in page_of(proposal)
    Tick.objects.note(timezone.now())
    assert "half a minute at most" in page_of(proposal)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "It is ready."),
        ({"evidence": {"refusal": "The answer is empty.", "met": []}}, "The answer is empty."),
        ({"state": "waiting", "sent_at": timezone.now()}, "It waits for the curators."),
        ({"state": "asked", "words": "Is it <yours>?"}, "Is it &lt;yours&gt;?"),
        ({"state": "declined", "reason": "promotion", "words": "Sorry."}, "It is there to sell something."),
        ({"state": "withdrawn"}, "You took it back."),
        ({"state": "expired"}, "It was dropped."),
        ({"state": "accepted"}, "It was accepted."),
    ],
)
def test_each_state_is_told_in_words(changes: dict[str, object], words: str) -> None:
    assert words in page_of(ready(**changes))


def test_an_accepted_blog_is_led_to_once_readers_see_it() -> None:
    feed = make_feed("Ours", slug="ours", state="pending")
    proposal = ready(state="accepted", feed=feed)
    assert "/source/ours/" not in page_of(proposal)
    feed.state = "active"
    feed.save()
    assert '<a href="/source/ours/">' in page_of(proposal)


def test_nothing_that_a_stranger_wrote_is_a_link() -> None:
    html = "<p>Buy https://casino.example/ now</p>"
    post = {"title": "https://casino.example/", "url": "https://casino.example/", "published_at": None, "html": html}
    proposal = ready(
        note="See https://casino.example/ <a href='https://casino.example/'>here</a>",
        title="https://casino.example/",
        address="https://casino.example/",
        feed_url="https://casino.example/feed",
        site_url="https://casino.example/",
        evidence={"met": [], "refusal": "", "posts": [post]},
    )
    page = page_of(proposal)
    assert page.count("casino.example") > 5
    assert re.findall(r'(?:href|src|action)="[^"]*casino[^"]*"', page) == []


def test_a_page_that_is_forgotten_says_so() -> None:
    proposal = ready()
    path = path_of(proposal)
    proposal.delete()
    response = STRICT.get(path)
    assert (response.status_code, "This proposal was forgotten." in response.content.decode()) == (410, True)


def test_the_buttons_do_what_they_say() -> None:
    proposal = ready()
    assert STRICT.post(path_of(proposal, "look/")).status_code == 303
    assert asked() == ["look_at_proposals"]
    Submission.objects.update(state="ready", evidence={})
    assert STRICT.post(path_of(proposal, "send/"))["Location"] == path_of(proposal)
    Submission.objects.update(state="asked")
    assert STRICT.post(path_of(proposal, "answer/"), {"answer": " "}).status_code == 400
    assert STRICT.post(path_of(proposal, "answer/"), {"answer": "Yes."}).status_code == 303
    assert Submission.objects.get().state == "waiting"
    assert STRICT.post(path_of(proposal, "take-back/")).status_code == 303
    assert Submission.objects.get().state == "withdrawn"


def test_a_button_of_an_old_page_does_nothing_and_says_how_it_stands() -> None:
    proposal = ready(state="declined")
    response = STRICT.post(path_of(proposal, "send/"))
    assert response.status_code == 409
    assert "no longer possible" in told(response)
    assert "It was declined." in response.content.decode()


def test_looking_again_has_a_limit() -> None:
    proposal = ready()
    for _ in range(3):
        assert STRICT.post(path_of(proposal, "look/")).status_code == 303
        Submission.objects.update(state="ready")
    response = STRICT.post(path_of(proposal, "look/"))
    assert (response.status_code, response["Retry-After"]) == (429, "60")


@pytest.mark.parametrize("verb", ["send/", "take-back/", "look/", "answer/"])
def test_a_link_alone_does_nothing(verb: str) -> None:
    """Programs that open every link of a mail must not send a proposal off, or take it back."""
    proposal = ready()
    assert STRICT.get(path_of(proposal, verb)).status_code == 405
    assert Submission.objects.get().state == "ready"
