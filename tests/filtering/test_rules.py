"""What a rule matches, and what a feed's rules together make of a post."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.filtering.expressions import BadPattern, with_case
from aggregator.filtering.rules import (
    FIELDS,
    MAX_FEED_SECONDS,
    MAX_PATTERN_CHARACTERS,
    MAX_RULE_SECONDS,
    MAX_SEARCH_SECONDS,
    Judge,
    Post,
    Rule,
    check,
    simplified,
)
from aggregator.models import FilterRule
from tests.examples import examples

POST = Post(
    title="Résumé of PyCon: C++ and C# meet JavaScript",
    tags=("planet:python", "Conference talks"),
    author="Ada Łukasik, Björn",
    text="We ate at the Café. Python入門 was fun; 日本語のブログ too. Don’t panic.",
)


def drops(field: str, pattern: str, *, is_regex: bool = False, post: Post = POST) -> bool:
    return Judge([Rule(is_keep=False, field=field, pattern=pattern, is_regex=is_regex)]).judge(post).is_dropped


def refusal(pattern: str, *, is_regex: bool = True) -> str:
    with pytest.raises(BadPattern) as refused:
        check(pattern, is_regex=is_regex)
    return str(refused.value)


# -- plain words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", "pycon"),
        ("title", "PYCON"),
        ("title", "resume"),
        ("title", "RÉSUMÉ"),
        ("title", "resume  of"),
        ("title", "c++"),
        ("title", "C#"),
        ("author", "bjorn"),
        ("text", "cafe"),
        ("text", "python"),
        ("text", "入門"),
        ("text", "ブログ"),
        ("text", "don't panic"),
        ("tag", "planet:python"),
        ("tag", "CONFERENCE TALKS"),
        ("any", "pycon"),
        ("any", "planet:python"),
        ("any", "bjorn"),
        ("any", "fun"),
    ],
)
def test_words_are_found(field: str, words: str) -> None:
    assert drops(field, words)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", "java"),
        ("title", "script"),
        ("title", "con"),
        ("title", "pycon resume"),
        ("title", "cafe"),
        ("author", "pycon"),
        ("text", "pan"),
        ("tag", "python"),
        ("tag", "conference"),
        ("any", "java"),
        ("any", "python:planet"),
    ],
)
def test_other_words_and_parts_of_words_are_not_found(field: str, words: str) -> None:
    assert not drops(field, words)


def test_a_mark_that_is_a_letter_to_its_readers_counts() -> None:
    assert not drops("title", "か", post=Post(title="が"))
    assert not drops("title", "हिन्द", post=Post(title="हिन्दी"))


def test_wide_and_narrow_letters_are_the_same() -> None:
    assert drops("title", "python", post=Post(title="Ｐｙｔｈｏｎ 3"))


def test_plain_words_are_no_expression() -> None:
    assert not drops("title", "p.con")


@given(st.text(max_size=40))
def test_simplifying_twice_is_simplifying_once(text: str) -> None:
    assert simplified(simplified(text)) == simplified(text)


@given(st.text(min_size=1, max_size=40).filter(simplified))
def test_every_text_is_found_in_itself(text: str) -> None:
    assert drops("title", text, post=Post(title=text))


@pytest.mark.parametrize("words", ["", " ", "\u0301"])
def test_words_of_nothing_are_refused(words: str) -> None:
    assert refusal(words, is_regex=False) == "Write a word or a sign that can be looked for."


# -- expressions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "expression"),
    [("title", "^résumé"), ("title", "java"), ("text", r"\bfun\b.*\btoo\b"), ("tag", "python$"), ("any", "ł")],
)
def test_an_expression_is_searched_in_any_case(field: str, expression: str) -> None:
    assert drops(field, expression, is_regex=True)


def test_an_expression_finds_a_post_without_a_title() -> None:
    assert drops("title", "^$", is_regex=True, post=Post(text="A note."))


def test_an_expression_over_tags_of_a_post_without_tags_finds_nothing() -> None:
    assert not drops("tag", "^$", is_regex=True, post=Post())


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("(spon", "missing ), unterminated subpattern at character 1."),
        ("sponsor)", "unbalanced parenthesis at character 8."),
        ("*", "nothing to repeat at character 1."),
        ("[a-", "unterminated character set at character 1."),
        # Python warns of these first, because later versions may read such sets in another way.
        *[(f"a{torn}", "unterminated character set at character 2.") for torn in ("[[", "[]&&b", "[^]--")],
        ("(?R)", "unknown extension ?R at character 2."),
    ],
)
def test_an_expression_that_is_none_is_refused_with_its_place(expression: str, sentence: str) -> None:
    assert refusal(expression) == f"This is no regular expression: {sentence}"


@pytest.mark.parametrize("expression", ["(?:spam){e<=2}", "{", "(?x) a # b", "[[a]&&b]", "a--[z||y]"])
def test_what_another_engine_or_a_later_python_reads_otherwise_is_refused(expression: str) -> None:
    assert refusal(expression)


@pytest.mark.parametrize(
    "expression",
    ["a{99999999}", "(?:" * 30 + "a" + ")+" * 30, "(?:" * 20 + "a" + "){1,9}" * 20, "a{9" + "9" * 50 + "}"],
)
def test_an_expression_that_would_fill_the_memory_is_refused(expression: str) -> None:
    assert refusal(expression).startswith("This expression ")


@pytest.mark.parametrize("expression", [r"\{", "[{]", r"[\[]", "a{2,5}b{3}c{,4}", "(?i)a", "(?P<n>a)(?P=n)", "a++b*+"])
def test_an_expression_of_pythons_is_taken(expression: str) -> None:
    check(expression, is_regex=True)


def test_no_expression_of_a_rules_length_fills_the_memory() -> None:
    """Random expressions are tried in a process that may use little memory."""
    limit, seed = 2**30, random.getrandbits(32)

    def confine() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    run = subprocess.run(
        [sys.executable, "-m", "tests.random_expressions", str(seed)],
        cwd=Path(__file__).parent.parent.parent,
        preexec_fn=confine,
        capture_output=True,
        text=True,
    )
    assert run.stdout == "tried 300\n", f"with seed {seed}: {run.stderr}"


def test_rows_hold_every_rule_and_no_other() -> None:
    assert list(FilterRule.Field.values) == [*FIELDS]
    assert FilterRule._meta.get_field("pattern").max_length == MAX_PATTERN_CHARACTERS


# -- time ------------------------------------------------------------------------------------------------------------

ENDLESS = Rule(is_keep=False, field="title", pattern="(a|aa)+$", is_regex=True)
BAIT = Post(title="a" * 200 + "!")


def test_an_expression_that_would_never_end_is_stopped_and_reported() -> None:
    judge = Judge([ENDLESS])
    verdict = judge.judge(BAIT)
    assert (verdict.is_dropped, verdict.is_in_doubt, judge.out_of_time) == (False, True, [ENDLESS])


@pytest.mark.parametrize(
    "expression", ["(a+)+$", "(a|a)*b", r"(\w+\s?)*$", "(.*?,){11}P", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?=(a+)+b)"]
)
def test_famous_traps_come_to_an_end(expression: str) -> None:
    trap = Rule(is_keep=False, field="text", pattern=expression, is_regex=True)
    assert not Judge([trap]).judge(Post(text="a" * 50_000 + "!" + "x y, " * 5_000 + "!")).is_dropped


def test_a_rule_that_keeps_and_runs_out_of_time_drops_nothing() -> None:
    judge = Judge([Rule(is_keep=True, field="title", pattern="(a|aa)+$", is_regex=True)])
    assert not judge.judge(BAIT).is_dropped


def test_a_rule_out_of_time_leaves_the_others_theirs() -> None:
    other = Rule(is_keep=False, field="title", pattern="a!", is_regex=True)
    assert Judge([ENDLESS, other]).judge(BAIT).rule == other


def test_a_rule_that_has_matched_looks_no_further_and_is_not_said_to_be_slow() -> None:
    judge = Judge([Rule(is_keep=False, field="any", pattern="(a|aa)+$", is_regex=True)])
    assert judge.judge(Post(title="aa", text=BAIT.title)).is_dropped
    assert judge.out_of_time == []


class Clock:
    """Each search takes as long as a search may take."""

    now = 0.0

    def __call__(self) -> float:
        self.now += MAX_SEARCH_SECONDS
        return self.now


def test_a_rule_has_so_much_time_for_all_posts_together() -> None:
    judge = Judge([Rule(is_keep=False, field="title", pattern="a", is_regex=True)], clock=Clock())
    verdicts = [judge.judge(Post(title="a")).is_dropped for _ in range(20)]
    assert verdicts.count(True) == MAX_RULE_SECONDS / MAX_SEARCH_SECONDS
    assert judge.out_of_time


def test_all_rules_of_a_feed_have_so_much_time_together() -> None:
    rules = [Rule(is_keep=False, field="title", pattern=f"a{number}", is_regex=True) for number in range(20)]
    clock = Clock()
    judge = Judge(rules, clock=clock)
    for _ in range(20):
        judge.judge(Post(title="b"))
    searches = clock.now / MAX_SEARCH_SECONDS / 2  # the clock is asked before a search and after it
    assert searches == MAX_FEED_SECONDS / MAX_SEARCH_SECONDS
    assert judge.out_of_time == rules


def test_a_stored_expression_that_can_not_be_read_any_more_drops_nothing_and_is_reported() -> None:
    broken = Rule(is_keep=False, field="title", pattern="(", is_regex=True)
    judge = Judge([broken])
    assert (judge.judge(POST).is_dropped, judge.out_of_time) == (False, [broken])


def test_the_usual_rule_is_not_reported() -> None:
    judge = Judge([Rule(is_keep=False, field="any", pattern="pycon", is_regex=True)])
    assert judge.judge(POST).is_dropped
    assert judge.out_of_time == []


# -- rules together --------------------------------------------------------------------------------------------------

KEEP_PYTHON = Rule(is_keep=True, field="any", pattern="python")
KEEP_DJANGO = Rule(is_keep=True, field="any", pattern="django")
DROP_ADVERTS = Rule(is_keep=False, field="title", pattern="advert")
NEED_CLAY = Rule(is_keep=True, is_required=True, field="any", pattern="clay")
NEED_FIRE = Rule(is_keep=True, is_required=True, field="any", pattern="fire")


@pytest.mark.parametrize(
    ("title", "rules", "is_dropped", "rule"),
    [
        ("Rust", [], False, None),
        ("Rust", [DROP_ADVERTS], False, None),
        ("Advert", [DROP_ADVERTS], True, DROP_ADVERTS),
        ("Python", [KEEP_PYTHON], False, KEEP_PYTHON),
        ("Rust", [KEEP_PYTHON], True, None),
        ("Django", [KEEP_PYTHON, KEEP_DJANGO], False, KEEP_DJANGO),
        ("Python advert", [KEEP_PYTHON, DROP_ADVERTS], True, DROP_ADVERTS),
        ("Python", [DROP_ADVERTS, KEEP_PYTHON], False, KEEP_PYTHON),
        ("Clay and fire", [NEED_CLAY, NEED_FIRE], False, None),
        ("Clay", [NEED_CLAY, NEED_FIRE], True, NEED_FIRE),
        ("Clay and fire, an advert", [NEED_CLAY, DROP_ADVERTS], True, DROP_ADVERTS),
        ("Python", [NEED_CLAY, KEEP_PYTHON], True, NEED_CLAY),
        ("Clay in Python", [NEED_CLAY, KEEP_PYTHON], False, KEEP_PYTHON),
        ("Clay", [NEED_CLAY, KEEP_PYTHON], True, None),
    ],
)
def test_a_post_needs_one_rule_that_keeps_all_that_are_required_and_none_that_drops(
    title: str, rules: list[Rule], is_dropped: bool, rule: Rule | None
) -> None:
    verdict = Judge(rules).judge(Post(title=title))
    assert (verdict.is_dropped, verdict.rule) == (is_dropped, rule)


def test_what_is_required_may_stand_in_another_part_of_the_post_each() -> None:
    assert not Judge([NEED_CLAY, NEED_FIRE]).judge(Post(title="Fire", tags=("clay",))).is_dropped


def test_a_required_rule_that_is_out_of_time_drops_nothing() -> None:
    judge = Judge([Rule(is_keep=True, is_required=True, field="title", pattern="(a|aa)+$", is_regex=True)])
    verdict = judge.judge(Post(title="a" * 200 + "!"))
    assert (verdict.is_dropped, verdict.is_in_doubt, len(judge.out_of_time)) == (False, True, 1)


@pytest.mark.parametrize(
    ("written", "pattern", "found", "missed"),
    [
        ("Glaze", "(?-i:Glaze)", "A Glaze", "a glaze"),
        ("(?i)Glaze", "Glaze", "a gLAZE", "clay"),
        ("raku(?i)|glaze", "raku|glaze", "RAKU", "clay"),
        (r"[(?i)]x\(\?i\)", r"(?-i:[(?i)]x\(\?i\))", "ix(?i)", "IX(?I)"),
        ("(?su)a.b", "(?s)(?-i:a.b)", "a\nb", "A.B"),
        ("(?m)^b|A", "(?m)(?-i:^b|A)", "x\nb", "a"),
        ("{draft}{2}", r"(?-i:\{draft}{2})", "{draft}}", "{draft}"),
        ("[[]ad[]]", r"(?-i:[\[]ad[]])", "[ad]", "ad"),
        (r"[^[a]\{", r"(?-i:[^\[a]\{)", "b{", "[{"),
    ],
)
def test_an_expression_of_a_planet_sees_case_as_it_did_there(
    written: str, pattern: str, found: str, missed: str
) -> None:
    assert with_case(written) == pattern
    assert drops("title", pattern, is_regex=True, post=Post(title=found))
    assert not drops("title", pattern, is_regex=True, post=Post(title=missed))


@pytest.mark.parametrize("written", ["(", "(?x) a b", "a[", "x" * 20_000])
def test_an_expression_of_a_planet_that_cannot_be_used_is_refused(written: str) -> None:
    with pytest.raises(BadPattern):
        with_case(written)


@given(st.text(alphabet="ab()[]{}|*+?\\.^$(?i)ms-L", max_size=40))
def test_an_expression_of_a_planet_is_refused_or_is_one_of_ours(written: str) -> None:
    with suppress(BadPattern):
        check(with_case(written), is_regex=True)


@pytest.mark.parametrize(
    ("field", "reads"),
    [("title", False), ("tag", False), ("author", False), ("text", True), ("any", True), ("whole", True)],
)
def test_only_rules_over_texts_need_the_text(field: str, reads: bool) -> None:
    assert Judge([Rule(is_keep=False, field=field, pattern="a")]).reads_text == reads


@examples(50)
@given(st.text(alphabet="ab()[]{}|*+?\\.^$,12<=>!:&-", max_size=MAX_PATTERN_CHARACTERS))
def test_whatever_is_typed_is_taken_or_refused(pattern: str) -> None:
    with suppress(BadPattern):
        check(pattern, is_regex=True)
        Judge([Rule(is_keep=False, field="title", pattern=pattern, is_regex=True)]).judge(Post(title="abba 12"))
