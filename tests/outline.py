"""What a reader sees of a page between its texts, read as a browser would read it."""

from __future__ import annotations

from html.parser import HTMLParser

from django.test import Client

KINDS = {"h2": "date", "h3": "feed", "h4": "entry", "time": "stamp"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """The outline inside of `<main>` as `[kind, text]`, every element's attributes, and what is not balanced."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.outline: list[list[str]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> stays open" for tag in self._open]

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def strange_scripts(self) -> list[dict[str, str]]:
        """Those that aren't files of ours."""
        return [script for script in self.named("script") if not script.get("src", "").startswith("/static/js/")]

    def classed(self, name: str) -> list[dict[str, str]]:
        return [attributes for _, attributes in self.elements if name in attributes.get("class", "").split()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in VOID:
            return
        self._open.append(tag)
        if tag in KINDS and "main" in self._open:
            self.outline.append([KINDS[tag], ""])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")
            return
        self._open.pop()
        if tag in KINDS and "main" in self._open:
            self.outline[-1][1] = " ".join(self.outline[-1][1].split())

    def handle_data(self, data: str) -> None:
        if "main" in self._open and KINDS.keys() & set(self._open):
            self.outline[-1][1] += data


def page_at(client: Client, address: str) -> Page:
    response = client.get(address)
    assert response.status_code == 200
    return Page(response.content.decode())


def titles(client: Client, address: str) -> list[str]:
    return [text for kind, text in page_at(client, address).outline if kind == "entry"]
