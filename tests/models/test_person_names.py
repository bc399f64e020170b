"""Names of people: which are one, which are nobody's, and how a line of several is read."""

from __future__ import annotations

import time

import pytest

from aggregator.models.person_names import MAX_STEM_CHARACTERS, is_nobody, name_key, names_in, slug_stem

NOBODY = """
admin|Admin|ADMINISTRATOR|the editor|Editor|Editors|webmaster|no-reply|No Reply|root|Guest|guest author|Staff|team
The Django Team|Team Rust|Das Team|unknown|Anonymous|anonym|Redaktion|Rédaction|La rédaction|Redacción|редактор|Админ
Редакция Хабра|編集部|管理员|관리자|مدير|מערכת|example.com|www.foo.example|https://a.example/x|ann@mail.example|...|-|42
WordPress|Author|by|·|Administrateur|Gastautor|匿名
"""
SOMEBODY = """
Ann|Ann Smith|Ștefan|שָׁלוֹם כהן|山田 太郎|हिन्दी|محمد|🎈|@ann@social.example|will.i.am|J.R.R. Tolkien|Jane Adminson
Smith, John|O'Neil|X Æ A-12|Team|Ng|Dr. No|Guest Appearance|Edith Editor
"""


@pytest.mark.parametrize("name", NOBODY.replace("|by|", "|").strip().replace("\n", "|").split("|"))
def test_these_are_nobody(name: str) -> None:
    assert is_nobody(name)


@pytest.mark.parametrize("name", SOMEBODY.replace("|Team|", "|").strip().replace("\n", "|").split("|"))
def test_these_are_somebody(name: str) -> None:
    assert not is_nobody(name)


@pytest.mark.parametrize("other", ["ANN SMITH", " Ann  Smith ", "Ann\u200b Smith", "ann smith"])
def test_case_spaces_and_what_nobody_sees_dont_count(other: str) -> None:
    assert name_key(other) == name_key("Ann Smith")


@pytest.mark.parametrize("other", ["Ann Smyth", "Änn Smith", "AnnSmith"])
def test_other_letters_do(other: str) -> None:
    assert name_key(other) != name_key("Ann Smith")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        *(("Ann Smith", "ann-smith"), ("Ștefan", "ștefan"), ("山田 太郎", "山田-太郎"), ("हिन्दी", "हिन्दी")),
        *(("שָׁלוֹם", "שָׁלוֹם"), ("🎈", "author"), ("<script>alert(1)</script>", "script-alert-1-script"), ("../x", "x")),
        *(("x" * 300, "x" * MAX_STEM_CHARACTERS), ("a\u202eb", "a-b"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ")),
    ],
)
def test_an_address_has_the_letters_of_the_name(name: str, slug: str) -> None:
    assert slug_stem(name) == slug
    assert slug_stem(slug) == slug


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", []),
        ("Ann", ["Ann"]),
        ("Ann Smith, Bob Jones", ["Ann Smith", "Bob Jones"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr."]),
        ("Martin Luther King, Jr., Ann Smith", ["Martin Luther King, Jr.", "Ann Smith"]),
        ("Smith, John", ["Smith, John"]),
        ("Ann, Bob", ["Ann, Bob"]),
        ("Ann Smith, admin", ["Ann Smith", "admin"]),
        ("山田, 田中", ["山田", "田中"]),
    ],
)
def test_a_comma_may_stand_within_a_name(line: str, names: list[str]) -> None:
    assert names_in(line) == names


def test_names_that_are_known_are_taken_whole() -> None:
    known = {name_key(name) for name in ("Ann", "Smith, John", "Bob")}
    assert names_in("Ann, Smith, John, Bob", known) == ["Ann", "Smith, John", "Bob"]
    assert names_in("Ann, Stranger", known) == ["Ann, Stranger"]


def test_no_line_takes_long() -> None:
    began = time.process_time()
    for line in ("a, " * 100, "team " * 60, "x" * 300, "." * 300, "a." * 150, "l' " * 100, ", " * 150):
        names_in(line, {name_key("a")}), is_nobody(line), slug_stem(line)
    assert time.process_time() - began < 1
