"""Which regular expressions curators may write: those that `re` and `regex` read the same way, up to a certain size."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

MAX_EXPRESSION_STEPS = 10_000
"""With counted repeats written out, as `regex` does that: repeats within repeats would fill any memory."""

# A "]" at the beginning of a set belongs to the set and doesn't end it.
_SET = r"\[(?:\^(?:\\.|[^\\])|\\.|[^\\^])(?:\\.|[^\]\\])*\]"
_STEP = re.compile(rf"\\.|{_SET}|\(\?#[^)]*\)|\{{(\d*)(?:,\d*)?\}}|.", re.DOTALL)
_SET_IN_SET = re.compile(r"^\[\^?\[|--|&&|~~|\|\|")
_FIRST_IN_SET = re.compile(r"^(\[\^?)\[")
_FLAGS = re.compile(rf"\\.|{_SET}|\(\?([aiLmsux]+)\)", re.DOTALL)
_VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")


class BadPattern(ValueError):
    """A pattern that can't be used; its text is a sentence for people."""


def compiled(pattern: str) -> regex.Pattern[str]:
    """The expression, if Python's `re` and `regex` both take it. Raises BadPattern."""
    engine = import_module("regex")  # only now, as few feeds have rules, and few rules have an expression
    try:
        _check_size(pattern)
        re.compile(pattern)
        expression: regex.Pattern[str] = engine.compile(pattern, engine.IGNORECASE | engine.VERSION0)
        return expression
    except (re.error, engine.error) as error:
        place = "" if error.pos is None else f" at character {error.pos + 1}"
        raise BadPattern(f"This is no regular expression: {error.msg}{place}.") from error
    except (OverflowError, RecursionError) as error:
        raise BadPattern(f"This expression can't be used: {error}.") from error


def with_case(pattern: str) -> str:
    """An expression that was written for a program that searches in upper and lower case as they stand.

    The first Pythons took flags such as (?i) anywhere, and for the whole expression; they go to its beginning. A brace
    that begins no count, and a "[" at the beginning of a set, meant themselves. Raises BadPattern for what can't be
    used here.
    """
    flags: set[str] = set()

    def taken(match: re.Match[str]) -> str:
        flags.update(match[1] or "")
        return "" if match[1] else match[0]

    body = "".join(map(_plain, _STEP.finditer(_FLAGS.sub(taken, pattern))))
    whole = "".join(sorted(flags & set("amsx")))
    head = f"(?{whole})" if whole else ""
    compiled(head + body)
    return head + (body if "i" in flags else f"(?-i:{body})")


def _plain(step: re.Match[str]) -> str:
    """The step as an expression of ours has it."""
    return "\\{" if step[0] == "{" else _FIRST_IN_SET.sub(r"\1\\[", step[0])


def _check_size(pattern: str) -> None:
    """Raises BadPattern for an expression that is too large, or that `regex` or later Pythons read in another way."""
    if _VERBOSE.search(pattern):
        raise BadPattern("The flag x can't be used here.")
    sizes, last = [0], 0
    for step in _STEP.finditer(pattern):
        text, count = step[0], step[1]
        _check_step(text, f"at character {step.start() + 1}")
        if text == "(":
            sizes.append(0)
        elif text == ")" and len(sizes) > 1:
            last = sizes.pop() + 1
            sizes[-1] += last
        elif text == "+" or count is not None:
            added = last * (1 if text == "+" else int(count or 0))
            sizes[-1] += added
            last += added
        elif text not in "*?|":
            last = 1
            sizes[-1] += last
    if sum(sizes) > MAX_EXPRESSION_STEPS:
        raise BadPattern("This expression is too large: write smaller counts, and fewer repeats within repeats.")


def _check_step(text: str, place: str) -> None:
    if text == "{":
        raise BadPattern(f"Write \\{{ for the brace {place}; it begins no count such as {{2,5}}.")
    if text == "[":
        raise BadPattern(f"This is no regular expression: unterminated character set {place}.")
    if text[0] == "[" and _SET_IN_SET.search(text):
        raise BadPattern(f"Write \\ before signs such as [ & - in the set {place}.")
