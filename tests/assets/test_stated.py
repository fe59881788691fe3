"""Which events state several names of one account."""

import pyarrow as pa
import pytest

from watchkeeper.assets.stated import statements
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource

SYSMON = "Microsoft-Windows-Sysmon/Operational"
JANE = "S-1-5-21-1-2-3-1105"


def stated(product: str, service: str, event_type: str, *rows: dict[str, object]) -> list[tuple[str, str, str, str]]:
    source = LogSource(product=product, service=service, event_type=event_type)
    return list(statements(Batch(source, pa.Table.from_pylist(list(rows)))))


@pytest.mark.parametrize(
    ("source", "row", "keys"),
    [
        (
            ("windows", "Security", "4624"),
            {"TargetUserSid": JANE, "TargetDomainName": "CORP.EXAMPLE", "TargetUserName": "JDoe", "SubjectUserSid": "S-1-5-18"},
            [("sid", JANE.lower(), "corp", "jdoe")],
        ),
        (
            ("windows", "security", "4672"),
            {"SubjectUserSid": JANE, "SubjectDomainName": "CORP", "SubjectUserName": "JDoe"},
            [("sid", JANE.lower(), "corp", "jdoe")],
        ),
        (
            ("windows", "Security", "4720"),
            {"TargetSid": JANE, "TargetDomainName": "CORP", "TargetUserName": "JDoe", "UserPrincipalName": "Jane.Doe@corp.example"},
            [("sid", JANE.lower(), "corp", "jdoe"), ("upn", "jane.doe@corp.example", "corp", "jdoe")],
        ),
        (("windows", SYSMON, "1"), {"User": r"CORP\JDoe"}, [("", "", "corp", "jdoe")]),
        (
            ("windows", "Microsoft-Windows-PowerShell/Operational", "4103"),
            {"UserID": JANE, "Domain": "CORP", "AccountName": "jdoe"},
            [("sid", JANE.lower(), "corp", "jdoe")],
        ),
        (
            ("m365", "DeviceLogonEvents", ""),
            {"AccountSid": JANE, "AccountDomain": "corp", "AccountName": "jdoe", "AccountUpn": "jane@corp.example"},
            [("sid", JANE.lower(), "corp", "jdoe"), ("upn", "jane@corp.example", "corp", "jdoe")],
        ),
        (
            ("endpoint", "", ""),
            {"user.id": JANE, "user.domain": "CORP", "user.name": "jdoe"},
            [("sid", JANE.lower(), "corp", "jdoe")],
        ),
    ],
)
def test_an_event_states_an_account(source: tuple[str, str, str], row: dict[str, object], keys: list[tuple[str, str, str, str]]) -> None:
    assert stated(*source, row, row) == keys


def test_an_event_says_on_which_host_an_account_was_seen() -> None:
    assert stated("windows", SYSMON, "1", {"User": r"CORP\JDoe", "_host": "ws1"}, {"User": r"CORP\JDoe", "_host": "ws2"}) == [
        ("", "", "corp", "jdoe"),
        ("host", "ws1", "corp", "jdoe"),
        ("", "", "corp", "jdoe"),
        ("host", "ws2", "corp", "jdoe"),
    ]


@pytest.mark.parametrize(
    ("source", "row"),
    [
        (("windows", "Security", "4625"), {"TargetUserSid": "S-1-0-0", "TargetDomainName": "TYPED", "TargetUserName": "admin"}),
        (("windows", "Security", "4624"), {"TargetUserSid": JANE, "TargetDomainName": "CORP", "TargetUserName": "WS1$"}),
        (("windows", "Security", "4624"), {"TargetUserSid": JANE, "TargetDomainName": "-", "TargetUserName": "jane"}),
        (("windows", "Security", "4624"), {"TargetUserSid": "S-1-5-18", "TargetDomainName": "NT AUTHORITY", "TargetUserName": "SYSTEM"}),
        (("windows", "Security", "4732"), {"TargetSid": JANE, "TargetDomainName": "CORP", "TargetUserName": "Some Group"}),
        (("windows", "Security", "4648"), {"TargetDomainName": "CORP", "TargetUserName": "jane"}),
        (("windows", "Security", "4624"), {"TargetUserSid": [JANE], "TargetDomainName": "CORP", "TargetUserName": "jane"}),
        (("windows", "Security", "4624"), {"TargetUserSid": JANE, "TargetDomainName": "CORP", "TargetUserName": "j" * 300}),
        (("windows", SYSMON, "1"), {"User": r"NT AUTHORITY\SYSTEM"}),
        (("windows", SYSMON, "1"), {"User": None}),
        (("linux", "auditd", ""), {"User": "jane"}),
    ],
)
def test_other_events_state_nothing(source: tuple[str, str, str], row: dict[str, object]) -> None:
    assert stated(*source, row) == []
