"""Cloud audit logs: which identity called what from where. Owns these edges."""

from watchkeeper.model.event import Event
from watchkeeper.tracing.families.pattern import Maker, Pattern, Patterns, outside, place, user

_DID = ("cloud.called", "cloud.did")


def _anyone(event: Event) -> bool:
    return bool(event.fields)


def _edges(who: Maker, what: Maker, where: Maker) -> tuple[Pattern, ...]:
    return (Pattern("called", _DID, who, what, when=_anyone), Pattern("came-as", (), where, who, about_target=True))


PATTERNS: Patterns = {
    "cloudtrail": _edges(user("userIdentity.arn"), outside("cloud", "eventName"), place("sourceIPAddress")),
    "audit": _edges(user("UserId"), outside("cloud", "Operation"), place("ClientIP")),
}
