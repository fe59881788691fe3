import ipaddress
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from watchkeeper.cyberrange import SCENARIOS, generate
from watchkeeper.model.asset import Asset

ATTACKS = [name for name in SCENARIOS if name != "none"]


def _files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("scenario", ["none", "phishing-ransomware"])
def test_the_same_seed_gives_the_same_bytes_in_another_process(scenario: str, tmp_path: Path) -> None:
    generate(scenario, 5, tmp_path / "here", hosts=20, hours=2)
    call = f"generate({scenario!r}, 5, Path('there'), hosts=20, hours=2)"
    code = f"from pathlib import Path; from watchkeeper.cyberrange import generate; {call}"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"}, check=True)
    assert _files(tmp_path / "here") == _files(tmp_path / "there")


def test_another_seed_gives_another_company(day: Callable) -> None:
    first, second = (yaml.safe_load((day("none", seed).out / "assets.yml").read_text("utf-8"))["assets"] for seed in (1, 2))
    for key in ("owner", "addresses"):
        assert [asset[key] for asset in first] != [asset[key] for asset in second]
    assert not {str(asset["addresses"]) for asset in first} & {str(asset["addresses"]) for asset in second}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_record_is_marked_synthetic_in_order_and_inside_the_day(scenario: str, day: Callable) -> None:
    made = day(scenario)
    begins = min(_time(record) for records in made.records.values() for record in records)
    assert len(made.records) > 20
    for records in made.records.values():
        times = [_time(record) for record in records]
        assert times == sorted(times)
        assert times[-1] - begins <= timedelta(hours=2)
        assert all(record["synthetic"] is True for record in records)


@pytest.mark.parametrize("scenario", ATTACKS)
def test_without_its_attack_a_day_is_the_ordinary_day(scenario: str, day: Callable) -> None:
    attacked, quiet = day(scenario), day("none")
    rows = {(line["file"], line["row"]) for line in attacked.truth}
    for name, records in attacked.records.items():
        left = [_bare(record) for row, record in enumerate(records) if (name, row) not in rows]
        assert left == [_bare(record) for record in quiet.records[name]]


def test_an_ordinary_day_has_no_attack(day: Callable) -> None:
    made = day("none")
    assert made.truth == []
    assert set(made.story) == {"synthetic", "scenario", "seed"}


@pytest.mark.parametrize("scenario", ATTACKS)
def test_the_truth_points_at_the_attackers_records(scenario: str, day: Callable) -> None:
    made = day(scenario)
    steps = {(step["step"], step["technique"]) for step in made.story["steps"]}
    for line, record in zip(made.truth, made.attack(), strict=True):
        told = datetime.fromisoformat(str(line["time"]))
        assert abs(told - _time(record)) < timedelta(milliseconds=2)
        assert (line["step"], line["technique"]) in steps
    text = str(made.attack())
    assert all(address in text for address in made.story["attackers"]["addresses"])
    assert {host for host in made.story["hosts"] if f"windows/{host}.ndjson" in made.records} == set(made.story["hosts"])
    assert made.story["entry"]["host"] in made.story["hosts"]


def test_attackers_share_nothing_between_seeds(day: Callable) -> None:
    stories = [day("phishing-ransomware", seed).story for seed in (1, 2)]
    for key in ("addresses", "domains"):
        values = [value for story in stories for value in story["attackers"][key]]
        assert len(values) == len(set(values)) >= 2


def test_the_assets_are_read_as_assets(day: Callable) -> None:
    told = yaml.safe_load((day("none").out / "assets.yml").read_text("utf-8"))["assets"]
    assets = [Asset.model_validate({**asset, "addresses": tuple(asset["addresses"]), "learnt": False}) for asset in told]
    assert len(assets) == 20
    assert sum(asset.role == "domain-controller" for asset in assets) == 2
    assert all(ipaddress.ip_address(address).is_private for asset in assets for address in asset.addresses)
    assert {f"windows/{asset.name}.ndjson" for asset in assets} <= set(day("none").records)


def test_an_unknown_scenario_and_too_many_hosts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        generate("tsunami", 1, tmp_path)
    with pytest.raises(ValueError, match="fewer hosts"):
        generate("none", 1, tmp_path, hosts=400)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ATTACKS)
def test_a_whole_day_has_the_size_and_the_pace_that_are_promised(scenario: str, day: Callable) -> None:
    for seed in (11, 12):
        made = day(scenario, seed, hosts=40, hours=8)
        assert 60_000 <= sum(map(len, made.records.values())) <= 120_000
        assert 40 <= len(made.truth) <= 400
        times = [datetime.fromisoformat(str(line["time"])) for line in made.truth]
        begins = min(_time(record) for records in made.records.values() for record in records)
        assert min(times) - begins >= timedelta(hours=1, minutes=50)
        assert timedelta(minutes=15) <= max(times) - min(times) <= timedelta(minutes=130)


def _time(record: dict) -> datetime:
    if "ts" in record:
        return datetime.fromtimestamp(record["ts"], UTC)
    return datetime.fromisoformat(record["@timestamp"])


def _bare(record: dict) -> dict:
    return {key: value for key, value in record.items() if key != "RecordNumber"}


@pytest.mark.parametrize("scenario", ["phishing-ransomware", "web-shell", "stolen-account", "supply-chain"])
def test_days_later_the_same_attacker_comes_back_to_the_same_company(scenario: str, tmp_path: Path) -> None:
    for later in (0, 3):
        generate(scenario, 5, tmp_path / str(later), hosts=20, hours=2, later=later)
    first, back = (yaml.safe_load((tmp_path / day / "truth" / "story.yml").read_text("utf-8")) for day in ("0", "3"))
    assert (tmp_path / "0" / "assets.yml").read_text("utf-8") == (tmp_path / "3" / "assets.yml").read_text("utf-8")
    assert back["attackers"]["addresses"] == first["attackers"]["addresses"]
    apart = datetime.fromisoformat(back["start"]).date() - datetime.fromisoformat(first["start"]).date()
    assert (apart.days, back["later"], back["steps"] == first["steps"]) == (3, 3, False)
