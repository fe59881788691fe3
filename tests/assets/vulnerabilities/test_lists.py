"""Every kind of list gives the same nouns; what is none is counted or refused."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.vulnerabilities.lists import Lists
from watchkeeper.assets.vulnerabilities.vulnerability import Vulnerability

COMPACT = {
    "id": "CVE-2099-0001", "desc": "Bad. This issue affects Gate: from 1.0 before 1.5.", "prod": [["Acme", "Gate"], [None, "n/a"]],
    "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"], "kev": True, "pub": "2099-01-02T03:04:05",
}  # fmt: skip
RECORD: dict[str, Any] = {
    "dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2099-0002", "state": "PUBLISHED", "datePublished": "2099-01-02T03:04:05.000Z"},
    "containers": {
        "cna": {
            "descriptions": [{"lang": "de", "value": "Schlecht"}, {"lang": "en-US", "value": "Bad"}],
            "metrics": [{"cvssV3_1": {"baseScore": 7.5, "version": "3.1"}}],
            "affected": [
                {
                    "vendor": "Acme", "product": "Gate", "defaultStatus": "unaffected", "collectionURL": "https://packages.npmjs.example",
                    "packageName": "acme-gate", "cpes": ["cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:*"],
                    "versions": [
                        {"version": "1.0", "status": "affected", "lessThan": "1.5", "versionType": "semver"},
                        {"version": ">= 2.0, < 2.1", "status": "affected"},
                        {"version": "1.4.9", "status": "unaffected"},
                        {"version": "9", "status": "unknown"},
                    ],
                }
            ],
        },
        "adp": [{"metrics": [{"other": {"type": "kev", "content": {}}}]}],
    },
}  # fmt: skip
NVD = {
    "format": "NVD_CVE",
    "vulnerabilities": [
        {
            "cve": {
                "id": "CVE-2099-0003", "vulnStatus": "Analyzed", "cisaExploitAdd": "2099-01-03",
                "descriptions": [{"lang": "en", "value": "Bad"}], "metrics": {"cvssMetricV31": [{"cvssData": {"baseScore": 5.5}}]},
                "configurations": [{"nodes": [{"cpeMatch": [
                    {"vulnerable": True, "criteria": "cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:*",
                     "versionStartIncluding": "1.0", "versionEndExcluding": "1.5"},
                    {"vulnerable": True, "criteria": "cpe:2.3:a:acme:gate:2.0:*:*:*:*:*:*:*"},
                    {"vulnerable": False, "criteria": "cpe:2.3:o:acme:os:*:*:*:*:*:*:*:*"},
                ]}]}],
            }
        },
        {"cve": {"id": "CVE-2099-0004", "vulnStatus": "Rejected"}},
    ],
}  # fmt: skip


def _read(path: Path, content: bytes) -> tuple[list[Vulnerability], Lists]:
    path.write_bytes(content)
    lists = Lists()
    return list(lists.vulnerabilities(path)), lists


def _lines(*some: object) -> bytes:
    return "\n".join(json.dumps(one) for one in some).encode()


def test_the_compact_form_is_read(tmp_path: Path) -> None:
    (one,), _ = _read(tmp_path / "a", gzip.compress(_lines(COMPACT)))
    assert (one.cve, one.score, one.is_exploited) == ("CVE-2099-0001", 9.8, True)
    assert [(what.vendor, what.product, [str(r) for r in what.ranges], what.otherwise) for what in one.affected] == [
        ("Acme", "Gate", ["from 1.0 before 1.5"], "no"),
        ("", "n/a", [], "unknown"),
    ]


@pytest.mark.parametrize(
    "content", [_lines(RECORD), json.dumps(RECORD, indent=2).encode(), json.dumps([RECORD]).encode(), _lines(RECORD, COMPACT)]
)
def test_cve_records_are_read(tmp_path: Path, content: bytes) -> None:
    (one, *_), _ = _read(tmp_path / "a", content)
    assert (one.cve, one.text, one.score, one.is_exploited) == ("CVE-2099-0002", "Bad", 7.5, True)
    (what,) = one.affected
    assert (what.purl, what.cpes, what.otherwise) == ("pkg:npm/acme-gate", ("cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:*",), "no")
    asked = ("1.4", "1.4.9", "1.5", "2.0.5", "2.1")
    assert [what.affects(version, "plain")[0] for version in asked] == ["yes", "no", "no", "yes", "no"]


def test_nvds_answers_are_read(tmp_path: Path) -> None:
    (one,), lists = _read(tmp_path / "a", json.dumps(NVD, indent=1).encode())
    assert (one.cve, one.score, one.is_exploited, lists.skipped) == ("CVE-2099-0003", 5.5, True, {"rejected": 1})
    assert [what.affects("1.4", "plain")[0] for what in one.affected] == ["yes", "no"]
    assert [what.affects("2.0", "plain")[0] for what in one.affected] == ["no", "yes"]


def test_a_folder_is_all_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.json").write_bytes(_lines(RECORD))
    (tmp_path / "deep" / "b.json").write_bytes(json.dumps(NVD).encode())
    lists = Lists()
    assert [one.cve for one in lists.vulnerabilities(tmp_path)] == ["CVE-2099-0002", "CVE-2099-0003"]


def test_what_is_no_entry_is_counted(tmp_path: Path) -> None:
    rejected = {**RECORD, "cveMetadata": {"cveId": "CVE-2099-0009", "state": "REJECTED"}}
    found, lists = _read(tmp_path / "a", _lines(COMPACT, {"x": 1}, rejected) + b"\nnot json\n\n" + _lines(RECORD))
    assert (len(found), lists.read, lists.skipped) == (2, 2, {"no vulnerability": 1, "rejected": 1, "no JSON that is known": 1})


@pytest.mark.parametrize("content", [b"", b"hello", b"{}", b"[]", b'{"vulnerabilities": 1}', b"\x1f\x8bxx", b"[" * 10_000, b"\xff" * 10])
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ValueError, match="vulnerabilit"):
        _read(tmp_path / "a", content)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=10), lambda some: st.lists(some, max_size=3), max_leaves=5)
)
def test_any_value_in_any_place_is_read_or_counted(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    odd = [{**COMPACT, name: value} for name in COMPACT] + [{**RECORD, name: value} for name in RECORD]
    odd.append({**RECORD, "containers": {"cna": {"affected": [{"vendor": "a", "versions": value}]}}})
    found, lists = _read(path, _lines(COMPACT, *odd))
    assert len(found) + sum(lists.skipped.values()) == len(odd) + 1


def test_real_lists_are_read_whole(data: Path) -> None:
    lists = Lists()
    count = sum(1 for _ in lists.vulnerabilities(data / "cve" / "vulnrichment.jsonl.gz"))
    assert (count, lists.skipped) == (44_130, {})
