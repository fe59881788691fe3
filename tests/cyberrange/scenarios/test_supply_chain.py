from collections.abc import Callable

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_one_vendors_updater_calls_home_from_several_hosts(seed: int, day: Callable) -> None:
    made = day("supply-chain", seed)
    updaters = {
        record["Image"] for record in made.attack() if record.get("EventID") == 1 and record["ParentImage"].endswith("services.exe")
    }
    control = set(made.story["attackers"]["addresses"])
    callers = {record["id.orig_h"] for record in made.attack() if record.get("_path") == "ssl" and record["id.resp_h"] in control}
    assert any(image.endswith("Update.exe") for image in updaters)
    assert len(callers) >= 2
