"""Clocks: logs of one host that disagree about the time. Owns finding the difference; it corrects nothing that is shown."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import number, tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import text

_LEAST_PAIRS = 3
_TOLERANCE = timedelta(seconds=60)
_Mark = tuple[str, int | None, str]


def security_offsets(events: Iterable[Event]) -> Mapping[str, timedelta]:
    """Give by host what must be added to the Security log's times to agree with Sysmon's; hosts whose logs agree are left out.

    Both logs record the same process starts: the difference is the median over those whose id and image stand once in each.
    """
    starts: dict[str, dict[_Mark, list[datetime]]] = {"sysmon 1": defaultdict(list), "security 4688": defaultdict(list)}
    for event in events:
        kind = origin(event.logsource)
        if kind in starts and event.time is not None:
            starts[kind][_mark(event, kind)].append(event.time)
    return _offsets(starts["sysmon 1"], starts["security 4688"])


def _mark(event: Event, kind: str) -> _Mark:
    if kind == "sysmon 1":
        return event.host, number(text(event, "ProcessId")), tail(text(event, "Image")).lower()
    return event.host, number(text(event, "NewProcessId")), tail(text(event, "NewProcessName")).lower()


def _offsets(sysmon: Mapping[_Mark, list[datetime]], security: Mapping[_Mark, list[datetime]]) -> Mapping[str, timedelta]:
    differences: dict[str, list[float]] = defaultdict(list)
    for mark, times in sysmon.items():
        others = security.get(mark, [])
        if len(times) == len(others) == 1:
            differences[mark[0]].append((times[0] - others[0]).total_seconds())
    found = {host: timedelta(seconds=median(values)) for host, values in differences.items() if len(values) >= _LEAST_PAIRS}
    return {host: offset for host, offset in found.items() if abs(offset) > _TOLERANCE}
