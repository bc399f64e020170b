"""Secret addresses lead to the row that they belong to, and nowhere else."""

from __future__ import annotations

import pytest

from aggregator.models.submission import new_key
from aggregator.submissions.tokens import key_of, token_of


def test_an_address_leads_to_its_row() -> None:
    key = new_key()
    assert key_of("submission", token_of("submission", key)) == key


@pytest.mark.parametrize("change", ["x{}", "{}x", "{}.", "", "."])
def test_nobody_guesses_one(change: str) -> None:
    assert key_of("submission", change.format(token_of("submission", new_key()))) is None


def test_the_address_of_one_kind_is_none_of_another() -> None:
    key = new_key()
    assert key_of("owner", token_of("submission", key)) is None
    assert key not in token_of("submission", key).partition(".")[2]
