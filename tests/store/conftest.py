"""The store on each database that it can be in."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from watchkeeper.store import Store, open_store


@pytest.fixture
def store(place: Path | str) -> Generator[Store]:
    with closing(open_store(place)) as opened:
        yield opened
