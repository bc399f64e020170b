"""The list of known defects names tests that exist, and the app is whole enough to run at all."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import notifications

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = Path(__file__).with_name("KNOWN_DEFECTS.md")
LINES = [line for line in LIST.read_text(encoding="utf-8").splitlines() if re.match(r"\d+\. ", line)]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def names_of_tests(path: str) -> set[str]:
    """The names of a file's tests, read without running it."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_of_the_44_defects_stands_there_once() -> None:
    assert [int(line.partition(".")[0]) for line in LINES] == list(range(1, 45))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.partition(".")[0])
def test_a_defect_is_kept_out_by_tests_that_exist_or_can_not_occur(line: str) -> None:
    named = NAMED.findall(line)
    assert named or "Can't occur" in line
    assert [name for path, name in named if name not in names_of_tests(path)] == []
    assert line.count("::") == len(named), "a test is named in a way that nobody checks"


@pytest.mark.parametrize("name", [module.name for module in walk_packages(notifications.__path__, "notifications.")])
def test_every_module_of_the_app_can_be_imported(name: str) -> None:
    assert import_module(name).__name__ == name
