"""One program as an inventory lists it, made into the noun. Owns the bounds and how its versions are counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from watchkeeper.assets.naming import cpe_product, parse_purl
from watchkeeper.model.asset import Scheme, Software

MOST_PROGRAMS = 1_000_000
"""An inventory with more is refused."""
_LONGEST = {"name": 500, "vendor": 500, "version": 200, "cpe": 1000, "purl": 1000}
_COUNTED: dict[str, Scheme] = {
    "deb": "deb", "rpm": "rpm", "pypi": "pep440", "npm": "semver", "cargo": "semver", "golang": "semver", "nuget": "semver"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What a line of an inventory says."""

    name: str
    version: str = ""
    vendor: str = ""
    cpe: str = ""
    purl: str = ""
    counted: Scheme | None = None
    """How its versions are ordered, if the format says so."""
    host: str = ""
    """Whose it is; empty if the whole inventory is one asset's."""


Rows = Iterator[Row | str]
"""Rows, and for each that is none the reason in a few stable words."""


@dataclass(slots=True)
class Collected:
    """The programs of each host, and what was skipped."""

    programs: dict[str, dict[Software, None]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def add(self, host: str, row: Row | str) -> None:
        """Take one row.

        Raises:
            ValueError: there are too many.
        """
        made = row if isinstance(row, str) else _software(row)
        if isinstance(made, str):
            self.skipped[made] += 1
            return
        self.count += 1
        if self.count > MOST_PROGRAMS:
            raise ValueError(f"it lists more than {MOST_PROGRAMS:,} programs")
        owner = row.host if isinstance(row, Row) and row.host else host
        self.programs.setdefault(short(owner), {})[made] = None


def short(name: str) -> str:
    """Give an asset's name as events have it: lower case, without domain."""
    return name.strip().lower().split(".", 1)[0]


def _software(row: Row) -> Software | str:
    values = {name: str(getattr(row, name)).strip() for name in _LONGEST}
    if any(len(values[name]) > longest for name, longest in _LONGEST.items()):
        return "a name or version that is too long"
    purl, cpe = parse_purl(values["purl"]), cpe_product(values["cpe"])
    if not values["name"]:
        return "no name"
    if not values["version"]:
        values["version"] = (purl.version if purl else "") or (cpe[2] if cpe else "")
    if values["version"].lower() in {"unknown", "n/a", "noassertion", "-", "*"}:
        values["version"] = ""
    return Software(**values, counted=row.counted or (_COUNTED.get(purl.kind) if purl else None) or "plain")
