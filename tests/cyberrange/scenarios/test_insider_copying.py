from collections.abc import Callable

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_much_is_read_and_much_leaves(seed: int, day: Callable) -> None:
    made = day("insider-copying", seed)
    read = [record for record in made.attack() if record.get("EventID") == 5145]
    sent = sum(record.get("orig_bytes", 0) for record in made.attack() if record.get("_path") == "conn")
    assert len(read) >= 20
    assert {record["SubjectUserName"] for record in read} == {made.story["entry"]["user"]}
    assert sent > 100_000_000
