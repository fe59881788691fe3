"""Days of the range, generated once a session: small ones for the fast tests."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import yaml

from watchkeeper.cyberrange import generate

HOURS = 2


@dataclass(frozen=True)
class Day:
    """What was written of one day."""

    out: Path
    records: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    truth: list[dict[str, object]] = field(default_factory=list)
    story: dict[str, object] = field(default_factory=dict)

    def windows(self, *events: int) -> Iterator[tuple[str, dict[str, object]]]:
        """Every Windows event of these ids with its host's file, in time order a host."""
        for name, records in self.records.items():
            if name.startswith("windows/"):
                yield from ((name, record) for record in records if record["EventID"] in events)

    def attack(self) -> list[dict[str, object]]:
        """The records the attacker caused."""
        return [self.records[str(line["file"])][int(str(line["row"]))] for line in self.truth]


def read_day(out: Path) -> Day:
    """Read a day as written."""
    evidence = out / "evidence"
    records = {
        str(path.relative_to(evidence)): [json.loads(line) for line in path.read_bytes().splitlines()]
        for path in sorted(evidence.rglob("*"))
        if path.is_file()
    }
    truth = [json.loads(line) for line in (out / "truth" / "attack_events.jsonl").read_text("utf-8").splitlines()]
    return Day(out, records, truth, yaml.safe_load((out / "truth" / "story.yml").read_text("utf-8")))


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Day]:
    """Give the small day of a scenario and seed."""

    @cache
    def made(scenario: str, seed: int = 1, hosts: int = 20, hours: float = HOURS) -> Day:
        out = tmp_path_factory.mktemp("range")
        generate(scenario, seed, out, hosts=hosts, hours=hours)
        return read_day(out)

    return made
