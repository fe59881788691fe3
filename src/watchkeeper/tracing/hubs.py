"""Hubs: things so ordinary or so connected that a path through them says nothing. Owns who they are."""

from watchkeeper.tracing.fact import Thing

_PARENTS = frozenset({
    "system", "smss.exe", "csrss.exe", "wininit.exe", "winlogon.exe", "services.exe", "svchost.exe", "lsass.exe",
    "explorer.exe", "userinit.exe",
    "taskhostw.exe", "taskeng.exe", "sihost.exe", "runtimebroker.exe", "dwm.exe", "fontdrvhost.exe", "searchindexer.exe", "msmpeng.exe",
    "spoolsv.exe", "systemd", "init", "launchd", "cron", "crond", "sshd", "dockerd", "containerd",
})  # fmt: skip
_CARRIERS = frozenset(
    {"msedge.exe", "chrome.exe", "firefox.exe", "iexplore.exe", "brave.exe", "opera.exe", "outlook.exe", "onedrive.exe", "teams.exe"}
)


def is_hub(thing: Thing) -> bool:
    """Say whether a process does ordinary work for everybody: it is shown as a link of a chain, its other doings are not."""
    return thing.kind == "process" and thing.label.lower() in _PARENTS | _CARRIERS


def is_carrier(thing: Thing) -> bool:
    """Say whether a process brings things in from outside (a browser, a mail program): where a chain through it began."""
    return thing.kind == "process" and thing.label.lower() in _CARRIERS
