"""Who proposed a blog is asked once whether the address is theirs; decisions go to those who said so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client

from aggregator.models import Submission
from aggregator.submissions.expiring import expire
from aggregator.submissions.proposing import take_back
from aggregator.submissions.tokens import token_of
from notifications.mailing.posting import post_due
from notifications.mailing.senders import plan_senders_mails
from notifications.models import Mail
from tests.factories import NOW, make_feed
from tests.notifications.desk import make_proposal

from .mail_server import MailServer

pytestmark = pytest.mark.django_db
SOON, DAY = NOW + timedelta(minutes=1), timedelta(days=1)
BOB = "bob@blog.example"


def post(now: datetime = NOW) -> int:
    plan_senders_mails(now)
    return post_due(lambda: now)


def proposal(**fields: Any) -> Submission:
    return make_proposal("Northern Notes", **{"email": BOB, **fields})


def decide(state: str, now: datetime = SOON, **fields: Any) -> None:
    Submission.objects.update(**{"state": state, "decided_at": now, **fields})


def confirm() -> None:
    Submission.objects.update(email_asked_at=NOW, email_proven_at=NOW)


# -- is it yours? -----------------------------------------------------------------------------------------------------


def test_an_address_is_asked_once_and_a_button_confirms_it(mail_server: MailServer, client: Client) -> None:
    sent = proposal()
    assert (post(), post(NOW + DAY)) == (1, 0)
    [mail] = mail_server.received
    assert mail.to == [BOB]
    [address] = [word for word in mail.text.split() if "/submit/" in word]
    path = urlsplit(address).path
    client.get(path)
    client.head(path)
    sent.refresh_from_db()
    assert sent.email_proven_at is None  # scanners open links
    page = client.post(path, follow=True)
    sent.refresh_from_db()
    assert sent.email_proven_at is not None
    assert "Thank you" in page.content.decode()


def test_the_question_carries_nothing_that_a_stranger_wrote(mail_server: MailServer) -> None:
    """Else the site would send their messages to whomever they like, and give the proposal away."""
    sent = proposal(note="Buy at https://spam.example/", host="spam.example", address="https://spam.example/x")
    post()
    raw = mail_server.received[0].raw.decode()
    assert "Northern" not in raw
    assert "spam" not in raw
    assert token_of("submission", sent.key) not in raw


@pytest.mark.parametrize("state", ["looking", "ready", "withdrawn", "expired"])
def test_nobody_is_written_to_before_it_is_sent_off_or_after_it_ended(mail_server: MailServer, state: str) -> None:
    proposal(state=state)
    assert post() == 0


def test_a_stranger_s_mailbox_is_not_filled(mail_server: MailServer) -> None:
    for number in range(5):
        proposal(host=f"blog{number}.example", email=BOB.upper() if number % 2 else BOB)
    assert post() == 2
    assert post(NOW + 2 * DAY) == 0


def test_nor_by_who_takes_each_back_again(mail_server: MailServer) -> None:
    for number in range(5):
        sent = proposal(host=f"blog{number}.example", email=BOB.upper() if number % 2 else BOB)
        post()
        take_back(sent.key, NOW)
    assert len(mail_server.received) == 2
    assert BOB not in str(list(Submission.objects.values())).lower()
    expire(NOW + DAY + timedelta(minutes=1))
    assert not Submission.objects.filter(evidence__has_key="asked").exists()
    proposal(host="blog9.example")
    assert post(NOW + DAY + timedelta(minutes=2)) == 1


def test_what_was_taken_back_meanwhile_is_not_asked_about(mail_server: MailServer) -> None:
    proposal()
    plan_senders_mails(NOW)
    Submission.objects.update(state="withdrawn", email="")
    assert post_due(lambda: NOW) == 0


def test_without_mail_nothing_is_written_and_it_is_asked_once_there_is(
    mail_server: MailServer, settings: LazySettings
) -> None:
    proposal()
    settings.HAS_MAIL = False
    assert post() == 0
    assert not Mail.objects.exists()
    settings.HAS_MAIL = True
    assert post(SOON) == 1


# -- decisions --------------------------------------------------------------------------------------------------------


def test_what_was_accepted_is_told_with_the_source_s_page(mail_server: MailServer) -> None:
    sent = proposal()
    confirm()
    decide("accepted", feed=make_feed("Northern Notes"))
    assert (post(SOON), post(SOON + DAY)) == (1, 0)
    [mail] = mail_server.received
    assert mail.message["Subject"] == "[Orrery] Accepted: Northern Notes"
    assert "http://testserver/source/northern-notes/" in mail.text
    assert token_of("submission", sent.key) in mail.text
    sent.refresh_from_db()
    assert sent.answered_at == SOON


def test_what_was_declined_is_told_with_the_reason_and_the_words(mail_server: MailServer) -> None:
    proposal()
    confirm()
    decide("declined", reason="too_new", words="Come back in spring.")
    post(SOON)
    text = mail_server.received[0].text
    assert "It has too few posts yet" in text
    assert "Come back in spring." in text


def test_a_question_leads_to_the_page_where_it_is_answered(mail_server: MailServer) -> None:
    sent = proposal()
    confirm()
    decide("asked", words="Is it yours?")
    post(SOON)
    assert "Is it yours?" in mail_server.received[0].text
    assert f"http://testserver/submit/{token_of('submission', sent.key)}/" in mail_server.received[0].text


def test_a_decision_goes_to_no_address_that_nobody_confirmed(mail_server: MailServer) -> None:
    proposal(email_asked_at=NOW)
    decide("accepted")
    assert post(SOON) == 0
    Submission.objects.update(email_proven_at=SOON)  # later, it is told all the same
    assert post(SOON) == 1


def test_a_decision_that_was_undone_before_it_was_told_is_not_told(mail_server: MailServer) -> None:
    proposal()
    confirm()
    decide("accepted")
    plan_senders_mails(SOON)
    Submission.objects.update(state="waiting", decided_at=None)
    assert post(SOON) == 0
    decide("declined", SOON + DAY)
    assert post(SOON + DAY) == 1
    assert "Declined" in mail_server.received[0].message["Subject"]


def test_a_second_decision_is_told_too_and_one_mail_tells_the_last(mail_server: MailServer) -> None:
    proposal()
    confirm()
    decide("asked")
    assert post(SOON) == 1
    mail_server.answer = lambda verb, line: b"421 later\r\n" if verb == "CONNECT" else None
    decide("accepted", SOON + DAY)
    post(SOON + DAY)
    decide("declined", SOON + DAY + timedelta(seconds=30))
    mail_server.answer = lambda verb, line: None
    assert post(SOON + DAY + timedelta(minutes=1)) == 1
    assert "Declined" in mail_server.received[1].message["Subject"]


def test_an_old_decision_is_no_news_to_who_confirms_only_now(mail_server: MailServer) -> None:
    proposal(email_proven_at=NOW)
    decide("accepted", NOW - 8 * DAY)
    assert post() == 0


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_s_address_is_a_secret_that_nobody_keeps(mail_server: MailServer, client: Client) -> None:
    sent = proposal()
    post()
    [address] = [word for word in mail_server.received[0].text.split() if "/submit/" in word]
    page = client.get(urlsplit(address).path)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert not page.cookies
    assert "script" not in page.content.decode().partition("<main")[2].partition("</main")[0]
    for wrong in (token_of("submission", sent.key), token_of("mail", sent.key), sent.key, "x.y", "%00", "%00.y"):
        assert client.post(f"/submit/mail/{wrong}/").status_code == 404


def test_a_page_of_another_address_confirms_nothing(mail_server: MailServer, client: Client) -> None:
    sent = proposal()
    post()
    [address] = [word for word in mail_server.received[0].text.split() if "/submit/" in word]
    Submission.objects.update(email="eve@blog.example")
    assert client.post(urlsplit(address).path).status_code == 404
    sent.refresh_from_db()
    assert sent.email_proven_at is None
