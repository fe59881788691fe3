"""Hubs: things so ordinary or so connected that a path through them says nothing. Owns who they are."""

from collections.abc import Iterable

from watchkeeper.tracing.fact import Fact, Thing

_PARENTS = frozenset({
    "system", "smss.exe", "csrss.exe", "wininit.exe", "winlogon.exe", "services.exe", "svchost.exe", "lsass.exe",
    "explorer.exe", "userinit.exe",
    "taskhostw.exe", "taskeng.exe", "sihost.exe", "runtimebroker.exe", "dwm.exe", "fontdrvhost.exe", "searchindexer.exe", "msmpeng.exe",
    "spoolsv.exe", "systemd", "init", "launchd", "cron", "crond", "sshd", "dockerd", "containerd",
})  # fmt: skip
_CARRIERS = frozenset(
    {"msedge.exe", "chrome.exe", "firefox.exe", "iexplore.exe", "brave.exe", "opera.exe", "outlook.exe", "onedrive.exe", "teams.exe"}
)


_EVERYDAY = (
    "microsoft.com",
    "windowsupdate.com",
    "windows.com",
    "msftncsi.com",
    "msftconnecttest.com",
    "digicert.com",
    "office.com",
    "live.com",
)
"""Where every Windows host asks by itself: updates, certificates, the test whether it is online."""


def is_everyday(domain: str) -> bool:
    """Say whether a domain belongs to what every host asks for."""
    return domain.lower().rstrip(".").endswith(tuple(f".{known}" for known in _EVERYDAY)) or domain.lower() in _EVERYDAY


def is_hub(thing: Thing) -> bool:
    """Say whether a process does ordinary work for everybody: it is shown as a link of a chain, its other doings are not."""
    return thing.kind == "process" and thing.label.lower() in _PARENTS | _CARRIERS


def is_carrier(thing: Thing) -> bool:
    """Say whether a process brings things in from outside (a browser, a mail program): where a chain through it began."""
    return thing.kind == "process" and thing.label.lower() in _CARRIERS


def taken_over(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Give the keys of the processes that a program that is not ordinary injected itself into, each once: what they do is its doing."""
    return tuple(dict.fromkeys(fact.target.key for fact in facts if fact.kind == "injected" and not is_hub(fact.source)))
