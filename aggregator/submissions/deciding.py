"""What curators decide about proposals: accept, decline, ask back, and undo it within a day.

Each decision is made once. The row is locked and compared with what the curator saw; whoever comes second reads who
decided what. A decided proposal needs no announcement any more, and its sender is still to be written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from aggregator.curating.adding import FeedRefused, add_draft, draft_of, lock_drafts, refuse_removed
from aggregator.curating.feeds import resume, revise, set_category, take_off
from aggregator.filtering.judging import judge_anew
from aggregator.models import Category, Feed, FilterRule, Submission, site_change
from aggregator.models.names import lock_names

from .moving import accept_move
from .ownership import hand_back, hand_over

UNDO_WITHIN = timedelta(days=1)
DECIDABLE = (Submission.State.WAITING, Submission.State.ASKED)
DECIDED = (Submission.State.ACCEPTED, Submission.State.DECLINED, Submission.State.ASKED)
"""What can be undone."""
MOVED_FROM = "moved_from"
"""In the evidence of an accepted move: where the feed was read before, and its site."""
BEFORE = "before"
"""In the evidence of what was decided: how it stood before, as `_standing` writes it."""


class Undecidable(ValueError):
    """It was decided, or ended, meanwhile, or can't be done; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an accepted blog is to be shown."""

    category: Category | None = None
    display: str = Feed.Display.FULL
    rules: Sequence[FilterRule] = ()
    """Unsaved, in their order."""


def accept(submission: Submission, wishes: Wishes, by: AbstractBaseUser, now: datetime) -> Feed:
    """The feed of the proposal, pending and due now; or the one that is read at its new address from now on.

    Raises Undecidable.
    """
    with _deciding(submission, DECIDABLE) as row:
        row.feed = _moved(row, now) if row.moves else _listed(row, wishes, now)
        _decide(row, Submission.State.ACCEPTED, by, now)
        hand_over(row)
    return row.feed


def decline(submission: Submission, reason: str, words: str, by: AbstractBaseUser, now: datetime) -> None:
    """Turn the proposal down, for a reason of `Submission.Reason` and with words of one's own. Raises Undecidable."""
    with _deciding(submission, DECIDABLE) as row:
        _decide(row, Submission.State.DECLINED, by, now, reason=reason, words=words)


def ask_back(submission: Submission, question: str, by: AbstractBaseUser, now: datetime) -> None:
    """Ask the sender something; the answer makes it wait again. Raises Undecidable."""
    with _deciding(submission, (Submission.State.WAITING,)) as row:
        _decide(row, Submission.State.ASKED, by, now, words=question)


def undo(submission: Submission, now: datetime) -> None:
    """Have the proposal stand as if nobody had decided. Raises Undecidable, also once a day has passed.

    A feed that was accepted is neither polled nor shown then; one that moved is read where it was before. What was sent
    stays sent.
    """
    with _deciding(submission, DECIDED) as row:
        if not can_be_undone(row, now):
            raise Undecidable("That can be undone for a day only.")
        if row.state == Submission.State.ACCEPTED and row.feed:
            _take_back(row, now)
        _stand_again(row)
        row.answered_at = row.answered_at or now
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise Undecidable("It was proposed once more meanwhile: decide on that one.") from error


def can_be_undone(row: Submission, now: datetime) -> bool:
    """Whether its decision is one of the last day's."""
    return row.state in DECIDED and row.decided_at is not None and now - row.decided_at < UNDO_WITHIN


def what_became(row: Submission) -> str:
    """Who did what with the proposal, or what else became of it, in a sentence."""
    who = row.decided_by.get_username() if row.decided_by else "Somebody whose account is gone"
    when = f" on {row.decided_at:%d %b %Y at %H:%M} UTC" if row.decided_at else ""
    words = {
        Submission.State.LOOKING: "It is being looked at.",
        Submission.State.READY: "Its sender has not sent it off.",
        Submission.State.WAITING: "It waits for a decision.",
        Submission.State.ASKED: f"{who} asked its sender back{when}.",
        Submission.State.ACCEPTED: f"{who} accepted it{when}.",
        Submission.State.DECLINED: f"{who} declined it{when}.",
        Submission.State.WITHDRAWN: "Its sender took it back.",
        Submission.State.EXPIRED: "It has expired.",
    }
    return words[Submission.State(row.state)]


@contextmanager
def _deciding(seen: Submission, states: Sequence[str]) -> Iterator[Submission]:
    """The row, locked, if it is as it was seen and in one of these states; after it, its feeds. Raises Undecidable."""
    with site_change():
        row = Submission.objects.select_for_update(of=("self",)).filter(pk=seen.pk).first()
        if row is None:
            raise Undecidable("It is not here any more: it was deleted meanwhile.")
        is_as_seen = (row.state, row.decided_at, row.feed_id) == (seen.state, seen.decided_at, seen.feed_id)
        if row.state not in states or not is_as_seen:
            raise Undecidable(what_became(row))
        list(Feed.objects.filter(pk__in=[pk for pk in (row.moves_id, row.feed_id) if pk]).locked())
        yield row


def _decide(
    row: Submission, state: str, by: AbstractBaseUser, now: datetime, *, reason: str = "", words: str = ""
) -> None:
    row.evidence = {**row.evidence, BEFORE: _standing(row)}
    row.state, row.reason, row.words = state, reason, words
    if state == Submission.State.ASKED:
        row.answer = ""
    row.decided_at, row.decided_by_id = now, by.pk
    row.announced_at = row.announced_at or now
    row.answered_at = None
    row.save()


def _standing(row: Submission) -> dict[str, str | int | None]:
    """What a decision changes of the row. One that was asked back waits for its sender: since when, and who asked."""
    standing: dict[str, str | int | None] = {"state": row.state, "words": row.words, "answer": row.answer}
    if row.state == Submission.State.ASKED and row.decided_at:
        standing |= {"asked_at": row.decided_at.isoformat(), "asked_by": row.decided_by_id}
    return standing


def _stand_again(row: Submission) -> None:
    """Undo (unsaved) what `_decide` has set."""
    before = row.evidence.pop(BEFORE, {"state": Submission.State.WAITING, "words": "", "answer": row.answer})
    row.state, row.reason, row.words, row.answer = before["state"], "", before["words"], before["answer"]
    row.decided_at = datetime.fromisoformat(before["asked_at"]) if "asked_at" in before else None
    row.decided_by = get_user_model().objects.filter(pk=before.get("asked_by")).first()


# -- accepting -------------------------------------------------------------------------------------------------------


def _listed(row: Submission, wishes: Wishes, now: datetime) -> Feed:
    try:
        draft = draft_of(row.feed_url, site_url=row.site_url)
        lock_drafts([draft])
        refuse_removed([draft.feed.url])
        before = row.feed or _undone(draft.feed.url)
        _refuse_known(draft.feed.url, before)
        feed = before or add_draft(draft)[0]
    except FeedRefused as refusal:
        raise Undecidable(str(refusal)) from refusal
    same = Feed.objects.filter(pk=feed.pk)
    had_rules = False
    if before:
        resume(same, now)
        had_rules = bool(FilterRule.objects.filter(feed=feed).delete()[0])
    same.update(display=wishes.display)
    set_category(same, wishes.category, now)
    for position, rule in enumerate(wishes.rules, 1):
        rule.feed, rule.position = feed, position
    FilterRule.objects.bulk_create(wishes.rules)
    if wishes.rules or had_rules:
        judge_anew(same.get(), now)
    return same.get()


def _undone(url: str) -> Feed | None:
    """The feed at this address that was accepted for another proposal, if that was undone and nobody removed it."""
    was_proposed = Feed.objects.at_address(url).filter(state=Feed.State.REJECTED, submissions__isnull=False)
    return was_proposed.filter(removals=None).exclude(submissions__state=Submission.State.ACCEPTED).first()


def _refuse_known(url: str, before: Feed | None) -> None:
    known = Feed.objects.read_at([url]).exclude(pk__in=[before.pk] if before else []).first()
    if known:
        raise FeedRefused(f"It is here already: {known.shown_title} ({known.get_state_display()}).")


def _moved(row: Submission, now: datetime) -> Feed:
    """The feed that the proposal gives a new address, read there from now on."""
    feed = Feed.objects.get(pk=row.moves_id or 0)
    row.evidence = {**row.evidence, MOVED_FROM: [feed.url, feed.site_url, feed.reported_site_url]}
    try:
        accept_move(row, now)
    except FeedRefused as refusal:
        raise Undecidable(str(refusal)) from refusal
    feed.refresh_from_db()
    return feed


def _take_back(row: Submission, now: datetime) -> None:
    """What accepting did to the feed, undone."""
    if not row.moves_id:
        hand_back(row)
        take_off(Feed.objects.filter(pk=row.feed_id or 0), now)
        return
    feed = Feed.objects.get(pk=row.moves_id or 0)
    feed.url, feed.site_url, feed.reported_site_url = row.evidence[MOVED_FROM]
    lock_names(addresses=[feed.url])
    if Feed.objects.at_address(feed.url).exclude(pk=feed.pk).exists():
        raise Undecidable("Another feed has its old address meanwhile: change the address on the feed's page.")
    feed.save(update_fields=["site_url", "reported_site_url"])
    revise(feed, ["url"], now)
