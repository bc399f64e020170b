"""The worker hands mails to a real server on this machine: each once, later if it must, and in few lines."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from aggregator.models import Submission
from notifications.mailing import posting
from notifications.mailing.posting import next_mail_at, post_due
from notifications.models import Mail, MailWish
from notifications.notices.desk_planner import plan_desk
from tests.factories import NOW, make_feed
from tests.notifications.desk import make_decider, make_gone_feed, make_proposal

from .mail_server import MailServer, use_server

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def post(now: datetime = NOW) -> int:
    return post_due(lambda: now)


def curator(address: str = "ann@kiln.example", **wishes: bool) -> None:
    user = make_decider(email=address)
    MailWish.objects.create(user=user, **(wishes or {"wants_proposals": True}))


def one_waits(address: str = "ann@kiln.example") -> Mail:
    """A mail to a curator about a proposal."""
    curator(address)
    make_proposal("Northern Notes")
    plan_desk(NOW)
    return Mail.objects.latest("pk")


# -- to curators ------------------------------------------------------------------------------------------------------


def test_a_curator_gets_one_plain_mail_that_leads_to_the_desk(mail_server: MailServer) -> None:
    one_waits()
    assert post() == 1
    [mail] = mail_server.received
    message = mail.message
    assert mail.to == ["ann@kiln.example"]
    assert message["Subject"] == "[Orrery] A blog is proposed: Northern Notes"
    assert message["From"] == "Orrery <planet@planet.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert "http://testserver/admin/" in mail.text
    assert "http://testserver/admin/devices/" in mail.text  # where it can be ended
    assert (Mail.objects.get().state, next_mail_at()) == ("sent", None)
    assert post(NOW + DAY) == 0


def test_a_second_proposal_in_the_quiet_time_makes_no_second_mail(mail_server: MailServer) -> None:
    one_waits()
    post()
    make_proposal("Kiln")
    plan_desk(NOW + 59 * MINUTE)
    assert post(NOW + 59 * MINUTE) == 0
    plan_desk(NOW + HOUR)
    assert post(NOW + HOUR) == 1
    assert "Kiln" in mail_server.received[1].text
    assert "Northern Notes" not in mail_server.received[1].text
    assert "1 more waits since before" in mail_server.received[1].text


def test_a_mail_says_what_is_true_when_it_is_sent(mail_server: MailServer) -> None:
    one_waits()
    make_proposal("Kiln")
    plan_desk(NOW + HOUR)  # the first could not be sent yet: one mail will tell both
    Submission.objects.filter(title="Northern Notes").update(state="accepted")
    assert post(NOW + HOUR) == 1
    assert "Northern Notes" not in mail_server.received[0].text
    assert mail_server.received[0].message["Subject"] == "[Orrery] A blog is proposed: Kiln"


def test_what_was_decided_meanwhile_is_not_mailed(mail_server: MailServer) -> None:
    one_waits()
    Submission.objects.update(state="declined")
    assert post() == 0
    assert (mail_server.received, Mail.objects.get().state) == ([], "needless")


def test_each_gets_the_kinds_that_he_chose(mail_server: MailServer) -> None:
    curator("ann@kiln.example", wants_trouble=True)
    curator("bob@kiln.example", wants_held=True, wants_proposals=True)
    curator("eve@kiln.example", wants_held=False)
    make_proposal("Kiln")
    make_feed("Waves", held_count=2)
    make_gone_feed("Tides")
    plan_desk(NOW)
    assert post() == 2
    texts = {mail.to[0]: mail.text for mail in mail_server.received}
    assert {name: [word in text for word in ("Kiln", "Waves", "Tides")] for name, text in texts.items()} == {
        "ann@kiln.example": [False, False, True],
        "bob@kiln.example": [True, True, False],
    }


@pytest.mark.parametrize("why", ["no address", "no permission", "left", "no mail"])
def test_no_mail_is_made_for_who_can_get_none(mail_server: MailServer, settings: LazySettings, why: str) -> None:
    curator("" if why == "no address" else "ann@kiln.example")
    user = MailWish.objects.get().user
    if why == "no permission":
        user.user_permissions.clear()
    if why == "left":
        user.is_staff = False
        user.save()
    settings.HAS_MAIL = why != "no mail"
    make_proposal()
    plan_desk(NOW)
    assert not Mail.objects.exists()
    assert Submission.objects.get().announced_at == NOW


def test_a_site_that_names_no_post_names_none_in_mails(mail_server: MailServer, settings: LazySettings) -> None:
    settings.PUSH_NAME_NO_POST = True
    one_waits()
    post()
    assert "Northern" not in mail_server.received[0].raw.decode()
    assert mail_server.received[0].message["Subject"] == "[Orrery] Something to decide on Orrery"


def test_a_hostile_title_makes_no_header(mail_server: MailServer) -> None:
    curator()
    make_proposal("Kiln\r\nBcc: victim@example.org\r\n\r\nBuy")
    plan_desk(NOW)
    assert post() == 1
    [mail] = mail_server.received
    assert mail.message["Bcc"] is None
    assert mail.to == ["ann@kiln.example"]


def test_of_a_slow_server_s_mails_nobody_else_takes_any(mail_server: MailServer) -> None:
    """Else two would send each of them, and soon all of the worker's threads would wait for that server."""
    for number in range(8):
        curator(f"curator{number}@kiln.example")
    make_proposal("Northern Notes")
    plan_desk(NOW)
    moment, others = NOW, list[Mail]()

    def slow_clock() -> datetime:
        nonlocal moment
        moment += MINUTE
        if mail_server.received:
            others.extend(Mail.objects.claim(moment, lease=posting.LEASE, limit=9))
        return moment

    assert (post_due(slow_clock), others) == (8, [])
    assert moment - NOW > posting.LEASE


# -- trouble ----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_asked_again_with_growing_pauses(
    mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.answer = lambda verb, line: b"421 later\r\n" if verb == "CONNECT" else None
    one_waits()
    moments, now = [], NOW
    for _ in range(6):
        assert post(now) == 0
        moments.append(int((Mail.objects.get().next_at - now).total_seconds() / 60))
        assert post(now + 30 * timedelta(seconds=1)) == 0  # not asked before its time
        now = Mail.objects.get().next_at
    assert moments == [1, 5, 15, 60, 240, 240]
    assert mail_server.connections == 6
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 6
    assert all(record.exc_info is None and "\n" not in record.getMessage() for record in caplog.records)
    mail_server.answer = lambda verb, line: None
    assert post(now) == 1


def test_many_that_wait_for_a_server_are_one_line_and_one_try(
    mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.answer = lambda verb, line: b"" if verb == "CONNECT" else None
    for number in range(5):
        curator(f"curator{number}@kiln.example")
    make_proposal()
    plan_desk(NOW)
    assert Mail.objects.count() == 5
    assert post() == 0
    [line] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "5 wait" in line
    assert mail_server.connections == 1


def test_what_could_not_be_sent_for_two_days_comes_to_an_end(mail_server: MailServer) -> None:
    mail_server.answer = lambda verb, line: b"421 later\r\n" if verb == "CONNECT" else None
    one_waits()
    now, tries = NOW, 0
    while next_mail_at() is not None:
        post(now)
        now, tries = Mail.objects.get().next_at, tries + 1
        assert tries < 30
    mail = Mail.objects.get()
    assert (mail.state, mail.finished_at is not None and mail.finished_at <= NOW + 2 * DAY) == ("failed", True)
    assert "too late" in mail.reason


def test_an_address_that_is_refused_for_good_is_tried_once_and_the_others_are_sent(mail_server: MailServer) -> None:
    mail_server.answer = lambda verb, line: b"550 nobody\r\n" if verb == "RCPT" and "ann@" in line else None
    curator("ann@kiln.example")
    curator("bob@kiln.example")
    make_proposal()
    plan_desk(NOW)
    assert post() == 1
    assert dict(Mail.objects.values_list("user__email", "state")) == {
        "ann@kiln.example": "failed",
        "bob@kiln.example": "sent",
    }
    assert next_mail_at() is None


def test_an_address_that_is_refused_for_now_is_tried_later(mail_server: MailServer) -> None:
    mail_server.answer = lambda verb, line: b"451 greylisted\r\n" if verb == "RCPT" else None
    one_waits()
    assert post() == 0
    assert (Mail.objects.get().state, next_mail_at()) == ("waiting", NOW + MINUTE)
    mail_server.answer = lambda verb, line: None
    assert post(NOW + MINUTE) == 1


def test_a_wrong_password_is_named_without_it(
    mail_server: MailServer, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    use_server(settings, mail_server, username="planet", password="open sesame")

    def answer(verb: str, line: str) -> bytes | None:
        if verb == "EHLO":
            return b"250-here\r\n250 AUTH PLAIN\r\n"
        return b"535 no\r\n" if verb == "AUTH" else None

    mail_server.answer = answer
    one_waits()
    assert post() == 0
    assert "refuses user or password of EMAIL_URL" in caplog.text
    assert "sesame" not in caplog.text + Mail.objects.get().reason


def test_a_server_that_never_answers_is_left_after_its_time(mail_server: MailServer, settings: LazySettings) -> None:
    use_server(settings, mail_server, timeout=0.2)
    stay = threading.Event()

    def answer(verb: str, line: str) -> bytes:
        stay.wait()
        return b""

    mail_server.answer = answer
    one_waits()
    try:
        assert post() == 0
    finally:
        stay.set()
    assert "doesn't answer in time" in Mail.objects.get().reason


def test_a_server_that_drips_is_cut_off(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line comes in time, and no answer ever ends: what is waited for is not silence."""
    monkeypatch.setattr(posting, "MAX_SECONDS_PER_MAIL", 0.3)
    mail_server.answer = lambda verb, line: b"250-and\r\n" * 5 if verb == "MAIL" else None
    one_waits()
    assert post() == 0
    mail = Mail.objects.get()
    assert (mail.state, mail.reason) == ("waiting", "SMTPServerDisconnected: Connection unexpectedly closed")


# -- once -------------------------------------------------------------------------------------------------------------


def test_a_worker_that_dies_with_a_mail_leaves_it_for_ten_minutes_to_nobody_else(mail_server: MailServer) -> None:
    mail = one_waits()
    [claimed] = Mail.objects.claim(NOW, lease=posting.LEASE, limit=50)  # and is killed
    assert claimed == mail
    assert post(NOW + 9 * MINUTE) == 0
    assert post(NOW + 10 * MINUTE) == 1


def test_a_mail_whose_sending_was_not_noted_is_sent_again_under_the_same_id(mail_server: MailServer) -> None:
    one_waits()
    post()
    Mail.objects.update(state="waiting", finished_at=None, next_at=NOW)  # killed between the server's word and ours
    post(NOW + 10 * MINUTE)
    first, second = (mail.message["Message-ID"] for mail in mail_server.received)
    assert first == second


def test_a_mail_that_another_worker_has_taken_is_left_alone(mail_server: MailServer) -> None:
    one_waits()
    [slow] = Mail.objects.claim(NOW, lease=posting.LEASE, limit=50)
    later = NOW + 10 * MINUTE
    assert post(later) == 1  # by another, as the first took too long
    posting._Run(lambda: later).post([slow])
    assert len(mail_server.received) == 1


# -- the operator's test ----------------------------------------------------------------------------------------------


def test_django_s_own_command_shows_the_operator_that_mail_works(mail_server: MailServer) -> None:
    call_command("sendtestemail", "ops@kiln.example")
    assert [mail.to for mail in mail_server.received] == [["ops@kiln.example"]]
    assert mail_server.received[0].message["From"] == "planet@planet.example"
