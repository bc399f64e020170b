"""The sender's pages: the form, and what became of what was proposed. They need neither a script nor a cookie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aggregator.limiting.clients import neighborhood_of
from aggregator.limiting.refusals import Refusals
from aggregator.limiting.turns import Turn
from aggregator.models import Submission, Tick
from aggregator.tasks import look_at_proposals
from aggregator.worker import ask

from . import proposing
from .expiring import ADDRESS_KEPT, KEPT, PREVIEWS_KEPT, WAITS_FOR
from .forms import AnswerForm, ProposalForm
from .secret_pages import secret_page
from .strangers import EMPTY_FIELD, TOKEN_FIELD, is_to_be_kept, new_token, why_not
from .tokens import key_of, token_of

KIND = "submission"
"""Of a secret address (`tokens`)."""
BUSY_SECONDS = 1
REFRESH_SECONDS = 3
REFRESH_LATER_SECONDS = 30
WORKER_AWAY_AFTER = timedelta(minutes=3)
"""It takes a note of itself every minute."""

_turn = Turn()
_refusals = Refusals("proposals")


@csrf_exempt
@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """The form; sent, it leads to the proposal's own page."""
    now, is_sent = timezone.now(), request.method == "POST"
    if not settings.SUBMISSIONS:
        status = HTTPStatus.FORBIDDEN if is_sent else HTTPStatus.OK
        return render(request, "submissions/closed.html", status=status)
    return _receive(request, now) if is_sent else _form(request, ProposalForm(), now)


def _receive(request: HttpRequest, now: datetime) -> HttpResponse:
    form = ProposalForm(request.POST)
    if (trouble := why_not(request.POST, now)) or not form.is_valid():
        return _form(request, form, now, trouble, HTTPStatus.BAD_REQUEST)
    with _turn.taken() as is_free:
        if not is_free:
            return busy(request, _refusals)
        try:
            proposal = proposing.propose(
                **form.cleaned_data, network=neighborhood_of(request.META.get("REMOTE_ADDR", "")), now=now
            )
        except proposing.TooMany as error:
            _refusals.note("that come too often")
            return _too_many(_form(request, form, now, str(error)), error.seconds)
        except proposing.ProposalRefused as error:
            return _form(request, form, now, str(error), HTTPStatus.BAD_REQUEST)
    ask(look_at_proposals)
    return _to_page_of(proposal.key)


def _form(
    request: HttpRequest, form: ProposalForm, now: datetime, trouble: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    sent = request.POST.get(TOKEN_FIELD, "")
    context = {
        "form": form,
        "trouble": trouble,
        "token": sent if is_to_be_kept(sent, now) else new_token(now),
        "token_field": TOKEN_FIELD,
        "empty_field": EMPTY_FIELD,
        "has_mail": settings.HAS_MAIL,
        "an_hour": proposing.PER_NETWORK.most,
        "days_unsent": WAITS_FOR.days,
        "days_of_address": ADDRESS_KEPT.days,
        "days_kept": KEPT.days,
    }
    return render(request, "submissions/form.html", context, status=status)


def busy(request: HttpRequest, refusals: Refusals) -> HttpResponse:
    """In few words, and without asking the database: of a thousand who come at once, all but one are told so."""
    refusals.note("that come all at once")
    return _too_many(render(request, "submissions/busy.html"), BUSY_SECONDS)


def _too_many(response: HttpResponse, seconds: int) -> HttpResponse:
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(seconds)
    return response


@secret_page
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """How a proposal stands, and what its sender can do."""
    return _page_of(request, _key_or_404(token), timezone.now())


@csrf_exempt
@secret_page
@require_POST
def act(request: HttpRequest, token: str, verb: Callable[[str, datetime], None]) -> HttpResponse:
    """Do what the sender chose. The address is the key: nobody else knows it, so no other token is needed."""
    return _done(request, token, verb)


@csrf_exempt
@secret_page
@require_POST
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Take the sender's answer to a question of the curators."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page_of(request, _key_or_404(token), timezone.now(), form=form, status=HTTPStatus.BAD_REQUEST)
    text = form.cleaned_data["answer"]
    return _done(request, token, lambda key, now: proposing.answer(key, text, now))


def _done(request: HttpRequest, token: str, verb: Callable[[str, datetime], None]) -> HttpResponse:
    key, now = _key_or_404(token), timezone.now()
    try:
        verb(key, now)
    except proposing.TooMany as error:
        return _too_many(_page_of(request, key, now, trouble=str(error)), error.seconds)
    except proposing.ProposalRefused as error:
        return _page_of(request, key, now, trouble=str(error), status=HTTPStatus.CONFLICT)
    if verb is proposing.look_again:
        ask(look_at_proposals)
    return _to_page_of(key)


def _key_or_404(token: str) -> str:
    key = key_of(KIND, token)
    if key is None:
        raise Http404
    return key


def _to_page_of(key: str) -> HttpResponse:
    response = redirect("submission", token_of(KIND, key))
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _page_of(
    request: HttpRequest,
    key: str,
    now: datetime,
    *,
    trouble: str = "",
    form: AnswerForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    submission = Submission.objects.select_related("feed").filter(key=key).first()
    if submission is None:
        return render(request, "submissions/forgotten.html", {"days_kept": KEPT.days}, status=HTTPStatus.GONE)
    ticked_at = Tick.objects.moment()
    context = {
        "submission": submission,
        "token": token_of(KIND, key),
        "trouble": trouble,
        "form": form or AnswerForm(),
        "is_worker_away": ticked_at is None or now - ticked_at > WORKER_AWAY_AFTER,
        "refresh_seconds": REFRESH_SECONDS if _is_looked_at_soon(submission, now) else REFRESH_LATER_SECONDS,
        "days_unsent": WAITS_FOR.days,
        "days_of_previews": PREVIEWS_KEPT.days,
        "days_kept": KEPT.days,
    }
    return render(request, "submissions/status.html", context, status=status)


def _is_looked_at_soon(submission: Submission, now: datetime) -> bool:
    began_at = submission.looked_at or submission.created_at
    return now - began_at < timedelta(minutes=1)
