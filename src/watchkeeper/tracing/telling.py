"""Telling: which edges say something. Owns leaving out what every process does to every other."""

from collections.abc import Container, Mapping

from watchkeeper.evidence.naming import number, short
from watchkeeper.tracing.alerted import Alerts
from watchkeeper.tracing.fact import Fact, text
from watchkeeper.tracing.hubs import is_everyday, is_hub

_WRITES = 0x0002 | 0x0008 | 0x0020
"""Rights to make a thread in another process, or to write its memory. Source: Microsoft Learn, "Process Security and Access Rights"."""
_READS = 0x0010
_EVERYDAY: Mapping[str, tuple[str, ...]] = {
    "registry": (
        "\\services\\bam\\", "\\muicache", "\\securityproviders\\schannel", "\\services\\tcpip\\parameters", "\\internet settings\\",
        "\\notifications\\data\\", "\\shell\\bags", "\\systemcertificates", "\\userassist\\", "\\explorer\\sessioninfo\\",
    ),
    "file": ("<anonymous pipe>", "\\wkssvc", "__psscriptpolicytest_", "\\usagelogs\\", "\\prefetch\\", "startupprofiledata"),
}  # fmt: skip
"""What Windows itself keeps about any program that runs, in lower case."""


def is_telling(fact: Fact, alerted: Alerts, taken_over: Container[str] = ()) -> bool:
    """Say whether an edge is worth following: signalled, or not of a kind that any process shows towards any other.

    `taken_over` are keys of processes that another one injected itself into: what they do is no longer ordinary.
    """
    if fact.event.id in alerted:
        return True
    if fact.kind == "opened":
        return _handle_tells(fact, is_ordinary=is_hub(fact.source) and fact.source.key not in taken_over)
    if fact.kind == "asked":
        return not is_everyday(fact.target.label)
    path = fact.target.details.get("path", "").lower()
    return not any(known in path for known in _EVERYDAY.get(fact.target.kind, ()))


def _handle_tells(fact: Fact, *, is_ordinary: bool) -> bool:
    """Hold an open handle for telling if a foreign program may change another process, or anything but the system may read lsass."""
    rights = number(text(fact.event, "GrantedAccess", "AccessMask")) or 0
    if is_ordinary:
        return False
    if fact.target.label.lower() == "lsass.exe":
        return bool(rights & (_READS | _WRITES))
    image = fact.source.details.get("image", "")
    return short(image) == image and rights & _WRITES == _WRITES and is_hub(fact.target)
