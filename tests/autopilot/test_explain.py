"""Recorded attacks are explained alike whichever shape they are read from."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from watchkeeper.autopilot.choice import Choice
from watchkeeper.autopilot.explain import explained, kept_event, meant, piped_events, read_events
from watchkeeper.detection.explanation import Step
from watchkeeper.ingest import read
from watchkeeper.lake import Keeper
from watchkeeper.model.batch import Batch


@pytest.fixture
def recorded(data: Path, tmp_path: Path) -> list[Path]:
    """The folders of some regression cases, with their rule beside the recording."""
    with zipfile.ZipFile(data / "sigma" / "regression_data.zip") as archive:
        archive.extractall(tmp_path)
    folders = sorted(path.parent for path in tmp_path.rglob("info.yml"))[::12]
    rules = zipfile.ZipFile(data / "sigma" / "sigma_all_rules.zip")
    members = {Path(name).stem: name for name in rules.namelist()}
    for folder in folders:
        (folder / "rule.yml").write_bytes(rules.read(members[folder.name]))
    rules.close()
    return folders


def test_every_recording_fires_and_its_selections_have_names(recorded: list[Path]) -> None:
    assert len(recorded) > 5
    for folder in recorded:
        rule = meant(str(folder / "rule.yml"), Choice())
        for recording in (*folder.glob("*.evtx"), *folder.glob("*.json")):
            (one,) = explained(rule, read_events(recording, None))
            assert one.explanation.fires, recording
            assert one.unnamed == ""
            names = {name for way in one.explanation.ways for name in _names(way.step)}
            detection = yaml.safe_load((folder / "rule.yml").read_text("utf-8"))["detection"]
            assert names & detection.keys(), recording


def _names(step: Step) -> Iterator[str]:
    yield step.name
    for part in step.parts:
        yield from _names(part)


def test_the_same_event_is_explained_alike_from_file_pipe_and_case(recorded: list[Path], tmp_path: Path) -> None:
    folder = recorded[0]
    rule = meant(str(folder / "rule.yml"), Choice())
    recording = next(folder.glob("*.evtx"))
    (one,) = explained(rule, read_events(recording, None))
    (piped,) = explained(rule, piped_events(io.BytesIO(recording.read_bytes()), one.event.row))
    assert piped.explanation == one.explanation
    _keep(recording, tmp_path / "case" / "events")
    (kept,) = explained(rule, iter([kept_event(tmp_path / "case", one.event.id)]))
    assert kept.explanation == one.explanation


def _keep(recording: Path, folder: Path) -> None:
    keeper = Keeper(folder)
    for item in read([recording]):
        if isinstance(item, Batch):
            keeper.add(item)
    keeper.flush()


def test_an_id_that_a_case_does_not_keep_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keeps no event"):
        kept_event(tmp_path, "0" * 32)


def test_a_title_that_two_rules_have_is_said(tmp_path: Path) -> None:
    text = "title: Same\nid: {}\nlogsource: {{product: windows}}\ndetection: {{s: {{A: {}}}, condition: s}}\n"
    for number in (1, 2):
        (tmp_path / f"{number}.yml").write_text(text.format(f"0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a0{number}", number), "utf-8")
    with pytest.raises(ValueError, match="2 rules are called 'same'"):
        meant("same", Choice((tmp_path,)))


def test_a_correlation_names_what_it_counts(tmp_path: Path) -> None:
    text = """title: One
name: one
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a01
logsource: {product: windows}
detection: {s: {A: 1}, condition: s}
---
title: Many
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a02
correlation: {type: event_count, rules: [one], timespan: 1h, condition: {gte: 2}}
"""
    (tmp_path / "rule.yml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match="6a01"):
        meant("many", Choice((tmp_path,)))
