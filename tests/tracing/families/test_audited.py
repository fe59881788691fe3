"""What the records of Linux audit show together: starts with commands, sessions, files."""

from datetime import UTC, datetime

from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.fact import Fact
from watchkeeper.tracing.families import facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.processes import Processes


def record(kind: str, serial: str, second: int = 0, **fields: str) -> Event:
    source = LogSource(product="linux", service="auditd", event_type=kind)
    native = {"audit_serial": serial, "audit_time": f"1709629200.{serial}"} | fields
    time = datetime(2024, 3, 5, 9, 0, second, tzinfo=UTC)
    return Event(id=f"{kind}{serial}", time=time, host="web1", source="a", row=0, logsource=source, fields=dict(native))


def call(serial: str, second: int, pid: str, ppid: str, exe: str, syscall: str = "59") -> Event:
    return record("SYSCALL", serial, second, syscall=syscall, success="yes", pid=pid, ppid=ppid, exe=exe, ses="4", auid="1000")


def shown(*events: Event) -> list[Fact]:
    return list(facts(events, Cast(Processes(events), Addresses(()))))


def test_a_start_a_session_and_a_file_of_one_process_hang_together() -> None:
    events = [
        record("USER_START", "1", ses="4", acct="eva", addr="198.51.100.4", res="success"),
        call("2", 1, "7", "6", "/usr/bin/bash"), record("EXECVE", "2", 1, a0="bash", a1="-i"),
        call("3", 2, "8", "7", "/home/eva/x"), record("PROCTITLE", "3", 2, proctitle="/home/eva/x --all"),
        call("4", 3, "8", "7", "/home/eva/x", "257"), record("CWD", "4", 3, cwd="/srv/www"),
        record("PATH", "4", 3, name="shell.php", nametype="CREATE"), record("PATH", "4", 3, name="/srv/www/log", nametype="DELETE"),
    ]  # fmt: skip
    found = shown(*events)
    edges = {(fact.source.label, fact.kind, fact.target.label) for fact in found}
    assert {("198.51.100.4", "logged-on", "eva"), ("eva", "owned", "bash"), ("bash", "started", "x"), ("x", "wrote", "shell.php")} <= edges
    assert ("x", "deleted", "log") in edges
    assert ("x", "became", "x") in edges
    (written,) = (fact.target for fact in found if fact.kind == "wrote")
    assert written.details["path"] == "/srv/www/shell.php"
    session = {fact.target.key for fact in found if fact.kind == "logged-on"}
    assert session == {fact.source.key for fact in found if fact.kind == "owned"}


def test_the_record_with_the_command_says_it_and_is_about_the_process() -> None:
    found = shown(call("2", 1, "7", "6", "/usr/bin/cat"), record("EXECVE", "2", 1, a0="cat", a1="/etc/shadow"))
    said = [(fact.predicate, fact.arguments) for fact in found if fact.predicate]
    assert said == [("process.called", {"command": "cat /etc/shadow"})]
    assert all(fact.about_target for fact in found)
    assert {fact.target.details["command"] for fact in found if fact.kind == "started"} == {"cat /etc/shadow"}


def test_a_call_that_starts_nothing_is_no_start_and_names_the_running_process() -> None:
    found = shown(call("2", 1, "7", "6", "/usr/bin/bash"), call("3", 2, "7", "6", "/usr/bin/bash", "257"))
    assert len({fact.target.key for fact in found}) == 1
    assert [fact.kind for fact in found].count("started") == 1
