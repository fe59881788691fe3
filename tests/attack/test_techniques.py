"""The table is whole, and agrees with MITRE's bundle wherever both speak."""

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from watchkeeper.assets.compressed import read_whole
from watchkeeper.attack import TACTICS, Catalogue, current_id, parent, speaking, technique, version
from watchkeeper.attack.catalogue import Row
from watchkeeper.attack.stix import MOST_BYTES, read_bundle
from watchkeeper.content import document

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).parents[3] / "shared" / "data"))


def test_a_technique_tells_its_name_and_tactics() -> None:
    found = technique("t1003.001")
    assert found is not None
    assert (found.id, found.name, found.tactics) == ("T1003.001", "LSASS Memory", ("credential-access",))
    assert parent("T1003.001") == "T1003"
    assert parent("T1003") is None


@pytest.mark.parametrize(("old", "new"), [("T1086", "T1059.001"), ("T1562.001", "T1685"), ("T1070.001", "T1685.005")])
def test_a_replaced_id_leads_to_its_successor(old: str, new: str) -> None:
    assert current_id(old) == new
    found = technique(old)
    assert found is not None
    assert found.id == new


@pytest.mark.parametrize("nonsense", ["", "T9999", "S0002", "T1003.999", "<b>"])
def test_what_attack_does_not_have_is_none(nonsense: str) -> None:
    assert technique(nonsense) is None


def test_every_row_is_complete_and_every_parent_and_successor_lives() -> None:
    table = document("attack.yml")
    assert version()
    assert len(table["techniques"]) > 650
    for key in table["techniques"]:
        found = technique(key)
        assert found is not None
        assert re.fullmatch(r"T\d{4}(\.\d{3})?", key)
        assert found.name
        assert found.tactics
        assert set(found.tactics) <= set(TACTICS)
        above = parent(key)
        assert above is None or technique(above)
    for old, new in table["replaced"].items():
        assert old not in table["techniques"]
        assert new in table["techniques"]


def test_the_table_holds_every_live_technique_of_the_bundle() -> None:
    bundle = DATA / "attack" / "enterprise-attack.json.gz"
    if not bundle.exists():
        pytest.skip(f"{bundle} is absent; set WATCHKEEPER_DATA")
    for item in json.loads(gzip.decompress(bundle.read_bytes()))["objects"]:
        if item["type"] != "attack-pattern" or item.get("revoked") or item.get("x_mitre_deprecated"):
            continue
        key = next(ref["external_id"] for ref in item["external_references"] if ref["source_name"] == "mitre-attack")
        found = technique(key)
        assert found is not None, key
        if found.id == key:
            assert found.name == item["name"]


def _catalogue(version: str) -> Catalogue:
    rows = (
        Row("T1003.001", "Memory of LSASS", ("credential-access",)),
        Row("T9999", "New", ("defense-evasion",)),
        Row("T1562", "Old", ("impact",)),
    )
    return Catalogue(version, "", rows, {"T1001": "T9999", "T8888": "T9999"}, (), (), ())


@pytest.mark.parametrize(
    ("imported", "name", "spoken"), [("20.0", "Memory of LSASS", "20.0"), ("18.1", "LSASS Memory", "19"), ("", "LSASS Memory", "19")]
)
def test_the_newer_version_wins_an_id(imported: str, name: str, spoken: str) -> None:
    with speaking(_catalogue(imported)):
        found = technique("T1003.001")
        assert found is not None
        assert (found.name, version()) == (name, spoken)
    again = technique("T1003.001")
    assert again is not None
    assert (again.name, technique("T9999")) == ("LSASS Memory", None)


@pytest.mark.parametrize("imported", ["20", "3", ""])
def test_what_only_one_of_them_has_stays_known(imported: str) -> None:
    with speaking(_catalogue(imported)):
        new, ours = technique("T9999"), technique("T1685")
        assert new is not None
        assert ours is not None
        assert (new.tactics, ours.id, current_id("T8888")) == (("stealth",), "T1685", "T9999")


def test_an_id_that_the_newer_one_replaced_leads_on_though_the_older_one_has_it() -> None:
    with speaking(_catalogue("18")):
        assert (current_id("T1562"), current_id("T1001")) == ("T1685", "T1001")
    with speaking(_catalogue("20")):
        assert (current_id("T1562"), current_id("T1001")) == ("T1562", "T9999")


def test_no_id_of_the_built_in_table_gets_lost_by_the_published_bundle(data: Path) -> None:
    known = read_bundle(read_whole(data / "attack" / "enterprise-attack.json.gz", MOST_BYTES), "18.1").catalogue
    table = document("attack.yml")
    before = {key: technique(key) for key in (*table["techniques"], *table["replaced"])}
    with speaking(known):
        assert {key: technique(key) for key in before} == before
        assert all(technique(row.id) for row in known.techniques)
