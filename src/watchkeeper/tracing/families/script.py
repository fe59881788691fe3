"""PowerShell: which script ran. Owns these edges; its process is named where the event names one, else its host."""

from hashlib import sha256

from watchkeeper.evidence.naming import number
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Thing, text
from watchkeeper.tracing.families.pattern import Cast, Pattern, Patterns, this_host
from watchkeeper.tracing.processes import WRITER


def _script(event: Event, _: Cast) -> Thing | None:
    """Make the script: its path, or what it says where it has none."""
    content = text(event, "ScriptBlockText", "Payload", "HostApplication")
    name = text(event, "Path", "ScriptName") or " ".join(content.split())[:60]
    mark = sha256(content.encode()).hexdigest()[:16]
    return Thing(f"file|{event.host}|script:{mark}", "file", name, event.host, {"script": content[:500]}) if content else None


def _interpreter(event: Event, cast: Cast) -> Thing | None:
    """Make the process whose script engine wrote the event."""
    return cast.processes.writer(event, "PowerShell")


def _is_nameless(event: Event) -> bool:
    return number(text(event, WRITER.pid)) is None


def _ran(predicate: str) -> tuple[Pattern, ...]:
    """Make the edge from the process, or from the host where the event names no process."""
    return (
        Pattern("ran", (predicate,), _interpreter, _script),
        Pattern("ran", (predicate,), this_host, _script, about_target=True, when=_is_nameless),
    )


PATTERNS: Patterns = {
    "powershell 4104": _ran("script.ran"),
    "powershell 4103": _ran("script.called"),
    "powershell-classic 400": (Pattern("ran", ("powershell.started",), this_host, _script, about_target=True),),
}
