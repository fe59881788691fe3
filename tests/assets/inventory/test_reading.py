"""Inventories are recognised by what is in them, joined by asset, and refused when they are none."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.inventory import listed
from watchkeeper.assets.inventory.reading import Inventory, read_inventories

DPKG = """Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
||/ Name            Version          Architecture Description
+++-===============-================-============-=================================
ii  libgate1:amd64  1:1.0-1+deb12u2  amd64        gate - library
rc  oldgate         0.9-1            all          gate - removed
hi  wall            2.0              all          wall, held back
something else
"""
RPM = "gate-1.0-2.el9.x86_64\ngate-lib-1.0-2.el9.noarch\ngpg-pubkey-fd431d51-4ae0493b\n\nnonsense\n"
WINGET = """\r   - \r        \rName           Id           Version      Available Source
-----------------------------------------------------------------
Acme Gate      Acme.Gate    1.0          1.1       winget
Acme Wall (x64) Acme.Wall   > 2.0                  winget
"""
CYCLONEDX = {
    "bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"name": "Shop.Example", "type": "application"}},
    "components": [
        {"type": "library", "name": "gate", "version": "1.0", "purl": "pkg:npm/acme-gate@1.0", "supplier": {"name": "Acme"},
         "components": [{"type": "library", "name": "inner", "purl": "pkg:pypi/inner@2.0"}]},
        {"type": "library", "name": ""},
    ],
}  # fmt: skip
SPDX = {
    "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "shop",
    "packages": [
        {"name": "gate", "versionInfo": "1.0", "supplier": "Organization: Acme (mail@example.org)",
         "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:deb/debian/gate@1.0-1"},
            {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:acme:gate:1.0:*:*:*:*:*:*:*"}]},
        {"name": "wall", "versionInfo": "NOASSERTION", "supplier": "NOASSERTION"},
    ],
}  # fmt: skip
ASSETS = """assets:
  - {name: web01.corp.example, criticality: 5, exposed: true, software: [{name: gate, vendor: Acme, version: "1.0"}]}
"""


def _read(tmp_path: Path, **files: str | bytes) -> Inventory:
    for name, content in files.items():
        path = tmp_path / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_inventories([tmp_path / name.replace("__", ".") for name in files])


def _programs(inventory: Inventory) -> list[tuple[str, str, str, str, str]]:
    return [(asset.name, one.name, one.vendor, one.version, one.counted) for asset in inventory.assets for one in asset.software]


@pytest.mark.parametrize(
    ("content", "kind", "programs", "skipped"),
    [
        (
            DPKG, "dpkg -l", [("host", "libgate1", "", "1:1.0-1+deb12u2", "deb"), ("host", "wall", "", "2.0", "deb")],
            {"not installed": 1, "no package line": 1},
        ),
        (RPM, "rpm -qa", [("host", "gate", "", "1.0-2.el9", "rpm"), ("host", "gate-lib", "", "1.0-2.el9", "rpm")], {"no package line": 2}),
        (WINGET, "winget list", [("host", "Acme Gate", "", "1.0", "plain"), ("host", "Acme Wall (x64)", "", "2.0", "plain")], {}),
        (
            json.dumps(CYCLONEDX, indent=1),
            "CycloneDX",
            [("shop", "gate", "Acme", "1.0", "semver"), ("shop", "inner", "", "2.0", "pep440")],
            {"no name": 1},
        ),
        (json.dumps(SPDX), "SPDX", [("shop", "gate", "Acme", "1.0", "deb"), ("shop", "wall", "", "", "plain")], {}),
        (
            "\r\nNode,Name,Vendor,Version\r\nPC01,Acme Gate,Acme,1.0\r\r\npc02.corp.example,\"Wall, the\",Acme,2\r\nPC03\r\n",
            "table",
            [("pc01", "Acme Gate", "Acme", "1.0", "plain"), ("pc02", "Wall, the", "Acme", "2", "plain")],
            {"row too short or too wide": 1},
        ),
        ("#TYPE X\nDisplayName;DisplayVersion;Publisher\nGate;1.0;Acme\n", "table", [("host", "Gate", "Acme", "1.0", "plain")], {}),
        ("\ufeffName\tVersion\nGate\t1.0\n".encode("utf-16"), "table", [("host", "Gate", "", "1.0", "plain")], {}),
    ],
)  # fmt: skip
def test_every_kind_is_read(
    tmp_path: Path, content: str | bytes, kind: str, programs: list[tuple[str, ...]], skipped: dict[str, int]
) -> None:
    found = _read(tmp_path, host__lst=content)
    assert (found.formats, _programs(found), found.skipped) == ((kind,), programs, skipped)


def test_what_is_told_and_what_is_listed_is_one_asset(tmp_path: Path) -> None:
    found = _read(tmp_path, assets__yml=ASSETS, web01__rpm=RPM, other__rpm=RPM)
    web, other = sorted(found.assets, key=lambda asset: asset.name, reverse=True)
    assert (web.name, web.criticality, web.exposed, [one.name for one in web.software]) == ("web01", 5, True, ["gate", "gate", "gate-lib"])
    assert (other.name, other.learnt, len(other.software)) == ("other", False, 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "none of"),
        (b"hello world\n", "none of"),
        (b'{"a": 1}', "none of"),
        (b'{"bomFormat": "CycloneDX", "components": 1}', "components"),
        (b"Source,Description,HotFixID,InstalledBy\nPC,Update,KB5000001,x\n", "hotfixes"),
        (b"\x1f\x8bxx", "packing is damaged"),
        (bytes(range(256)), "none of"),
    ],
)
def test_what_is_no_inventory_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _read(tmp_path, host__x=content)


def test_too_much_is_refused_and_too_long_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _read(tmp_path, host__csv="Name,Version\n" + "x" * 600 + ",1\nGate,1.0\n")
    assert (len(_programs(found)), found.skipped) == (1, {"a name or version that is too long": 1})
    monkeypatch.setattr(listed, "MOST_PROGRAMS", 1)
    with pytest.raises(ValueError, match="more than 1 programs"):
        _read(tmp_path, host__rpm=RPM)


@given(st.sampled_from([DPKG, RPM, WINGET, "Node,Name,Version\na,b,c\n"]), st.text(max_size=200))
def test_any_lines_after_a_good_beginning_are_read_or_counted(tmp_path_factory: pytest.TempPathFactory, good: str, more: str) -> None:
    found = _read(tmp_path_factory.mktemp("any"), host__lst=(good + "\n" + more).encode("utf-8", "replace"))
    assert sum(len(asset.software) for asset in found.assets) >= 1
