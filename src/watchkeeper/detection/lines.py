"""Lines: newline-delimited JSON in, hits out. Owns what a line means as an event; how whole files are read is `ingest`'s.

A line is one event of one product. Its leaves are fields with dotted names, unless `lines` in `content/logsources.yml` calls them
otherwise; its log source stands in the fields that `fixed` names there.
"""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.detector import Engine
from watchkeeper.detection.logsources import LineNames, LogSources, Product, log_sources
from watchkeeper.detection.plan import Plan, Plans, Ready
from watchkeeper.detection.reference import Reference
from watchkeeper.detection.sigma import RuleSet
from watchkeeper.detection.sigma.fused.engine import PLACES
from watchkeeper.detection.sigma.fused.lines import FusedLines
from watchkeeper.detection.sigma.row import Row
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

Fields = Mapping[str, Value]

MAX_DEPTH = 24
"""A line nested deeper than this is malformed."""
MAX_FIELDS = 4_096
"""A line with more leaves than this is malformed."""
_BLANK = b" \t\r"
_strict = msgspec.json.Decoder(float_hook=str)
_lenient = json.JSONDecoder(strict=False, parse_float=str, parse_constant=str)


class Hits(NamedTuple):
    """Which rules hold on which lines, in the order of the lines and then of the rules."""

    offsets: NDArray[np.int64]
    """Where the line begins in the data, bytes."""
    lengths: NDArray[np.int64]
    """Bytes of the line without its end."""
    rules: NDArray[np.int32]
    """Place of the rule in the detector's `rules`."""


class Events:
    """What the lines of one product mean: their fields, and the plan that their kind needs."""

    def __init__(self, plans: Plans, sources: LogSources, product: str) -> None:
        """Take the plans, and the log sources that say what is called how."""
        self.product = product
        self.plans = plans
        known = sources.products.get(product, _UNKNOWN)
        self.names = known.lines
        self._ranks = {path: rank for rank, path in enumerate(self.names.names, 1)}
        self.fixed = {part: name for name, part in known.fixed.items()}
        """Native field that tells the `service`, and the `event_type`."""

    def fields(self, line: bytes) -> Fields | None:
        """Give the fields of a line; none if it is no JSON object or beyond bounds."""
        record = _decoded(line)
        return None if record is None else _named(record, self.names, self._ranks)

    def source(self, fields: Fields) -> LogSource:
        """Give the log source of an event."""
        return LogSource(product=self.product, service=self._first(fields, "service"), event_type=self._first(fields, "event_type"))

    def plan(self, fields: Fields) -> Plan:
        """Give the plan an event needs."""
        return self.plans.plan(self.source(fields), fields.keys())

    def _first(self, fields: Fields, part: str) -> str:
        value = fields.get(self.fixed.get(part, ""), "")
        return value if isinstance(value, str) else next(iter(value), "")


class ReferenceLines:
    """Decodes each line and asks the reference engine."""

    def __init__(self, events: Events, places: Mapping[str, int]) -> None:
        """Take what lines mean, and the places of the rules by id."""
        self._events = events
        self._places = places
        self._engine = Reference(events.plans)
        self.events = 0
        self.malformed = 0

    def hits(self, data: bytes) -> Hits:
        """Give what holds on each line."""
        found: list[tuple[int, int, int]] = []
        for offset, line in _lines(data):
            found.extend((offset, len(line), place) for place in self.of_line(line))
        return _table(found)

    def of(self, fields: Fields) -> list[int]:
        """Give the places of the rules that hold on an event, ascending."""
        plan = self._events.plan(fields)
        row = Row(fields, plan.filled(fields), plan.wanted)
        return sorted({self._places[one.rule.id] for one in self._engine.of_row(plan, row)})

    def of_line(self, line: bytes) -> list[int]:
        """Give the places of the rules that hold on a line, ascending, and count it."""
        fields = self._events.fields(line)
        if fields is None:
            self.malformed += 1
            return []
        self.events += 1
        return self.of(fields)

    def holds(self, ready: Ready, plan: Plan, fields: Fields) -> bool:
        """Say whether one rule of a plan holds on an event."""
        return self._engine.holds(ready, Row(fields, plan.filled(fields), plan.wanted))


class LineDetector:
    """Runs a rule set over lines of one product."""

    def __init__(
        self,
        ruleset: RuleSet,
        product: str = "windows",
        engine: Engine = "fused",
        sources: LogSources | None = None,
        table_places: int = PLACES,
    ) -> None:
        """Take the rules, log sources other than the built-in ones, and how many places the fast engine's table of values has."""
        self.rules = ruleset.rules
        places = {rule.id: place for place, rule in enumerate(self.rules)}
        sources = sources or log_sources()
        events = Events(Plans(self.rules, sources), sources, product)
        self._reference = ReferenceLines(events, places)
        self._fused = FusedLines(events, places, self._reference, table_places) if engine == "fused" else None

    @property
    def events(self) -> int:
        """How many events it has seen."""
        return self._reference.events + (self._fused.events if self._fused else 0)

    @property
    def malformed(self) -> int:
        """How many lines were no JSON object, or beyond bounds; nothing was detected on them."""
        return self._reference.malformed

    def hits(self, data: bytes) -> Hits:
        """Give what holds on whole lines; the last one need not end in a line feed."""
        return _table(sorted(set(self._fused.hits(data)))) if self._fused else self._reference.hits(data)


_At = tuple[str | None, str | None, int]
"""Path as written and name so far, none at the outset; how deep it is nested."""
_UNKNOWN = Product(fixed={}, services={}, categories={})


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line = data[start:end]
        if line.strip(_BLANK):
            yield start, line
        start = end + 1


def _table(found: list[tuple[int, int, int]]) -> Hits:
    columns = np.array(found, np.int64).reshape(-1, 3)
    return Hits(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].astype(np.int32))


def _decoded(line: bytes) -> dict[str, object] | None:
    """Decode one object; what JSON forbids but software writes (control characters, bad UTF-8, lone surrogates, NaN) is let through."""
    try:
        record: object = _strict.decode(line)
    except RecursionError:
        return None
    except ValueError:
        try:
            record = _lenient.decode(line.decode(errors="replace").strip())
        except (ValueError, RecursionError):
            return None
    return cast("dict[str, object]", record) if isinstance(record, dict) else None


def _named(record: dict[str, object], names: LineNames, ranks: Mapping[str, int]) -> dict[str, Value] | None:
    """Give native fields; none if the line is beyond bounds."""
    try:
        leaves = list(_leaves(record, names, (None, None, 0)))
    except ValueError:
        return None
    if len(leaves) > MAX_FIELDS:
        return None
    fields: dict[str, Value] = {}
    best: dict[str, int] = {}
    for path, name, value in leaves:
        native, rank = names.names.get(path, name), ranks.get(path, 0)
        if rank <= best.get(native, rank):
            fields[native], best[native] = value, rank
    return fields


def _leaves(record: Mapping[str, object], names: LineNames, at: _At) -> Iterator[tuple[str, str, Value]]:
    """Yield each leaf: its path as written, its name within the innermost container that counts, its value.

    Raises:
        ValueError: it is nested too deep.
    """
    written, named, depth = at
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    for key, value in record.items():
        path, name = key if written is None else f"{written}.{key}", key if named is None else f"{named}.{key}"
        if isinstance(value, dict):
            within = None if path in names.inside or f"{written}.*" in names.inside else name
            yield from _leaves(cast("dict[str, object]", value), names, (path, within, depth + 1))
        elif isinstance(value, list):
            yield from _gathered(cast("list[object]", value), names, (path, name, depth + 1))
        elif value is not None:
            yield path, name, _text(value)


def _gathered(items: list[object], names: LineNames, at: _At) -> Iterator[tuple[str, str, Value]]:
    """Yield the values of an array; of objects in it, each leaf once with all its values."""
    path, name, depth = cast("tuple[str, str, int]", at)
    gathered: dict[tuple[str, str], list[str]] = {} if items else {(path, name): []}
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    for item in items:
        if isinstance(item, dict):
            found = _leaves(cast("dict[str, object]", item), names, at)
        elif isinstance(item, list):
            found = _gathered(cast("list[object]", item), names, (path, name, depth + 1))
        else:
            found = iter([] if item is None else [(path, name, cast("Value", _text(item)))])
        for leaf, short, value in found:
            gathered.setdefault((leaf, short), []).extend([value] if isinstance(value, str) else value)
    yield from ((leaf, short, values) for (leaf, short), values in gathered.items())


def _text(value: object) -> str:
    """Write a scalar as its source does."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value}"
