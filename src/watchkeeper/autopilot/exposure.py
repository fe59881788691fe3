"""Exposure: lists of vulnerabilities over inventories, and what a case saw of the outside. Owns which lists are taken and who was seen."""

import ipaddress
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.assets.exposure import Exposure, find
from watchkeeper.assets.inventory import Inventory, read_inventories
from watchkeeper.assets.vulnerabilities import ExploitedList, Lists, read_exploited
from watchkeeper.autopilot.content_folder import CVE, KEV, kind_files
from watchkeeper.detection.entities import entities_of
from watchkeeper.lake import Kept
from watchkeeper.model.query import Query, Search

_MOST_EVENTS = 20_000
"""Events of one asset that are looked at for outside addresses."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Lists of vulnerabilities, given or installed."""

    cve: tuple[Path, ...]
    """Files of vulnerabilities with the products they concern."""
    kev: tuple[Path, ...]
    """Files of what is known to be exploited."""

    def exploited(self) -> ExploitedList:
        """Read what is known to be exploited.

        Raises:
            OSError: a file cannot be read.
            ValueError: one is no such list.
        """
        read = [read_exploited(path) for path in self.kev]
        return ExploitedList(tuple(entry for one in read for entry in one.entries), sum(one.skipped for one in read))


@dataclass(frozen=True, slots=True)
class Exposed:
    """What concerns the inventories, and what it was found from."""

    exposure: Exposure
    inventory: Inventory
    vulnerabilities: int
    """Entries of the lists that were read."""
    exploited: int
    """Entries that are known to be exploited."""
    skipped: Counter[str]
    """Entries of the lists that were not used, by reason."""
    outside: frozenset[str]
    """Assets that the case saw exchange traffic with the outside."""


def listed(folder: Path, cve: Sequence[Path] = (), kev: Sequence[Path] = ()) -> Listed:
    """Give the lists to use: those given, otherwise the installed ones of that kind.

    Raises:
        OSError: the folder of installed content cannot be read.
        ValueError: it is damaged.
    """
    return Listed(tuple(cve) or kind_files(folder, CVE), tuple(kev) or kind_files(folder, KEV))


def exposure(inventories: Sequence[Path], lists: Listed, case: Path | None = None) -> Exposed:
    """Find what of the lists concerns the inventories.

    Raises:
        OSError: something given cannot be read.
        ValueError: something given is not what it should be, or there is no list at all.
    """
    if not lists.cve and not lists.kev:
        raise ValueError("no list of vulnerabilities: give --cve FILE or --kev FILE, or install a bundle that has them")
    inventory = read_inventories(inventories)
    exploited = lists.exploited()
    reader = Lists()
    entries = (entry for path in lists.cve for entry in reader.vulnerabilities(path))
    outside = seen_outside(case, [asset.name for asset in inventory.assets]) if case else frozenset[str]()
    found = find(inventory.assets, entries, exploited.entries, outside)
    skipped = reader.skipped + Counter({"names no CVE, or one that is there already": exploited.skipped})
    return Exposed(found, inventory, reader.read, len(exploited.entries), skipped, outside)


def seen_outside(case: Path, names: Sequence[str]) -> frozenset[str]:
    """Give the assets with which an address of the internet stands in the events that a case keeps of them.

    Raises:
        FileNotFoundError: the folder is no case.
    """
    if not (case / "events").is_dir():
        raise FileNotFoundError(f"{str(case)!r} is no case: it keeps no events; `watchkeeper investigate --out DIR` makes one")
    with closing(Kept(case / "events")) as kept:
        return frozenset(name for name in names if _talked(kept.search, name))


def _talked(search: Search, name: str) -> bool:
    events = search(Query(hosts=(name,), limit=_MOST_EVENTS))
    pairs = (pair for event in events for pair in entities_of(event.logsource, event.fields, event.host))
    return any(kind == "address" and _is_outside(value) for kind, value in pairs)


def _is_outside(value: str) -> bool:
    try:
        return ipaddress.ip_address(value).is_global
    except ValueError:
        return False
