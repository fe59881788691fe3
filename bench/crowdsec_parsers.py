"""The asserted fields of crowdsec's parser tests beside what `read` gives. Owns reading assertions and comparing values.

An assertion of stage s01-parse says that a field of the n-th line has a value. It is right if a field of ours that the table names has that
value for that line. What is no content of the log is left out, see `BOOKKEEPING`.
"""

import ast
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

import yaml
from crowdsec_names import BOOKKEEPING, FACILITIES, MOMENTS, NAMES, PARTS, SEVERITIES

from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

_ASSERTION = re.compile(
    r'results\["s01-parse"\]\["(?P<parser>[^"]+)"\]\[(?P<at>\d+)\]\.Evt\.(?P<part>Parsed|Meta|Unmarshaled)'
    r'(?P<keys>(?:\["[^"]+"\])+)\)?(?:, (?P<about>[\d.e+-]+)\)| == (?P<value>"(?:[^"\\]|\\.)*"|[\w.+-]+))\s*$'
)
_KEY = re.compile(r'\["([^"]+)"\]')
_NOTHING = {"", "-", "undefined", "null", "nil"}
_ANY_OFFSET = re.compile(r"\d ?([+-](?:0\d|1[0-4]):?[0-5]\d)\b")
_OFFSET = re.compile(r" ?([+-](?:0\d|1[0-4]):?[0-5]\d)\b")
_FORMATS = (
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S %Z", "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S %z", "%d/%b/%Y:%H:%M:%S.%f", "%d-%b-%Y %H:%M:%S.%f", "%a %b %d %H:%M:%S.%f %Y", "%a %b %d %H:%M:%S %Y",
    "%m/%d/%Y, %I:%M:%S %p", "%m/%d/%Y %H:%M:%S.%f", "%Y %b %d %H:%M:%S.%f", "%Y %b %d %H:%M:%S",
)  # fmt: skip
_CLOCKS = ("%H:%M:%S.%f", "%H:%M:%S")
_DAYS = ("%Y-%m-%d", "%m/%d/%Y")


class Event(NamedTuple):
    """One event that was read."""

    raw: str
    time: datetime | None
    fields: Mapping[str, object]


class Assertion(NamedTuple):
    """One field of one line."""

    at: int
    """Place of the line among those that the parser was given."""
    name: str
    """Their name; the names of nested members joined with dots."""
    value: str


@dataclass
class Folder:
    """What came out for one folder."""

    name: str
    kind: str
    """The type of log that its configuration names."""
    sources: Counter[str] = field(default_factory=Counter[str])
    """Events by log source."""
    right: int = 0
    wrong: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """Name, expected value and what was found instead."""

    @property
    def asked(self) -> int:
        """How many fields are compared."""
        return self.right + len(self.wrong)


def folders(archive: Path) -> Iterator[Folder]:
    """Unpack the archive and yield what came out for each folder whose parsers' fields are asserted."""
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(place)
        for asserted in sorted(Path(place).glob("**/parser.assert")):
            found = _folder(asserted)
            if found.asked:
                yield found


def _folder(asserted: Path) -> Folder:
    config = cast("dict[str, str]", yaml.safe_load((asserted.parent / "config.yaml").read_text("utf-8")))
    found = Folder(asserted.parent.name, config["log_type"])
    by_record: dict[tuple[str, int], list[Assertion]] = {}
    for line in asserted.read_text("utf-8").splitlines():
        if (said := _ASSERTION.search(line)) is not None:
            one = Assertion(int(said["at"]), ".".join(_keys(said)), _value(said))
            by_record.setdefault((said["parser"], one.at), []).append(one)
    log = asserted.parent / config["log_file"]
    events = _events(log, found)
    lines = [line for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    for (_, at), record in by_record.items():
        event = _event_of(record, events, lines[at] if at < len(lines) else "")
        for one in record:
            if _asked(one.name, found.kind):
                _compare(one, event, found)
    return found


def _keys(said: re.Match[str]) -> list[str]:
    keys = _KEY.findall(said["keys"])
    return keys[1:] if said["part"] == "Unmarshaled" else keys


def _value(said: re.Match[str]) -> str:
    value = said["value"] or said["about"]
    return cast("str", ast.literal_eval(value)) if value.startswith('"') else value


def _asked(name: str, kind: str) -> bool:
    """What only their configuration says is left out: a program that no syslog header names is the type of the log."""
    return name not in BOOKKEEPING and not (name == "program" and kind != "syslog")


def _events(log: Path, found: Folder) -> list[Event]:
    events: list[Event] = []
    for item in read([log]):
        if isinstance(item, Batch):
            source = item.logsource
            found.sources[f"{source.product}/{source.service}"] += item.table.num_rows
            reserved = item.table.select(["_time", "_host", "_raw"]).to_pylist()
            pairs = zip(reserved, item.rows(), strict=True)
            events += [Event(one["_raw"], one["_time"], {**row, "_host": one["_host"]}) for one, row in pairs]
    return events


def _event_of(record: Sequence[Assertion], events: Sequence[Event], line: str) -> Event | None:
    """The event of the line at the record's place if that has the record's text, else the first one with that text."""
    text = next((one.value for one in record if one.name == "message"), "").strip()
    if text and text not in line:
        return next((event for event in events if text in event.raw), None)
    return next((event for event in events if event.raw.strip() == line.strip()), None) or next(
        (event for event in events if line.strip() and line.strip() in event.raw), None
    )


def _compare(one: Assertion, event: Event | None, found: Folder) -> None:
    if event is None:
        found.wrong.append((one.name, one.value, "no event"))
        return
    ours = (*NAMES.get(one.name, ()), one.name, one.name.replace("_", "-"))
    values = [value for name in ours for value in _texts(event.fields.get(name))]
    if any(_same(one.value, value) for value in values) or _right_without(one, event, values):
        found.right += 1
    else:
        found.wrong.append((one.name, one.value, " | ".join(values)))


def _right_without(one: Assertion, event: Event, values: Sequence[str]) -> bool:
    if one.name == "syslog_priority":
        facility, severity = event.fields.get("facility"), event.fields.get("severity")
        return (
            facility in FACILITIES
            and severity in SEVERITIES
            and one.value == str(FACILITIES.index(facility) * 8 + SEVERITIES.index(severity))
        )
    if one.name.startswith("ruletag"):
        return f'[tag "{one.value}"]' in str(event.fields.get("tags", ""))
    if one.name in MOMENTS or one.name in PARTS:
        return event.time is not None and _is_moment(one, event.time, event.raw)
    return not values and one.value in _NOTHING


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in cast("list[object]", value)] if isinstance(value, list) else [str(value)]


def _same(theirs: str, ours: str) -> bool:
    """Whether two texts say the same, apart from quotes, a comma behind, `::ffff:`, `HTTP/`, a host's port and how a number is written."""
    if theirs == ours or _plain(theirs) == _plain(ours):
        return True
    try:
        return abs(float(theirs) - float(ours)) <= 1e-6 * max(1.0, abs(float(theirs)))
    except ValueError:
        return False


def _plain(text: str) -> str:
    return re.sub(r"\A(?:::ffff:|HTTP/)|(?<=[a-z]):\d+\Z", "", text.strip("'\", "))


def _is_moment(one: Assertion, time: datetime, raw: str) -> bool:
    """Whether a text that is a moment, or part of one, says the same as our time, in UTC or by the offset in the line."""
    offset = _ANY_OFFSET.search(raw)
    local = time.astimezone(datetime.strptime(offset[1], "%z").tzinfo) if offset is not None else time
    return any(_says(one, each, raw) for each in (time, local))


def _says(one: Assertion, time: datetime, raw: str) -> bool:
    if one.name in PARTS:
        return one.value.lstrip("0") in {f"{time:{code}}".lstrip("0") for code in PARTS[one.name]}
    text = re.sub(r"\s+", " ", one.value.replace(",", ".", 1) if re.search(r"\d,\d", one.value) else one.value)
    for code in _CLOCKS:
        if (clock := _parsed(text, code)) is not None:
            return (clock.hour, clock.minute, clock.second) == (time.hour, time.minute, time.second)
    for code in _DAYS:
        if (day := _parsed(text, code)) is not None:
            return day.date() == time.date()
    moment = _moment(text, time.year)
    if moment is None:
        return False
    if moment.tzinfo is None and (offset := _OFFSET.match(raw, raw.find(one.value) + len(one.value))) is not None:
        moment = moment.replace(tzinfo=datetime.strptime(offset[1], "%z").tzinfo)
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=time.tzinfo)
    return abs((moment - time).total_seconds()) < (60 if len(text) == len("2026-01-01 00:00") else 1)


def _moment(text: str, year: int) -> datetime | None:
    try:
        if re.fullmatch(r"\d{9,10}\.\d+", text):
            return datetime.fromtimestamp(float(text), UTC)
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        pass
    found = (_parsed(said, code) for code in _FORMATS for said in (text, f"{year} {text}"))
    return next((one for one in found if one is not None), None)


def _parsed(text: str, code: str) -> datetime | None:
    try:
        return datetime.strptime(text, code)  # noqa: DTZ007 -- without an offset it is compared as it is written
    except ValueError:
        return None
