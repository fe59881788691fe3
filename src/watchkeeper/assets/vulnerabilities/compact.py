"""The compact form of a CVE: one line of JSON with id, text, products without versions, and CVSS vectors. Owns its shape alone.

{"id": "CVE-2026-0001", "desc": "…", "prod": [["vendor", "product"]], "cvss": ["CVSS:3.1/…"], "kev": false}
"""

import msgspec

from watchkeeper.assets.vulnerabilities.cvss import base_score
from watchkeeper.assets.vulnerabilities.prose import ranges_for
from watchkeeper.assets.vulnerabilities.vulnerability import Affected, Vulnerability

_LONGEST_TEXT = 500


class _Line(msgspec.Struct, frozen=True):
    id: str
    prod: list[tuple[str | None, str | None]]
    desc: str | None = ""
    cvss: list[str] = []
    kev: bool = False


_decode = msgspec.json.Decoder(_Line).decode


def parse(content: bytes) -> Vulnerability | str:
    """Read one entry, or say why it is none.

    Raises:
        ValueError: it is not of this shape.
    """
    line = _decode(content)
    text = line.desc or ""
    scores = [score for vector in line.cvss if (score := base_score(vector)) is not None]
    affected = tuple(_affected(vendor or "", product or "", text) for vendor, product in dict.fromkeys(line.prod))
    score = max(scores, default=None)
    return Vulnerability(line.id.upper(), text[:_LONGEST_TEXT], score, line.kev, affected)


def _affected(vendor: str, product: str, text: str) -> Affected:
    ranges = ranges_for(text, product) if "his issue affects" in text else ()
    ends = bool(ranges) and all(one.low != one.high for one in ranges)
    return Affected(vendor, product, ranges=ranges, otherwise="no" if ends else "unknown")
