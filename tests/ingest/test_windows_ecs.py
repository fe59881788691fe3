from watchkeeper.ingest.windows_ecs import at, from_ecs
from watchkeeper.ingest.windows_event import Fields

RECORD = {
    "process": {"executable": "C:\\a.exe", "command_line": "a -x", "parent": {"pid": 7}, "hash": {"md5": "aa", "sha1": "bb"}},
    "user": {"name": "anna", "domain": "CORP"},
    "file": {"path": "C:\\b.dll"},
    "destination.port": 443,
}


def test_a_value_is_found_nested_or_by_its_dotted_name() -> None:
    assert at(RECORD, "process.parent.pid") == 7
    assert at(RECORD, "destination.port") == 443
    assert at(RECORD, "process.executable.deeper") is None


def test_sysmon_gets_its_names_and_keeps_its_own_values() -> None:
    fields: Fields = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": "7", "CommandLine": "its own"}
    from_ecs(RECORD, fields)
    assert fields["Image"] == "C:\\a.exe"
    assert fields["CommandLine"] == "its own"
    assert fields["ParentProcessId"] == "7"
    assert fields["User"] == "CORP\\anna"
    assert fields["ImageLoaded"] == "C:\\b.dll"
    assert fields["Hashes"] == "MD5=AA,SHA1=BB"
    assert fields["DestinationPort"] == "443"


def test_security_gets_its_own_names() -> None:
    fields: Fields = {"Channel": "Security", "EventID": "4688"}
    from_ecs(RECORD, fields)
    assert fields == {"Channel": "Security", "EventID": "4688", "NewProcessName": "C:\\a.exe", "CommandLine": "a -x"}


def test_an_event_with_two_ids_goes_by_the_first() -> None:
    fields: Fields = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": ["7", "8"]}
    from_ecs(RECORD, fields)
    assert fields["ImageLoaded"] == "C:\\b.dll"
