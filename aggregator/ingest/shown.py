"""What of a post's HTML a reader is to see: the tokens as they were found -> those that are written.

Each step concerns few posts, and a word in the source tells whether it may: ordinary posts go past all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .anchors import Anchors, anchors_of, has_inner_links, page_of, without_heading_links
from .backgrounds import SIGNS as OF_BACKGROUNDS
from .backgrounds import with_lone_backgrounds
from .code_lines import SIGNS as OF_CODE
from .code_lines import with_code_as_written
from .embeds import may_embed, with_links_for_embeds
from .formulas import SIGNS as OF_FORMULAS
from .formulas import with_formulas_as_text
from .hidden import SIGNS as OF_HIDING
from .hidden import without_hidden
from .kept_lines import SIGNS as OF_KEPT_LINES
from .kept_lines import with_kept_lines
from .margin_notes import SIGNS as OF_MARGINS
from .margin_notes import with_notes_in_brackets
from .markup import tokens
from .nesting import Token
from .pictures import SIGNS as OF_PICTURES
from .pictures import with_each_picture_once

NO_ANCHORS = Anchors()

_STEPS: tuple[tuple[Sequence[str], Callable[[Sequence[Token]], list[Token]]], ...] = (
    (OF_FORMULAS, with_formulas_as_text),
    (OF_MARGINS, with_notes_in_brackets),
    (OF_KEPT_LINES, with_kept_lines),
    (OF_CODE, with_code_as_written),
)
"""In this order, each with the signs of what it concerns."""


def shown(html: str, base_url: str, prefix: str, *, with_hidden: bool = False) -> tuple[Iterable[Token], Anchors]:
    """The tokens to write, and where links within the post lead.

    `prefix` is what ids begin with; without one there are none. `with_hidden` also shows what the post hides.
    """
    lowered = html.lower()
    read: Iterable[Token] = tokens(html)
    if not with_hidden and may_hide(lowered):
        read = without_hidden(list(read))
    for signs, step in _STEPS:
        if any(sign in lowered for sign in signs):
            read = step(_listed(read))
    if any(sign in lowered for sign in OF_PICTURES):
        read = with_each_picture_once(_listed(read), base_url)
    if any(sign in lowered for sign in OF_BACKGROUNDS):
        read = with_lone_backgrounds(_listed(read), base_url)
    if may_embed(lowered):
        read = with_links_for_embeds(_listed(read), base_url)
    page = page_of(base_url)
    if not has_inner_links(lowered, page):
        return read, NO_ANCHORS
    read = _listed(read)
    if "<h" in lowered or "headerlink" in lowered:
        read = without_heading_links(read, page)
    return read, anchors_of(read, page, prefix)


def may_hide(lowered: str) -> bool:
    """Whether HTML in lower case may hide something."""
    return any(sign in lowered for sign in OF_HIDING)


def _listed(read: Iterable[Token]) -> Sequence[Token]:
    return read if isinstance(read, list) else list(read)
