"""The arithmetic of the exam: sessions cut from times and hosts, purity, a day's share, what was removed and missed."""

import noise_measure
import numpy as np
import pyarrow as pa
import pytest
from noise_alerts import MICRO, Labels
from noise_measure import cut, measured, placed, same_sessions, sessions, total

HOUR = 3600 * MICRO


def labels(*alerts: tuple[float, str, str, str]) -> Labels:
    """Make labels of alerts: hour, host, phase, step."""
    hours, hosts, phases, steps = zip(*alerts, strict=True)
    return Labels(np.array([int(hour * HOUR) for hour in hours]), *(np.array(column, object) for column in (hosts, phases, steps)))


QUIET = [(float(hour), host, "false_positive", "-") for hour in range(0, 20, 2) for host in ("web", "mail")]
ATTACK = labels(*QUIET, (12.0, "vpn", "dirb", "dirb"), (13.5, "vpn", "cracking", "-"), (15.0, "vpn", "false_positive", "crack"))
"""Twenty quiet sessions, then three of the attack: a step in a phase, a phase without a step, a step outside of phases."""


def test_a_session_ends_after_a_pause_of_an_hour_and_after_two_hours() -> None:
    minutes = [0, 60, 121, 130, 190, 240, 241, 242]
    of, starts = cut([minute * 60 * MICRO for minute in minutes], ["a"] * 8)
    assert of == [0, 0, 1, 1, 1, 1, 1, 2]
    assert [start // (60 * MICRO) for start in starts] == [0, 121, 242]


def test_the_order_of_alerts_does_not_matter_and_hosts_do() -> None:
    of, starts = cut([3 * HOUR, 0, 0], ["a", "a", "b"])
    assert len(starts) == 3
    assert len(set(of)) == 3


def test_a_session_belongs_to_the_attack_by_a_step_or_by_the_phase_that_ran() -> None:
    held = sessions(ATTACK)
    assert len(held.steps) == 23
    assert (int(held.attacked.sum()), int(held.stepped.sum())) == (3, 2)
    assert sorted(frozenset().union(*held.steps)) == ["crack", "dirb"]


def test_purity_is_the_share_of_sessions_that_belong_to_the_attack() -> None:
    held = sessions(ATTACK)
    attack = {held.of[row] for row in (20, 21, 22)}
    figures = measured(held, attack, [attack, {*attack, held.of[0]}])
    pure, mixed = figures["incidents"]
    assert (pure["purity"], pure["purity_by_step"], pure["day_share"], pure["true"]) == (1.0, 0.667, 0.13, True)
    assert (mixed["purity"], mixed["true"]) == (0.75, False)
    assert (figures["attack_rank"], figures["found"], figures["incidents_false"]) == (1, True, 1)


def test_an_incident_that_swallows_a_day_is_false_however_pure() -> None:
    held = sessions(labels((0, "a", "dirb", "dirb"), (5, "a", "false_positive", "-"), (9, "a", "false_positive", "-")))
    (one,) = measured(held, {0}, [{0}])["incidents"]
    assert (one["purity"], one["day_share"], one["true"]) == (1.0, 0.333, False)


def test_what_is_not_shown_is_removed_and_its_steps_are_missed() -> None:
    held = sessions(ATTACK)
    figures = measured(held, {held.of[20]}, [])
    assert (figures["sessions"], figures["shown"], figures["removed"]) == (23, 1, round(22 / 23, 4))
    assert (figures["steps"], figures["steps_shown"], figures["missed"]) == (2, 1, ["crack"])
    assert figures["found"] is False


def test_only_the_first_three_incidents_find_the_attack() -> None:
    held = sessions(ATTACK)
    wrong = [{held.of[row]} for row in (0, 2, 4)]
    figures = measured(held, set(), [*wrong, {held.of[20]}])
    assert (figures["attack_rank"], figures["found"]) == (4, False)


def test_sessions_and_incidents_are_read_from_what_the_product_placed() -> None:
    held = sessions(labels((0, "a", "dirb", "dirb"), (0.1, "a", "false_positive", "-"), (5, "a", "false_positive", "-")))
    rows = {"row": [2, 0, 1], "session": ["y", "x", "x"], "rank": pa.array([None, 1, None], pa.int32()), "shown": [False, True, True]}
    assert placed(held, pa.table(rows)) == ({0}, [{0}])
    assert same_sessions(held, pa.table(rows))
    assert not same_sessions(held, pa.table(rows | {"session": ["x", "x", "x"]}))


def test_testbeds_are_added_up() -> None:
    held = sessions(ATTACK)
    attack = {held.of[row] for row in (20, 21, 22)}
    one, other = measured(held, attack, [attack]), measured(held, {held.of[0]}, [{held.of[0]}])
    figures = total([one, other])
    assert (figures["sessions"], figures["shown"], figures["steps"], figures["steps_shown"]) == (46, 4, 4, 2)
    assert (figures["removed"], figures["incident_precision"], figures["lowest_purity"]) == (round(42 / 46, 4), 0.5, 0.0)
    assert figures["false_incidents_a_day"] == pytest.approx(0.5)
    assert noise_measure.total([])["incident_precision"] is None
