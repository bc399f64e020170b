"""The list of threats has every row, and names tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("THREATS.md")
ROWS = dict(re.findall(r"^- \*\*([A-Z]\d+)\*\* (.+)$", LIST.read_text(encoding="utf-8"), re.MULTILINE))
LENGTHS = {"F": 16, "X": 10, "C": 14, "I": 10, "A": 5, "P": 4, "O": 6, "S": 15}
STILL_TO_COME = ["S2"]
"""Pages without bound. Its row comes with what mends it."""
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def names_of_tests(path: str) -> frozenset[str]:
    """The names of a file's tests, read without running it."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_row_stands_there_once_and_in_order() -> None:
    expected = chain.from_iterable((f"{letter}{n}" for n in range(1, length + 1)) for letter, length in LENGTHS.items())
    found = re.findall(r"\*\*([A-Z]\d+)\*\*", LIST.read_text(encoding="utf-8"))
    assert found == [row for row in expected if row not in STILL_TO_COME] == list(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_shown_by_tests_that_exist(row: str) -> None:
    named = NAMED.findall(ROWS[row])
    assert [name for path, name in named if name not in names_of_tests(path)] == []
    assert ROWS[row].count("::") == len(named), "a test is named in a way that nobody checks"
    assert named
