"""Proposals for sources as if no reader knew them: made from the first half of each file, tried on the second.

Run: python bench/suggest.py [--data DATA] [--misses] [--json OUT], where DATA is the folder that holds `sources/` (default
$WATCHKEEPER_DATA). Every source with ten records or more counts: crowdsec's log files and Wazuh's test files by syslog program,
panther's events by log type. A source is read if the proposal takes 90 % of the second half; its time is found if 90 % of what it takes
has one, where the records hold a time of day or seconds since 1970 at all; its addresses are found if 90 % of those that stand in the
records taken are the whole value of a field. No reader, grammar or record format of ours takes part, except that
an audit record is one wherever it stands.
"""

import argparse
import ipaddress
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.ingest.own_sources import parse
from watchkeeper.ingest.suggest import Proposal, Sample, propose
from watchkeeper.ingest.syslog import message
from watchkeeper.ingest.trial import read_by, tried

ENOUGH = 0.9
FEWEST = 10
_CLOCK = re.compile(r"\d\d:\d\d:\d\d|\b1[4-9]\d{8}(?:\d{3}|\d{6}|\d{9})?\b")
_ADDRESS = re.compile(r"(?<![\w.:-])(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w.-]*\w)")
_SAME = frozenset({"message"})


@dataclass(frozen=True, slots=True)
class Source:
    """What came of one source."""

    set: str
    name: str
    records: int
    proposed: bool
    share: float = 0.0
    time: bool | None = None
    """None where the records have none."""
    addresses: float | None = None
    """None where the records have none."""


def crowdsec(archive: Path) -> Iterator[tuple[str, list[str]]]:
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            if name.endswith(".log"):
                yield name, opened.read(name).decode(errors="replace").splitlines()


def wazuh(archive: Path) -> Iterator[tuple[str, list[str]]]:
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            if name.endswith(".ini"):
                yield name, re.findall(r"^log \d+ \w+ ?= ?(.*)$", opened.read(name).decode(errors="replace"), re.MULTILINE)


def panther(archive: Path) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(archive) as opened:
        for line in opened.read("events.jsonl").splitlines():
            one = json.loads(line)
            found.setdefault((one["log_types"] or ["none"])[0], []).append(json.dumps(one["event"]))
    yield from sorted(found.items())


def by_program(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for line in filter(str.strip, lines):
        one = message(line)
        found.setdefault(one.program.rpartition("/")[2] if one.wrapped else "", []).append(line)
    yield from found.items()


def measured(kind: str, name: str, program: str, records: list[str]) -> Source:
    half = len(records) // 2
    proposal = propose(Sample(name, "source", program, records[:half]))
    if proposal is None:
        return Source(kind, name, len(records), proposed=False)
    second = records[half:]
    own = parse(proposal.text, name)
    trial = tried(own, second)
    clocks = sum(_CLOCK.search(record) is not None for record in second)
    time = trial.timed >= ENOUGH * trial.read if clocks >= len(second) / 2 and trial.read else None
    return Source(kind, name, len(records), proposed=True, share=trial.share, time=time, addresses=_addresses(proposal, second))


def _addresses(proposal: Proposal, records: list[str]) -> float | None:
    there = found = 0
    for row, _ in read_by(parse(proposal.text, proposal.name), records):
        values = {
            text for name, value in row.fields.items() if name not in _SAME for text in ([value] if isinstance(value, str) else value)
        }
        body = message(row.raw).text
        for address in set(_ADDRESS.findall(body)):
            if _is_address(address):
                there += 1
                found += address in values
    return found / there if there else None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--misses", action="store_true", help="name what is not read or not found")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    found: list[Source] = []
    for kind, archive, members in (
        ("crowdsec", "crowdsec-logs", crowdsec),
        ("wazuh", "wazuh-logs", wazuh),
        ("panther", "panther-events", panther),
    ):
        for name, records in members(chosen.data / "sources" / f"{archive}.zip"):
            parts = by_program(records) if kind != "panther" else [("", records)]
            found += [measured(kind, name, program, lines) for program, lines in parts if len(lines) >= FEWEST]
    for kind in ("crowdsec", "wazuh", "panther"):
        report([one for one in found if one.set == kind], kind)
    report(found, "all")
    if chosen.misses:
        for one in found:
            if one.share < ENOUGH or one.time is False or (one.addresses is not None and one.addresses < ENOUGH):
                print(f"{one.set:9} {one.name:60} {one.records:6,} share {one.share:.2f} time {one.time} addresses {one.addresses}")
    if chosen.json:
        chosen.json.write_text(
            json.dumps([{name: getattr(one, name) for name in one.__slots__} for one in found], indent=1) + "\n", "utf-8"
        )
    return 0


def report(found: list[Source], what: str) -> None:
    read = [one for one in found if one.share >= ENOUGH]
    timed = [one for one in found if one.time is not None]
    addressed = [one for one in found if one.addresses is not None]
    whole = [one for one in read if one.time is not False and (one.addresses is None or one.addresses >= ENOUGH)]
    print(
        f"{what:9} {len(found):4} sources: {len(read)} read, time found in {sum(one.time is True for one in timed)} of {len(timed)}, "
        f"addresses in {sum(one.addresses is not None and one.addresses >= ENOUGH for one in addressed)} of {len(addressed)}; "
        f"all of it {len(whole)} ({len(whole) / max(1, len(found)):.0%})"
    )


if __name__ == "__main__":
    sys.exit(main())
