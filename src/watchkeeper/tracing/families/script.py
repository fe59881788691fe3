"""PowerShell: which script ran. Owns these edges; its process is named where the event names one, else its host."""

from hashlib import sha256

from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Thing, text
from watchkeeper.tracing.families.pattern import Cast, Pattern, Patterns, this_host


def _script(event: Event, _: Cast) -> Thing | None:
    """Make the script: its path, or what it says where it has none."""
    content = text(event, "ScriptBlockText", "Payload", "HostApplication")
    name = text(event, "Path", "ScriptName") or " ".join(content.split())[:60]
    mark = sha256(content.encode()).hexdigest()[:16]
    return Thing(f"file|{event.host}|script:{mark}", "file", name, event.host, {"script": content[:500]}) if content else None


PATTERNS: Patterns = {
    "powershell 4104": (Pattern("ran", ("script.ran",), this_host, _script, about_target=True),),
    "powershell 4103": (Pattern("ran", ("script.called",), this_host, _script, about_target=True),),
    "powershell-classic 400": (Pattern("ran", ("powershell.started",), this_host, _script, about_target=True),),
}
