"""CVE records, JSON 5. Owns its shape alone. Source: CVE Program, "CVE JSON record format", 5.1."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import msgspec

from watchkeeper.assets.vulnerabilities.vulnerability import Affected, Affects, Range, Vulnerability, steps

_LONGEST_TEXT = 500
_OTHERWISE: dict[str, Affects] = {"affected": "yes", "unaffected": "no", "unknown": "unknown"}
_PURL_KINDS = {"pypi": "pypi", "npmjs": "npm", "maven": "maven", "crates": "cargo", "rubygems": "gem"}
"""What a collection's host is called, to the kind of package URL; the URL itself is spelt in several ways."""
_Status = Literal["affected", "unaffected", "unknown"]


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    version: str
    status: _Status = "unknown"
    less_than: str | None = None
    less_than_or_equal: str | None = None
    version_type: str = ""


class _Product(msgspec.Struct, frozen=True):
    vendor: str = ""
    product: str = ""
    package: str = msgspec.field(default="", name="packageName")
    collection: str = msgspec.field(default="", name="collectionURL")
    purl: str = msgspec.field(default="", name="packageURL")
    cpes: tuple[str, ...] = ()
    versions: tuple[_Version, ...] = ()
    otherwise: _Status = msgspec.field(default="unknown", name="defaultStatus")


class _Text(msgspec.Struct, frozen=True):
    lang: str = ""
    value: str = ""


class _Score(msgspec.Struct, frozen=True):
    base: float | None = msgspec.field(default=None, name="baseScore")


class _Other(msgspec.Struct, frozen=True):
    type: str = ""


class _Metric(msgspec.Struct, frozen=True):
    v31: _Score | None = msgspec.field(default=None, name="cvssV3_1")
    v30: _Score | None = msgspec.field(default=None, name="cvssV3_0")
    other: _Other | None = None


class _Container(msgspec.Struct, frozen=True):
    title: str = ""
    descriptions: tuple[_Text, ...] = ()
    affected: tuple[_Product, ...] = ()
    metrics: tuple[_Metric, ...] = ()


class _Containers(msgspec.Struct, frozen=True):
    cna: _Container
    adp: tuple[_Container, ...] = ()


class _About(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="cveId")
    state: str = ""


class _Record(msgspec.Struct, frozen=True):
    about: _About = msgspec.field(name="cveMetadata")
    containers: _Containers


_decode = msgspec.json.Decoder(_Record).decode


def parse(content: bytes) -> Vulnerability | str:
    """Read one record, or say why it is no vulnerability.

    Raises:
        ValueError: it is not of this shape.
    """
    record = _decode(content)
    if record.about.state == "REJECTED":
        return "rejected"
    every = (record.containers.cna, *record.containers.adp)
    metrics = [metric for container in every for metric in container.metrics]
    scores = [score.base for metric in metrics for score in (metric.v31, metric.v30) if score and score.base is not None]
    texts = (text.value for container in every for text in container.descriptions if text.lang.lower().startswith("en"))
    return Vulnerability(
        record.about.id.upper(),
        next(texts, record.containers.cna.title)[:_LONGEST_TEXT],
        scores[0] if scores else None,
        any(metric.other is not None and metric.other.type == "kev" for metric in metrics),
        tuple(_affected(product) for container in every for product in container.affected),
    )


def _affected(product: _Product) -> Affected:
    ranges = tuple(one for version in product.versions for one in _ranges(version))
    words = product.collection.removeprefix("https://").partition("/")[0].lower().split(".")
    kind = next((_PURL_KINDS[word] for word in words if word in _PURL_KINDS), "")
    purl = product.purl or (f"pkg:{kind}/{product.package.replace(':', '/')}" if kind and product.package else "")
    unread = any(version.status == "affected" for version in product.versions) and not ranges
    otherwise: Affects = "unknown" if unread else _OTHERWISE[product.otherwise]
    return Affected(product.vendor, product.product, product.cpes, purl, ranges, otherwise)


def _ranges(version: _Version) -> Iterator[Range]:
    """Give what an entry says of versions; one that is said to be unknown says nothing."""
    if version.status == "unknown":
        return
    is_affected, counted = version.status == "affected", version.version_type.lower()
    high, has_high = version.less_than, False
    if high is None and version.less_than_or_equal is not None:
        high, has_high = version.less_than_or_equal, True
    if high is not None:
        yield Range(version.version, high, has_high=has_high, is_affected=is_affected, counted=counted)
    elif version.version.strip().lower() in {"*", "all", "all versions"}:
        yield Range("", "", is_affected=is_affected, counted=counted)
    elif some := steps(version.version):
        yield from (replace(one, is_affected=is_affected, counted=counted) for one in some)
    elif version.version:
        yield Range(version.version, version.version, has_high=True, is_affected=is_affected, counted=counted)
