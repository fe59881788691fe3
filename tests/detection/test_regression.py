"""SigmaHQ's own regression cases: each recording must make its rule fire, as often as the case says."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml

from watchkeeper.detection import Detector, load_rules
from watchkeeper.detection.detector import Engine
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch


def _cases(folder: Path) -> Iterator[tuple[str, Path, int | None]]:
    for info in sorted(folder.rglob("info.yml")):
        parsed: dict[str, Any] = yaml.safe_load(info.read_text("utf-8"))
        for test in parsed["regression_tests_info"]:
            yield parsed["rule_metadata"][0]["id"], info.parent / Path(test["path"]).name, test.get("match_count")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["fused", "reference"])
def test_every_recording_makes_its_rule_fire(data: Path, tmp_path: Path, engine: Engine) -> None:
    with ZipFile(data / "sigma" / "regression_data.zip") as archive:
        archive.extractall(tmp_path)
    detector = Detector(load_rules([data / "sigma" / "sigma_all_rules.zip"]), engine=engine)
    missed: list[str] = []
    for rule, recording, count in _cases(tmp_path):
        batches = (one for one in read([recording]) if isinstance(one, Batch))
        fired = Counter(one for batch in batches for one in detector.signals(batch).column("rule").to_pylist())[rule]
        if fired == 0 or (count is not None and fired != count):
            missed.append(f"{rule} fired {fired} times, not {count or 'at least once'}")
    assert missed == []
    assert detector.problems == ()
