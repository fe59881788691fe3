from collections.abc import Callable

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_a_stranger_reaches_the_server_that_then_runs_commands(seed: int, day: Callable) -> None:
    made = day("web-shell", seed)
    attack = made.attack()
    requests = [record for record in attack if record.get("_path") == "http"]
    assert {record["id.orig_h"] for record in requests} <= set(made.story["attackers"]["addresses"])
    children = [record for record in attack if record.get("EventID") == 1 and record["ParentImage"].endswith(("w3wp.exe", "tomcat9.exe"))]
    assert len(children) >= 4
