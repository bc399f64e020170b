"""Which texts name a language, as tags do (BCP 47)."""

from __future__ import annotations

import re

_TAG = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]{1,8}){0,3})")

_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en"
    " eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv"
    " ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne"
    " ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss"
    " st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
"""ISO 639-1, with "bh" and "sh", which were withdrawn and have no other."""

_TWO_LETTERS = frozenset(_CODES.split())

_RETIRED = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro"}
"""Codes that old software still writes, and those that hold now."""


def language_tag(text: str) -> str:
    """Like "de" or "pt-br": the tag in lower case; empty if the text names no language, as "english" and "jp" do.

    Of two letters it must be one that ISO 639-1 knows; of three any, as there are thousands.
    """
    match = _TAG.fullmatch(text.strip().lower().replace("_", "-"))
    if match is None:
        return ""
    code = _RETIRED.get(match[1], match[1])
    return code + match[2] if len(code) == 3 or code in _TWO_LETTERS else ""
