"""One run of the product for the tracing exam, and what its case folder says: incidents, traces, where each event stands in its file."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from range import watchkeeper
from truth import DATA, member

SIGMA = DATA / "sigma" / "sigma_all_rules.zip"
Place = tuple[str, int]
"""Name of a file and number of a record in it."""
Told = dict[str, Any]
"""Part of `incidents.json`."""


@dataclass(frozen=True)
class Case:
    """A case folder and how long it took to make."""

    folder: Path
    seconds: float

    @cached_property
    def incidents(self) -> list[Told]:
        """Every incident, first the one to look at first."""
        return self._told["incidents"]

    @cached_property
    def signals(self) -> list[Told]:
        """Every signal's source and the rank of its incident."""
        return pq.read_table(self.folder / "signals.parquet", columns=["source", "row", "rank", "event_id"]).to_pylist()

    @cached_property
    def sources(self) -> dict[str, str]:
        """Kept event to the source it was read from."""
        return {id_: source for id_, source, _ in self._kept}

    @cached_property
    def places(self) -> dict[str, Place]:
        """Kept event to where it stands."""
        return {id_: (member(source), row) for id_, source, row in self._kept}

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Address to the host that has it, as the case knows."""
        return {address: short(asset["name"]) for asset in self._told["assets"] for address in asset["addresses"]}

    @cached_property
    def read(self) -> set[str]:
        """The sources that gave events."""
        return {source["source"] for source in self._told["sources"] if source["events"]}

    @property
    def first(self) -> Told | None:
        """The first incident, if there is any."""
        return self.incidents[0] if self.incidents else None

    @property
    def trace(self) -> Told | None:
        """The first incident's trace, if it was traced."""
        return self.first["trace"] if self.first else None

    def stand(self, ids: Iterable[str]) -> set[Place]:
        """Give where these events stand."""
        return {self.places[id_] for id_ in ids if id_ in self.places}

    @cached_property
    def _told(self) -> Told:
        return json.loads((self.folder / "incidents.json").read_text("utf-8"))

    @cached_property
    def _kept(self) -> list[tuple[str, str, int]]:
        table = pq.read_table(self.folder / "events", columns=["_id", "_source", "_row"])
        return list(zip(*(table.column(name).to_pylist() for name in ("_id", "_source", "_row")), strict=True))


def investigated(evidence: Path, out: Path, *more: str) -> Case:
    """Run the product over the evidence and leave its case under `out`."""
    began = time.perf_counter()
    watchkeeper("investigate", str(evidence), "--out", str(out / "case"), "--state", str(out / "state"), *more)
    return Case(out / "case", round(time.perf_counter() - began, 1))


def short(host: str) -> str:
    """Give a host's name without its domain, lower case."""
    return host.partition(".")[0].lower()


def drawn(trace: Told) -> set[str]:
    """Give the ids of all events that the edges of a graph cite."""
    return {id_ for edge in trace["edges"] for id_ in edge["evidence"]}


def citing(case: Case, trace: Told, wanted: set[Place]) -> list[Told]:
    """Give the edges that cite one of the events at these places."""
    return [edge for edge in trace["edges"] if case.stand(edge["evidence"]) & wanted]


def leads(trace: Told, start: str, ends: set[str]) -> bool:
    """Say whether the edges lead from one node to any of these."""
    seen, waiting = {start}, [start]
    onward: dict[str, set[str]] = {}
    for edge in trace["edges"]:
        onward.setdefault(edge["source"], set()).add(edge["target"])
    while waiting:
        fresh = onward.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting += fresh
    return bool(seen & ends)


def share(part: int, whole: int) -> str:
    """Write a share with its counts."""
    return f"{part}/{whole} ({part / whole:.0%})" if whole else "0/0"
