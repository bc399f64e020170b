"""The page that a mail leads to, which asks whether an address is its owner's: nobody is told of decisions before.

It has an address of its own, and not that of the proposal: who has that one can take the proposal back, and the mail
may reach a stranger. A button confirms, as programs that look for bad links open every link of a mail.
"""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aggregator.models import Submission

from .secret_pages import secret_page
from .tokens import key_of, token_of

_KIND = "mail"


def confirming_path(proposal: Submission) -> str:
    """Where the owner of the proposal's mail address confirms it. Another address makes another page."""
    return reverse("submission_mail", args=[token_of(_kind_for(proposal), proposal.key)])


@csrf_exempt  # its address is known to nobody else, and no cookie is set for strangers
@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Asks; what is posted confirms. Gone (404) with the proposal or its address."""
    proposal = _proposal(token)
    if request.method == "POST" and proposal.email_proven_at is None:
        with transaction.atomic():
            row = Submission.objects.select_for_update().filter(pk=proposal.pk, email=proposal.email).first()
            if row is not None and row.email_proven_at is None:
                row.email_proven_at = timezone.now()
                row.save(update_fields=["email_proven_at"])
        return redirect(request.path)
    context = {"proposal": proposal, "is_proven": proposal.email_proven_at is not None}
    return render(request, "submissions/mail_address.html", context)


def _proposal(token: str) -> Submission:
    key = token.partition(".")[0]
    if not key.isalnum():  # PostgreSQL takes no NUL, not even to look for
        raise Http404
    proposal = Submission.objects.exclude(email="").filter(key=key).first()
    if proposal is None or key_of(_kind_for(proposal), token) != proposal.key:
        raise Http404
    return proposal


def _kind_for(proposal: Submission) -> str:
    return f"{_KIND} {proposal.email}"
