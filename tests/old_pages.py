"""A page that somebody opened a while ago: the form in it, filled in and sent as a browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from django.test import Client
from django.urls import reverse

Fields = dict[str, list[str]]
QUIET = {"submit", "button", "reset", "image", "file"}


class Reader(HTMLParser):
    """What a browser would send of the form that has this id; without one, this address, or neither."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.is_inside = form_id, False
        self.fields: Fields = {}
        self._select = ""
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_inside = (has.get("id") or has.get("action") or "") == self.form_id
        if not self.is_inside:
            return
        name, kind = has.get("name", ""), has.get("type", "text")
        if tag == "input" and name and kind not in QUIET and "disabled" not in has:
            if kind not in {"checkbox", "radio"} or "checked" in has:
                self.fields.setdefault(name, []).append(has.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in has:
            self.fields.setdefault(self._select, []).append(has.get("value", ""))
        elif tag == "textarea":
            self._text = (name, [])

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._text:
            self.fields.setdefault(self._text[0], []).append("".join(self._text[1]))
            self._text = None


@dataclass
class OldPage:
    """A form as it was when the page was opened. `send` sends it, with what was changed in it, however late."""

    client: Client
    address: str
    html: str = ""
    form: str = ""
    """Its id; without one, its action, which is empty for the page's own address."""
    fields: Fields = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.html:
            response = self.client.get(self.address)
            assert response.status_code == 200, response
            self.html = response.content.decode()
        reader = Reader(self.form)
        reader.feed(self.html)
        self.fields = reader.fields
        assert self.fields, f"There is no form {self.form!r}."

    def send(self, *, to: str = "", **changes: str | list[str] | None) -> Answer:
        """The page that it leads to. What is changed to None isn't sent, as of a box without its tick."""
        data: Fields = dict(self.fields)
        for name, value in changes.items():
            data.pop(name, None)
            if value is not None:
                data[name] = value if isinstance(value, list) else [value]
        response = self.client.post(to or self.address, data, follow=True)
        assert response.status_code == 200, response
        return Answer(response.content.decode(), self.client, self.address, self.form)

    def press(self, label: str) -> str:
        """The words of the page that a button outside of all forms leads to."""
        found = [tag for tag, text in re.findall(r"<button([^>]*)>([^<]*)</button>", self.html) if text == label]
        has = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', found[0])}
        response = self.client.post(has["formaction"], {has["name"]: has["value"]}, follow=True)
        assert response.status_code == 200, response
        return words(response.content.decode())


@dataclass
class Answer:
    """The page that a form leads to; its own form, if it has one, can be sent anew."""

    html: str
    client: Client
    address: str
    form: str

    @property
    def words(self) -> str:
        return words(self.html)

    def again(self) -> OldPage:
        """The same form as this page has it."""
        return OldPage(self.client, self.address, self.html, self.form)


def words(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def opened(client: Client, name: str, *args: object, form: str) -> OldPage:
    return OldPage(client, reverse(name, args=args), form=form)
