"""The choice of thresholds: faults first, then sessions shown, then caution."""

from noise_choose import GRID, best, points

FINE = {"missed": [], "incidents_false": 0, "found": True}


def test_a_point_without_fault_goes_before_one_that_shows_less() -> None:
    quiet = FINE | {"missed": ["dirb"], "shown": 1}
    assert best([[quiet, FINE | {"shown": 9}], [FINE | {"shown": 5}, FINE | {"shown": 5}]]) == 1


def test_of_points_without_fault_the_one_that_shows_least_together_is_taken() -> None:
    one, other = [FINE | {"shown": shown} for shown in (9, 1, 5)], [FINE | {"shown": shown} for shown in (1, 2, 5)]
    assert best([one, other]) == 1


def test_of_equal_points_the_first_and_so_the_most_cautious_is_taken() -> None:
    assert best([[FINE | {"shown": 4}] * 3]) == 0
    first, *_, last = points()
    assert all(getattr(first, name) == min(values) and getattr(last, name) == max(values) for name, values in GRID.items())


def test_a_false_incident_or_an_attack_not_found_is_a_fault() -> None:
    fine = FINE | {"shown": 9}
    assert best([[FINE | {"shown": 1, "incidents_false": 1}, FINE | {"shown": 1, "found": False}, fine]]) == 2
