"""An intrusion is found, its outside address blocked, checked and reported with nobody there; the whole exam is `make bench-autopilot`."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from autopilot_scene import Day, Edge

from autopilot import scene, windows


class Few(Day):
    """A day of four events."""

    def lines(self):
        yield from ((float(at), "windows", b"%d" % at) for at in (10, 100, 114, 116))


def test_windows_begin_with_all_that_was_before_the_first_malicious_event() -> None:
    day = Few(Path(), datetime.fromtimestamp(100, UTC), ())
    found = {end: [line for _, line in events] for end, events in windows(day) if events}
    assert found == {0.0: [b"10"], 15.0: [b"100", b"114"], 30.0: [b"116"]}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("nft"), reason="needs root, nftables and network namespaces")
def test_an_intrusion_is_answered_with_nobody_there(tmp_path: Path) -> None:
    with Edge() as edge:
        found = scene("phishing-ransomware", 100, edge, tmp_path)
    assert found["reached_before"]
    assert found["event_seconds"] is not None
    assert found["event_seconds"] < 60
    assert not found["reached_after"]
    assert found["reported"]
    assert (found["to_benign_hosts"], found["to_crown"], found["other_addresses"]) == ([], [], [])
    assert [one.split()[0] for one in found["done"]] == ["block_address"]
