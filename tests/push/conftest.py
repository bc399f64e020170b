from __future__ import annotations

from collections.abc import Iterator

import pytest

from .rig import Rig, rig_of


@pytest.fixture(params=["firefox", "chromium"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with rig_of(request.param) as made:
        yield made
