"""The table is whole, and agrees with MITRE's bundle wherever both speak."""

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from watchkeeper.attack import TACTICS, current_id, parent, technique, version
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
