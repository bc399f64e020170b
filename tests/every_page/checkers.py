"""What others wrote to check pages: axe-core in a browser, and the W3C's checker of HTML. `make checkers` fetches both."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.needs import need_file, need_program

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = ROOT / "var" / "checkers" / "node_modules"
REMEDY = "make checkers, which needs npm"

RUN = """async options => {
  const found = await axe.run(document, options);
  return found.violations.map(rule => ({
    rule: rule.id,
    help: rule.help,
    places: rule.nodes.map(node => ({path: node.target.join(" "), html: node.html.slice(0, 200)})),
  }));
}"""


def axe_script() -> str:
    return need_file(MODULES / "axe-core" / "axe.min.js", REMEDY).read_text(encoding="utf-8")


def complaints_of_axe(page: Page, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By all rules that `options` leave on. `axe_script` has to be in the page."""
    found: list[dict[str, Any]] = page.evaluate(RUN, options)
    return found


@dataclass(frozen=True, slots=True)
class Complaint:
    page: str
    text: str
    extract: str
    end: int
    """Where it ends in the page, in characters."""


def complaints_of_vnu(pages: Mapping[str, str], folder: Path) -> list[Complaint]:
    """What the W3C's checker says of these pages, warnings too. `folder` is for its work."""
    java, jar = need_program("java"), need_file(MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar", REMEDY)
    names = {}
    for number, (name, html) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_text(html, encoding="utf-8")
        names[path.as_uri()] = name
    # One compiler is enough for so short a time, and it works half as long.
    command = [java, "-Xss8m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", str(jar)]
    command += ["--format", "json", "--stdout", "--exit-zero-always", *(str(path) for path in folder.glob("*.html"))]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout)
    return [_complaint(message, names, pages) for message in said["messages"]]


def _complaint(message: Mapping[str, Any], names: Mapping[str, str], pages: Mapping[str, str]) -> Complaint:
    name = names[message["url"].replace("file:/", "file:///").replace("file://///", "file:///")]
    lines = pages[name].split("\n")
    end = sum(len(line) + 1 for line in lines[: message["lastLine"] - 1]) + message["lastColumn"]
    return Complaint(name, message["message"], message.get("extract", ""), end)
