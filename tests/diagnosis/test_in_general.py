"""What went wrong, for everybody: without an address, and without a word of the server's."""

from __future__ import annotations

import pytest

from aggregator.diagnosis import in_general
from aggregator.ingest import errors
from aggregator.models import Feed

SECRET = "https://blog.example/feed?token=hush"


def kinds(root: type[errors.IngestError] = errors.IngestError) -> set[str]:
    """Of all errors that end a tree's branch."""
    below = root.__subclasses__()
    return set().union(*map(kinds, below)) if below else {root.kind}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_each_kind_of_error_has_words_without_an_address(kind: str) -> None:
    words = in_general(Feed(last_error_kind=kind, last_error=f"It names {SECRET}"))
    assert words
    assert "hush" not in words
    assert ("our side" in words) == (kind == errors.OurFault.kind)


def test_an_answer_is_told_by_its_number() -> None:
    feed = Feed(last_error_kind="http", last_error=str(errors.HttpStatus(status=404)))
    assert in_general(feed) == "its server answers with an error (404)"


def test_where_nothing_went_wrong_nothing_is_said() -> None:
    assert in_general(Feed()) == ""
