"""Windows events as nxlog ships them: one flat object of envelope and named values. Owns the envelope; the values are the simulation's."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from watchkeeper.cyberrange.tables import named

SYSMON = "Microsoft-Windows-Sysmon/Operational"
SECURITY = "Security"
SYSTEM = "System"
POWERSHELL = "Microsoft-Windows-PowerShell/Operational"
CHANNELS = (SYSMON, SECURITY, SYSTEM, POWERSHELL)

_FAILURES = frozenset({4625, 4771})


def moment(start: datetime, when: float) -> datetime:
    """Give the time `when` seconds after the start, to the millisecond."""
    return start + timedelta(milliseconds=round(when * 1000))


def iso(start: datetime, when: float) -> str:
    """Give that time as ISO 8601 with milliseconds and Z."""
    return moment(start, when).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def record(fqdn: str, shape: tuple[str, int], time: datetime, number: int, data: Mapping[str, object]) -> dict[str, object]:
    """Give the whole event; `shape` is channel and event id. Sysmon's own `UtcTime` is the envelope's time."""
    text = time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    merged: dict[str, object] = {
        "EventTime": text[:19],
        "@timestamp": f"{text[:10]}T{text[11:]}Z",
        "Hostname": fqdn,
        **_envelope(*shape),
        "RecordNumber": number,
    }
    if shape[0] == SYSMON:
        merged["UtcTime"] = text
    merged.update(data)
    return merged


@cache
def _envelope(channel: str, event: int) -> Mapping[str, object]:
    source = named("windows", "channels")[channel]
    provider = named("windows", "providers").get(f"{channel}/{event}", source)
    failed = event in _FAILURES
    kind = ("AUDIT_FAILURE" if failed else "AUDIT_SUCCESS") if channel == SECURITY else "INFO"
    return {
        "EventID": event,
        "Channel": channel,
        "SourceName": provider["name"],
        "ProviderGuid": provider["guid"],
        "Version": int(source["version"]),
        "Task": event if channel == SYSMON else int(named("windows", "tasks").get("security", {}).get(str(event), "0")),
        "OpcodeValue": 0,
        "Keywords": int(source["failure" if failed else "keywords"]),
        "EventType": kind,
        "SeverityValue": 4 if failed else 2,
        "Severity": "ERROR" if failed else "INFO",
        "ExecutionProcessID": int(source["process"]),
        "SourceModuleName": "eventlog",
        "SourceModuleType": "im_msvistalog",
        "synthetic": True,
    }
