"""One at a time, and nobody waits for it."""

from __future__ import annotations

import pytest

from aggregator.limiting.turns import Turn


def test_only_one_has_it_at_a_time() -> None:
    turn = Turn()
    with turn.taken() as first, turn.taken() as second:
        assert (first, second) == (True, False)
        with turn.taken() as third:
            assert not third, "who was refused doesn't give it back"


def test_a_few_have_it_where_it_says_so() -> None:
    turn = Turn(most=2)
    with turn.taken() as first:
        for _ in range(2):
            with turn.taken() as second, turn.taken() as third:
                assert (first, second, third) == (True, True, False)


def test_who_fails_gives_it_back() -> None:
    turn = Turn()
    with pytest.raises(ValueError, match="broken"), turn.taken():
        raise ValueError("broken")
    with turn.taken() as is_free:
        assert is_free
