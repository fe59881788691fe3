from datetime import timedelta
from typing import Any

from watchkeeper.tracing.processes import ACTOR, FILTERED, NEW, PARENT, Processes

WORD, SHELL = r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\whoami.exe"


def _security_start(made: Any, second: float, pid: int, image: str) -> Any:
    return made.windows("security", 4688, second, NewProcessId=hex(pid), NewProcessName=image, ProcessId="0x3e8", ParentProcessName=WORD)


def test_the_same_start_in_two_logs_is_one_process(made: Any) -> None:
    first = made.started(10, "{A-5}", SHELL, "{A-4}", WORD, "whoami")
    second = _security_start(made, 10.2, 1005, SHELL)
    processes = Processes([second, first])
    assert processes.named(first, ACTOR) == processes.named(second, NEW)


def test_a_log_without_guids_means_the_process_that_had_the_id_then(made: Any) -> None:
    early = made.started(10, "{A-5}", SHELL, "{A-4}", WORD, "one", ProcessId="77")
    late = made.started(500, "{A-6}", SHELL, "{A-4}", WORD, "two", ProcessId="77")
    processes = Processes([early, late])
    between = made.windows("security", 5156, 200, ProcessID="77", Application=r"\device\harddiskvolume1\windows\system32\whoami.exe")
    after = made.windows("security", 5156, 600, ProcessID="77", Application=r"\device\harddiskvolume1\windows\system32\whoami.exe")
    assert processes.named(between, FILTERED) == processes.named(early, ACTOR)
    assert processes.named(after, FILTERED) == processes.named(late, ACTOR)


def test_a_security_log_on_another_clock_is_joined_by_the_starts_both_record(made: Any) -> None:
    hours = 7 * 3600
    sysmon = [made.started(hours + 10 * turn, f"{{A-{turn + 5}}}", SHELL, "{A-4}", WORD, f"run {turn}") for turn in range(4)]
    security = [_security_start(made, 10 * turn, 1005 + turn, SHELL) for turn in range(4)]
    processes = Processes([*security, *sysmon])
    assert processes.offsets == {"ws7": timedelta(hours=7)}
    assert [processes.named(event, NEW) for event in security] == [processes.named(event, ACTOR) for event in sysmon]


def test_a_process_without_a_recorded_start_is_still_named(made: Any) -> None:
    child = made.started(10, "{A-5}", SHELL, "{A-4}", WORD, "whoami")
    parent = Processes([child]).named(child, PARENT)
    assert parent is not None
    assert (parent.label, parent.details["image"]) == ("cmd.exe", WORD)
    assert parent.key not in Processes([child]).creations
