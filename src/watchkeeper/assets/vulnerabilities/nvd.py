"""NVD's answers, JSON 2.0. Owns its shape alone. Source: NIST, "CVE API 2.0 schema"."""

from collections.abc import Iterator

import msgspec

from watchkeeper.assets.vulnerabilities.vulnerability import Affected, Range, Vulnerability

_LONGEST_TEXT = 500


class _Match(msgspec.Struct, frozen=True, rename="camel"):
    criteria: str
    vulnerable: bool = True
    version_start_including: str | None = None
    version_start_excluding: str | None = None
    version_end_including: str | None = None
    version_end_excluding: str | None = None


class _Node(msgspec.Struct, frozen=True):
    matches: tuple[_Match, ...] = msgspec.field(default=(), name="cpeMatch")


class _Configuration(msgspec.Struct, frozen=True):
    nodes: tuple[_Node, ...] = ()


class _Data(msgspec.Struct, frozen=True):
    base: float | None = msgspec.field(default=None, name="baseScore")


class _Metric(msgspec.Struct, frozen=True):
    data: _Data = msgspec.field(name="cvssData")


class _Metrics(msgspec.Struct, frozen=True):
    v31: tuple[_Metric, ...] = msgspec.field(default=(), name="cvssMetricV31")
    v30: tuple[_Metric, ...] = msgspec.field(default=(), name="cvssMetricV30")


class _Text(msgspec.Struct, frozen=True):
    lang: str = ""
    value: str = ""


class _Cve(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    vuln_status: str = ""
    descriptions: tuple[_Text, ...] = ()
    metrics: _Metrics = _Metrics()
    configurations: tuple[_Configuration, ...] = ()
    cisa_exploit_add: str = ""


class _Entry(msgspec.Struct, frozen=True):
    cve: _Cve


class _Answer(msgspec.Struct, frozen=True):
    vulnerabilities: tuple[_Entry, ...]


_decode = msgspec.json.Decoder(_Answer).decode


def parse(content: bytes) -> Iterator[Vulnerability | str]:
    """Yield every vulnerability of an answer, or why one is none.

    Raises:
        ValueError: it is not of this shape.
    """
    for entry in _decode(content).vulnerabilities:
        yield "rejected" if entry.cve.vuln_status == "Rejected" else _vulnerability(entry.cve)


def _vulnerability(cve: _Cve) -> Vulnerability:
    matches = (match for configuration in cve.configurations for node in configuration.nodes for match in node.matches if match.vulnerable)
    scores = (metric.data.base for metric in (*cve.metrics.v31, *cve.metrics.v30) if metric.data.base is not None)
    text = next((text.value for text in cve.descriptions if text.lang == "en"), "")[:_LONGEST_TEXT]
    affected = tuple(_affected(match) for match in matches)
    return Vulnerability(cve.id.upper(), text, next(scores, None), bool(cve.cisa_exploit_add), affected)


def _affected(match: _Match) -> Affected:
    low, has_low = match.version_start_including or match.version_start_excluding or "", match.version_start_excluding is None
    high, has_high = match.version_end_including or match.version_end_excluding or "", match.version_end_including is not None
    parts = match.criteria.split(":")
    version = parts[5].replace("\\", "") if len(parts) > 5 else "*"
    if not low and not high and version not in {"*", "-"}:
        low = high = version
        has_high = True
    return Affected(cpes=(match.criteria,), ranges=(Range(low, high, has_low, has_high),), otherwise="no")
