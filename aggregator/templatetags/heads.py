"""What the head of a page says twice: once for people, once for sites on which somebody shares its address."""

from __future__ import annotations

import re
from html import unescape

from django import template
from django.template.base import NodeList, Parser, Token

register = template.Library()

_ADDRESS = re.compile(r'<link rel="canonical" href="(.*?)">')


class SaidAgain(template.Node):
    """Writes what it holds, and keeps it under a name for what comes below."""

    def __init__(self, nodes: NodeList, name: str) -> None:
        self.nodelist, self._name = nodes, name

    def render(self, context: template.Context) -> str:
        said = self.nodelist.render(context)
        context[self._name] = unescape(said)  # escaped once more wherever it is written
        return said


@register.tag
def said(parser: Parser, token: Token) -> SaidAgain:
    """`{% said as name %}...{% endsaid %}`: what stands in it is written, and is text under that name from then on."""
    match token.split_contents():
        case [_, "as", name]:
            nodes = parser.parse(("endsaid",))
            parser.delete_first_token()
            return SaidAgain(nodes, name)
    raise template.TemplateSyntaxError("{% said as name %} takes a name")


@register.filter
def canonical_in(head: str) -> str:
    """The address that a page names as its own; empty if it names none, as it isn't to be found or shared."""
    match = _ADDRESS.search(head)
    return match[1] if match else ""
