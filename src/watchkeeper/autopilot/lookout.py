"""Lookout: what choosing what to follow asks of the record, of earlier cases and of intelligence. Owns the answers, not the choice."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute

from watchkeeper.assets import Register
from watchkeeper.autopilot.backwards import look_back
from watchkeeper.autopilot.following import followed_of, known_items
from watchkeeper.autopilot.intelligence import installed_of
from watchkeeper.autopilot.options import Options
from watchkeeper.detection.intel.known import Known
from watchkeeper.detection.intel.values import canonical
from watchkeeper.lake import OBSERVED, Observed
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.query import Search
from watchkeeper.model.watch import WatchItem
from watchkeeper.store import open_store
from watchkeeper.tracing import Lookout, Naming

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MOST_CASES = 200
"""Earlier cases that are looked back over, the newest."""
MOST_OF_CAMPAIGN, WIDEST_LABEL = 20, 100
"""Indicators that are taken from one campaign, and how many may share a label for it to be one."""
_PLAIN_LABELS = frozenset(
    [
        "anomalous-activity",
        "anonymization",
        "attribution",
        "benign",
        "compromised",
        "malicious-activity",
        "malware",
        "phishing",
        "unknown",
        "c2",
        "botnet",
    ]
)
"""Kinds of activity, not names of anybody's. Source: STIX 2.1, section 10.9, indicator type vocabulary, and usual tags."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The record at hand."""

    search: Search
    observed: Path
    """Where what it named is."""
    begins: datetime | None
    """Time of its first event, UTC."""
    assets: Register
    """Whose hosts these are."""


@dataclass(frozen=True, slots=True)
class Knowing:
    """What is asked while the incidents of one run are followed."""

    record: Asked
    earlier: tuple[Path, ...]
    """Folders of earlier cases, the newest first."""
    begins: datetime | None
    """Time of the first event that the record or an earlier case has, UTC."""
    followed: frozenset[Entity]
    """What is looked out for because of earlier incidents."""
    known: Known
    """Installed intelligence, allow-lists and the organisation's own."""

    def lookout(self) -> Lookout:
        """Give it as what the choice asks."""
        return Lookout(self.record.search, self.named, self.harmless, self.followed, self.begins)

    def named(self, entities: Sequence[Entity]) -> Iterator[Naming]:
        """Yield which hosts name things, in the record and in earlier cases."""
        of = {(one.kind, canonical(one.kind, one.value)): one for one in entities}
        asked = pa.table({"kind": [kind for kind, _ in of], "value": [value for _, value in of]}) if of else None
        if asked is None:
            return
        folders = [self.record.observed, *(case / OBSERVED for case in self.earlier)]
        with closing(Observed(folders)) as observed:
            for row in observed.sightings(asked).to_pylist():
                host = self.record.assets.of(row["host"]).name  # a network log knows a host by its address
                yield Naming(of[row["kind"], row["value"]], host, row["count"], row["first"], row["last"])

    def harmless(self, entity: Entity) -> Note | None:
        """Say why something is not the attacker's alone; none if nothing says so."""
        value = {"value": entity.value}
        if self._is_own(entity):
            return Note(code="watch.own", arguments=value)
        covered = self.known.own.covering(entity.kind, entity.value)
        if covered:
            return Note(code="watch.own", arguments=value)
        listed = self.known.allow.covering(entity.kind, entity.value)
        return Note(code="watch.listed", arguments={**value, "list": listed.list_name}) if listed else None

    def _is_own(self, entity: Entity) -> bool:
        if entity.kind == "address":
            return self.record.assets.of(entity.value).name != entity.value or _is_nowhere(entity.value)
        return entity.kind == "domain" and self.record.assets.has(entity.value.partition(".")[0])

    def campaign(self, items: Sequence[WatchItem]) -> Iterator[WatchItem | Note]:
        """Yield what imported intelligence says belongs to the same campaign as what it knows of these, and labels too wide for one."""
        given = 0
        seen = {(item.entity.kind, item.entity.value) for item in items}
        for item in items:
            for label, source in self._labels(item.entity):
                rows = _labelled(self.known.lookup.indicators, label, source)
                if len(rows) > WIDEST_LABEL:
                    yield Note(code="watch.label", arguments={"label": label, "count": str(len(rows))})
                    continue
                for row in rows:
                    pair = row["kind"], row["value"]
                    if pair not in seen and row["kind"] != "network" and given < MOST_OF_CAMPAIGN:
                        seen.add(pair)
                        given += 1
                        yield _of_campaign(row, item, label)

    def _labels(self, entity: Entity) -> Iterator[tuple[str, str]]:
        verdict = self.known.verdicts([(entity.kind, entity.value)])[0]
        for row in verdict.rows if verdict else ():
            one = self.known.lookup.row(row)
            for label in one["labels"]:
                if label.lower() not in _PLAIN_LABELS and not label.lower().startswith("tlp"):
                    yield label, one["source"]

    def seen_before(self, items: Sequence[WatchItem]) -> Iterator[Note]:
        """Yield what earlier cases had observed of these."""
        for match in look_back(self.earlier, known_items(items)).matches if items and self.earlier else ():
            hosts = ", ".join(host for host in match.hosts[:5] if host) or "?"
            first = match.since.isoformat() if match.since else "?"
            arguments = {"value": match.value, "case": Path(match.case).name, "hosts": hosts, "first": first, "count": str(match.count)}
            yield Note(code="watch.earlier", arguments=arguments)


def knowing(options: Options, record: Asked, case: str, out: Path) -> Knowing:
    """Give what is asked in one run; `case` and `out` are the run's own, which is no earlier one.

    Raises:
        OSError: the state database or the intelligence cannot be read.
        ValueError: the intelligence is damaged.
    """
    installed = installed_of(options)
    if options.state is None:
        return Knowing(record, (), record.begins, frozenset(), installed)
    with closing(open_store(options.state)) as store:
        cases = [one for one in store.cases() if one.id != case and one.out.resolve() != out.resolve()]
        there = [one for one in cases if (one.out / OBSERVED).is_dir()][:MOST_CASES]
        watched = followed_of(store.watches(), store, datetime.now(UTC)).by_rule.values()
        starts = [span[0] for one in there if (span := store.seen(one.id)[0])]
    begins = min((time for time in (record.begins, *starts) if time), default=None)
    followed = frozenset(one[0].entity for one in watched)
    return Knowing(record, tuple(one.out for one in there), begins, followed, installed)


def _labelled(indicators: pa.Table, label: str, source: str) -> list[dict[str, Any]]:
    mine = indicators.filter(pc.and_(pc.equal(indicators.column("source"), source), pc.invert(indicators.column("revoked"))))
    labels = mine.column("labels").combine_chunks()
    hits = pc.list_parent_indices(labels).filter(pc.equal(pc.list_flatten(labels), label))
    return mine.take(pc.unique(hits)).slice(0, WIDEST_LABEL + 1).to_pylist()


def _of_campaign(row: dict[str, Any], item: WatchItem, label: str) -> WatchItem:
    why = Note(code="watch.campaign", arguments={"of": item.entity.value, "label": label, "source": row["source"]})
    return WatchItem(
        entity=Entity(kind=row["kind"], value=row["value"]), why=why, level="medium", hops=item.hops + 1, sightings=0, first_seen=None,
        last_seen=None, hosts=(),
    )  # fmt: skip


def _is_nowhere(value: str) -> bool:
    address = ip_address(value)
    return address.is_loopback or address.is_unspecified or address.is_multicast or address.is_link_local
