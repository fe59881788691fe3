"""CVE records in the ways that those who write them differ."""

import json
from typing import Any

import pytest

from watchkeeper.assets.vulnerabilities.record import parse
from watchkeeper.assets.vulnerabilities.vulnerability import Affects, Vulnerability


def _affects(product: dict[str, Any], version: str) -> Affects:
    record = {
        "cveMetadata": {"cveId": "CVE-2099-0001"},
        "containers": {"cna": {"affected": [{"vendor": "Acme", "product": "Gate", **product}]}},
    }
    one = parse(json.dumps(record).encode())
    assert isinstance(one, Vulnerability)
    return one.affected[0].affects(version, "plain")[0]


@pytest.mark.parametrize(
    ("product", "version", "answer"),
    [
        ({"versions": [{"version": "all versions", "status": "affected"}]}, "7", "yes"),
        ({"versions": [{"version": "*", "status": "affected"}]}, "7", "yes"),
        ({"versions": [{"version": "0", "lessThanOrEqual": "7", "status": "affected"}]}, "7", "yes"),
        ({"versions": [{"version": "0", "lessThan": "7", "status": "affected"}]}, "7", "unknown"),
        ({"versions": [{"version": "7", "status": "affected"}], "defaultStatus": "unaffected"}, "8", "no"),
        ({"versions": [{"version": "7", "status": "unaffected"}], "defaultStatus": "affected"}, "6", "yes"),
        ({"versions": [{"version": "7", "status": "unaffected"}], "defaultStatus": "affected"}, "7", "no"),
        ({"versions": [{"version": "", "status": "affected"}], "defaultStatus": "unaffected"}, "7", "unknown"),
        ({"defaultStatus": "affected"}, "7", "yes"),
        ({}, "7", "unknown"),
    ],
)
def test_what_a_record_says_of_versions(product: dict[str, Any], version: str, answer: Affects) -> None:
    assert _affects(product, version) == answer
