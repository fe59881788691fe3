import asyncio

import pytest


def test_doors_speak_http_alone(house) -> None:
    with pytest.raises(ValueError, match="not 'websocket'"):
        asyncio.run(house.application({"type": "websocket"}, None, None))


def test_a_path_of_nobody_is_not_found(house) -> None:
    assert house.ask("GET", "/nothing/here/at/all").status == 404
