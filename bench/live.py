"""How soon incidents stand in the store, and what that costs. Labels are read by nobody.

    make bench-live JSON=out.json            everything, with all figures for machines
    python bench/live.py range underway      some of it

range: every scenario of the range, detected by the rules that come with Watchkeeper, its signals handed over in the order of time,
twenty minutes of events in each second of the clock. Waited: seconds of the clock from handing over a frame of signals until everything in
it stood in the store. First: minutes of event time from the first signal of the incident that ends up first until an incident with some of
it stood in the store, looked at after each minute with signals. underway: the first 100,000 signals of one testbed of ait-ads, three days;
what one look, and one look with a save, cost then in processor time, and how large the state is. month: a month of benign days of the same
data (`noise_stream.py`), saved every two hours of event time; memory and state at its marks. Incidents of it are all false.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from noise_alerts import signals_of, unpacked
from noise_stream import MAPPING, MIB, month
from resident import peak_rss, rss

from watchkeeper.autopilot.gathering import rules_of
from watchkeeper.autopilot.live.flowing import Flowing
from watchkeeper.autopilot.live.keeper import CURSOR, Around, Keeper, SignalFrame
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.world import World
from watchkeeper.correlation import Knowledge
from watchkeeper.cyberrange import SCENARIOS, generate
from watchkeeper.detection import Detector, RuleSet
from watchkeeper.ingest import read
from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import Batch
from watchkeeper.model.principal import DEFAULT_TENANT
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.store import Store, Wanted, open_store

SEED = 100
MINUTES_A_SECOND = 20
"""Minutes of events that are handed over in a second of the clock."""
MICRO = 1_000_000
MINUTE = 60 * MICRO
UNDERWAY, TESTBED = 100_000, "santos"
Figures = dict[str, Any]


@dataclass
class Stage:
    """A keeper over a store in a folder."""

    store: Store
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        """Make the keeper."""
        around = Around(
            store_of=lambda _: self.store,
            knowledge_of=lambda _: Knowledge(lambda host: Asset(name=host)),
            world_of=lambda _: World(lambda _: iter(()), lambda _: SIGNAL_SCHEMA.empty_table(), lambda name: Asset(name=name), None),
            tell=lambda *_: None,
        )
        self.keeper = Keeper(around, Flowing(ThreadPoolExecutor(1)))

    def take(self, number: int, signals: pa.Table) -> None:
        """Hand over a frame."""
        self.keeper.take(SignalFrame("0", number, DEFAULT_TENANT, signals))

    def tick(self) -> bool:
        """Let the keeper do what is due; say whether it saved."""
        return bool(self.keeper.tick(datetime.now(UTC)))

    def state_kib(self) -> int:
        """Give the size of what a restart begins with, signals apart."""
        cursor = self.store.cursor(CURSOR)
        return len(cursor.body) // 1024 if cursor else 0


def staged() -> Iterator[Stage]:
    """Give a stage that is taken down afterwards."""
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder, closing(open_store(Path(folder))) as store:
        yield Stage(store)


def ranges() -> Figures:
    """Give what each scenario of the range shows."""
    figures = {name: scenario(name) for name in SCENARIOS if name != "none"}
    waited = sorted(second for one in figures.values() for second in one.pop("all_waited"))
    return {"scenarios": figures, "waited_p50_s": round(median(waited), 2), "waited_max_s": round(waited[-1], 2), "frames": len(waited)}


def scenario(name: str) -> Figures:
    """Hand over the signals of one scenario at speed, then minute by minute."""
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        generate(name, SEED, Path(folder))
        signals = detected(Path(folder) / "evidence")
    times = signals.column("time").cast(pa.int64()).combine_chunks()
    begins, ends = times[0].as_py(), times[-1].as_py()
    waited = at_speed(signals, times.to_numpy(), begins, ends)
    minutes, incidents = by_minute(signals, times.to_numpy(), begins, ends)
    return {
        "signals": signals.num_rows, "incidents": incidents, "hours": round((ends - begins) / MICRO / 3600, 1), "first_minutes": minutes,
        "waited_p50_s": round(median(waited), 2), "waited_max_s": round(max(waited), 2), "all_waited": waited,
    }  # fmt: skip


def at_speed(signals: pa.Table, times: Any, begins: int, ends: int) -> list[float]:
    """Give the seconds that each frame waited until it stood in the store."""
    waited = list[float]()
    for stage in staged():
        handed, rows, began = dict[int, float](), 0, time.monotonic()
        while rows < len(times) or handed:
            upto = begins + int((time.monotonic() - began) * MINUTES_A_SECOND * 60 * MICRO)
            end = int(times.searchsorted(min(upto, ends + 1)))
            if end > rows:
                stage.take(end, signals.slice(rows, end - rows))
                handed[end] = time.monotonic()
                rows = end
            if stage.tick():
                saved = [number for number in handed if number <= stage.keeper.position("0")]
                waited += [time.monotonic() - handed.pop(number) for number in saved]
            time.sleep(0.1)
    return waited


def by_minute(signals: pa.Table, times: Any, begins: int, ends: int) -> tuple[float, int]:
    """Give how many minutes of event time the first incident took from its first signal to the store, and how many incidents there are."""
    looks = list[tuple[int, set[str]]]()
    for stage in staged():
        rows = 0
        for moment in range(begins + MINUTE, ends + 2 * MINUTE, MINUTE):
            end = int(times.searchsorted(moment))
            if end > rows:
                stage.take(end, signals.slice(rows, end - rows))
                stage.keeper.save(datetime.now(UTC))
                rows = end
                looks.append((moment, {fold.id for one in listed(stage) for fold in one.folds}))
        first = max(listed(stage), key=lambda one: one.score)
        opening = min(fold.first for fold in first.folds if fold.first)
        mine = {fold.id for fold in first.folds}
        stood = next(moment for moment, folds in looks if not folds.isdisjoint(mine))
        return round((stood - int(opening.timestamp() * MICRO)) / MINUTE, 1), len(listed(stage))
    raise AssertionError


def listed(stage: Stage) -> list[Any]:
    """Give the incidents that stand in the store."""
    return [one.incident for one in stage.store.live_incidents(Wanted(most=500, shown=True))]


def detected(folder: Path) -> pa.Table:
    """Give the signals of evidence, by time."""
    detector = Detector(rules_of(Options(paths=(folder,))))
    found = [detector.signals(batch) for batch in read([folder]) if isinstance(batch, Batch)]
    return pa.concat_tables([*found, detector.finish()]).sort_by([("time", "ascending"), ("id", "ascending")])


def underway() -> Figures:
    """Give what a look and a save cost with many signals underway."""
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        (path,) = unpacked(Path(folder), TESTBED)
        signals = signals_of(path, MAPPING).sort_by([("time", "ascending"), ("id", "ascending")]).slice(0, UNDERWAY)
    for stage in staged():
        began = time.process_time()
        for number in range(0, signals.num_rows, 1000):
            stage.take(number, signals.slice(number, 1000))
        taking = time.process_time() - began
        stage.keeper.save(datetime.now(UTC))
        desk = stage.keeper.tenants[DEFAULT_TENANT].desk
        looks, turns = list[float](), list[float]()
        for again in range(5):
            one = signals.slice(signals.num_rows - 1).set_column(0, "id", pa.array([f"{again:032x}"]))
            stage.take(signals.num_rows + again, one)
            began = time.process_time()
            found = desk.look().found
            looks.append(time.process_time() - began)
            began = time.process_time()
            stage.keeper.save(datetime.now(UTC))
            turns.append(time.process_time() - began)
        return {
            "signals": signals.num_rows, "in_sight": found.signals.num_rows, "incidents": len(found.incidents),
            "take_us_a_signal": round(taking / signals.num_rows * MICRO, 1), "look_ms": round(1000 * median(looks)),
            "turn_ms": round(1000 * median(turns)), "turn_max_ms": round(1000 * max(turns)), "state_kib": stage.state_kib(),
        }  # fmt: skip
    raise AssertionError


def months() -> Figures:
    """Give memory and state on the way through a month."""
    figures: Figures = {}
    detector = Detector(RuleSet(rules=(), problems=()))
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        path = month(Path(folder))
        for stage in staged():
            saved, first, count = 0, 0, 0
            for number, batch in enumerate(item for item in read([path], mapping=MAPPING) if isinstance(item, Batch)):
                signals = detector.signals(batch)
                newest = pc.max(signals.column("time").cast(pa.int64())).as_py()
                first, count = first or newest, count + signals.num_rows
                stage.take(number, signals)
                if newest - saved >= 7200 * MICRO:
                    stage.keeper.save(datetime.now(UTC))
                    saved = newest
                day = (newest - first) // (86_400 * MICRO)
                if day in (5, 10, 20, 29) and f"day {day}" not in figures:
                    figures[f"day {day}"] = {"now_mib": rss() // MIB, "peak_mib": peak_rss() // MIB, "state_kib": stage.state_kib()}
            figures |= {"alerts": count, "incidents": stage.store.count_live_incidents(Wanted(shown=True))}
    return figures


PARTS = {"range": ranges, "underway": underway, "month": months}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: Figures = {}
    for part in asked.parts:
        found[part] = PARTS[part]()
        print(part, json.dumps(found[part], indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
