"""The floor plan: who may import whom, and how large a room may be. CONTRIBUTING.md draws it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("aggregator", "notifications", "config")
PLANNED = ("aggregator", "aggregator/ingest", "notifications")
MODULES = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts
]
STAGES = {"schedule", "guard", "fetch", "decode", "parse", "dates", "normalize", "sanitize", "discover", "mend"}
DOORS = {
    "httpx": {"aggregator.ingest.fetch", "aggregator.ingest.guard", "aggregator.ingest.http11"},
    "h11": {"aggregator.ingest.guard", "aggregator.ingest.http11"},
    "feedparser": {"aggregator.ingest.parse"},
    "ftfy": {"aggregator.ingest.mend"},
    "bleach": {"aggregator.ingest.sanitize"},
    "aiohttp": {"notifications.sending.push"},
    "pywebpush": {"notifications.sending.push"},
    "py_vapid": {"notifications.vapid.signing"},
    "huey": {"aggregator.tasks", "notifications.tasks", "aggregator.management.commands.run_huey"},
    "pebble": {"aggregator.polling.reading_pool"},
    "regex": {"aggregator.filtering.expressions"},
    "tqdm": {"aggregator.management.feed_command"},
}
READING_SIDE = {"aggregator.pages", "aggregator.syndication", "aggregator.exchange", "aggregator.templatetags"}
WRITING_SIDE = {
    "aggregator.polling.conductor",
    "aggregator.polling.recording",
    "aggregator.polling.fetching",
    "aggregator.polling.reading",
    "aggregator.storing.documents",
    "aggregator.storing.matching",
    "aggregator.storing.moves",
    "aggregator.folding.fold",
    "aggregator.storing.holding",
    "aggregator.tasks",
    "aggregator.ingest",
    "aggregator.polling.claiming",
    "aggregator.storing.drift",
    "aggregator.storing.identity",
    "aggregator.polling.rediscovery",
    "aggregator.storing.resting",
    "aggregator.polling.recall",
    "aggregator.polling.reading_pool",
    "aggregator.filtering.rules",
    "aggregator.filtering.expressions",
    "aggregator.polling.bodies",
    "aggregator.storing.feed_row",
    "aggregator.polling.skew",
    "aggregator.storing.following",
    "aggregator.models.counting",
    "aggregator.models.sql",
    "aggregator.polling.known",
    "aggregator.polling.gathering",
    "aggregator.filtering.judging",
    "aggregator.storing.outage",
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports at run time, as absolute dotted names; also those that it imports by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "import_string"}:
            literals = (argument.value for argument in node.args if isinstance(argument, ast.Constant))
            names.update(literal for literal in literals if isinstance(literal, str))
    return names


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def reached_from(path: Path) -> set[str]:
    """The names of our own modules that a file needs, directly or by way of others."""
    by_name = {name_of(module): module for module in MODULES}
    reached: set[str] = set()
    waiting = [path]
    while waiting:
        found = (imports_of(waiting.pop()) & by_name.keys()) - reached
        reached |= found
        waiting += [by_name[name] for name in found]
    return reached


def paths(modules: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", modules, ids=name_of)


def test_what_is_imported_only_when_it_is_needed_counts_too() -> None:
    assert "regex" in imports_of(ROOT / "aggregator" / "filtering" / "expressions.py")


@paths([path for path in MODULES if "ingest" in path.parts])
def test_ingest_needs_itself_the_standard_library_and_the_packages_behind_its_doors(path: Path) -> None:
    allowed = {"aggregator.ingest", *sys.stdlib_module_names, "httpx", "h11", "feedparser", "ftfy", "bleach"}
    assert not {name for name in imports_of(path) if not any(within(name, module) for module in allowed)}


@paths([path for path in MODULES if "ingest" in path.parts and path.stem in STAGES])
def test_a_stage_imports_no_other_stage(path: Path) -> None:
    allowed = {"fetch": {"guard"}, "normalize": {"dates", "mend"}}.get(path.stem, set())
    others = {f"aggregator.ingest.{stage}" for stage in STAGES - allowed - {path.stem}}
    assert not imports_of(path) & others


@paths(MODULES)
def test_each_package_has_one_door(path: Path) -> None:
    for package, doors in DOORS.items():
        used = {name for name in imports_of(path) if within(name, package)}
        assert not used or name_of(path) in doors, f"{package} is used outside of its door"


@paths([path for path in MODULES if any(within(name_of(path), module) for module in READING_SIDE)])
def test_the_reading_side_never_needs_the_writing_side(path: Path) -> None:
    assert not {name for name in reached_from(path) if any(within(name, module) for module in WRITING_SIDE)}


@paths([path for path in MODULES if "aggregator" in path.parts])
def test_the_aggregator_never_imports_notifications(path: Path) -> None:
    assert not {name for name in imports_of(path) if within(name, "notifications")}


@paths(MODULES)
def test_nothing_imports_config(path: Path) -> None:
    assert not {name for name in imports_of(path) if within(name, "config")}


@paths(MODULES)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = [
        node
        for function in functions
        if not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not late


@paths(MODULES)
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@paths(MODULES)
def test_no_module_is_a_drawer(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "services", "misc", "common"}


def test_mark_safe_occurs_once_in_the_tree() -> None:
    calls = [
        name_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"mark_safe", "SafeString"}
    ]
    assert len(calls) == 1, calls


@paths([path for path in MODULES if path.parent in {ROOT / room for room in PLANNED}])
def test_every_room_is_on_the_plan(path: Path) -> None:
    plan = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## The house")[2].partition("\n## ")[0]
    name = "admin_" if path.stem.startswith("admin_") else path.stem
    assert path.stem == "__init__" or re.search(rf"\b{name}(?:\b|\*)", plan), "CONTRIBUTING.md doesn't show it"


def test_the_top_level_holds_only_the_floor_plan() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert folders - {"var"} == {"aggregator", "notifications", "templates", "static", "config", "tests"}
