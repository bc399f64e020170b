"""The pages on which somebody shows that a blog is theirs, and then sees to its source.

No cookie is set here: who has the address of an owner's page is its owner, and the stamp says which page was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aggregator.limiting.clients import neighborhood_of
from aggregator.limiting.limits import Limit, admit
from aggregator.limiting.refusals import Refusals
from aggregator.limiting.turns import Turn
from aggregator.models import Feed, Ownership, Submission
from aggregator.tasks import look_for_owners
from aggregator.worker import ask

from . import moving, owning, strangers
from .owner_pages import SAID, owner_page, proposal_page
from .ownership import TooMany, ask_for_look, begin_for_proposal, begin_for_source, owner_token, wait_in_words
from .owning import NotDone
from .secret_pages import secret_page
from .stamps import STAMP_FIELD, shown_by
from .tokens import key_of
from .views import busy

_FIELDS = {"token_field": strangers.TOKEN_FIELD, "empty_field": strangers.EMPTY_FIELD}
_hour = timedelta(hours=1)
LOOKS = Limit("owners-looks", 5, timedelta(minutes=2), _hour, forgives_after=_hour)
LOOKS_AT = Limit("owners-looks-at", 20, timedelta(minutes=1), timedelta(minutes=10), forgives_after=_hour)
"""At one blog, whoever asks: its server has done nothing to anybody."""
MOVES = Limit("owners-moves", 3, timedelta(minutes=20), _hour, forgives_after=_hour)

beginning = Turn()
_refusals = Refusals("owners’ links")
_OLD_PAGE = "This page was open for longer than a day, so nothing was done. Here it is anew."
_NOT_LOOKED_AT = "The blog has to be looked at first."

Verb = Callable[[Ownership, Sequence[object], HttpRequest, datetime], str]
"""Does what a form of the owner's page asks for, and returns the word of `SAID` for it. Raises NotDone."""

_form = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@_form
@secret_page
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the owner of a listed blog begins."""
    feed = get_object_or_404(Feed.objects.public().with_address(), slug=slug)
    now, why_not, status = timezone.now(), "", HTTPStatus.OK
    if request.method == "POST":
        why_not, status = strangers.why_not(request.POST, now), HTTPStatus.BAD_REQUEST
        if not why_not:
            network = neighborhood_of(request.META.get("REMOTE_ADDR", ""))
            with beginning.taken() as is_free:
                if not is_free:
                    return busy(request, _refusals)
                try:
                    return _see(reverse("owner", args=[owner_token(begin_for_source(feed, network, now))]))
                except TooMany as refusal:
                    _refusals.note("that come too often")
                    why_not, status = str(refusal), HTTPStatus.TOO_MANY_REQUESTS
    sent = request.POST.get(strangers.TOKEN_FIELD, "")
    token = sent if strangers.is_to_be_kept(sent, now) else strangers.new_token(now)
    context = {"feed": feed, "why_not": why_not, "token": token, **_FIELDS}
    return render(request, "submissions/begin_owner.html", context, status=status)


@csrf_exempt
@_form
@secret_page
def owner(request: HttpRequest, token: str) -> HttpResponse:
    """The owner's page: the proof, and what a proven owner can do."""
    ownership = _ownership_of(token)
    now = timezone.now()
    if request.method != "POST":
        return _owner_page(request, ownership, now)
    verb = _VERBS.get(request.POST.get("do", ""))
    try:
        shown = _shown(request, ownership.key)
        said = verb(ownership, shown, request, now) if verb else ""
    except NotDone as refusal:
        return _owner_page(request, _ownership_of(token), now, why_not=str(refusal), status=HTTPStatus.CONFLICT)
    return _see(reverse("owner", args=[token]), said)


@csrf_exempt
@_form
@secret_page
def take_off(request: HttpRequest, token: str) -> HttpResponse:
    """Asks once more before a blog is taken off."""
    ownership = _ownership_of(token)
    now, why_not = timezone.now(), ""
    if request.method == "POST":
        try:
            owning.take_off(ownership.pk, _shown(request, ownership.key), now)
            return _see(reverse("owner", args=[token]), "off")
        except NotDone as refusal:
            why_not, ownership = str(refusal), _ownership_of(token)
    page = owner_page(ownership, now)
    if not ownership.is_proven or page["is_taken_off"]:
        return _see(page["action"])
    status = HTTPStatus.CONFLICT if why_not else HTTPStatus.OK
    return render(request, "submissions/take_off.html", page | {"why_not": why_not}, status=status)


@csrf_exempt
@_form
@secret_page
def proposal_proof(request: HttpRequest, token: str) -> HttpResponse:
    """Where the sender of a proposal shows that the blog is theirs; once it is listed, the way to the owner's page."""
    submission = get_object_or_404(Submission, key=key_of("submission", token) or "", moves=None)
    ownership = Ownership.objects.filter(submission=submission).first()
    if ownership and ownership.feed:
        return _see(reverse("owner", args=[owner_token(ownership)]))
    now, action, why_not = timezone.now(), reverse("submission_proof", args=[token]), ""
    if request.method == "POST":
        try:
            _shown(request, submission.key)
            said = _prove(submission, ownership, request.POST.get("do", ""), now)
            return _see(action, said)
        except NotDone as refusal:
            why_not = str(refusal)
    context = proposal_page(ownership, submission, action, now) | {"why_not": why_not, "said": _said(request)}
    status = HTTPStatus.CONFLICT if why_not else HTTPStatus.OK
    return render(request, "submissions/prove.html", context, status=status)


def _prove(submission: Submission, ownership: Ownership | None, do: str, now: datetime) -> str:
    """Give the proposal a code, or have the worker look for it. Raises NotDone."""
    if not submission.is_open:
        raise NotDone("This proposal was decided or ended; there is nothing to prove any more.")
    if not submission.feed_url:
        raise NotDone(_NOT_LOOKED_AT)
    if ownership is None:
        try:
            begin_for_proposal(submission, now)
        except TooMany as refusal:
            raise NotDone(str(refusal)) from refusal
        return ""
    return _look_at(ownership, now) if do == "look" else ""


# -- verbs -----------------------------------------------------------------------------------------------------------


def _look(ownership: Ownership, shown: Sequence[object], request: HttpRequest, now: datetime) -> str:
    return _look_at(ownership, now)


def _look_at(ownership: Ownership, now: datetime) -> str:
    if ownership.ended_at:
        raise NotDone("A curator ended this link, so nothing is looked at for it.")
    if ownership.is_asked:
        return "asked"
    _refuse_too_many(LOOKS, ownership.key, now)
    _refuse_too_many(LOOKS_AT, _blog_of(ownership), now)
    if not ask_for_look(ownership, now):
        return "asked"
    ask(look_for_owners)
    return "looking"


def _display(ownership: Ownership, shown: Sequence[object], request: HttpRequest, now: datetime) -> str:
    owning.set_display(ownership.pk, shown, request.POST.get("display", ""), now)
    return "display"


def _pause(ownership: Ownership, shown: Sequence[object], request: HttpRequest, now: datetime) -> str:
    owning.pause(ownership.pk, shown, now)
    return "paused"


def _resume(ownership: Ownership, shown: Sequence[object], request: HttpRequest, now: datetime) -> str:
    owning.resume(ownership.pk, shown, now)
    return "resumed"


def _move(ownership: Ownership, shown: Sequence[object], request: HttpRequest, now: datetime) -> str:
    _refuse_too_many(MOVES, ownership.key, now)
    moving.propose_move(ownership.pk, shown, request.POST.get("address", ""), now)
    return "moving"


def _withdraw(ownership: Ownership, shown: Sequence[object], request: HttpRequest, now: datetime) -> str:
    moving.withdraw_move(ownership.pk, now)
    return "withdrawn"


_VERBS: dict[str, Verb] = {
    "look": _look,
    "display": _display,
    "pause": _pause,
    "resume": _resume,
    "move": _move,
    "withdraw": _withdraw,
}


# -- what they share -------------------------------------------------------------------------------------------------


def _ownership_of(token: str) -> Ownership:
    """Raises Http404 for what was given to nobody, and while the blog isn't listed."""
    rows = Ownership.objects.select_related("feed", "feed__category")
    ownership = rows.filter(key=key_of("owner", token) or "").first()
    if ownership is None or ownership.feed is None:
        raise Http404
    return ownership


def _owner_page(
    request: HttpRequest, ownership: Ownership, now: datetime, *, why_not: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    context: dict[str, Any] = owner_page(ownership, now)
    context |= {"why_not": why_not, "said": _said(request)}
    return render(request, "submissions/owner.html", context, status=status)


def _shown(request: HttpRequest, key: str) -> Sequence[object]:
    shown = shown_by(request.POST.get(STAMP_FIELD, ""), key)
    if shown is None:
        raise NotDone(_OLD_PAGE)
    return shown


def _blog_of(ownership: Ownership) -> str:
    return f"feed {ownership.feed_id}" if ownership.feed_id else f"proposal {ownership.submission_id}"


def _refuse_too_many(limit: Limit, who: str, now: datetime) -> None:
    if seconds := admit(limit, who, now):
        raise NotDone(wait_in_words(seconds))


def _said(request: HttpRequest) -> str:
    return SAID.get(request.GET.get("said", ""), "")


def _see(url: str, said: str = "") -> HttpResponse:
    response = HttpResponseRedirect(f"{url}?said={said}" if said else url)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
