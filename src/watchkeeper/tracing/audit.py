"""Audit: the records of one Linux audit event, which auditd writes one by one. Owns joining them by host, time and number.

Source: Linux audit project, "SPEC Audit Event Parsing": records with the same time and serial are one event.
"""

from collections import defaultdict
from collections.abc import Iterable

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import text

CALLS = frozenset({"auditd", "auditd SYSCALL", "auditd AUOMS_SYSCALL", "auditd AUOMS_EXECVE"})
"""Records that say which process called the kernel; Laurel's and auoms' hold the others' fields too."""
_SESSIONS = frozenset({"auditd USER_LOGIN", "auditd USER_START", "auditd LOGIN", "auditd CRED_ACQ", "auditd USER_ACCT"})
_EXECUTES = frozenset({"59", "322", "11", "358", "221", "281", "execve", "execveat"})
"""The calls that start a program, by name and by their numbers on x86-64, x86 and arm64."""
_UNSET = frozenset({"4294967295", "-1", "unset", "(unset)", "unknown", "(none)", "?"})
_MOST_ARGUMENTS = 64
_Number = tuple[str, str, str]


def executes(event: Event) -> bool:
    """Say whether a record is of a call that started a program."""
    return text(event, "syscall") in _EXECUTES and text(event, "success") not in {"no", "false"}


class Audit:
    """The records among some events, joined."""

    def __init__(self, events: Iterable[Event]) -> None:
        """Join the records by host, time and number, and learn whose session each number is."""
        self._calls: dict[_Number, Event] = {}
        self._parts: dict[_Number, list[Event]] = defaultdict(list)
        self._people: dict[tuple[str, str], str] = {}
        for event in events:
            kind = origin(event.logsource)
            if kind in CALLS:
                self._calls.setdefault(_number(event), event)
            elif kind.startswith("auditd "):
                self._parts[_number(event)].append(event)
            if kind in _SESSIONS and _known(text(event, "ses")) and _known(text(event, "acct", "id")):
                self._people.setdefault((event.host, text(event, "ses")), text(event, "acct", "id"))

    def call(self, event: Event) -> Event | None:
        """Give the record that says which process it was; none if that is not in the record."""
        return event if origin(event.logsource) in CALLS else self._calls.get(_number(event))

    def command(self, call: Event) -> str:
        """Give the whole command line of a call that started a program, from whichever record has it."""
        own = text(call, "cmdline", "proctitle")
        parts = self._parts.get(_number(call), ())
        lines = (_arguments(part) for part in parts if origin(part.logsource) == "auditd EXECVE")
        titles = (text(part, "proctitle") for part in parts if origin(part.logsource) == "auditd PROCTITLE")
        return own or next(filter(None, (*lines, *titles)), "")

    def directory(self, call: Event) -> str:
        """Give the folder the process worked in."""
        return text(call, "cwd") or next((text(part, "cwd") for part in self._parts.get(_number(call), ()) if text(part, "cwd")), "")

    def person(self, event: Event) -> str:
        """Give who logged on in whose session it was: by the session's own records, else as the record says; empty if nobody did."""
        known = self._people.get((event.host, text(event, "ses")), "")
        said = text(event, "AUID", "audit_user", "auid")
        return known or (said if _known(said) else "")


def _number(event: Event) -> _Number:
    return event.host, text(event, "audit_time") or str(event.time), text(event, "audit_serial", "event_id")


def _known(value: str) -> bool:
    return bool(value) and value.lower() not in _UNSET


def _arguments(part: Event) -> str:
    found = (text(part, f"a{place}") for place in range(_MOST_ARGUMENTS))
    return " ".join(argument for argument in found if argument)
