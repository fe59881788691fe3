"""Roles: what in which event shows which role of which predicate. Owns reading them; the table stands in `predicates.py`."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from watchkeeper.evidence.predicates import ANY, ATTRIBUTE, BY_CLASS, CONDITIONS, MANY, TABLE, Condition, Shape
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import Reading

_LOGS: Mapping[str, str] = MappingProxyType(
    {
        "microsoft-windows-sysmon/operational": "sysmon",
        "microsoft-windows-powershell/operational": "powershell",
        "powershellcore/operational": "powershell",
        "windows powershell": "powershell-classic",
        "microsoft-windows-windows defender/operational": "defender",
        "microsoft-windows-wmi-activity/operational": "wmi",
        "microsoft-windows-taskscheduler/operational": "taskscheduler",
        "microsoft-windows-terminalservices-remoteconnectionmanager/operational": "terminal",
        "microsoft-windows-terminalservices-localsessionmanager/operational": "sessions",
        "security": "security",
        "system": "system",
    }
)
_BLANK = frozenset({"", "-", "(null)", "n/a"})


def origin(logsource: LogSource) -> str:
    """Name the kind of event briefly, such as `sysmon 1`, `zeek conn`, `auditd SYSCALL`: the table's key."""
    return _origin(logsource.product, logsource.service, logsource.event_type)


@lru_cache(maxsize=4_096)
def _origin(product: str, service: str, event_type: str) -> str:
    product, service = product.lower(), service.lower()
    if service == "alerts":
        return "alerts"
    if product in {"zeek", "suricata"}:
        return f"{product} {service}"
    return f"{_LOGS.get(service, service or product)} {event_type}".strip()


def predicates() -> tuple[str, ...]:
    """Name every predicate that can be checked."""
    return tuple(TABLE)


def reading(event: Event) -> Reading:
    """Give an event as the schema sees it."""
    return Reading(event.logsource, event.fields, event.host)


def shape(predicate: str, event: Event) -> Shape | None:
    """Give role to place for this predicate in such an event; none if such an event cannot show it."""
    stem = predicate.removesuffix(MANY)
    shapes = TABLE.get(stem)
    if shapes is None:
        return None
    found = shapes.get(origin(event.logsource))
    if found is None and stem in BY_CLASS:
        found = next((shapes[kind] for kind in _classes(event) if kind in shapes), None)
    return shapes.get(ANY) if found is None else found


def against(predicate: str, event: Event) -> Condition | None:
    """Give the condition of this predicate that the event does not meet; none if it meets all."""
    conditions = CONDITIONS.get((predicate.removesuffix(MANY), origin(event.logsource)), ())
    return next((one for one in conditions if one.is_held != any(text.lower() in one.values for text in values(event, one.field))), None)


def _classes(event: Event) -> Iterator[str]:
    """Yield the schema's names for this kind of event: its class with the activity, with the outcome, and alone."""
    seen = reading(event)
    yield f"{seen.class_name}, {seen.text('activity_name')}"
    yield f"{seen.class_name}, {outcome(seen)}"
    yield seen.class_name


def outcome(seen: Reading) -> str:
    """Say how what an event tells of ended: `succeeded`, `failed`, or `unknown` where the event does not say."""
    said = next(filter(None, (seen.text(path) for path in ("disposition", "action", "status"))), "")
    return "failed" if said in _REFUSED else "succeeded" if said in _DONE else "unknown"


_REFUSED = frozenset({"Failure", "Denied", "Blocked", "Dropped", "Rejected", "Quarantined", "Deleted", "Reset", "Unauthorized"})
_DONE = frozenset({"Success", "Allowed", "Approved"})


def values(event: Event, place: str) -> tuple[str, ...]:
    """Give what an event has in a place, as it stands there; none if the event says nothing there."""
    if place.startswith(ATTRIBUTE):
        seen = reading(event)
        paths = place.removeprefix(ATTRIBUTE).split("|")
        return next(filter(None, (tuple(filter(_speaks, seen.texts(path))) for path in paths)), ())
    found = event.fields.get(place, ())
    return tuple(filter(_speaks, (found,) if isinstance(found, str) else found))


def _speaks(text: str) -> bool:
    return text.strip().lower() not in _BLANK


def arguments(predicate: str, event: Event) -> dict[str, str] | None:
    """Read every role of a predicate out of one event, as the event writes it; none if the event does not show all of them."""
    wanted = shape(predicate, event)
    if wanted is None or against(predicate, event):
        return None
    found = {role: values(event, field) for role, field in wanted.items()}
    return {role: texts[0] for role, texts in found.items()} if all(found.values()) else None
