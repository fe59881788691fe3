from collections.abc import Callable

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_many_accounts_fail_from_one_address_and_one_succeeds(seed: int, day: Callable) -> None:
    made = day("stolen-account", seed)
    (address,) = made.story["attackers"]["addresses"]
    failed = {record["TargetUserName"] for record in made.attack() if record.get("EventID") == 4625 and record["IpAddress"] == address}
    entered = [record for record in made.attack() if record.get("EventID") == 4624 and record["IpAddress"] == address]
    assert len(failed) >= 6
    assert {record["TargetUserName"] for record in entered} == {made.story["entry"]["user"]}
    assert {4662, 4720, 4728} <= {record.get("EventID") for record in made.attack()}
