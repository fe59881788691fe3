"""Roles: which native field of which event shows which role of which predicate. Owns reading them; the table stands in `predicates.py`."""

from collections.abc import Mapping
from types import MappingProxyType

from watchkeeper.evidence.predicates import ANY, CONDITIONS, MANY, TABLE, Condition, Shape
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource

_LOGS: Mapping[str, str] = MappingProxyType(
    {
        "microsoft-windows-sysmon/operational": "sysmon",
        "microsoft-windows-powershell/operational": "powershell",
        "powershellcore/operational": "powershell",
        "windows powershell": "powershell-classic",
        "microsoft-windows-windows defender/operational": "defender",
        "microsoft-windows-wmi-activity/operational": "wmi",
        "microsoft-windows-taskscheduler/operational": "taskscheduler",
        "security": "security",
        "system": "system",
    }
)
_BLANK = frozenset({"", "-", "(null)", "n/a"})


def origin(logsource: LogSource) -> str:
    """Name the kind of event briefly, such as `sysmon 1`, `zeek conn`, `auditd SYSCALL`: the table's key."""
    product, service = logsource.product.lower(), logsource.service.lower()
    if service == "alerts":
        return "alerts"
    if product in {"zeek", "suricata"}:
        return f"{product} {service}"
    return f"{_LOGS.get(service, service or product)} {logsource.event_type}".strip()


def predicates() -> tuple[str, ...]:
    """Name every predicate that can be checked."""
    return tuple(TABLE)


def shape(predicate: str, event: Event) -> Shape | None:
    """Give role to native field for this predicate in such an event; none if such an event cannot show it."""
    shapes = TABLE.get(predicate.removesuffix(MANY))
    return shapes.get(origin(event.logsource), shapes.get(ANY)) if shapes else None


def against(predicate: str, event: Event) -> Condition | None:
    """Give the condition of this predicate that the event does not meet; none if it meets all."""
    conditions = CONDITIONS.get((predicate.removesuffix(MANY), origin(event.logsource)), ())
    return next((one for one in conditions if one.is_held != any(text.lower() in one.values for text in values(event, one.field))), None)


def values(event: Event, field: str) -> tuple[str, ...]:
    """Give a field's values as the event has them; none if it lacks the field or says nothing in it."""
    found = event.fields.get(field, ())
    texts = (found,) if isinstance(found, str) else found
    return tuple(text for text in texts if text.strip().lower() not in _BLANK)


def arguments(predicate: str, event: Event) -> dict[str, str] | None:
    """Read every role of a predicate out of one event, as the event writes it; none if the event does not show all of them."""
    wanted = shape(predicate, event)
    if wanted is None or against(predicate, event):
        return None
    found = {role: values(event, field) for role, field in wanted.items()}
    return {role: texts[0] for role, texts in found.items()} if all(found.values()) else None
