from collections import defaultdict
from collections.abc import Callable

import pytest

from watchkeeper.cyberrange import SCENARIOS

BOOTED = {
    "services.exe",
    "svchost.exe",
    "lsass.exe",
    "winlogon.exe",
    "wininit.exe",
    "spoolsv.exe",
    "msmpeng.exe",
    "fleetwardagent.exe",
    "dns.exe",
    "w3wp.exe",
    "tomcat9.exe",
    "sqlservr.exe",
    "system",
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_process_has_a_parent_that_ran_before_it(scenario: str, day: Callable) -> None:
    born: dict[tuple[str, str], dict] = {}
    for name, record in day(scenario).windows(1):
        parent = born.get((name, record["ParentProcessGuid"]))
        if parent is None:
            assert record["ParentImage"].rpartition("\\")[2].lower() in BOOTED, record["ParentImage"]
        else:
            assert (parent["ProcessId"], parent["Image"], parent["CommandLine"]) == (
                record["ParentProcessId"],
                record["ParentImage"],
                record["ParentCommandLine"],
            )
        born[name, record["ProcessGuid"]] = record
    assert len(born) > 500


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_a_process_does_carries_its_own_id_image_and_user(scenario: str, day: Callable) -> None:
    born = {(name, record["ProcessGuid"]): record for name, record in day(scenario).windows(1)}
    seen = 0
    for name, record in day(scenario).windows(3, 5, 7, 11, 13, 22, 23):
        process = born.get((name, record["ProcessGuid"]))
        if process:
            seen += 1
            assert (record["ProcessId"], record["Image"], record["User"]) == (process["ProcessId"], process["Image"], process["User"])
            assert record["@timestamp"] >= process["@timestamp"]
    assert seen > 1000


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_who_runs_a_process_has_logged_on_there(scenario: str, day: Callable) -> None:
    logons = {(name, record["TargetLogonId"]): record for name, record in day(scenario).windows(4624)}
    for name, record in day(scenario).windows(1):
        if record["User"].startswith(("NT ", "IIS ")):
            continue
        logon = logons[name, record["LogonId"]]
        assert record["LogonGuid"] == logon["LogonGuid"]
        assert record["User"] == f"{logon['TargetDomainName']}\\{logon['TargetUserName']}"


def test_a_binary_has_one_hash_wherever_it_runs(day: Callable) -> None:
    hashes = defaultdict(set)
    for _, record in day("none").windows(1):
        hashes[record["Image"], record["OriginalFileName"]].add(record["Hashes"])
    assert len({next(iter(values)) for values in hashes.values()}) > 40
    assert all(len(values) == 1 for values in hashes.values())


def test_record_numbers_rise_by_channel(day: Callable) -> None:
    for name, records in day("none").records.items():
        numbers = defaultdict(list)
        for record in records if name.startswith("windows/") else ():
            numbers[record["Channel"]].append(record["RecordNumber"])
        assert all(run == list(range(run[0], run[0] + len(run))) for run in numbers.values())
