"""What the address and the form of a list give, whoever wrote them: keys that are none, and searches without end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import smart_split

MAX_KEY_DIGITS = 18
"""Of a row's number; every database can store those."""
MAX_WORDS = 10
"""That are looked for at once; SQLite refuses a question of a thousand parts."""
MAX_SEARCHED_CHARACTERS = 200

_KEY_OF_ROW = re.compile(r"form-[0-9]+-id")
"""Names the field of a list that is a form, too."""


def is_key(text: object) -> bool:
    """Whether this can be the number of a row. Python takes "²" for a digit, and no database a number of 40."""
    written = str(text)
    return written.isascii() and written.isdecimal() and len(written) <= MAX_KEY_DIGITS


def keys_in(texts: Iterable[str]) -> list[str]:
    """Those of these that can be numbers of rows."""
    return [text for text in texts if is_key(text)]


def first_words(text: str) -> str:
    """As much of a search as is looked for: its first words, those in quotation marks as one."""
    return " ".join(islice(smart_split(text[:MAX_SEARCHED_CHARACTERS]), MAX_WORDS))


class GivenLists(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists whose forms name rows by numbers alone, and which look for a few words at a time."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "POST":
            asked: Any = request
            asked.POST = _with_keys_alone(request)
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, first_words(search_term))


def _with_keys_alone(request: HttpRequest) -> Any:
    """What was sent. Of rows that can't be there, nothing was chosen; of a form of such a one, the row is gone."""
    sent = request.POST.copy()
    if ACTION_CHECKBOX_NAME in sent:
        sent.setlist(ACTION_CHECKBOX_NAME, keys_in(sent.getlist(ACTION_CHECKBOX_NAME)))
    if not is_key(sent.get("index", "0")):
        sent["index"] = "0"
    for name in [name for name in sent if _KEY_OF_ROW.fullmatch(name) and not is_key(sent[name])]:
        sent[name] = ""
    sent._mutable = False
    return sent
