"""`watchkeeper exposure`. Owns how it is told; the matching stands in `assets.exposure`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from watchkeeper.assets.exposure import Doubt, Finding
from watchkeeper.autopilot.exposure import Exposed, exposure, listed
from watchkeeper.cli.content_told import as_json, tell
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.settings import read_settings

_DOUBTS: dict[Doubt, str] = {
    "no versions": "the list gives no versions",
    "version not told": "the inventory gives no version",
    "not comparable": "the versions cannot be compared",
    "not listed": "the list does not speak of this version",
    "distribution": "by its number it is; the distribution may have mended it",
    "name alone": "by its number it is, if it is this product: only the name fits",
}
_MOST_ASSETS = 4


def run(
    inventories: Sequence[Path], kev: Sequence[Path], cve: Sequence[Path], case: Path | None, into: Path | None, most: int, how: str
) -> None:
    """Say what concerns the inventories, the most pressing first."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        done = exposure(inventories, listed(read_settings(rules=into).rules, cve, kev), case)
    if how == "json":
        _json(done)
    else:
        _text(done, most)


def _text(done: Exposed, most: int) -> None:
    findings = done.exposure.findings
    for finding in findings[:most]:
        tell(_line(finding))
    if len(findings) > most:
        tell(f"and {len(findings) - most:,} more; --most {len(findings)} or --format json has all of them")
    programs = {software for asset in done.inventory.assets for software in asset.software}
    tell(
        f"{len(done.inventory.assets):,} assets, {len(programs):,} different programs, {done.exposure.without_version:,} without a version"
    )
    tell(f"{done.vulnerabilities:,} vulnerabilities read, {done.exploited:,} known to be exploited")
    counts = Counter((finding.is_exploited, finding.affected) for finding in findings)
    tell(f"known to be exploited: {counts[True, 'yes']:,} affected, {counts[True, 'unknown']:,} unknown")
    tell(f"others: {counts[False, 'yes']:,} affected, {counts[False, 'unknown']:,} unknown; not affected: {done.exposure.not_affected:,}")
    for what, skipped in (("rows of inventories", done.inventory.skipped), ("entries of lists", done.skipped)):
        for reason, count in sorted(skipped.items()):
            typer.echo(f"{count:,} {what} were left out: {reason}", err=True)


def _line(finding: Finding) -> str:
    software = f"{finding.software.name} {finding.software.version}".strip()
    where = ", ".join(finding.assets[:_MOST_ASSETS]) + (
        f" and {len(finding.assets) - _MOST_ASSETS:,} more" if len(finding.assets) > _MOST_ASSETS else ""
    )
    verdict = f"affected ({finding.versions})" if finding.affected == "yes" else f"unknown whether affected: {_DOUBTS[finding.doubt]}"
    known = (
        ["known to be exploited, also by ransomware" if finding.by_ransomware else "known to be exploited"] if finding.is_exploited else []
    )
    reach = ["reachable from outside"] if finding.is_reachable else []
    score = "no CVSS 3 score" if finding.score is None else f"CVSS {finding.score}"
    why = (*known, *reach, f"criticality {finding.criticality}", score, f"found by {finding.basis}")
    return f"{finding.cve} {software} on {where}: {verdict}; {', '.join(why)}"


def _json(done: Exposed) -> None:
    as_json(
        {
            "findings": [
                {**asdict(finding), "software": finding.software.model_dump(), "rank": place}
                for place, finding in enumerate(done.exposure.findings, 1)
            ],
            "assets": len(done.inventory.assets),
            "formats": done.inventory.formats,
            "vulnerabilities": done.vulnerabilities,
            "exploited": done.exploited,
            "not_affected": done.exposure.not_affected,
            "without_version": done.exposure.without_version,
            "seen_outside": sorted(done.outside),
            "skipped": {"inventory": done.inventory.skipped, "lists": done.skipped},
        }
    )
