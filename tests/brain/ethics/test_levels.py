"""Of several levels the lowest holds."""

from itertools import product

from watchkeeper.brain.ethics.levels import lowest
from watchkeeper.model.autonomy import AUTONOMIES


def test_the_lowest_level_holds_in_any_order() -> None:
    for levels in product(AUTONOMIES, repeat=3):
        assert lowest(*levels) == min(levels)
