import json
from pathlib import Path
from random import Random

import pytest

from watchkeeper.cyberrange import remote
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.program import program
from watchkeeper.cyberrange.remote import Errand, Way
from watchkeeper.cyberrange.world import build

LEFT = {
    "by_service": {4624, 4672, 5140, 5145, 7045, 13, 11, 1},
    "by_wmi": {4624, 4672, 1},
    "by_winrm": {4624, 4672, 1},
    "by_task": {4624, 4672, 5140, 5145, 4698, 11, 1},
    "by_desktop": {4624, 4672, 1, 5},
}


@pytest.mark.parametrize("way", remote.WAYS, ids=lambda way: way.__name__)
def test_a_way_leaves_its_traces_on_both_ends(way: Way, tmp_path: Path) -> None:
    world = build(6, 20, 3)
    person, other = world.company.staff("administration")[0], world.company.staff("helpdesk")[0]
    here, target = world.on(world.company.desk(other)), world.first("file-server")
    seat = Seat(here, here.boot["svchost"], here.logon(other, 1, elevated=False))
    there = way(world, seat, target, Errand(person, "cmd.exe /c whoami", "Tidy", program("C:\\Windows\\tidy.exe")), 600.0)
    world.journal.write(tmp_path, Random(1))
    events = [json.loads(line) for line in (tmp_path / f"evidence/windows/{target.host.name.lower()}.ndjson").read_bytes().splitlines()]
    assert LEFT[way.__name__] <= {event["EventID"] for event in events}
    logon = next(event for event in events if event["EventID"] == 4624)
    assert (logon["TargetUserName"], logon["IpAddress"]) == (person.account, here.host.address)
    assert there.machine is target
    source = [json.loads(line) for line in (tmp_path / f"evidence/windows/{here.host.name.lower()}.ndjson").read_bytes().splitlines()]
    assert {4648, 3} <= {event["EventID"] for event in source}
    ports = {event["SourcePort"] for event in source if event["EventID"] == 3}
    assert logon["IpPort"] in {*ports, "0"}
