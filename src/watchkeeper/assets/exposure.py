"""Exposure: which published vulnerabilities concern what is installed, and in what order to look at them. Owns matching and ranking.

What cannot be told is called unknown and says why; nothing is guessed. Memory grows with the inventory and what matches it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from watchkeeper.assets.naming import cpe_product, parse_purl, product_key, vendor_words, vendors_agree
from watchkeeper.assets.versions import upstream
from watchkeeper.assets.vulnerabilities.exploited import Exploited
from watchkeeper.assets.vulnerabilities.vulnerability import Affected, Affects, Range, Vulnerability
from watchkeeper.model.asset import Asset, Software

Basis = Literal["package", "CPE", "vendor and name", "name"]
BASES: tuple[Basis, ...] = ("package", "CPE", "vendor and name", "name")
"""By what a product was found, the surest first."""
Doubt = Literal["", "no versions", "version not told", "not comparable", "not listed", "distribution", "name alone"]
"""Why it is unknown whether a version is affected: the list has none; the inventory has none; the two cannot be ordered; the list does not
speak of it; a distribution mends without raising the number; only the name fits, of whoever's product."""
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One vulnerability of one program, wherever it is installed."""

    cve: str
    software: Software
    assets: tuple[str, ...]
    """Where it is installed, the most critical first."""
    affected: Affects
    """Yes or unknown; what is not affected is counted only."""
    doubt: Doubt
    """Why it is unknown; empty if it is affected."""
    basis: Basis
    versions: str
    """The range that the version is in, in words; empty if there is none."""
    is_exploited: bool
    """Known to be exploited."""
    by_ransomware: bool
    """Known to be used in ransomware campaigns."""
    is_reachable: bool
    """Installed on an asset that is exposed or was seen to exchange traffic with the outside."""
    criticality: int
    """Of the most critical asset, 1 to 5."""
    score: float | None
    """CVSS 3 base score; none if the list has none."""
    text: str
    """What it is, in the list's words."""

    @property
    def rank(self) -> tuple[bool, bool, bool, int, float, int]:
        """What it is ordered by, the greater the earlier."""
        sureness = len(BASES) - BASES.index(self.basis)
        return (self.is_exploited, self.affected == "yes", self.is_reachable, self.criticality, self.score or 0.0, sureness)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What concerns an organisation."""

    findings: tuple[Finding, ...]
    """In the order to look at them."""
    not_affected: int
    """Vulnerabilities of installed programs whose version is not affected."""
    without_version: int
    """Programs of the inventory without a version."""


def find(
    assets: Sequence[Asset],
    vulnerabilities: Iterable[Vulnerability],
    exploited: Sequence[Exploited] = (),
    outside: frozenset[str] = frozenset(),
) -> Exposure:
    """Match vulnerabilities with what is installed; `outside` are assets that were seen to exchange traffic with the outside."""
    known = {entry.cve: entry for entry in exploited}
    index = _Index(assets, outside)
    findings = list[Finding]()
    count = Counter[str]()
    for vulnerability in _with_exploited(vulnerabilities, known):
        for finding in index.findings(vulnerability, known.get(vulnerability.cve)):
            if finding is None:
                count["not affected"] += 1
            else:
                findings.append(finding)
    findings.sort(key=lambda one: (tuple(-part for part in one.rank), one.cve, one.software.name, one.software.version))
    bare = {software for asset in assets for software in asset.software if not software.version}
    return Exposure(tuple(findings), count["not affected"], len(bare))


def _with_exploited(vulnerabilities: Iterable[Vulnerability], known: Mapping[str, Exploited]) -> Iterator[Vulnerability]:
    """Yield them all, and at the end what is known to be exploited and was not among them."""
    seen = set[str]()
    for one in vulnerabilities:
        if one.cve in known:
            seen.add(one.cve)
        yield one
    for cve, entry in known.items():
        if cve not in seen:
            yield Vulnerability(cve, entry.title, None, True, (Affected(entry.vendor, entry.product),))  # noqa: FBT003 -- a field of the noun


class _Index:
    """Programs by every name they go by."""

    def __init__(self, assets: Sequence[Asset], outside: frozenset[str]) -> None:
        self._holders: defaultdict[Software, list[Asset]] = defaultdict(list)
        self._by_key: defaultdict[_Key, list[Software]] = defaultdict(list)
        self._outside = outside
        for asset in assets:
            for software in dict.fromkeys(asset.software):
                self._holders[software].append(asset)
        for software, holders in self._holders.items():
            holders.sort(key=lambda asset: (-asset.criticality, asset.name))
            for key in set(_keys_of_software(software)):
                self._by_key[key].append(software)

    def findings(self, vulnerability: Vulnerability, entry: Exploited | None) -> Iterator[Finding | None]:
        """Yield what is to be looked at, and nothing's sign for each program that is not affected."""
        best = dict[Software, tuple[Affects, Doubt, Basis, Range | None]]()
        concerned = vulnerability.affected
        if entry is not None:
            concerned = (*concerned, Affected(entry.vendor, entry.product))
        for affected in concerned:
            for software, basis in self._candidates(affected):
                answer = _judged(software, affected, basis)
                if software not in best or _sureness(answer) > _sureness(best[software]):
                    best[software] = answer
        for software, answer in best.items():
            yield None if answer[0] == "no" else self._finding(vulnerability, entry, software, answer)

    def _candidates(self, affected: Affected) -> Iterator[tuple[Software, Basis]]:
        seen = set[Software]()
        for basis, key in _keys_of_affected(affected):
            for software in self._by_key.get(key, ()):
                fits = basis if basis != "name" else _vendors_fit(software, affected)
                if fits and software not in seen:
                    seen.add(software)
                    yield software, fits

    def _finding(
        self, vulnerability: Vulnerability, entry: Exploited | None, software: Software, answer: tuple[Affects, Doubt, Basis, Range | None]
    ) -> Finding:
        holders = self._holders[software]
        affected, doubt, basis, by = answer
        return Finding(
            vulnerability.cve,
            software,
            tuple(asset.name for asset in holders),
            affected,
            doubt,
            basis,
            str(by) if by else "",
            vulnerability.is_exploited or entry is not None,
            entry is not None and entry.by_ransomware,
            any(asset.exposed or asset.name in self._outside for asset in holders),
            holders[0].criticality,
            vulnerability.score,
            vulnerability.text,
        )


def _sureness(answer: tuple[Affects, Doubt, Basis, Range | None]) -> tuple[int, int]:
    """What says more of a program wins: that it is affected, then that it is not, then that nobody knows."""
    affected, _, basis, _ = answer
    return ({"unknown": 0, "no": 1, "yes": 2}[affected], len(BASES) - BASES.index(basis))


def _judged(software: Software, affected: Affected, basis: Basis) -> tuple[Affects, Doubt, Basis, Range | None]:
    packed = software.counted in {"deb", "rpm"} and not any(one.counted in {"deb", "dpkg", "rpm"} for one in affected.ranges)
    version = upstream(software.version, software.counted) if packed else software.version
    answer, by = affected.affects(version, "plain" if packed else software.counted)
    doubt: Doubt = ""
    if answer == "yes" and packed:
        answer, doubt = "unknown", "distribution"
    elif answer == "yes" and basis == "name":
        answer, doubt = "unknown", "name alone"
    elif answer == "unknown":
        doubt = _doubt(software, affected, version)
    return answer, doubt, basis, by


def _doubt(software: Software, affected: Affected, version: str) -> Doubt:
    if not affected.ranges:
        return "no versions"
    if not version:
        return "version not told"
    scheme = software.counted
    return "not comparable" if any(one.holds(version, scheme) is None for one in affected.ranges) else "not listed"


def _keys_of_software(software: Software) -> Iterator[_Key]:
    if (purl := parse_purl(software.purl)) is not None:
        yield "purl", purl.kind, purl.name
    if (cpe := cpe_product(software.cpe)) is not None:
        yield "cpe", cpe[0], cpe[1]
        yield "name", product_key(cpe[1].replace("_", " "), cpe[0])
    for version in ("", software.version):  # a number in a name may be the version, or be the name's own
        if name := product_key(software.name, software.vendor, version):
            yield "name", name


def _keys_of_affected(affected: Affected) -> Iterator[tuple[Basis, _Key]]:
    if (purl := parse_purl(affected.purl)) is not None:
        yield "package", ("purl", purl.kind, purl.name)
    names = dict.fromkeys([(affected.vendor, affected.product)] if affected.product else [])
    for cpe in affected.cpes:
        if (parts := cpe_product(cpe)) is not None:
            yield "CPE", ("cpe", parts[0], parts[1])
            names[parts[0], parts[1].replace("_", " ")] = None
    for vendor, product in names:
        if key := product_key(product, vendor):
            yield "name", ("name", key)


def _vendors_fit(software: Software, affected: Affected) -> Basis | None:
    """Say how well a program of the same name fits: not at all if it is known to be someone else's."""
    cpe = cpe_product(affected.cpes[0]) if affected.cpes and not affected.vendor else None
    theirs = vendor_words(cpe[0].replace("_", " ") if cpe else affected.vendor)
    ours = vendor_words(software.vendor)
    is_named = bool(theirs) and theirs <= vendor_words(software.name)  # the name says whose it is, such as OpenSSL's OpenSSL
    if vendors_agree(ours, theirs) or (is_named and not ours):
        return "vendor and name"
    return "name" if is_named or not ours or not theirs else None
