"""The floor plan: which room may use which, and how large a file may be. CONTRIBUTING.md draws it and says why."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from tests.floor_plan import files_on_plan

ROOT = Path(__file__).resolve().parent.parent
APPS = ("aggregator", "notifications")

DOWNWARDS = ["ingest", "models", "search", "folding", "filtering", "storing", "polling", "curating", "submissions"]
DOWNWARDS += ["desk"]
"""Rooms of the aggregator, from the ground up: each may use those before it."""
MAY_ALSO_USE = {
    "storing": "signals",
    "curating": "exchange",
    "models": "absence",
    "submissions": "limiting pages tasks worker signals",
    "desk": "tasks worker pages.discs pages.keeping exchange diagnosis limiting",
    "tasks": "models search filtering storing polling curating submissions retention worker",
    "diagnosis": "models",
    "whereabouts": "models diagnosis ingest.address ingest.post_keys ingest.text",
    "retention": "models search folding limiting",
    "limiting": "models",
    "keeping": "models own search signals unreadable",
    "own": "exchange.contact",
    "exchange": "models ingest.decode ingest.errors ingest.languages ingest.xmlrepair ingest.xmltext",
    "pages": "models exchange diagnosis limiting own search whereabouts",
    "syndication": "models exchange pages search ingest.languages",
    "templatetags": "models exchange pages",
    "apps": "health pages search",
    "health": "models worker",
    "admin": "desk",
    "urls": "pages syndication submissions",
    "demo": "models curating tasks worker",
    "management": "ingest models search storing polling curating exchange diagnosis demo keeping retention unreadable",
}
READING_SIDE = ["pages", "search.query", "search.finding", "syndication", "exchange", "diagnosis", "templatetags"]
READING_SIDE += ["whereabouts"]
PURE_TEXT = ["ingest.decode", "ingest.xmlrepair", "ingest.xmltext", "ingest.errors", "ingest.types", "ingest.languages"]
PURE_TEXT += [
    "ingest.whole_text",
    "ingest.markup",
    "ingest.drawings",
    "ingest.left_out",
    "ingest.text",
    "ingest.address",
]
PURE_TEXT += ["ingest.post_keys", "ingest.broken_utf8", "ingest.charset_labels"]
"""What of ingest is pure text: lists of feeds are decoded and mended as feeds are, a language is one to all, and an
address that somebody asks for has the spelling of one that came."""
WRITING_SIDE = ["ingest", "folding", "filtering", "storing", "polling", "curating", "retention", "tasks"]
WRITING_SIDE += ["models.counting", "models.emptying", "models.tagging"]

NOTIFYING = ["push_services", "vapid", "models", "notices", "mailing", "sending", "retention", "tasks", "devices"]
"""Rooms of notifications, from the ground up: each may use those before it. Screens such as admin.py use any."""

STAGES = ["schedule", "guard", "fetch", "decode", "parse", "dates", "normalize", "sanitize", "discover", "mend"]
PACKAGES_OF_INGEST = ("httpx", "h11", "idna", "feedparser", "ftfy", "bleach", "chardet")
DOORS = {
    "httpx": {"aggregator.ingest.fetch", "aggregator.ingest.guard", "aggregator.ingest.http11"},
    "h11": {"aggregator.ingest.guard", "aggregator.ingest.http11"},
    "feedparser": {"aggregator.ingest.parse"},
    "ftfy": {"aggregator.ingest.mend"},
    "idna": {"aggregator.ingest.address"},
    "bleach": {"aggregator.ingest.sanitize"},
    "chardet": {"aggregator.ingest.decode"},
    "aiohttp": {"notifications.sending.push", "notifications.sending.exchange"},
    "pywebpush": {"notifications.sending.request"},
    "py_vapid": {"notifications.vapid.signing"},
    "huey": {
        *("aggregator.tasks", "aggregator.worker", "notifications.tasks"),
        *("aggregator.management.commands.run_huey", "config.queues"),
    },
    "pebble": {"aggregator.polling.reading_pool"},
    "regex": {"aggregator.filtering.expressions", "aggregator.search.terms"},
    "tqdm": {"aggregator.management.feed_command"},
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {
    name_of(path): path
    for package in (*APPS, "config")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
}


def within(name: str, *modules: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


@cache
def imports_of(name: str, *, with_types: bool = True) -> frozenset[str]:
    """All that a module imports, as whole names; also what it imports by name.

    With types, also what it imports for its annotations only. "from aggregator import tasks" is "aggregator.tasks".
    """
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    names: set[str] = set()
    for node in _nodes(tree_of(name), with_types=with_types):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*parts, *([node.module] if node.module else [])])
            wholes = {f"{module}.{alias.name}" for alias in node.names}
            names |= {whole if whole in FILES else module for whole in wholes}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"import_module", "import_string"}:
            literals = (argument.value for argument in node.args if isinstance(argument, ast.Constant))
            names.update(literal for literal in literals if isinstance(literal, str))
    return frozenset(names - {name})


def _nodes(node: ast.AST, *, with_types: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if with_types or not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _nodes(child, with_types=with_types)


def own_imports(name: str, *, with_types: bool = True) -> set[str]:
    """Our own modules among the imports; a function that is imported by name stands for its module."""
    found = set()
    for imported in imports_of(name, with_types=with_types):
        module = imported
        while module and module not in FILES:
            module = module.rpartition(".")[0]
        found |= {module} - {"", name}
    return found


def room_of(name: str) -> str:
    """The second part of a name: the room in its app, or the file that stands alone there."""
    return ".".join(name.split(".")[1:2])


def arrows(app: str) -> Iterator[tuple[str, str, str]]:
    """Each module of an app with what it uses of another room: its room, its name, the other's name."""
    for name in FILES:
        if within(name, app):
            others = (other for other in own_imports(name) if within(other, app) and room_of(other) != room_of(name))
            yield from ((room_of(name), name, other) for other in others)


def reached_from(name: str) -> set[str]:
    """Our own modules that a module needs at run time, directly or by way of others."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        found = own_imports(waiting.pop(), with_types=False) - reached
        reached |= found
        waiting += found
    return reached


# -- rooms -----------------------------------------------------------------------------------------------------------


def test_rooms_use_only_what_they_may() -> None:
    below = {room: DOWNWARDS[:floor] for floor, room in enumerate(DOWNWARDS)}
    offenders = []
    for room, name, other in arrows("aggregator"):
        allowed = [*below.get(room, []), *MAY_ALSO_USE.get(room, "").split()]
        is_version = other == "aggregator"  # where its version stands
        if not is_version and not within(other, *(f"aggregator.{one}" for one in allowed)):
            offenders.append(f"{name} uses {other}")
    assert offenders == []


def test_no_room_may_use_what_it_does_not_need() -> None:
    used = {(room, room_of(other)) for room, _, other in arrows("aggregator")}
    spare = {
        (room, one)
        for room, names in MAY_ALSO_USE.items()
        for one in names.split()
        if (room, one.split(".")[0]) not in used
    }
    assert spare == set()


def test_rooms_of_notifications_use_only_what_they_may() -> None:
    below = {room: NOTIFYING[:floor] for floor, room in enumerate(NOTIFYING)}
    offenders = [
        f"{name} uses {other}"
        for room, name, other in arrows("notifications")
        if room in below and not within(other, *(f"notifications.{one}" for one in below[room]))
    ]
    assert offenders == []


def test_no_modules_form_a_ring() -> None:
    """Not even with what they import for annotations only."""
    TopologicalSorter({name: own_imports(name) for name in FILES}).prepare()  # raises CycleError, which names the ring


def test_the_reading_side_never_needs_the_writing_side() -> None:
    offenders = [
        f"{name} needs {other}"
        for name in FILES
        if within(name, *(f"aggregator.{room}" for room in READING_SIDE))
        for other in sorted(reached_from(name))
        if within(other, *(f"aggregator.{room}" for room in WRITING_SIDE))
        and not within(other, *(f"aggregator.{room}" for room in PURE_TEXT))
    ]
    assert offenders == []


def test_models_use_nothing_of_ingest_but_its_types() -> None:
    rows = [name for name in FILES if within(name, "aggregator.models")]
    at_run_time = [name for name in rows for other in own_imports(name, with_types=False) if room_of(other) == "ingest"]
    others = {other for name in rows for other in own_imports(name) if room_of(other) == "ingest"}
    assert (at_run_time, others - {"aggregator.ingest.types"}) == ([], set())


def test_the_aggregator_never_imports_notifications() -> None:
    offenders = [
        name
        for name in FILES
        if within(name, "aggregator") and any(within(n, "notifications") for n in imports_of(name))
    ]
    assert offenders == []


def test_nothing_imports_config_but_config_itself() -> None:
    others = [name for name in FILES if not within(name, "config")]
    assert [name for name in others if any(within(imported, "config") for imported in imports_of(name))] == []


# -- ingest ----------------------------------------------------------------------------------------------------------


def test_ingest_needs_itself_the_standard_library_and_the_packages_behind_its_doors() -> None:
    allowed = {"aggregator.ingest", *sys.stdlib_module_names, *PACKAGES_OF_INGEST}
    offenders = [
        f"{name} imports {imported}"
        for name in FILES
        if within(name, "aggregator.ingest")
        for imported in sorted(imports_of(name))
        if not within(imported, *allowed)
    ]
    assert offenders == []


def test_a_stage_imports_no_other_stage() -> None:
    stages = {f"aggregator.ingest.{stage}" for stage in STAGES}
    exceptions = {
        ("aggregator.ingest.fetch", "aggregator.ingest.guard"),
        ("aggregator.ingest.normalize", "aggregator.ingest.mend"),
    }
    assert stages <= FILES.keys()
    pairs = {(stage, other) for stage in stages for other in own_imports(stage) & stages}
    assert pairs == exceptions


# -- modules ---------------------------------------------------------------------------------------------------------


def test_what_is_imported_only_when_it_is_needed_counts_too() -> None:
    assert "regex" in imports_of("aggregator.filtering.expressions")


def test_each_package_has_one_door() -> None:
    used = {
        package: {name for name in FILES if any(within(n, package) for n in imports_of(name, with_types=False))}
        for package in DOORS
    }
    assert {package: names - DOORS[package] for package, names in used.items() if names - DOORS[package]} == {}
    assert [package for package, names in used.items() if not names] == []


def test_imports_stand_at_the_top() -> None:
    late = [
        name
        for name in FILES
        for function in ast.walk(tree_of(name))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        if not (FILES[name].name == "apps.py" and function.name == "ready")
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]
    assert late == []


def test_no_module_is_longer_than_300_lines() -> None:
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_no_module_is_a_drawer() -> None:
    assert [n for n in FILES if n.rpartition(".")[2] in {"utils", "helpers", "services", "misc", "common"}] == []


def test_mark_safe_occurs_once_in_the_tree() -> None:
    calls = [
        name
        for name in FILES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"mark_safe", "SafeString"}
    ]
    assert len(calls) == 1, calls


# -- the plan --------------------------------------------------------------------------------------------------------


def test_every_room_and_every_file_is_on_the_plan() -> None:
    """And the plan shows nothing that isn't there."""
    built = {name.replace(".", "/") for name, path in FILES.items() if path.name != "__init__.py"}
    assert sorted(files_on_plan((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")) ^ built) == []


def test_a_plan_that_lacks_a_line_is_noticed() -> None:
    plan = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    whole = files_on_plan(plan)
    lines = [line for line in plan.splitlines() if re.match(r" {6,}\S", line)]
    assert len(lines) > 20
    assert [line for line in lines if files_on_plan(plan.replace(f"{line}\n", "")) == whole] == []


def test_tests_mirror_the_rooms() -> None:
    tested_elsewhere = {
        "aggregator/management": "commands",
        "aggregator/templatetags": "pages",
        "notifications/management": "notifications/vapid",
        "notifications/models": "notifications",
        "notifications/templatetags": "notifications/devices",
    }
    rooms = {"/".join(name.split(".")[:2]) for name in FILES if name.count(".") > 1}
    folders = {tested_elsewhere.get(room, room.removeprefix("aggregator/")) for room in rooms}
    assert sorted(folder for folder in folders if not list((ROOT / "tests" / folder).glob("test_*.py"))) == []


def test_what_is_near_is_imported_by_a_short_way_and_what_is_far_by_its_whole_path() -> None:
    """Near is what stands in the same folder."""
    offenders = [
        f"{name}:{node.lineno}"
        for name in FILES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.ImportFrom) and name.count(".") > 1
        if node.level > 1 or (not node.level and within(node.module or "", name.rpartition(".")[0]))
    ]
    assert offenders == []


def test_the_top_level_holds_only_the_floor_plan() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert folders - {"var"} == {"aggregator", "notifications", "templates", "static", "config", "tests"}
