"""CSV of any vendor: columns named by the person, recognised by their names, or by what stands in them. Owns the names of columns."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

from watchkeeper.detection.intel.formats.entry import ANY, Ask, Entries, Entry, Format, Refused, moment
from watchkeeper.detection.intel.formats.tagged import tagged
from watchkeeper.detection.intel.values import KINDS, recognised, refanged

_VALUES = {
    **dict.fromkeys(("value", "indicator", "ioc", "ioc_value", "indicator_value", "observable", "artifact", "pattern_value"), ANY),
    **dict.fromkeys(("ip", "ip_address", "ipaddress", "address", "src_ip", "dst_ip", "dest_ip", "ipv4", "ipv6", "ip_dst", "ip_src"), ANY),
    **dict.fromkeys(("cidr", "network", "subnet", "netblock"), "network"),
    **dict.fromkeys(("domain", "domain_name", "hostname", "fqdn", "host"), ANY),
    **dict.fromkeys(("url", "uri", "link"), "url"),
    **dict.fromkeys(("hash", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "md5_hash", "sha1_hash", "sha256_hash", "sha512_hash",
                     "file_hash"), "hash"),
    **dict.fromkeys(("email", "email_address", "mailbox", "sender"), "mailbox"),
    **dict.fromkeys(("file", "file_name", "filename"), "file"),
    **dict.fromkeys(("user", "username", "user_name"), "user"),
}  # fmt: skip
"""Names of columns that hold values, and the kind of these."""
_MEANING = {
    **dict.fromkeys(("type", "ioc_type", "indicator_type", "kind", "value_type"), "type"),
    **dict.fromkeys(("confidence", "confidence_level", "score"), "confidence"),
    **dict.fromkeys(
        ("tags", "tag", "labels", "label", "threat", "threat_name", "threat_type", "malware", "malware_printable", "malware_family",
         "family", "signature", "description", "category", "campaign"), "labels"),
    **dict.fromkeys(("valid_from", "first_seen", "first_seen_utc", "firstseen", "dateadded", "date_added", "date", "created"),
                    "valid_from"),
    **dict.fromkeys(("valid_until", "expires", "expiration", "expiration_date", "expiry", "valid_to"), "valid_until"),
    **dict.fromkeys(("id", "uuid", "ioc_id", "external_id", "indicator_id"), "id"),
    "tlp": "tlp",
    **dict.fromkeys(("technique", "techniques", "mitre", "mitre_attack", "attack_technique", "attack_id"), "techniques"),
}  # fmt: skip
MEANINGS = ("value", "type", "confidence", "labels", "valid_from", "valid_until", "id", "tlp", "techniques")
"""What a person may say a column holds."""
_TYPES: Mapping[str, str] = {
    **{kind: kind for kind in KINDS},
    **dict.fromkeys(("ip", "ipv4", "ipv6", "ip:port", "ip-dst", "ip-src", "ipv4-addr", "ipv6-addr", "cidr", "domain", "hostname", "fqdn",
                     "domain-name", "indicator", "address", "network"), ANY),
    **dict.fromkeys(("uri", "link"), "url"),
    **dict.fromkeys(("md5", "sha1", "sha256", "sha512", "md5_hash", "sha1_hash", "sha256_hash", "filehash-md5", "filehash-sha1",
                     "filehash-sha256", "file-hash"), "hash"),
    **dict.fromkeys(("email", "email-addr", "email-src", "email-dst"), "mailbox"),
    **dict.fromkeys(("filename", "file_name"), "file"),
}  # fmt: skip
_CONFIDENCES = {"low": 30, "medium": 60, "moderate": 60, "high": 90, "very high": 95}
_SEPARATORS = (",", "\t", ";", "|")
_HEAD_LINES = 200
_MOST_LINE = 1 << 20
_NOTHING = "a line without a value that looks like an indicator"
_UNREADABLE = "a line that is no CSV, or longer than a megabyte"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column holds what."""

    values: tuple[tuple[int, str], ...]
    """Column and kind."""
    meaning: tuple[tuple[int, str], ...]
    """Column and what it says of the values."""


def sniff(head: bytes) -> bool:
    """Say whether the first lines, comments aside, are cut by one separator into the same number of cells, two at least."""
    if head.lstrip()[:1] in (b"{", b"[", b"<") or b"\0" in head:
        return False
    lines = head.decode(errors="replace").splitlines()
    told = [line for line in (lines if len(head) < 4_096 else lines[:-1]) if line.strip() and not line.lstrip().startswith("#")][:5]
    separator = _separator(told)
    return (
        bool(told)
        and separator is not None
        and len({len(row) for row in csv.reader(told, delimiter=separator, skipinitialspace=True)}) == 1
    )


def entries(stream: IO[bytes], ask: Ask) -> Entries:
    """Yield an entry for each value of each row.

    Raises:
        ValueError: a column that the person names is not there.
    """
    lines = _lines(stream)
    head = list(islice(lines, _HEAD_LINES))
    told = [line for line in head if isinstance(line, str) and not _is_comment(line)]
    separator = _separator(told) or ","
    layout, has_header = _layout(head, separator, ask)
    for number, line in enumerate(one for one in chain(head, lines) if isinstance(one, Refused) or not _is_comment(one)):
        if isinstance(line, Refused):
            yield line
        elif not (number == 0 and has_header):
            yield from _of_line(line, separator, layout)


def _lines(stream: IO[bytes]) -> Iterator[str | Refused]:
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=None)
    while line := text.readline(_MOST_LINE):
        if len(line) >= _MOST_LINE:
            while line and not line.endswith("\n"):
                line = text.readline(_MOST_LINE)
            yield Refused(_UNREADABLE, "")
        elif line.strip():
            yield line


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _separator(lines: Sequence[str]) -> str | None:
    counts = {one: min((line.count(one) for line in lines), default=0) for one in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda one: counts[one])
    return best if counts[best] else None


def _cells(line: str, separator: str) -> list[str]:
    try:
        row = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except (csv.Error, StopIteration):
        return []
    return [cell.strip().strip('"').strip() for cell in row]


def _layout(head: Sequence[str | Refused], separator: str, ask: Ask) -> tuple[_Layout | None, bool]:
    """Find the header: the first row, or the last comment before it that names columns; and say whether it is the first row."""
    texts = [line for line in head if isinstance(line, str)]
    first = next((place for place, line in enumerate(texts) if not _is_comment(line)), len(texts))
    candidates = [(line, True) for line in texts[first : first + 1]] + [(line.lstrip("# "), False) for line in reversed(texts[:first])]
    for line, is_first in candidates:
        names = [name.lower().replace(" ", "_").replace("-", "_") for name in _cells(line, separator)]
        found = _named(names, ask)
        if found.values and not any(recognised(refanged(name))[0] for name in names):
            return found, is_first
    if ask.columns:
        raise ValueError(f"no header names the column {next(iter(ask.columns.values()))!r}; its first line is {texts[first][:200]!r}")
    return None, False


def _named(names: Sequence[str], ask: Ask) -> _Layout:
    asked = {wanted.lower().replace(" ", "_").replace("-", "_"): meaning for meaning, wanted in ask.columns.items()}
    if "value" in ask.columns:
        values = tuple((place, ANY) for place, name in enumerate(names) if asked.get(name) == "value")
    else:
        values = tuple((place, _VALUES[name]) for place, name in enumerate(names) if name in _VALUES and name not in asked)
    given = [(place, asked.get(name) or _MEANING.get(name, "")) for place, name in enumerate(names)]
    return _Layout(values, tuple((place, meaning) for place, meaning in given if meaning and meaning != "value"))


def _of_line(line: str, separator: str, layout: _Layout | None) -> Iterator[Entry | Refused]:
    cells = _cells(line, separator)
    if not cells:
        yield Refused(_UNREADABLE, line[:200])
        return
    if layout is None:
        text = next((cell for cell in cells if recognised(refanged(cell))[0]), "")
        yield Entry(ANY, text) if text else Refused(_NOTHING, line[:200])
        return
    said = _said(cells, layout)
    kind = next((_TYPES.get(cells[place].lower(), "") for place, name in layout.meaning if name == "type" and place < len(cells)), ANY)
    found = [(place, own or kind) for place, own in layout.values if place < len(cells) and cells[place].strip("-")]
    for place, own in found:
        yield said._replace(kind=own, text=cells[place])
    if not found:
        yield Refused(_NOTHING, line[:200])


def _said(cells: Sequence[str], layout: _Layout) -> Entry:
    """Give the entry without its value."""
    told: dict[str, list[str]] = {}
    for place, meaning in layout.meaning:
        if place < len(cells) and cells[place]:
            told.setdefault(meaning, []).append(cells[place])
    levels = [f"tlp:{text}" for text in told.get("tlp", ())]
    tags = tagged((*levels, *_pieces(told.get("techniques", ())), *_pieces(told.get("labels", ()))))
    return Entry(
        kind=ANY,
        text="",
        external_id=next(iter(told.get("id", ())), "")[:200],
        confidence=_confidence(next(iter(told.get("confidence", ())), "")),
        valid_from=moment(next(iter(told.get("valid_from", ())), "")),
        valid_until=moment(next(iter(told.get("valid_until", ())), "")),
        tlp=tags.tlp,
        labels=tags.labels,
        techniques=tags.techniques,
    )


def _pieces(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (piece.strip() for piece in text.replace("|", ",").replace(";", ",").split(",") if piece.strip().lower() not in _NONE)


_NONE = frozenset({"", "-", "none", "n/a", "null", "unknown"})


def _confidence(text: str) -> int | None:
    named = _CONFIDENCES.get(text.lower())
    if named is not None:
        return named
    try:
        return max(0, min(100, round(float(text.rstrip("%")))))
    except (ValueError, OverflowError):
        return None


csv_table = Format("csv", sniff, entries)
