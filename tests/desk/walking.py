"""A person who goes through the desk by what its pages offer: follows every link, and presses every button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

Sent = dict[str, list[str]]
LEADS_AWAY = ("logout", "/jsi18n/", "/password_change/")
"""Not walked into: what ends the walk, and what is no page."""


@dataclass
class Form:
    """A form as the page has it, with what its fields hold."""

    action: str
    method: str
    fields: Sent = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """Something that sends a form."""

    form: Form
    label: str
    name: str
    value: str
    action: str

    @property
    def data(self) -> Sent:
        return {**self.form.fields, **({self.name: [self.value]} if self.name else {})}


class Offered(HTMLParser):
    """The links, forms and buttons of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: dict[str, Form] = {}
        self.actions: list[str] = []
        self._pressed: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[str] = []
        self._select = ""
        self._label: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and found.get("href"):
            self.links.add(found["href"])
        elif tag == "form":
            name = found.get("id") or f"form {len(self.forms)}"
            self.forms[name] = Form(found.get("action", ""), found.get("method", "get").lower())
            self._open.append(name)
        elif tag == "button" or (tag == "input" and found.get("type") == "submit"):
            self._label = [found.get("value", "")] if tag == "input" else []
            self._pressed.append((found.get("form") or self._inside, found, self._label))
        elif tag == "input":
            self._note_input(found)
        elif tag == "select":
            self._select = found.get("name", "")
        elif tag == "option":
            self._note_option(found)
        elif tag == "textarea" and found.get("name"):
            self._fields().setdefault(found["name"], [""])

    @property
    def _inside(self) -> str:
        return self._open[-1] if self._open else ""

    def _fields(self) -> Sent:
        return self.forms[self._inside].fields if self._open else {}

    def _note_input(self, found: dict[str, str]) -> None:
        name, kind = found.get("name", ""), found.get("type", "text")
        if not name or kind == "file":
            return
        if name == "_selected_action":  # a person ticks the first row
            self._fields().setdefault(name, [found["value"]])
        elif kind not in {"checkbox", "radio"} or "checked" in found:
            self._fields().setdefault(name, []).append(found.get("value", "on" if kind == "checkbox" else ""))

    def _note_option(self, found: dict[str, str]) -> None:
        if self._select == "action":
            self.actions += [found["value"]] if found.get("value") else []
        elif self._select and "selected" in found:
            self._fields().setdefault(self._select, []).append(found.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._label is not None:
            self._label.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            self._open.pop()
        elif tag == "button":
            self._label = None
        elif tag == "select":
            self._select = ""

    def buttons(self) -> Iterator[Button]:
        """All that can be pressed; a list's actions one by one."""
        for name, found, label in self._pressed:
            form = self.forms.get(name)
            if form is None or found.get("type") == "button" or "disabled" in found:
                continue
            action = found.get("formaction") or form.action
            button = Button(form, " ".join(label), found.get("name", ""), found.get("value", ""), action)
            if "_selected_action" in form.fields and found.get("name") == "index":
                for chosen in self.actions:
                    data = {**form.fields, "action": [chosen]}
                    yield Button(Form(form.action, form.method, data), chosen, button.name, button.value, action)
            else:
                yield button


def within_desk(page: str, link: str) -> str:
    """The address to which a link on a page of the desk leads; empty if that is none of the desk's."""
    address = urljoin(page, link).partition("#")[0]
    is_walked = address.startswith("/admin/") and not any(word in address for word in LEADS_AWAY)
    return address if is_walked else ""


def kind_of(address: str) -> str:
    """What addresses of the same view have in common: rows of a list needn't be visited one by one, nor its orders."""
    path, _, query = address.partition("?")
    names = sorted(pair.partition("=")[0] for pair in query.split("&") if pair)
    return "?".join(["/".join("#" if part.isdigit() else part for part in path.split("/")), "&".join(names)])
