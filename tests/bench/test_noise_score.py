"""Scoring a case folder from outside: a whole run over a small CSV agrees with the exam in process, and foreign cases are refused."""

import csv
import json
from pathlib import Path

import pytest
from noise_alerts import correlated, labels_of, signals_of
from noise_measure import measured, placed, sessions
from noise_score import attack_chance, calibration, scored
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.correlation import Tuning

START = 1_642_000_000


def written(path: Path) -> Path:
    """Write two days of background with an attack at the end of the second."""
    quiet = [
        (START + 3600 * hour + minute, "Wazuh: ClamAV database update", f"10.0.0.{host}", f"host{host}", "W-Sys-Cav", "false_positive", "-")
        for hour in range(48)
        for host in range(4)
        for minute in (0, 60)
    ]
    names = ("Wazuh: Common web attack.", "Suricata: Possible exploit attempt", "Wazuh: Multiple authentication failures brute force")
    attack = [
        (START + 3600 * 40 + 60 * at, name, "10.0.0.1", "host1", f"short{at}", "dirb", step)
        for at, (name, step) in enumerate(zip(names, ("dirb", "webshell_cmd", "-"), strict=True))
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("time", "name", "ip", "host", "short", "time_label", "event_label"))
        out.writerows(quiet + attack)
    return path


def test_from_outside_the_figures_are_those_in_process(tmp_path: Path) -> None:
    alerts, case = written(tmp_path / "made_alerts.csv"), tmp_path / "case"
    words = ["investigate", str(alerts), "--mapping", "ait-ads", "--out", str(case), "--state", str(tmp_path / "state")]
    assert CliRunner().invoke(app, words).exit_code == 0
    held = sessions(labels_of(alerts))
    inside = measured(held, *placed(held, correlated(signals_of(alerts, "ait-ads"), Tuning()).signals))
    outside = scored(case, alerts)
    assert {name: outside[name] for name in inside} == inside
    assert (outside["alerts"], outside["same_sessions"], outside["steps"]) == (387, True, 2)
    assert outside["incidents"]
    assert all(0 <= chance <= 1 for chance, _ in outside["chances"])
    other = written(tmp_path / "other_alerts.csv")
    with pytest.raises(ValueError, match=r"not every row of 'other_alerts\.csv'"):
        scored(case, other)


def test_the_chance_of_an_attack_is_that_of_all_malicious_hypotheses() -> None:
    opinions = [{"malicious": True, "probability": 0.5}, {"malicious": False, "probability": 0.3}, {"malicious": True, "probability": 0.2}]
    assert attack_chance({"verdict": {"opinions": opinions}}) == 0.7
    assert attack_chance({"verdict": None}) is None


def test_calibration_is_the_mean_square_and_a_table_of_bins() -> None:
    found = calibration([(1.0, True), (0.9, False), (0.1, False)])
    assert found["brier"] == round((0 + 0.81 + 0.01) / 3, 4)
    assert found["reliability"] == [
        {"from": 0.0, "incidents": 1, "mean": 0.1, "true": 0.0},
        {"from": 0.8, "incidents": 2, "mean": 0.95, "true": 0.5},
    ]
    assert json.dumps(calibration([])["brier"]) == '"not measured"'
