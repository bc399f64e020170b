"""Which tags are one, however blogs spell them. Pure.

"Python", "python" and "#Python" have one key, and so have "web dev", "web-dev" and "Web_Dev"; "python3" has another, as
have "C", "C++" and "C#". A key has neither a space nor a colon: the search's index divides words by the one, and tells
by the other what kind they are of.
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from .spelling import caseless

MAX_KEY_CHARACTERS = 60

_SHAPES = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff\ud800-\udfff\U000e0100-\U000e01ef]"
)
"""What joins, turns or shapes other characters, and what no database takes: people can't see whether it is there."""
_DIVIDERS = re.compile(r"[\s:_\-\u058a\u05be\u2010-\u2015\u2212\u2e3a\u2e3b\u301c\u30fb]+")
"""Between the words of a tag: spaces, hyphens and dashes of all kinds, and what is one in Hebrew or Japanese."""
_SAME_SIGNS = str.maketrans({"♯": "#", "’": "'", "‘": "'", "ʼ": "'"})
_BEFORE = "_,;!?\"'“”„«»()[]{}#"
_AFTER = "_,;!?\"'“”„«»()[]{}."
"""Punctuation around a tag says nothing of it. But ".NET" begins with a point, and "C#" ends with its sign."""
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|www\.")

NOT_CHOSEN = (
    *("Uncategorized", "Uncategorised", "Not categorized", "Unclassified", "Unfiled", "Untagged", "No category"),
    *("Allgemein", "Nicht kategorisiert", "Unkategorisiert", "Ohne Kategorie", "Keine Kategorie"),
    *("Non classé", "Sans catégorie", "Sin categoría", "Sin categorizar", "Sense categoria", "Sen categoría"),
    *("Sem categoria", "Senza categoria", "Non categorizzato", "Fără categorie", "Necategorisite"),
    *("Geen categorie", "Niet gecategoriseerd", "Ikke kategoriseret", "Ukategoriseret", "Ukategorisert"),
    *("Okategoriserade", "Okategoriserad", "Luokittelematon", "Kategorioimaton", "Yleinen", "Óflokkað", "Kategooriata"),
    *("Bez kategorii", "Nezařazené", "Nezaradené", "Nerazvrščeno", "Nekategorizirano", "Egyéb kategória"),
    *("Без рубрики", "Без категории", "Без категорії", "Без категория", "Некатегоризирани", "Χωρίς κατηγορία"),
    *("Genel", "Kategorisiz", "כללי", "ללא קטגוריה", "غير مصنف", "دسته\u200cبندی نشده", "अवर्गीकृत"),
    *("未分類", "未分类", "미분류", "분류되지 않음", "ไม่มีหมวดหมู่", "Chưa phân loại", "Chưa được phân loại"),
    *("Tak Berkategori", "Tidak Berkategori"),
)
"""Under what blog software files posts for which their author chose nothing, in its languages. On a planet such a tag
would stand under every third post, and say nothing of any."""


def key_of(name: str) -> str:
    """What all spellings of a tag have in common, at most MAX_KEY_CHARACTERS long; empty if the name is no tag.

    None are mere punctuation, addresses (of which Blogger gives one with each post), and what is NOT_CHOSEN. Two long
    names that begin alike are one. The key of a key is that key.
    """
    if _ADDRESS.match(name.strip().lower()):
        return ""
    key = _trimmed(_one_form(name))
    key = _trimmed(key[:MAX_KEY_CHARACTERS])
    return key if key not in _NOT_CHOSEN and any(map(_says_something, key)) else ""


def _one_form(name: str) -> str:
    """In small letters, wide and narrow ones alike, its words divided by "_"."""
    shown = normalize("NFKC", _SHAPES.sub("", name))
    folded = _SHAPES.sub("", normalize("NFKC", caseless(shown))).translate(_SAME_SIGNS)
    return _DIVIDERS.sub("_", folded)


def _trimmed(key: str) -> str:
    return key.lstrip(_BEFORE).rstrip(_AFTER)


def _says_something(character: str) -> bool:
    """Letters and digits do, and pictures such as emoji."""
    return category(character)[0] in "LN" or category(character) == "So"


_NOT_CHOSEN = frozenset(_trimmed(_one_form(name)) for name in NOT_CHOSEN)
