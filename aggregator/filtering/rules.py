"""What a curator's rules say of a post: keep or drop. Pure, except that it measures the time that expressions take.

An entry is dropped if it matches any rule that drops; or if it doesn't match each rule that is required; or if the feed
has other rules that keep, and it matches none of those.

Plain words are found whatever their case and their accents ("cafe" finds "Café"), as whole words: "java" doesn't find
"JavaScript". Signs count ("C#", "C++"), and in scripts that set no spaces between words (Chinese, Japanese, Korean,
Thai) words are found within others. Several words are found side by side only, in their order. A tag is found as a
whole: "python" is neither "micropython" nor "planet:python".

An expression is one of Python's `re`, searched in the text as it is shown, in any case. Each search has a time limit
that is kept: `regex` looks at the clock while it searches, where `re` would block the whole process. A search that runs
out of time is no match, and in doubt a post is kept: a rule that is out of time drops nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import category, normalize

from .expressions import BadPattern, compiled

if TYPE_CHECKING:
    import regex

MAX_PATTERN_CHARACTERS = 1000
"""As many as fit into the rule's row. Planets name dozens of words in one expression."""
MAX_RULES = 20
"""Of a feed. Every post is judged by all of them, which takes time."""
MAX_TEXT_CHARACTERS = 100_000
"""Of a longer text only the beginning is searched: hardly any post is that long, and searching takes time."""
MAX_SEARCH_SECONDS = 0.25
"""For one search in one text: an expression that takes longer would hardly ever end."""
MAX_RULE_SECONDS = 2.0
"""For one rule and all posts that are judged at once, so that one bad rule leaves time to the others."""
MAX_FEED_SECONDS = 8.0
"""For all rules of a feed and all posts that are judged at once. Meanwhile others wait for the database, and do so no
longer than 20 s."""

PARTS = ("title", "tag", "author", "text")
FIELDS = (*PARTS, "any", "whole")

# Marks of the Latin, Greek and Cyrillic scripts. In other scripts, readers take marks for letters.
_ACCENTS = re.compile("[\u0300-\u036f]")
_SCRIPTS_WITHOUT_SPACES = (
    "[\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
"""Compiled only when a rule first needs it: that takes long, and every poll imports this module."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a feed. `field` is one of PARTS; or "any" of them; or "whole": all of them in one line.

    A planet looks for its expressions in the whole, and "no sponsor" means something else of a part."""

    is_keep: bool
    field: str
    pattern: str
    is_regex: bool = False
    pk: int | None = None
    is_required: bool = False
    """Of a rule that keeps: whether a post must match it, whatever else keeps the post."""


@dataclass(frozen=True, slots=True)
class Post:
    """What rules can look at, as plain text. `text` and `beside` may be empty where no rule reads them."""

    title: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    text: str = ""
    beside: str = ""
    """Words that aren't in the text: of what its pictures show. Planets look there, too, so they are in the whole."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules of a feed say of a post."""

    is_dropped: bool
    rule: Rule | None = None
    """The rule that decided; None if the post is dropped because no rule keeps it, or kept because no rule drops it.

    A rule that is required decides where the post doesn't match it."""
    is_in_doubt: bool = False
    """Whether a rule ran out of time over the post."""


def check(pattern: str, *, is_regex: bool) -> None:
    """Raises BadPattern, which says what is wrong and where."""
    if is_regex:
        compiled(pattern)
    elif not simplified(pattern):
        raise BadPattern("Write a word or a sign that can be looked for.")


class Judge:
    """The rules of one feed, ready to judge posts. Make a new one for each batch of posts: it has time for one."""

    def __init__(self, rules: Iterable[Rule], *, clock: Callable[[], float] = time.monotonic) -> None:
        time_of_all_rules = _TimeLeft(MAX_FEED_SECONDS)
        matchers = [_Matcher(rule, (_TimeLeft(MAX_RULE_SECONDS), time_of_all_rules), clock) for rule in rules]
        self._dropping = [matcher for matcher in matchers if not matcher.rule.is_keep]
        self._required = [matcher for matcher in matchers if matcher.rule.is_keep and matcher.rule.is_required]
        self._keeping = [matcher for matcher in matchers if matcher.rule.is_keep and not matcher.rule.is_required]

    @property
    def reads_text(self) -> bool:
        """Whether any rule looks at the text of posts."""
        return any(matcher.rule.field in {"text", "any", "whole"} for matcher in self._all)

    @property
    def out_of_time(self) -> list[Rule]:
        """The rules that had to be stopped over one of the posts so far."""
        return [matcher.rule for matcher in self._all if matcher.has_failed]

    @property
    def _all(self) -> list[_Matcher]:
        return [*self._dropping, *self._required, *self._keeping]

    def judge(self, post: Post) -> Verdict:
        texts = _Texts(post)
        dropping, is_drop_open = _first(self._dropping, texts)
        if dropping:
            return Verdict(is_dropped=True, rule=dropping)
        missing, is_required_open = _first(self._required, texts, expected=False)
        if missing:
            return Verdict(is_dropped=True, rule=missing)
        keeping, is_keep_open = _first(self._keeping, texts)
        is_dropped = bool(self._keeping) and keeping is None and not is_keep_open
        is_in_doubt = is_drop_open or is_required_open or is_keep_open
        return Verdict(is_dropped=is_dropped, rule=keeping, is_in_doubt=is_in_doubt)


def simplified(text: str) -> str:
    """The text without what plain words disregard: case, accents, and kinds of spaces, apostrophes and widths."""
    if text.isascii():
        return " ".join(text.lower().split())
    letters = normalize("NFKD", normalize("NFKD", text.replace("\u2019", "'")).casefold())
    return " ".join(normalize("NFKC", _ACCENTS.sub("", letters)).split())


def has_words(text: str, words: str) -> bool:
    """Whether the words stand in the text as whole words; both must be simplified."""
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        if not _is_one_word(text[start - 1 : start], words[0]) and not _is_one_word(words[-1], text[end : end + 1]):
            return True
        start = text.find(words, start + 1)
    return False


def _is_one_word(left: str, right: str) -> bool:
    """Whether two neighboring characters belong to one word; either may be missing."""
    return _spells(left) and _spells(right)


def _spells(character: str) -> bool:
    if not character or re.match(_SCRIPTS_WITHOUT_SPACES, character):
        return False
    return category(character)[0] in "LNM"


# -- one rule and one post -------------------------------------------------------------------------------------------


class _Texts:
    """A post's texts by field, simplified at most once."""

    def __init__(self, post: Post) -> None:
        self._fields: dict[str, tuple[str, ...]] = {
            "title": (post.title,),
            "tag": post.tags,
            "author": (post.author,),
            "text": (post.text,),
            "whole": (" ".join(filter(None, (post.title, post.text, post.beside, *post.tags, post.author))),),
        }
        self._simplified: dict[str, tuple[str, ...]] = {}

    def written(self, field: str) -> tuple[str, ...]:
        return self._fields[field]

    def simplified(self, field: str) -> tuple[str, ...]:
        if field not in self._simplified:
            self._simplified[field] = tuple(simplified(text) for text in self._fields[field])
        return self._simplified[field]


@dataclass(slots=True)
class _TimeLeft:
    seconds: float


class _Matcher:
    """A rule, and the times that its searches use up: its own, and that of all rules."""

    def __init__(self, rule: Rule, times: Sequence[_TimeLeft], clock: Callable[[], float]) -> None:
        self.rule = rule
        self.has_failed = False
        self._clock = clock
        self._times = times
        self._fields = PARTS if rule.field == "any" else (rule.field,)
        self._words = simplified(rule.pattern)
        self._expression: regex.Pattern[str] | None = None
        if rule.is_regex:
            with suppress(BadPattern):  # stored when other expressions were allowed
                self._expression = compiled(rule.pattern)

    def matches(self, texts: _Texts) -> bool | None:
        """Whether the post matches; None if there wasn't time to tell."""
        return _any(self._matches_field(texts, field) for field in self._fields)

    def _matches_field(self, texts: _Texts, field: str) -> bool | None:
        if self.rule.is_regex:
            return _any(self._finds(text) for text in texts.written(field))
        if field == "tag":
            return self._words in texts.simplified(field)
        return any(has_words(text, self._words) for text in texts.simplified(field))

    def _finds(self, text: str) -> bool | None:
        limit_seconds = min(MAX_SEARCH_SECONDS, *(each.seconds for each in self._times))
        if limit_seconds <= 0 or self._expression is None:
            self.has_failed = True
            return None
        begun = self._clock()
        try:
            return self._expression.search(text, timeout=limit_seconds) is not None
        except TimeoutError:
            self.has_failed = True
            return None
        finally:
            spent_seconds = self._clock() - begun
            for each in self._times:
                each.seconds -= spent_seconds


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Whether any answer is yes; None if none is and one is open. Nothing is asked after a yes."""
    is_open = False
    for answer in answers:
        if answer:
            return True
        is_open = is_open or answer is None
    return None if is_open else False


def _first(matchers: Sequence[_Matcher], texts: _Texts, *, expected: bool = True) -> tuple[Rule | None, bool]:
    """The first rule that the post matches (or doesn't), and whether there was no time to tell of another."""
    is_open = False
    for matcher in matchers:
        answer = matcher.matches(texts)
        if answer is expected:
            return matcher.rule, is_open
        is_open = is_open or answer is None
    return None, is_open
