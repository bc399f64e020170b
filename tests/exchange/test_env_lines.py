"""Lines for `.env` are read by what reads `.env`."""

from __future__ import annotations

import io
from unicodedata import category

import environ
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exchange.env_lines import env_line


def read_back(line: str) -> str:
    """What the settings find."""

    class Env(environ.Env):
        ENVIRON: dict[str, str] = {}

    Env.read_env(io.StringIO(f"{line}\n"))
    return str(Env().str("SITE_NAME"))


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("Kiln", "SITE_NAME=Kiln"),
        ("Planet Kiln", "SITE_NAME='Planet Kiln'"),
        ("Ann's", 'SITE_NAME="Ann\'s"'),
        ("Größe # 1", "SITE_NAME='Größe # 1'"),
        ("$HOME", "SITE_NAME=HOME"),
        ("two\nlines", "SITE_NAME='two lines'"),
        ("a\x9b2Jb\x1b", "SITE_NAME=a2Jb"),
    ],
)
def test_a_value_is_quoted_where_it_has_to_be(value: str, line: str) -> None:
    assert env_line("SITE_NAME", value) == line


@given(st.text() | st.text("ab'\"\\#$ =n\n"))
def test_every_value_is_read_back_on_one_line(value: str) -> None:
    line = env_line("SITE_NAME", value)
    assert len(line.splitlines()) == 1
    line_of_it = " ".join(value.split())
    printable = "".join(character for character in line_of_it if category(character) != "Cc")
    assert read_back(line) == printable.lstrip("$ ")
