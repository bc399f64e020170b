"""What others wrote to check pages: axe-core in a browser, and the W3C's checker of HTML (`make checkers`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.needs import need_file, need_program

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = ROOT / "var" / "checkers" / "node_modules"
REMEDY = "make checkers, which needs npm"

RUN = """async ({rules, off}) => {
  const found = await axe.run(document, {
    runOnly: rules.length ? {type: "rule", values: rules} : {type: "tag", values: __TAGS__},
    rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}])),
    resultTypes: ["violations"], preload: false, iframes: false,
  });
  return found.violations.flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id,
    is_in_post: Boolean(document.querySelector(node.target[0])?.closest(".prose")),
    html: node.html.slice(0, 200),
  })));
}"""
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental")
"""Of axe's rules, all but those of level AAA and those that it has given up."""


def axe_script() -> str:
    return need_file(MODULES / "axe-core" / "axe.min.js", REMEDY).read_text(encoding="utf-8")


def complaints_of_axe(page: Page, *, rules: Sequence[str] = (), off: Sequence[str] = ()) -> list[dict[str, Any]]:
    """By these rules, or by all but those that are `off`. `axe_script` has to be in the page."""
    run = RUN.replace("__TAGS__", json.dumps(TAGS))
    found: list[dict[str, Any]] = page.evaluate(run, {"rules": list(rules), "off": list(off)})
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
        names[path.name] = name
    # One compiler is enough for so short a time, and it works half as long.
    command = [java, "-Xss8m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", str(jar)]
    command += ["--format", "json", "--stdout", "--exit-zero-always", *(str(path) for path in folder.glob("*.html"))]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout)
    return [_complaint(message, names, pages) for message in said["messages"]]


def _complaint(message: Mapping[str, Any], names: Mapping[str, str], pages: Mapping[str, str]) -> Complaint:
    name = names[Path(urlsplit(message["url"]).path).name]
    lines = pages[name].split("\n")
    end = sum(len(line) + 1 for line in lines[: message["lastLine"] - 1]) + message["lastColumn"]
    return Complaint(name, message["message"], message.get("extract", ""), end)
