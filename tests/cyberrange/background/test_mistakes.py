from collections import Counter
from collections.abc import Callable


def test_some_passwords_are_forgotten_and_one_account_is_locked(day: Callable) -> None:
    made = day("none")
    failed = Counter(record["TargetUserName"] for _, record in made.windows(4625))
    locked = [record["TargetUserName"] for _, record in made.windows(4740)]
    assert len(failed) >= 3
    assert len(locked) <= 1
    assert all(failed[account] >= 5 for account in locked)
