"""B-cubed and the two ways to group that stand beside ours."""

import pytest
from noise_alerts import MICRO
from noise_excytin import b_cubed, by_entity, by_gap, shifted

HOUR = 3600 * MICRO


def test_b_cubed_is_one_for_the_same_groups_under_other_names() -> None:
    assert b_cubed(["x", "x", "y"], [1, 1, 2]) == 1.0


@pytest.mark.parametrize(
    ("found", "true", "precision", "recall"),
    [
        (["x"] * 4, [1, 1, 1, 2], (3 * 3 / 4 + 1 / 4) / 4, 1.0),
        (["a", "b", "c", "d"], [1, 1, 1, 2], 1.0, (3 * 1 / 3 + 1) / 4),
        (["x", "x", "y", "y"], [1, 2, 1, 2], 0.5, 0.5),
    ],
)
def test_b_cubed_weighs_every_alert(found: list[str], true: list[int], precision: float, recall: float) -> None:
    assert b_cubed(found, true) == round(2 * precision * recall / (precision + recall), 3)


def test_a_gap_longer_than_asked_parts_groups() -> None:
    assert by_gap([0, HOUR, 3 * HOUR, 7 * HOUR], 2) == [0, 0, 0, 1]


def test_entities_join_through_a_chain_and_other_kinds_do_not() -> None:
    host, user, hashed = {"kind": "host", "value": "a"}, {"kind": "user", "value": "u"}, {"kind": "hash", "value": "h"}
    groups = by_entity([[host], [user, host], [user], [hashed], [hashed]])
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups)) == 3


def test_shifting_lets_incidents_begin_together_and_keeps_their_own_pace() -> None:
    assert shifted([10, 20, 500, 530], [1, 1, 2, 2]) == [10, 20, 10, 40]
