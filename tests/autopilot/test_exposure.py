"""Lists are the given or the installed ones, and a case says who was seen with the outside."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.autopilot.content_folder import Origin, incoming, put_in_force
from watchkeeper.autopilot.exposure import exposure, listed, seen_outside
from watchkeeper.lake import Keeper
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

KEV = "cveID,vendorProject,product\nCVE-2099-0001,Acme,Gate\n"
ASSETS = 'assets: [{name: web01, software: [{name: Gate, vendor: Acme, version: "1.0"}]}, {name: web02}]\n'
CONNECTION = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="3")


def _case(tmp_path: Path, **addresses: str) -> Path:
    """Keep one connection of each host."""
    count = len(addresses)
    reserved = {
        "_id": [f"{n:032x}" for n in range(count)],
        "_time": [datetime(2026, 5, 1, tzinfo=UTC)] * count,
        "_host": list(addresses),
        "_source": ["x"] * count,
        "_row": list(range(count)),
        "_raw": [b"{}"] * count,
    }
    columns = {name: pa.array(reserved[name], RESERVED.field(name).type) for name in RESERVED.names}
    table = pa.table({**columns, "DestinationIp": pa.array(list(addresses.values()))})
    keeper = Keeper(tmp_path / "case" / "events")
    keeper.add(Batch(CONNECTION, table))
    keeper.flush()
    return tmp_path / "case"


def test_installed_lists_are_used_unless_others_are_given(tmp_path: Path) -> None:
    (tmp_path / "assets.yml").write_text(ASSETS, "utf-8")
    folder = tmp_path / "rules"
    with pytest.raises(ValueError, match="no list of vulnerabilities"):
        exposure([tmp_path / "assets.yml"], listed(folder))
    filled = incoming(folder) / "filled"
    (filled / "kev" / "cisa").mkdir(parents=True)
    (filled / "kev" / "cisa" / "kev.csv").write_text(KEV, "utf-8")
    put_in_force(folder, filled, {"kev": Origin("a.zip", "a" * 64, datetime(2026, 5, 1, tzinfo=UTC))})
    done = exposure([tmp_path / "assets.yml"], listed(folder))
    assert [(one.cve, one.is_exploited) for one in done.exposure.findings] == [("CVE-2099-0001", True)]
    (tmp_path / "other.csv").write_text(KEV.replace("0001", "0002"), "utf-8")
    done = exposure([tmp_path / "assets.yml"], listed(folder, kev=[tmp_path / "other.csv"]))
    assert [one.cve for one in done.exposure.findings] == ["CVE-2099-0002"]


def test_a_case_says_who_was_seen_with_the_outside(tmp_path: Path) -> None:
    case = _case(tmp_path, web01="8.8.8.8", web02="10.0.0.1")
    assert seen_outside(case, ["web01", "web02", "web03"]) == {"web01"}
    (tmp_path / "assets.yml").write_text(ASSETS, "utf-8")
    (tmp_path / "kev.csv").write_text(KEV, "utf-8")
    done = exposure([tmp_path / "assets.yml"], listed(tmp_path, kev=[tmp_path / "kev.csv"]), case)
    assert done.exposure.findings[0].is_reachable


def test_what_is_no_case_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is no case"):
        seen_outside(tmp_path, ["web01"])
