"""Sends the mails that are due, over one connection to the site's mail server; only the worker does.

    claim (for so long nobody else has them) ──> put together ──> send ──> mark as sent, one by one

A mail is marked after the server has taken it. So none is lost; a worker that is killed in the moment between leaves
one mail that is sent again, ten minutes later, with the same Message-ID: many mailboxes show it once.
"""

from __future__ import annotations

import logging
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any

import django.core.mail
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.crypto import salted_hmac

from aggregator.ingest.text import one_line
from notifications.models import Mail

from .addressing import Letter, letter

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""A worker that is killed costs its mails this long. No mail takes as long, see below; those that come after it stay
taken meanwhile, however slow the server is."""
MAX_SECONDS_PER_MAIL = 120
"""Then the line is cut: a server that answers a letter at a time would keep a thread for ever."""
MAILS_PER_CLAIM = 50
PAUSES = (1, 5, 15, 60, 240)
"""In minutes, between attempts; the last one is kept to."""
MAX_AGE = timedelta(days=2)
"""What could not be sent for so long has come to be known otherwise."""


def next_mail_at() -> datetime | None:
    """When there is a mail to send again; None if none waits, or none can be sent."""
    if not settings.HAS_MAIL:
        return None
    return Mail.objects.unfinished().order_by("next_at").values_list("next_at", flat=True).first()


def post_due(clock: Callable[[], datetime] = timezone.now) -> int:
    """Send what is due; how many mails the server took."""
    sent = 0
    while settings.HAS_MAIL and (claimed := Mail.objects.claim(clock(), lease=LEASE, limit=MAILS_PER_CLAIM)):
        run = _Run(clock)
        run.post(claimed)
        sent += run.sent
        if run.is_broken_off:
            break
    if sent:
        logger.info("mailed count=%d", sent)
    return sent


class _Run:
    """The mails of one claim."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.sent = 0
        self.is_broken_off = False
        self._clock = clock
        self._connection: Any = _mail_server()

    def post(self, claimed: list[Mail]) -> None:
        try:
            for place, mail in enumerate(claimed):
                _keep(claimed[place + 1 :], self._clock())
                if problem := self._post_one(mail):
                    self._put_off(claimed[place:], problem)
                    return
        finally:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.close()

    def _post_one(self, mail: Mail) -> str:
        """Why nothing can be sent for now, in words; empty if the next can be tried."""
        now = self._clock()
        if not _is_still_ours(mail, now):
            return ""
        to_send = letter(mail, now)
        if to_send is None:
            _end(mail, Mail.State.NEEDLESS, "", now)
            return ""
        try:
            with _cut_after(MAX_SECONDS_PER_MAIL, self._connection):
                self._connection.send_messages([_message(mail, to_send)])
        except smtplib.SMTPRecipientsRefused as error:
            self._refused(mail, *next(iter(error.recipients.values())), now=now)
        except smtplib.SMTPDataError as error:
            self._refused(mail, error.smtp_code, error.smtp_error, now=now)
        except (smtplib.SMTPException, OSError) as error:
            return _in_words(error)
        except ValueError:  # Django's: a header with a line break in it
            _end(mail, Mail.State.FAILED, "its address or subject can't be sent", now)
        else:
            self.sent += 1
            _end(mail, Mail.State.SENT, "", self._clock())
        return ""

    def _refused(self, mail: Mail, code: int, said: bytes | str, *, now: datetime) -> None:
        """Of this mail alone: for good, or it is tried again."""
        reason = f"refused: {code} {_as_text(said)}"
        if code >= 500:
            logger.warning("mail refused about=%s id=%d code=%d", mail.about, mail.pk, code)
            _end(mail, Mail.State.FAILED, reason, now)
        else:
            _retry(mail, reason, now)

    def _put_off(self, mails: list[Mail], problem: str) -> None:
        """The server takes none of them now. One line says so, however many they are."""
        self.is_broken_off = True
        now = self._clock()
        nexts = [at for mail in mails if (at := _retry(mail, problem, now))]
        when = f"{min(nexts):%H:%M} UTC" if nexts else "never"
        logger.warning("mail can't be sent, %d wait (next try %s): %s", len(mails), when, problem)


def _mail_server() -> Any:
    """A connection to it, not yet open. From 6.1 on, Django has a new door to that, and warns at the old one."""
    mailers = getattr(django.core.mail, "mailers", None)
    return django.core.mail.get_connection() if mailers is None else mailers.default


def _message(mail: Mail, to_send: Letter) -> EmailMessage:
    digest = salted_hmac("notifications.mailing", str(mail.pk), algorithm="sha256").hexdigest()[:32]
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    headers = {
        "Message-ID": f"<{digest}@{host}>",
        # RFC 3834: nobody's automatic answer comes back to this.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    return EmailMessage(
        subject=to_send.text.subject,
        body=to_send.text.body,
        from_email=formataddr((one_line(settings.SITE_NAME, 60), settings.DEFAULT_FROM_EMAIL)),
        to=[to_send.to],
        headers=headers,
    )


@contextmanager
def _cut_after(seconds: float, connection: Any) -> Iterator[None]:
    """End the line to the server if this takes longer; each answer alone has EMAIL_TIMEOUT_SECONDS."""
    timer = threading.Timer(seconds, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: Any) -> None:
    line = getattr(getattr(connection, "connection", None), "sock", None)
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


# -- rows ------------------------------------------------------------------------------------------------------------


def _is_still_ours(mail: Mail, now: datetime) -> bool:
    """Whether nobody else has taken it since; from now on it is ours for as long as it takes to send one."""
    mine = Mail.objects.unfinished().filter(pk=mail.pk, attempts=mail.attempts, next_at__gt=now)
    return bool(mine.update(next_at=now + LEASE))


def _keep(mails: Sequence[Mail], now: datetime) -> None:
    """Those that are still ours stay so for as long as the one before them may take."""
    Mail.objects.unfinished().filter(pk__in=[mail.pk for mail in mails], next_at__gt=now).update(next_at=now + LEASE)


def _end(mail: Mail, state: Mail.State, reason: str, now: datetime) -> None:
    rows = Mail.objects.unfinished().filter(pk=mail.pk)
    rows.update(state=state, reason=reason[:200], finished_at=now, attempts=mail.attempts + 1)


def _retry(mail: Mail, reason: str, now: datetime) -> datetime | None:
    """When it is tried again; None if it is too late for that."""
    at = now + timedelta(minutes=PAUSES[min(mail.attempts, len(PAUSES) - 1)])
    if at > mail.created_at + MAX_AGE:
        _end(mail, Mail.State.FAILED, f"too late; {reason}", now)
        return None
    rows = Mail.objects.unfinished().filter(pk=mail.pk)
    rows.update(next_at=at, attempts=mail.attempts + 1, reason=reason[:200])
    return at


def _in_words(error: Exception) -> str:
    """Why, for the log and the row: without what was sent, as passwords are."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refuses user or password of EMAIL_URL ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"the mail server refuses EMAIL_FROM ({error.smtp_code})"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "the mail server doesn't answer in time"
    if isinstance(error, socket.gaierror):
        return "the name of the mail server can't be looked up"
    return f"{type(error).__name__}: {_as_text(str(error))}"


def _as_text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return one_line(text, 150)
