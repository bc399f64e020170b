"""Whether a feed brings whole posts, or only how they begin. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

EXCERPT_CHARACTERS = 600
"""A text that is shorter is the beginning of one, if nearly all others are so short, too."""

_MARKUP = re.compile(r"<[^>]*>")
_ENDS = ("…", "...", "[…]", "[...]", "»", "→", "more")


def are_beginnings(htmls: Sequence[str]) -> bool:
    """Whether nearly all of these posts are short, and end as beginnings do."""
    texts = [_MARKUP.sub("", html).strip() for html in htmls]
    short = [text for text in texts if len(text) < EXCERPT_CHARACTERS]
    cut = [text for text in short if not text or text.endswith(_ENDS)]
    return len(short) >= 0.9 * len(texts) and len(cut) >= 0.5 * len(texts)
