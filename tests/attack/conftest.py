"""A small bundle as MITRE writes them: two groups, a campaign, a tool, and techniques one of which was replaced through another."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = Path(__file__).parents[1] / "cases" / "attack" / "small" / "bundle.json"


@pytest.fixture
def bundle() -> Callable[..., bytes]:
    """Write the small bundle with other objects after its own, and without one of them."""

    def make(*more: object, without: str = "") -> bytes:
        small = json.loads(SMALL.read_text("utf-8"))
        small["objects"] = [*(one for one in small["objects"] if one["id"] != without), *more]
        return json.dumps(small).encode()

    return make
