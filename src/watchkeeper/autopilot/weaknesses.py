"""Weaknesses: what is known to be exploited and stands on the hosts of incidents. Owns which of the findings are told of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from watchkeeper.assets.exposure import Finding, find
from watchkeeper.assets.vulnerabilities import Lists
from watchkeeper.autopilot.exposure import listed
from watchkeeper.autopilot.world import no_inventory
from watchkeeper.model.asset import Asset
from watchkeeper.model.impact import Weakness, Weaknesses

_MOST_CVES = 10
"""Of one program; the exposure command has all."""


def weaknesses_of(assets: Sequence[Asset], folder: Path, source: str) -> Callable[[Sequence[str]], Weaknesses]:
    """Give what answers for hosts; lists are read when the first host is asked for, and only if there is software to ask about.

    What answers raises OSError or ValueError if an installed list cannot be read.
    """
    with_software = [asset for asset in assets if asset.software]
    if not with_software:
        return no_inventory
    known = cache(lambda: _by_host(with_software, folder))

    def answer(hosts: Sequence[str]) -> Weaknesses:
        return Weaknesses(items=tuple(item for host in hosts for item in known().get(host, ())), source=source)

    return answer


def _by_host(assets: Sequence[Asset], folder: Path) -> Mapping[str, tuple[Weakness, ...]]:
    lists = listed(folder)
    exploited = lists.exploited().entries
    ids = {entry.cve for entry in exploited}
    entries = (entry for path in lists.cve for entry in Lists().vulnerabilities(path) if entry.cve in ids or entry.is_exploited)
    found = find(assets, entries, exploited).findings
    return {asset.name: tuple(_of(asset.name, [one for one in found if asset.name in one.assets])) for asset in assets}


def _of(host: str, findings: Sequence[Finding]) -> Sequence[Weakness]:
    grouped: dict[tuple[str, bool], list[str]] = {}
    for one in findings:
        called = f"{one.software.name} {one.software.version}".strip()
        grouped.setdefault((called, one.affected == "yes"), []).append(one.cve)
    return [
        Weakness(host=host, software=software, cves=tuple(cves[:_MOST_CVES]), is_affected=affected)
        for (software, affected), cves in grouped.items()
    ]
