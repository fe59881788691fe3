"""Our own Sigma rules: each fires on its cases and stays silent on near misses, and all keep one style.

The cases of a rule about one event are one line each; those of a correlation are a list of events that together fire or stay silent.
"""

import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from watchkeeper.attack import TACTICS, current_id, technique
from watchkeeper.content import folder
from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

RULES = folder("rules")
CASES = Path(__file__).parents[1] / "cases" / "content" / "rules"
FILES = sorted(RULES.rglob("*.yml"))
KINDS = ("fires", "silent")
CATEGORIES = {"authentication", "firewall", "mail", "webserver"}
"""Folders of rules for the events of any product."""
LEVELS = ("informational", "low", "medium", "high", "critical")
FIELDS = [
    "title",
    "id",
    "status",
    "description",
    "references",
    "author",
    "date",
    "tags",
    "logsource",
    "detection",
    "falsepositives",
    "level",
    "license",
]

BASE_FIELDS = (["title", "id", "name", "status", "logsource", "detection"], ["title", "id", "name", "status", "correlation"])
"""Fields of what a correlation counts, in the same file before it, or in that of another correlation that counts it."""

Case = tuple[str, str, int]
"""Stem of the rule, `fires` or `silent`, and the line in that file."""


@cache
def _documents(path: Path) -> list[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return list(yaml.load_all(path.read_text("utf-8"), Loader=loader))


def _document(path: Path) -> dict[str, Any]:
    """Give the rule that fires: the last in its file."""
    return _documents(path)[-1]


ALONE = [path for path in FILES if "detection" in _document(path)]
TOGETHER = [path for path in FILES if "correlation" in _document(path)]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([RULES])


def _events() -> Iterator[tuple[Case, dict[str, Any]]]:
    for path in FILES:
        for kind in KINDS:
            file = CASES / path.stem / f"{kind}.jsonl"
            lines = file.read_text("utf-8").splitlines() if file.exists() else []
            yield from (((path.stem, kind, number), json.loads(line)) for number, line in enumerate(lines, 1))


def _batch(logsource: LogSource, events: Mapping[Case, dict[str, Any]]) -> Batch:
    """One event a row; `_id` tells which case it is."""
    names = list(dict.fromkeys(name for event in events.values() for name in event if not name.startswith("_")))
    lists = {name for name in names if any(isinstance(event.get(name), list) for event in events.values())}
    columns: dict[str, Any] = {
        "_id": [json.dumps(case) for case in events],
        "_time": pa.array([event.get("_time", 0) * 1_000_000 for event in events.values()], RESERVED.field("_time").type),
        "_host": [""] * len(events),
        "_source": ["cases"] * len(events),
        "_row": pa.array(range(len(events)), pa.int64()),
        "_raw": [json.dumps(event) for event in events.values()],
    }
    for name in names:
        values = [event.get(name) for event in events.values()]
        if name in lists:
            values = [[value] if isinstance(value, str) else value for value in values]
        columns[name] = pa.array(values, pa.list_(pa.string()) if name in lists else pa.string())
    return Batch(logsource, pa.table(columns))


@pytest.fixture(scope="module")
def fired(rules: RuleSet) -> dict[Case, set[str]]:
    """Which rules, by id, fire on each case."""
    detector = Detector(rules)
    found: dict[Case, set[str]] = defaultdict(set)
    for batch in _batches(dict(_events())):
        signals = detector.signals(batch)
        for case, rule in zip(signals.column("event_id").to_pylist(), signals.column("rule").to_pylist(), strict=True):
            stem, kind, number = json.loads(case)
            found[stem, kind, number].add(rule)
    assert detector.problems == ()
    return found


def _batches(cases: Mapping[Case, dict[str, Any]]) -> Iterator[Batch]:
    """Yield the cases by log source."""
    sources: dict[tuple[str, str, str], dict[Case, dict[str, Any]]] = defaultdict(dict)
    for case, event in cases.items():
        where = event["_logsource"]
        sources[where["product"], where["service"], where["event_type"]][case] = event
    for (product, service, event_type), events in sources.items():
        yield _batch(LogSource(product=product, service=service, event_type=event_type), events)


def test_every_rule_can_run(rules: RuleSet) -> None:
    assert rules.problems == ()
    documents = [document for path in FILES for document in _documents(path)]
    assert len(rules.correlations) == sum("correlation" in document for document in documents)
    assert len(rules.rules) == sum("detection" in document for document in documents)
    assert rules.unbounded == ()


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.stem)
def test_rule_fires_on_its_cases_and_on_no_near_miss(path: Path, fired: dict[Case, set[str]]) -> None:
    rule = _document(path)["id"]
    for kind in KINDS:
        lines = (CASES / path.stem / f"{kind}.jsonl").read_text("utf-8").splitlines()
        assert lines, f"{path.stem} has no case in {kind}.jsonl"
        wrong = [number for number in range(1, len(lines) + 1) if (rule in fired[path.stem, kind, number]) != (kind == "fires")]
        assert not wrong, f"{kind}.jsonl, lines {wrong}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", TOGETHER, ids=lambda path: path.stem)
def test_correlation_fires_on_its_events_together_and_on_no_near_miss(path: Path, kind: str, rules: RuleSet) -> None:
    detector = Detector(rules)
    own = {case: event for case, event in _events() if case[:2] == (path.stem, kind)}
    assert own, f"{path.stem} has no case in {kind}.jsonl"
    bases = {document["id"] for document in _documents(path)[:-1]}
    for batch in _batches(own):
        assert not bases & set(detector.signals(batch).column("rule").to_pylist())
    assert (_document(path)["id"] in detector.finish().column("rule").to_pylist()) == (kind == "fires")
    assert detector.problems == ()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rule_keeps_the_style(path: Path) -> None:
    *bases, rule = _documents(path)
    fields = [*FIELDS[:8], "correlation", *FIELDS[10:]] if "correlation" in rule else FIELDS
    assert [name for name in fields if name in rule] == list(rule), "fields stand in the usual order, and no others"
    assert set(fields) - set(rule) <= {"references"}
    assert all(list(base) in BASE_FIELDS for base in bases)
    assert len(rule["title"]) <= 70
    assert rule["title"][-1] != "."
    assert rule["description"].endswith(".")
    assert uuid.UUID(rule["id"]).version == 4
    assert (rule["author"], rule["license"]) == ("Watchkeeper", "Apache-2.0")
    assert rule["level"] in LEVELS
    assert rule["falsepositives"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(rule["date"]))
    where, tactic = path.relative_to(RULES).parts[:2]
    for source in (one["logsource"] for one in [*bases, rule] if "logsource" in one):
        assert source == {"category": where} if where in CATEGORIES else source["product"] == where
    assert f"attack.{tactic}" == rule["tags"][0], "the first tactic is the folder's"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tactics_and_techniques_of_a_rule_belong_together(path: Path) -> None:
    tags = [tag.removeprefix("attack.") for tag in _document(path)["tags"]]
    ids = [tag for tag in tags if re.fullmatch(r"t\d{4}(\.\d{3})?", tag)]
    tactics = {tag for tag in tags if tag not in ids}
    assert ids
    assert tactics <= set(TACTICS)
    served = {tag: technique(tag) for tag in ids}
    assert not [tag for tag, known in served.items() if known is None], "no such technique"
    assert not [tag for tag, known in served.items() if known and not tactics & set(known.tactics)], "serves none of the tactics"
    assert tactics <= {tactic for known in served.values() if known for tactic in known.tactics}, "no technique serves it"
    assert not [tag for tag in ids if current_id(tag).lower() not in ids], "an earlier id stands only beside today's"


def test_ids_titles_and_names_are_unique() -> None:
    documents = [document for path in FILES for document in _documents(path)]
    assert all(uuid.UUID(rule["id"]).version == 4 for rule in documents)
    for values in ([rule["id"] for rule in documents], [rule["title"] for rule in documents], [path.stem for path in FILES]):
        assert len(values) == len(set(values))


def test_every_tactic_is_covered() -> None:
    first = {path.relative_to(RULES).parts[1] for path in FILES}
    assert first == set(TACTICS)


def test_no_case_is_without_its_rule() -> None:
    assert {path.name for path in CASES.iterdir()} == {path.stem for path in FILES}
