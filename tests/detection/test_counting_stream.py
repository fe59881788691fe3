"""Counting in a stream tells what a whole run tells, in pieces, late and over restarts, tenants apart; what is over is let go."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.detection.counting_stream import LATE, Counting
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA

BASE = """title: Base
id: 11111111-2222-4333-8444-555555555555
name: base
logsource: {product: windows}
detection: {selection: {F: a}, condition: selection}
---
"""
MANY = """title: Many
id: 33333333-2222-4333-8444-555555555555
level: high
tags: [attack.discovery, attack.t1046]
correlation: {type: value_count, rules: [base], group-by: [User], timespan: 10s, condition: {gte: 3, field: T}}
"""
FAILED = """title: Failed
id: 11111111-2222-4333-8444-555555555555
name: failed
logsource: {product: windows}
detection: {selection: {F: fail}, condition: selection}
---
title: Succeeded
id: 22222222-2222-4333-8444-555555555555
name: succeeded
logsource: {product: windows}
detection: {selection: {F: success}, condition: selection}
---
"""
GUESSED = """title: Guessed
id: 33333333-2222-4333-8444-555555555555
name: guessed
correlation: {type: event_count, rules: [failed], group-by: [Computer], timespan: 20s, condition: {gte: 3}}
---
title: Got in
id: 44444444-2222-4333-8444-555555555555
level: critical
correlation: {type: temporal_ordered, rules: [guessed, succeeded], group-by: [User], timespan: 30s}
"""
JOINED = """title: Joined
id: 33333333-2222-4333-8444-555555555555
correlation: {type: temporal, rules: [failed, succeeded], group-by: [User], timespan: 5s}
"""
Batches = Callable[..., Batch]
Load = Callable[[str], RuleSet]
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(text: str) -> RuleSet:
        (tmp_path / "rule.yml").write_text(text, "utf-8")
        return load_rules([tmp_path])

    return load


def logons(*events: str) -> list[dict[str, str]]:
    """Give one event a second; `f` failed and `s` succeeded, then the user."""
    return [{"F": {"f": "fail", "s": "success", "-": "-"}[one[0]], "User": one[1:], "Computer": "ws1"} for one in events]


def hand_over(ruleset: RuleSet, part: Batch, counting: Counting) -> None:
    """Count a batch as a worker does."""
    detector = Detector(ruleset)
    detector.signals(part)
    counting.take(detector.hand_over().tally, LATER)


def told_by(counting: Counting, second: int) -> list[dict[str, Any]]:
    """Give what is told once everything up to a second is complete."""
    signals = counting.told_until(datetime.fromtimestamp(second, UTC))
    assert signals.schema == SIGNAL_SCHEMA
    return signals.to_pylist()


def finished(ruleset: RuleSet, batch: Batch) -> list[dict[str, Any]]:
    detector = Detector(ruleset)
    detector.signals(batch)
    return detector.finish().to_pylist()


def told(ruleset: RuleSet, parts: Sequence[Batch], until: Sequence[int], *, resumed: bool) -> tuple[list[dict[str, Any]], Counting]:
    """Give what a stream tells: after each part everything up to so many seconds."""
    counting, found = Counting(ruleset.correlations), list[dict[str, Any]]()
    for part, second in zip(parts, until, strict=True):
        hand_over(ruleset, part, counting)
        found += told_by(counting, second)
        if resumed:
            counting = Counting(ruleset.correlations, counting.keep())
    return found + told_by(counting, 10_000), counting


def without_peak(signals: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give signals in one order, without the number that a burst came to."""
    kept = ([one for one in signal["matches"] if "(" not in one["field"] and "count" not in one["field"]] for signal in signals)
    return sorted((signal | {"matches": matches} for signal, matches in zip(signals, kept, strict=True)), key=lambda one: one["id"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("chained", [False, True])
@given(
    events=st.lists(st.tuples(st.sampled_from("fs"), st.sampled_from(["bob", "ann"])), min_size=1, max_size=60),
    late=st.integers(0, 6),
    order=st.randoms(use_true_random=False),
    size=st.integers(1, 7),
    resumed=st.booleans(),
)
def test_a_stream_tells_what_a_whole_run_tells(
    load: Load,
    batch: Batches,
    events: Sequence[tuple[str, str]],
    late: int,
    order: Any,
    size: int,
    *,
    resumed: bool,
    chained: bool,
) -> None:
    ruleset = load(FAILED + (GUESSED if chained else JOINED))
    whole = batch(logons(*map("".join, events)))
    places = sorted(range(len(events)), key=lambda place: place + order.uniform(0, late))
    shuffled = whole.table.take(pa.array(places))
    parts = [Batch(whole.logsource, shuffled.slice(start, size)) for start in range(0, len(events), size)]
    newest = [max(places[: start + size]) for start in range(0, len(events), size)]
    found, counting = told(ruleset, parts, [second - late - 1 for second in newest], resumed=resumed)
    assert without_peak(found) == without_peak(finished(ruleset, whole))
    assert counting.problems == ()


def test_a_burst_is_told_once_when_it_begins_and_what_comes_late_is_counted(load: Load, batch: Batches) -> None:
    events = [{"F": "a", "User": "bob", "T": str(place)} for place in range(8)]
    whole = batch(events)
    ruleset = load(BASE + MANY)
    counting = Counting(ruleset.correlations)
    hand_over(ruleset, Batch(whole.logsource, whole.table.slice(1, 4)), counting)
    (signal,) = told_by(counting, 4)
    assert (signal["row"], signal["matches"][1]["value"]) == (3, "4")
    hand_over(ruleset, Batch(whole.logsource, pa.concat_tables([whole.table.slice(0, 1), whole.table.slice(5)])), counting)
    assert told_by(counting, 20) == []
    (problem,) = counting.problems
    assert problem.endswith("left out 1 that came too late")


def test_what_can_no_longer_count_is_let_go(load: Load, batch: Batches) -> None:
    ruleset = load(BASE + MANY)
    counting, sizes = Counting(ruleset.correlations), list[int]()
    for day in range(12):
        whole = batch([{"F": "a", "User": f"u{place}", "T": "x"} for place in range(200)])
        at = whole.table.column("_time").cast(pa.int64()).to_numpy() + day * 86_400_000_000
        table = whole.table.set_column(1, "_time", pa.array(at).cast(pa.timestamp("us", tz="UTC")))
        table = table.set_column(0, "_id", pa.array([f"{day:016x}{place:016x}" for place in range(200)]))
        hand_over(ruleset, Batch(whole.logsource, table), counting)
        told_by(counting, day * 86_400 + 200)
        sizes.append(len(counting.keep()))
    assert max(sizes) <= 1.2 * min(sizes)


def test_what_came_is_told_when_nothing_came_for_a_while(load: Load, batch: Batches) -> None:
    ruleset = load(BASE + MANY)
    counting = Counting(ruleset.correlations)
    hand_over(ruleset, batch([{"F": "a", "User": "bob", "T": str(place)} for place in range(3)]), counting)
    assert counting.told(LATER + LATE / 2).num_rows == 0
    assert counting.told(LATER + LATE).column("title").to_pylist() == ["Many"]


def test_a_clock_in_the_future_completes_nothing(load: Load, batch: Batches) -> None:
    ruleset = load(BASE + MANY)
    counting = Counting(ruleset.correlations)
    hand_over(ruleset, batch([{"F": "a", "User": "bob", "T": str(place)} for place in range(3)]), counting)
    assert counting.told(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)).num_rows == 0


def test_state_goes_on_with_other_rules_as_far_as_they_are_the_same(load: Load, batch: Batches) -> None:
    ruleset = load(FAILED + JOINED + "---\n" + BASE + MANY.replace("33333333", "44444444"))
    counting = Counting(ruleset.correlations)
    hand_over(ruleset, batch([{"F": "a", "User": "bob", "T": str(place)} for place in range(3)]), counting)
    fewer = tuple(one for one in ruleset.correlations if one.title == "Many")
    assert len(ruleset.correlations) == 2
    assert [one["title"] for one in told_by(Counting(fewer, counting.keep()), 5)] == ["Many"]
    assert told_by(Counting((), counting.keep()), 5) == []


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="of this version"):
        Counting((), b"x")
