"""What senders may do, and what they are refused in a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.models import Attempts, RemovedSource, Submission
from aggregator.submissions import proposing
from aggregator.submissions.proposing import MAX_UNSENT, MAX_WAITING, ProposalRefused, TooMany, propose, send
from tests.at_once import AT_ONCE, together
from tests.factories import NOW, make_feed

from .proposals import proposed

MINUTE = timedelta(minutes=1)


def ready(**fields: object) -> Submission:
    """One that was looked at, and can be sent."""
    standard = {"state": "ready", "feed_url": "https://a.example/feed", "looked_at": NOW, "created_at": NOW}
    evidence = {"met": [], "refusal": "", "posts": [{"title": "", "url": "", "published_at": None, "html": "<p>x</p>"}]}
    found = {"address": "https://a.example/", "host": "a.example", "evidence": evidence}
    return Submission.objects.create(**{**found, **standard, **fields})


def waiting_ones(count: int) -> None:
    each = (Submission(address=f"https://b{n}.example/", host=f"b{n}.example", state="waiting") for n in range(count))
    Submission.objects.bulk_create(each)


@pytest.mark.django_db
def test_a_proposal_is_kept_as_it_was_sent_with_its_address_in_one_spelling() -> None:
    made = proposed("Www.Blog.Example", note="Mine", email="me@blog.example")
    made.refresh_from_db()
    assert (made.address, made.host, made.state) == ("https://www.blog.example/", "blog.example", "looking")
    assert (made.note, made.email, made.announced_at) == ("Mine", "me@blog.example", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://169.254.169.254/", "can’t be asked. 169.254.169.254 is not asked: it is outside the public internet."),
        ("http://2852039166/", "outside the public internet"),
        ("http://[::ffff:169.254.169.254]/", "outside the public internet"),
        ("https://me:secret@blog.example/", "Passwords in addresses"),
        ("javascript:alert(1)", "Only http and https"),
        ("https://", "no host"),
        (
            "https://removed.example/blog/",
            "removed.example was removed from this site on 24 Jun 2026: It sold watches.",
        ),
        ("https://here.example/feed", "It is here already as Our garden."),
        ("https://open.example/another/", "A blog on open.example is proposed already"),
    ],
)
def test_what_can_t_be_proposed_is_refused_in_a_sentence_and_leaves_nothing(address: str, words: str) -> None:
    RemovedSource.objects.create(host="removed.example", reason="It sold watches", created_at=NOW)
    make_feed("Our garden", url="https://here.example/feed")
    ready(host="open.example", state="asked")
    with pytest.raises(ProposalRefused) as refused:
        proposed(address)
    assert words in str(refused.value)
    assert (Submission.objects.count(), Attempts.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_a_host_is_free_again_once_its_proposal_has_ended() -> None:
    proposing.take_back(proposed("https://a.example/").key, NOW)
    assert proposed("https://a.example/").state == "looking"


@pytest.mark.django_db
def test_an_owner_s_new_address_takes_nobody_s_place() -> None:
    ready(moves=make_feed(), state="waiting")
    assert proposed("https://a.example/").state == "looking"


@pytest.mark.django_db
def test_a_fourth_in_an_hour_from_one_network_is_refused() -> None:
    for number in range(3):
        proposed(f"https://a{number}.example/")
    with pytest.raises(TooMany, match="3 proposals in an hour have come from your network") as refused:
        proposed("https://a4.example/")
    assert (refused.value.seconds, Submission.objects.count()) == (3600, 3)
    assert proposed("https://a4.example/", network="198.51.100.0/24").state == "looking"
    assert propose("https://a5.example/", note="", email="", network="203.0.113.0/24", now=NOW + 60 * MINUTE)


@pytest.mark.django_db
def test_when_fifty_wait_nobody_can_propose() -> None:
    waiting_ones(MAX_WAITING)
    with pytest.raises(TooMany, match="50 proposals wait already"):
        proposed("https://a.example/")
    Submission.objects.filter(host="b1.example").update(state="declined")
    assert proposed("https://a.example/").state == "looking"


@pytest.mark.django_db(transaction=True)
def test_of_several_for_one_host_in_one_instant_one_is_taken_and_the_others_are_told() -> None:
    results = together(lambda number: proposed("https://a.example/", network=f"198.51.{number}.0/24"))
    refused = [str(result) for result in results if isinstance(result, ProposalRefused)]
    assert len(refused) == AT_ONCE - 1
    assert all("A blog on a.example is proposed already, and not decided yet." in sentence for sentence in refused)
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_in_one_instant_no_more_than_fifty_come_to_wait() -> None:
    waiting_ones(MAX_WAITING - 1)
    keys = [ready(host=f"a{number}.example").key for number in range(AT_ONCE)]
    results = together(lambda number: send(keys[number], NOW))
    assert sum(isinstance(result, TooMany) for result in results) == AT_ONCE - 1
    assert Submission.objects.filter(state="waiting").count() == MAX_WAITING


@pytest.mark.django_db
def test_what_nobody_sends_off_shuts_no_door_and_holds_a_host_for_a_day() -> None:
    unsent = [{"host": f"b{number}.example", "created_at": NOW - 25 * 60 * MINUTE} for number in range(MAX_UNSENT)]
    rows = [ready(**fields) for fields in unsent]
    assert proposed("https://a.example/").state == "looking"
    assert proposed("https://b7.example/").state == "looking"
    states = [Submission.objects.get(pk=rows[number].pk).state for number in (0, 1, 7)]
    assert states == ["expired", "ready", "expired"]


@pytest.mark.django_db
def test_within_a_day_it_does() -> None:
    for number in range(MAX_UNSENT):
        ready(host=f"b{number}.example")
    with pytest.raises(ProposalRefused, match="is proposed already"):
        proposed("https://b7.example/")
    with pytest.raises(TooMany, match="come back tomorrow"):
        proposed("https://a.example/")


@pytest.mark.django_db(transaction=True)
def test_a_row_of_somebody_who_asked_no_lock_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The constraint speaks, where the question before it saw nothing."""

    def save(draft: Submission, *_: object) -> None:
        draft.save(force_insert=True)

    ready()
    monkeypatch.setattr(proposing, "_save_new", save)
    with pytest.raises(ProposalRefused, match="is proposed already"):
        proposed("https://a.example/")


@pytest.mark.django_db
def test_sent_it_waits_and_is_still_to_be_told() -> None:
    sent = ready(announced_at=NOW)
    proposing.send(sent.key, NOW + MINUTE)
    sent.refresh_from_db()
    assert (sent.state, sent.sent_at, sent.announced_at) == ("waiting", NOW + MINUTE, None)


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"feed_url": ""}, {"evidence": {"refusal": "It is broken."}}])
def test_what_has_no_feed_or_is_refused_can_t_be_sent(fields: dict[str, object]) -> None:
    sent = ready(**fields)
    with pytest.raises(ProposalRefused):
        proposing.send(sent.key, NOW)
    sent.refresh_from_db()
    assert sent.state == "ready"


@pytest.mark.django_db
def test_what_came_here_or_was_removed_meanwhile_can_t_be_sent() -> None:
    sent = ready()
    make_feed("Ours", url="http://a.example/feed")
    with pytest.raises(ProposalRefused, match="It is here already as Ours"):
        proposing.send(sent.key, NOW)


@pytest.mark.django_db
def test_taken_back_it_ends_and_forgets_mail_address_and_posts() -> None:
    taken = ready(email="me@a.example", email_proven_at=NOW, state="waiting")
    proposing.take_back(taken.key, NOW)
    taken.refresh_from_db()
    assert (taken.state, taken.email, taken.email_proven_at, taken.previews) == ("withdrawn", "", None, [])
    assert (taken.decided_at, taken.answered_at) == (NOW, NOW), "nobody writes to its sender about it"


@pytest.mark.django_db
def test_an_answer_lets_it_wait_again_and_curators_are_told_again() -> None:
    asked = ready(state="asked", sent_at=NOW, announced_at=NOW)
    proposing.answer(asked.key, "Since May.", NOW + MINUTE)
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.sent_at) == ("waiting", "Since May.", NOW)
    assert asked.announced_at is None


@pytest.mark.django_db
def test_it_can_be_looked_at_again_a_few_times_and_then_after_a_while() -> None:
    again = ready()
    for _ in range(3):
        proposing.look_again(again.key, NOW)
        assert Submission.objects.filter(state="looking", looked_at=None, evidence={}).count() == 1
        Submission.objects.update(state="ready")
    with pytest.raises(TooMany, match="Try again in 60 seconds"):
        proposing.look_again(again.key, NOW)
    again.refresh_from_db()
    assert again.state == "ready"


@pytest.mark.django_db
@pytest.mark.parametrize("state", Submission.State.values)
def test_each_state_lets_its_sender_do_what_fits(state: str) -> None:
    verbs = {
        "send": proposing.send,
        "take back": proposing.take_back,
        "answer": lambda key, now: proposing.answer(key, "yes", now),
        "look again": proposing.look_again,
    }
    may = {
        "looking": ["take back"],
        "ready": ["send", "take back", "look again"],
        "waiting": ["take back"],
        "asked": ["take back", "answer"],
    }
    done = []
    for name, verb in verbs.items():
        proposal = ready(state=state)
        try:
            verb(proposal.key, NOW)
            done.append(name)
        except ProposalRefused as error:
            assert "no longer possible" in str(error)  # noqa: PT017 -- that it is raised isn't what is claimed
        proposal.delete()
    assert done == may.get(state, [])


@pytest.mark.django_db(transaction=True)
def test_a_proposal_that_is_sent_and_taken_back_in_one_instant_has_ended() -> None:
    proposal = ready()
    verbs = [proposing.send, proposing.take_back]
    results = together(lambda number: verbs[number % 2](proposal.key, NOW))
    proposal.refresh_from_db()
    assert (proposal.state, proposal.previews) == ("withdrawn", [])
    assert {type(result) for result in results} <= {type(None), ProposalRefused}
