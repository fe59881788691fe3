from collections.abc import Callable

import pytest


@pytest.mark.parametrize("seed", [1, 2])
def test_it_goes_from_a_lure_to_renamed_files(seed: int, day: Callable) -> None:
    made = day("phishing-ransomware", seed)
    steps = [step["step"] for step in made.story["steps"]]
    assert steps[0] == "initial-access"
    assert {"credential-access", "lateral-movement", "exfiltration", "impact"} <= set(steps)
    written = [line for line in made.truth if line["technique"] == "T1486"]
    assert len(written) >= 25
    assert len(made.story["hosts"]) >= 4
