"""Which spellings of a tag are one, and what is no tag."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.models.tag_key import MAX_KEY_CHARACTERS, NOT_CHOSEN, key_of

ODD_CHARACTERS = st.text(
    st.sampled_from("aZß#.+-_ :\u00a0\u200b\u200d\ufe0f\u0301İſﬁ①²ªＣ＃：¨…א\u05b8日ｶﾞ👩\0\n\ud800")
)


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        (
            "python",
            [
                "Python",
                "python",
                "PYTHON",
                "#Python",
                " python ",
                "＃ｐｙｔｈｏｎ",
                "python,",
                "“Python”",
                "py\u200bthon",
            ],
        ),
        (
            "web_dev",
            [
                "web dev",
                "web-dev",
                "Web_Dev",
                "WEB  DEV",
                "web\u2013dev",
                "web\u00a0dev",
                "-web - dev-",
                "web\u2011dev",
            ],
        ),
        ("let's_encrypt", ["Let's Encrypt", "Let’s Encrypt", "let's-encrypt"]),
        ("c#", ["C#", "c#", "C♯", "#C#"]),
        ("c++", ["C++", "c++"]),
        (".net", [".NET", ".net", "#.NET"]),
        ("node.js", ["Node.js", "node.js."]),
        ("strasse", ["Straße", "STRASSE"]),
        ("café", ["Café", "CAFE\u0301"]),
        ("❤", ["❤", "❤\ufe0f"]),
        ("機能", ["機能", "#機能"]),
        ("カメラ", ["カメラ", "ｶﾒﾗ"]),
        ("בית_ספר", ["בית־ספר", "בית ספר"]),
        ("میخواهم", ["می\u200cخواهم", "میخواهم"]),
        ("topic_django", ["Topic: Django", "topic:django"]),
        ("2026", ["2026", "#2026"]),
    ],
)
def test_spellings_of_one_tag_have_one_key(key: str, spellings: list[str]) -> None:
    assert {key_of(name) for name in spellings} == {key}


def test_other_tags_have_other_keys() -> None:
    others = [
        "Python",
        "Python3",
        "python 3",
        "C",
        "C++",
        "C#",
        ".NET",
        "NET",
        "webdev",
        "web dev",
        "Ökologie",
        "Okologie",
    ]
    others += ["がく", "かく", "שלום", "שלומי", "👩", "👨", "Ёлка", "Елка", "naïve", "naive", "2026", "R", "r2"]
    assert [(one, other) for one, other in combinations(others, 2) if key_of(one) == key_of(other)] == []


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "#", "##", "-", "—", "...", "++", "///", "'\"", "\u200b", "\0", "\ud800", "\u3164", "$"),
        *("https://example.com/", "http://schemas.google.com/blogger/2008/kind#post", " www.example.com", "HTTP://X"),
        *NOT_CHOSEN,
        *("uncategorized", "#Uncategorized", "UNCATEGORISED", "non-classé", "sin_categoría", "未分類"),
    ],
)
def test_what_says_nothing_of_a_post_is_no_tag(name: str) -> None:
    assert key_of(name) == ""


def test_a_long_name_is_cut() -> None:
    assert key_of("x" * 300) == "x" * MAX_KEY_CHARACTERS
    assert key_of("word " * 60) == ("word_" * 12)[:-1]


@given(st.text() | ODD_CHARACTERS)
@example("¨")
@example("a\u0345")
@example("x" * 59 + " ﷺ")
def test_a_key_is_one_word_that_the_index_can_keep(name: str) -> None:
    key = key_of(name)
    assert key_of(key) == key
    assert len(key) <= MAX_KEY_CHARACTERS
    assert not any(character.isspace() or character in ":\0" or 0xD800 <= ord(character) < 0xE000 for character in key)


def test_every_character_has_one_key_made_again() -> None:
    characters = [chr(code) for code in range(0x3400) if not 0xD800 <= code < 0xE000]
    assert [hex(ord(c)) for c in characters if key_of(key_of(f"a{c}b")) != key_of(f"a{c}b")] == []
