"""What tests of tracing share: a small intrusion in the fields of the real logs, and a search over events in memory."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query, Search
from watchkeeper.model.signal import PLACED_SCHEMA

START = datetime(2024, 3, 5, 9, 0, tzinfo=UTC)
CHANNELS = {"sysmon": "Microsoft-Windows-Sysmon/Operational", "security": "Security", "system": "System"}
EXPLORER, WORD, SHELL, IMPLANT = "{A-1}", "{A-2}", "{A-3}", "{A-4}"
DOCUMENT = r"C:\Users\eva\Downloads\offer.docm"
DROPPED = r"C:\Users\eva\AppData\Local\Temp\upd.exe"
CHROME, WINWORD = r"C:\Program Files\Browser\chrome.exe", r"C:\Program Files\Office\WINWORD.EXE"
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


def windows(log: str, number: int, second: float, host: str = "ws7", **fields: str) -> Event:
    """One Windows event, so many seconds after nine."""
    identity = f"{log}-{number}-{second}-{host}-{'-'.join(sorted(fields.values()))}"
    native = {"EventID": str(number), "Channel": CHANNELS[log], "Computer": host} | fields
    source = LogSource(product="windows", service=CHANNELS[log], event_type=str(number))
    return Event(
        id=identity, time=START + timedelta(seconds=second), host=host, source="made.json", row=0, logsource=source, fields=dict(native)
    )


def zeek(service: str, second: float, uid: str, ends: str = "", **fields: str) -> Event:
    """One record of Zeek, so many seconds after nine; `ends` are source address and port, then destination address and port."""
    native = {"uid": uid} | dict(zip(("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"), ends.split(), strict=False)) | fields
    return Event(
        id=f"{service}-{second}-{uid}-{ends}", time=START + timedelta(seconds=second), host="", source=f"{service}.log", row=0,
        logsource=LogSource(product="zeek", service=service), fields=dict(native),
    )  # fmt: skip


def started(second: float, guid: str, image: str, parent: str, parent_image: str, command: str, **more: str) -> Event:
    """One Sysmon process creation; process ids follow the GUIDs."""
    fields = {
        "ProcessGuid": guid, "ProcessId": str(1000 + int(guid[3:-1])), "Image": image, "CommandLine": command, "ParentProcessGuid": parent,
        "ParentProcessId": str(1000 + int(parent[3:-1])), "ParentImage": parent_image, "User": r"CORP\eva", "LogonId": "0x51",
    }  # fmt: skip
    return windows("sysmon", 1, second, **(fields | more))


def intrusion() -> list[Event]:
    """A document from the web starts PowerShell, which drops a program; that talks home, reads lsass and goes on to a server."""
    by = {"ProcessGuid": IMPLANT, "ProcessId": "1004", "Image": DROPPED}
    home = {"Initiated": "true", "SourceIp": "10.1.0.7", "DestinationIp": "198.51.100.4", "DestinationPort": "443"}
    server = {"Initiated": "true", "SourceIp": "10.1.0.7", "DestinationIp": "10.1.0.20", "DestinationPort": "445"}
    browser = {"ProcessGuid": "{A-9}", "ProcessId": "1009", "Image": CHROME, "TargetFilename": f"{DOCUMENT}:Zone.Identifier"}
    reading = {
        "SourceProcessGUID": IMPLANT, "SourceProcessId": "1004", "SourceImage": DROPPED, "TargetProcessGUID": "{A-8}",
        "TargetProcessId": "700", "TargetImage": r"C:\Windows\System32\lsass.exe", "GrantedAccess": "0x1010",
    }  # fmt: skip
    return [
        windows("security", 4624, 0, TargetUserName="eva", TargetLogonId="0x51", LogonType="2", IpAddress="-"),
        windows("sysmon", 15, 10, **browser, Contents="[ZoneTransfer]  ZoneId=3  HostUrl=http://203.0.113.9/offer.docm"),
        started(60, WORD, WINWORD, EXPLORER, r"C:\Windows\explorer.exe", f'"{WINWORD}" "{DOCUMENT}"'),
        started(65, SHELL, POWERSHELL, WORD, WINWORD, "powershell -w hidden -enc SQBFAFgA"),
        windows("sysmon", 11, 66, ProcessGuid=SHELL, ProcessId="1003", Image=POWERSHELL, TargetFilename=DROPPED),
        started(70, IMPLANT, DROPPED, SHELL, POWERSHELL, DROPPED),
        *(windows("sysmon", 3, 75 + 10 * turn, **by, **home) for turn in range(5)),
        windows("sysmon", 10, 130, **reading),
        *(windows("sysmon", 11, 140 + turn, **by, TargetFilename=rf"C:\Users\eva\stage\doc{turn}.zip") for turn in range(12)),
        windows("sysmon", 3, 160, **by, **server),
        windows("security", 4624, 161, "srv2", TargetUserName="svc-backup", TargetLogonId="0x99", LogonType="3", IpAddress="10.1.0.7"),
        windows("system", 7045, 165, "srv2", ServiceName="upd", ImagePath=r"C:\Windows\upd.exe"),
    ]


def everyday() -> list[Event]:
    """What goes on besides: services starting ordinary processes, a browser on the web."""
    svchost, ordinary = r"C:\Windows\System32\svchost.exe", r"C:\Windows\System32\taskhostw.exe"
    browser = {
        "ProcessGuid": "{A-9}",
        "ProcessId": "1009",
        "Image": CHROME,
        "Initiated": "true",
        "SourceIp": "10.1.0.7",
        "DestinationPort": "443",
    }
    starts = [started(20 * turn, f"{{B-{50 + turn}}}", ordinary, "{A-5}", svchost, "taskhostw.exe") for turn in range(30)]
    web = [windows("sysmon", 3, 15 * turn, **browser, DestinationIp=f"192.0.2.{turn + 1}") for turn in range(30)]
    return [*starts, *web]


def over(events: Sequence[Event]) -> Search:
    """Answer queries from events in memory, as the lake would."""
    ordered = sorted(events, key=lambda event: event.time.timestamp() if event.time else float("inf"))

    def search(query: Query) -> Iterator[Event]:
        left = query.limit
        for event in ordered:
            if left and _wanted(event, query):
                left -= 1
                yield event

    return search


def _wanted(event: Event, query: Query) -> bool:
    return all(
        (
            not query.ids or event.id in query.ids,
            not query.hosts or event.host in query.hosts,
            query.start is None or (event.time is not None and event.time >= query.start),
            query.end is None or (event.time is not None and event.time <= query.end),
            event.logsource.product not in query.without,
            not query.logsources or any(_of(event.logsource, wanted) for wanted in query.logsources),
        )
    ) and (not query.mentions or _mentions(event, query.mentions))


def _mentions(event: Event, wanted: Sequence[str]) -> bool:
    everything = " ".join(value if isinstance(value, str) else " ".join(value) for value in event.fields.values()).lower()
    return any(text.lower() in everything for text in wanted)


def _of(found: LogSource, wanted: LogSource) -> bool:
    return found.product == wanted.product and wanted.service in {"", found.service} and wanted.event_type in {"", found.event_type}


def signals_on(events: Sequence[Event], level: str = "high", technique: str = "T1059.001", tactic: str = "execution") -> pa.Table:
    """One signal an event, each of its own rule."""
    rows: list[dict[str, Any]] = [
        {
            "id": f"s{place}", "event_id": event.id, "time": event.time, "host": event.host, "user": "eva", "source": "made.json", "row": 0,
            "rule": f"r-{event.id}", "title": "A rule", "level": level, "detector": "sigma", "techniques": [technique], "tactics": [tactic],
            "entities": [], "matches": [], "synthetic": False, "fold": "f", "session": "s", "incident": "i", "rank": 1, "shown": True,
        }
        for place, event in enumerate(events)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=PLACED_SCHEMA)


def incident_of(*hosts: str) -> Incident:
    """An incident on these hosts, before any step."""
    return Incident(
        id="i", rank=1, title="A rule", level="high", score=5.0, start=START, end=START + timedelta(minutes=5), sessions=("s",), folds=(),
        hosts=hosts, entities=(), techniques=(), tactics=(), why=(), shown=True,
    )  # fmt: skip


def alarming(attack: Sequence[Event]) -> list[Event]:
    """What rules would fire on: the shell, the opened lsass and the service on the server."""
    return [event for event in attack if event.logsource.event_type in {"10", "7045"} or "-enc" in str(event.fields.get("CommandLine", ""))]


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The functions of this file, by name."""
    functions = (windows, zeek, started, intrusion, everyday, over, signals_on, incident_of, alarming)
    return SimpleNamespace(**{function.__name__: function for function in functions}, START=START, DROPPED=DROPPED, DOCUMENT=DOCUMENT)
