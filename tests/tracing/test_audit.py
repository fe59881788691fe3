"""Records of one audit event, written one by one, belong together; those of another do not."""

from datetime import UTC, datetime

from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.tracing.audit import Audit, executes

CALL = {"syscall": "59", "success": "yes", "pid": "7", "ppid": "6", "exe": "/usr/bin/cat", "ses": "4", "auid": "1000"}


def record(kind: str, serial: str = "9", host: str = "web1", **fields: str) -> Event:
    source = LogSource(product="linux", service="auditd", event_type=kind)
    native = {"audit_serial": serial, "audit_time": "1709629200.5"} | fields
    return Event(
        id=f"{kind}{serial}{host}", time=datetime(2024, 3, 5, 9, tzinfo=UTC), host=host, source="a", row=0, logsource=source,
        fields=dict(native),
    )  # fmt: skip


def test_a_call_has_the_command_and_the_folder_that_its_other_records_name() -> None:
    call = record("SYSCALL", **CALL)
    parts = [record("EXECVE", a0="cat", a1="/etc/shadow"), record("CWD", cwd="/srv"), record("EXECVE", "10", a0="id")]
    audit = Audit([*parts, call])
    assert (audit.command(call), audit.directory(call)) == ("cat /etc/shadow", "/srv")
    assert audit.call(parts[0]) == call
    assert audit.call(parts[2]) is None
    assert audit.call(record("EXECVE", host="web2", a0="cat")) is None


def test_a_session_is_the_person_s_who_logged_on_in_it() -> None:
    call = record("SYSCALL", **CALL)
    logon = record("USER_START", "3", ses="4", acct="eva")
    assert Audit([call, logon]).person(call) == "eva"
    assert Audit([call]).person(call) == "1000"
    assert Audit([call]).person(record("SYSCALL", **(CALL | {"auid": "4294967295", "ses": "4294967295"}))) == ""


def test_only_a_call_that_ran_a_program_is_a_start() -> None:
    assert executes(record("SYSCALL", **CALL))
    assert not executes(record("SYSCALL", **(CALL | {"success": "no"})))
    assert not executes(record("SYSCALL", **(CALL | {"syscall": "257"})))
