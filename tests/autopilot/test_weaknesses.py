"""What is known to be exploited is told of the hosts it stands on, and of no others."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot.content_folder import Origin, incoming, put_in_force
from watchkeeper.autopilot.weaknesses import weaknesses_of
from watchkeeper.model.asset import Asset, Software

GATE = Software(name="Gate", vendor="Acme", version="1.0")
WALL = Software(name="Wall", vendor="Acme", version="2.0")
ENTRY = {"id": "CVE-2099-0001", "desc": "This issue affects Gate: before 1.5.", "prod": [["Acme", "Gate"]], "cvss": []}


def _installed(folder: Path, kev: str) -> Path:
    filled = incoming(folder) / "filled"
    for kind, content in (("kev", kev), ("cve", json.dumps(ENTRY) + "\n" + json.dumps({**ENTRY, "id": "CVE-2099-0009"}))):
        (filled / kind / "some").mkdir(parents=True)
        (filled / kind / "some" / "list").write_text(content, "utf-8")
    origin = Origin("a.zip", "a" * 64, datetime(2026, 5, 1, tzinfo=UTC))
    put_in_force(folder, filled, {"kev": origin, "cve": origin})
    return folder


def test_a_host_has_what_is_exploited_and_installed_on_it(tmp_path: Path) -> None:
    folder = _installed(tmp_path, "cveID,vendorProject,product\nCVE-2099-0001,Acme,Gate\nCVE-2099-0002,Acme,Wall\n")
    assets = [Asset(name="web01", software=(GATE, WALL)), Asset(name="web02", software=(WALL,)), Asset(name="web03")]
    known = weaknesses_of(assets, folder, "assets.yml")
    both = known(("web01", "web03", "web09"))
    assert (both.source, [(item.software, item.cves, item.is_affected) for item in both.items]) == (
        "assets.yml",
        [("Gate 1.0", ("CVE-2099-0001",), True), ("Wall 2.0", ("CVE-2099-0002",), False)],
    )
    assert [item.cves for item in known(("web02",)).items] == [("CVE-2099-0002",)]


def test_without_software_no_list_is_read(tmp_path: Path) -> None:
    folder = _installed(tmp_path, "damaged")
    assert weaknesses_of([Asset(name="web01")], folder, "assets.yml")(("web01",)).items == ()
    with pytest.raises(ValueError, match="no list of known exploited"):
        weaknesses_of([Asset(name="web01", software=(GATE,))], folder, "assets.yml")(("web01",))
