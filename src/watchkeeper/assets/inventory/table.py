"""Tables of software with a heading: exports of asset tools, of `wmic product`, of PowerShell. Owns what columns mean."""

import csv
from collections.abc import Iterable, Mapping

from watchkeeper.assets.inventory.listed import Row, Rows

_COLUMNS: Mapping[str, frozenset[str]] = {
    "host": frozenset(
        [
            "host",
            "hostname",
            "computer",
            "computername",
            "node",
            "pscomputername",
            "device",
            "devicename",
            "asset",
            "machine",
            "endpoint",
            "system",
            "server",
        ]
    ),
    "name": frozenset(
        [
            "name",
            "displayname",
            "product",
            "productname",
            "software",
            "softwarename",
            "application",
            "applicationname",
            "package",
            "packagename",
        ]
    ),
    "vendor": frozenset(["vendor", "publisher", "manufacturer", "supplier", "maker", "vendorname"]),
    "version": frozenset(
        ["version", "displayversion", "productversion", "softwareversion", "versioninfo", "packageversion", "installedversion"]
    ),
    "cpe": frozenset({"cpe", "cpe23", "cpename"}),
    "purl": frozenset({"purl", "packageurl"}),
}
_HOTFIX = frozenset({"hotfixid", "kbarticle"})
_WIDEST = 500


def is_it(head: str) -> bool:
    """Say whether the first line is a heading with a program's name in it, or that of a list of hotfixes."""
    names = _heading(head)[0]
    return bool(names) and (bool(set(names) & _HOTFIX) or _place(names, "name") is not None)


def rows(lines: Iterable[str]) -> Rows:
    """Yield programs.

    Raises:
        ValueError: it lists hotfixes, which say what was mended and not what is installed.
    """
    waiting = (line for line in lines if line.strip() and not line.startswith("#TYPE"))
    first = next(waiting, "")
    names, delimiter = _heading(first)
    if set(names) & _HOTFIX:
        raise ValueError("it lists hotfixes: they say what was mended, not what is installed; export the installed programs")
    places = {column: place for column in _COLUMNS if (place := _place(names, column)) is not None}
    for line in waiting:
        cells = _cells(line, delimiter)
        if len(cells) > _WIDEST or len(cells) <= places["name"]:
            yield "row too short or too wide"
            continue
        said = {column: cells[place] for column, place in places.items() if place < len(cells)}
        yield Row(**{**dict.fromkeys(_COLUMNS, ""), **said}, counted=None)


def _cells(line: str, delimiter: str) -> list[str]:
    """Take one line apart by itself, so that a quote that is never closed spoils no other; none if it cannot be."""
    try:
        return [cell for row in csv.reader([line.replace("\r", " ").strip(" ")], delimiter=delimiter) for cell in row]
    except csv.Error:
        return []


def _heading(line: str) -> tuple[list[str], str]:
    """Give the first line's names in one spelling, and what parts them."""
    delimiter = max(",;\t|", key=line.count)
    if not line.count(delimiter):
        return [], ","
    cells = _cells(line.lstrip("\ufeff")[:20_000], delimiter)
    return ["".join(letter for letter in cell.lower() if letter.isalnum()) for cell in cells], delimiter


def _place(names: list[str], column: str) -> int | None:
    return next((place for place, name in enumerate(names) if name in _COLUMNS[column]), None)
