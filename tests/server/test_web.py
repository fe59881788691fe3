"""One port for all: what is asked of the platform goes to the API, everything else to the listeners."""

import asyncio
from typing import Any

import pytest

from watchkeeper.server.web import composed


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/api/me", "api"), ("/health", "api"), ("/lists/block.txt", "api"), ("/taxii2/", "api"), ("/taxii2/lists/collections/", "api"),
        ("/listsx/_bulk", "listeners"), ("/_bulk", "listeners"), ("/apix", "listeners"), ("/", "listeners"),
    ],
)  # fmt: skip
def test_each_path_has_its_own_side(path: str, who: str) -> None:
    asked: list[str] = []

    def side(name: str) -> Any:
        async def application(*_: Any) -> None:
            asked.append(name)

        return application

    async def nothing(*_: Any) -> Any:
        return {}

    asyncio.run(composed(side("api"), side("listeners"))({"type": "http", "path": path}, nothing, nothing))
    assert asked == [who]
