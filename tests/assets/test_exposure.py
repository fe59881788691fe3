"""What concerns an inventory is found by every name, said to be unknown where nobody can know, and ranked with reasons."""

from typing import Any

import pytest

from watchkeeper.assets.exposure import Exposure, Finding, find
from watchkeeper.assets.vulnerabilities import Affected, Exploited, Range, Vulnerability
from watchkeeper.model.asset import Asset, Software

BELOW_2 = (Range("", "2.0"),)


def _one(*affected: Affected, cve: str = "CVE-2099-0001", score: float | None = 5.0) -> Vulnerability:
    return Vulnerability(cve, "bad", score, is_exploited=False, affected=affected)


def _find(software: Software, *vulnerabilities: Vulnerability, **more: Any) -> Exposure:
    return find([Asset(name="web01", software=(software,))], vulnerabilities, **more)


def _only(software: Software, affected: Affected) -> Finding:
    (finding,) = _find(software, _one(affected)).findings
    return finding


@pytest.mark.parametrize(
    ("software", "affected", "basis"),
    [
        (Software(name="x", version="1.0", purl="pkg:npm/gate@1.0"), Affected("", "y", purl="pkg:npm/gate", ranges=BELOW_2), "package"),
        (
            Software(name="x", version="1.0", cpe="cpe:2.3:a:acme:gate:1.0:*:*:*:*:*:*:*"),
            Affected(cpes=("cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:*",), ranges=BELOW_2),
            "CPE",
        ),
        (Software(name="Acme Gate (x64)", vendor="Acme Inc.", version="1.0"), Affected("Acme", "Gate", ranges=BELOW_2), "vendor and name"),
        (Software(name="gate", version="1.0"), Affected("Gate", "Gate", ranges=BELOW_2), "vendor and name"),
        (Software(name="Gate 1", vendor="Acme", version="1.0"), Affected("Acme", "Gate 1", ranges=BELOW_2), "vendor and name"),
        (Software(name="Gate 1", vendor="Acme", version="1.0"), Affected("Acme", "Gate", ranges=BELOW_2), "vendor and name"),
        (
            Software(name="Gate", vendor="Acme", version="1.0"),
            Affected(cpes=("cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:*",), ranges=BELOW_2),
            "vendor and name",
        ),
    ],
)
def test_a_product_is_found_by_any_of_its_names(software: Software, affected: Affected, basis: str) -> None:
    finding = _only(software, affected)
    assert (finding.affected, finding.doubt, finding.basis, finding.versions) == ("yes", "", basis, "before 2.0")


@pytest.mark.parametrize(
    ("software", "affected", "doubt"),
    [
        (Software(name="Gate", vendor="Acme", version="1.0"), Affected("Acme", "Gate"), "no versions"),
        (Software(name="Gate", vendor="Acme"), Affected("Acme", "Gate", ranges=BELOW_2), "version not told"),
        (Software(name="Gate", vendor="Acme", version="Sonoma"), Affected("Acme", "Gate", ranges=BELOW_2), "not comparable"),
        (Software(name="Gate", vendor="Acme", version="3.0"), Affected("Acme", "Gate", ranges=BELOW_2), "not listed"),
        (
            Software(name="gate", version="1:1.0-2+deb12u1", counted="deb"),
            Affected("Gate", "Gate", ranges=BELOW_2, otherwise="no"),
            "distribution",
        ),
        (Software(name="gate", version="1.0"), Affected("Acme", "Gate", ranges=BELOW_2), "name alone"),
        (Software(name="Gate", vendor="Elsewhere", version="1.0"), Affected("Gate Project", "Gate", ranges=BELOW_2), "name alone"),
        (Software(name="Gate", version="1.0"), Affected("Acme", "Acme Gate", ranges=BELOW_2), "name alone"),
    ],
)
def test_what_nobody_can_know_is_called_unknown(software: Software, affected: Affected, doubt: str) -> None:
    finding = _only(software, affected)
    assert (finding.affected, finding.doubt) == ("unknown", doubt)


@pytest.mark.parametrize(
    "software",
    [
        Software(name="Gate", vendor="Acme", version="2.0"),
        Software(name="gate", version="2.0-1+deb12u1", counted="deb"),
        Software(name="gate", version="2:2.1-3.el9", counted="rpm"),
    ],
)
def test_what_is_not_affected_is_counted_alone(software: Software) -> None:
    done = _find(software, _one(Affected("Gate Acme", "Gate", ranges=BELOW_2, otherwise="no")))
    assert (done.findings, done.not_affected) == ((), 1)


@pytest.mark.parametrize(
    "software",
    [
        Software(name="Gate", vendor="Other", version="1.0"),
        Software(name="Gate Keeper", vendor="Acme", version="1.0"),
        Software(name="zip", version="1.0"),
    ],
)
def test_other_products_are_not_found(software: Software) -> None:
    done = _find(software, _one(Affected("Acme", "Gate", ranges=BELOW_2), Affected("7-Zip", "7-Zip")))
    assert (done.findings, done.not_affected) == ((), 0)


def test_a_distributions_own_range_is_believed() -> None:
    affected = Affected("", "", purl="pkg:deb/debian/gate", ranges=(Range("", "1.0-1+deb12u3", counted="deb"),), otherwise="no")
    old = Software(name="gate", version="1.0-1+deb12u2", counted="deb", purl="pkg:deb/debian/gate@1.0-1+deb12u2")
    assert _only(old, affected).affected == "yes"
    new = old.model_copy(update={"version": "1.0-1+deb12u10"})
    assert _find(new, _one(affected)).not_affected == 1


def test_what_is_surest_of_several_entries_counts_once() -> None:
    software = Software(name="Gate", vendor="Acme", version="1.0")
    done = _find(software, _one(Affected("Acme", "Gate"), Affected("Acme", "Gate", ranges=BELOW_2)))
    assert [finding.affected for finding in done.findings] == ["yes"]


def test_the_list_of_what_is_exploited_adds_names_and_entries() -> None:
    software = Software(name="Gate", vendor="Acme", version="1.0")
    known = [
        Exploited("CVE-2099-0001", "Acme", "Gate", "A", by_ransomware=True),
        Exploited("CVE-2099-0002", "Acme", "Gate", "B", by_ransomware=False),
        Exploited("CVE-2099-0003", "Other", "Wall", "C", by_ransomware=False),
    ]
    findings = _find(software, _one(Affected("n/a", "n/a")), exploited=known).findings
    assert [(one.cve, one.is_exploited, one.by_ransomware, one.doubt) for one in findings] == [
        ("CVE-2099-0001", True, True, "no versions"),
        ("CVE-2099-0002", True, False, "no versions"),
    ]


def test_what_presses_most_comes_first() -> None:
    assets = [
        Asset(name="spare", criticality=1, software=(Software(name="Gate", vendor="Acme", version="1.0"),)),
        Asset(name="shop", criticality=5, software=(Software(name="Wall", vendor="Acme", version="1.0"),)),
        Asset(name="door", criticality=1, exposed=True, software=(Software(name="Moat", vendor="Acme", version="1.0"),)),
        Asset(name="seen", criticality=2, software=(Software(name="Moat", vendor="Acme", version="1.0"),)),
    ]
    entries = [
        _one(Affected("Acme", "Gate", ranges=BELOW_2), cve="CVE-2099-0001", score=1.0),
        _one(Affected("Acme", "Wall", ranges=BELOW_2), cve="CVE-2099-0002", score=9.0),
        _one(Affected("Acme", "Wall", ranges=BELOW_2), cve="CVE-2099-0003", score=9.5),
        _one(Affected("Acme", "Moat", ranges=BELOW_2), cve="CVE-2099-0004", score=2.0),
        _one(Affected("Acme", "Wall"), cve="CVE-2099-0005", score=10.0),
    ]
    known = [Exploited("CVE-2099-0001", "", "", "", by_ransomware=False)]
    findings = find(assets, entries, known).findings
    assert [one.cve[-1] for one in findings] == ["1", "4", "3", "2", "5"]
    assert (findings[1].assets, findings[1].is_reachable, findings[1].criticality) == (("seen", "door"), True, 2)
    seen = find(assets[3:], entries[3:4], (), frozenset({"seen"})).findings
    assert seen[0].is_reachable
    assert not find(assets[3:], entries[3:4]).findings[0].is_reachable


def test_programs_without_a_version_are_counted() -> None:
    assert _find(Software(name="Gate"), _one(Affected("x", "y"))).without_version == 1
