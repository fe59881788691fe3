"""Invariants switched off one at a time, and the first run of the adversary that notices: `python -m` prints it.

Two are beside it: whatever is not in the catalogue or has no place is not done all the same, because nobody has the means.
`test_ruling` has a case for each of them, as for every other.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tests.brain.ethics.adversary import Run
from tests.brain.ethics.conftest import MemoryLedger
from tests.brain.ethics.safety import STEPS

from watchkeeper.brain.ethics import ruling
from watchkeeper.brain.ethics.invariants import INVARIANTS

SEARCHED = 1_000
BESIDE = ("in_catalogue", "has_means")
NOTICED = {
    "leaves_policy": 15,
    "brake_is_off": 68,
    "no_dry_run": 10,
    "is_not_excepted": 6,
    "is_addressed": 92,
    "list_is_verified": 201,
    "says_who_asks": 9,
    "has_evidence": 26,
    "is_within_rate": 5,
    "is_news": 393,
    "is_more_than_a_suggestion": 64,
    "spares_protected": 22,
    "is_countable": 9,
    "is_no_mass": 0,
    "spares_the_crown": 4,
    "can_be_undone": 20,
    "has_two_kinds": 26,
    "is_felt_by_few": 169,
    "is_small": 66,
    "ends_by_itself": 8,
    "is_nobodys_own_wish": 5,
    "no_person_said_no": 33,
    "level_allows": 1,
}
"""The first run that notices, by what is off. Where the adversary does other things, other runs do: then print them anew."""


@contextmanager
def without(name: str) -> Iterator[None]:
    """Switch an invariant off."""
    before = ruling.INVARIANTS
    ruling.INVARIANTS = tuple(one for one in INVARIANTS if one.name != name)
    try:
        yield
    finally:
        ruling.INVARIANTS = before


def noticed(name: str, seeds: Iterable[int]) -> tuple[int, str] | None:
    """Give the first run that notices that an invariant is off, and what it says of it; none if none of them does."""
    with without(name):
        for seed in seeds:
            if told := Run(seed, MemoryLedger()).go(STEPS).told:
                return seed, told[0]
    return None


def main() -> int:
    """Print what notices each invariant; 1 if nothing does that should."""
    missed = 0
    for name in (one.name for one in INVARIANTS if one.name not in BESIDE):
        found = noticed(name, range(SEARCHED))
        missed += found is None
        sys.stdout.write(f'    "{name}": {found[0]},  # {found[1]}\n' if found else f"    nothing notices {name!r} in {SEARCHED:,} runs\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
