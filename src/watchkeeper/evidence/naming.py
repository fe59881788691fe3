"""Naming: how a value of an event is said in a sentence. Owns shortening and cutting, so that one rule makes and checks sentences."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

_PROGRAMS = frozenset({"image", "parent", "target"})
"""Roles whose program may be named without its folder."""
_LONGEST: Mapping[str, int] = MappingProxyType({"command": 400, "script": 300, "value": 200, "mark": 200})
_LONGEST_OTHER = 500
_CUT = "…"
_WRITABLE = re.compile(
    r"\\(temp|tasks|tracing|debug|spool\\drivers\\color|users|programdata|perflogs|\$recycle\.bin)\\|^/(tmp|dev/shm|var/tmp)/"
)
"""Folders that anyone may write to, within the system's or beside them."""
_IN_WINDOWS = frozenset({
    "explorer.exe", "notepad.exe", "regedit.exe", "hh.exe", "write.exe", "splwow64.exe", "bfsvc.exe", "helppane.exe", "winhlp32.exe",
    "sysmon.exe", "sysmon64.exe",
})  # fmt: skip
"""Programs that Windows and Sysmon themselves put right into the Windows folder."""
_SYSTEM = re.compile(r"(c:|\\device\\harddiskvolume\d+)\\(windows|program files( \(x86\))?)\\|/(usr|bin|sbin)/")
_ROOT = re.compile(r"(c:|\\device\\harddiskvolume\d+)\\windows\\[^\\]+\.exe")


def spoken(role: str, text: str) -> str:
    """Say a field's text as a sentence says it in that role: a system program by its name, a long text cut, with a mark that it is."""
    said = short(text) if role in _PROGRAMS else text
    longest = _LONGEST.get(role, _LONGEST_OTHER)
    return said if len(said) <= longest else said[: longest - len(_CUT)] + _CUT


def tail(path: str) -> str:
    """Give a path's last part."""
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]


def folder(path: str) -> str:
    """Give the folder a path lies in, with its closing separator; nothing if it has none."""
    return path[: len(path) - len(re.split(r"[\\/]", path)[-1])]


def shared_folder(paths: Sequence[str]) -> str:
    """Give the deepest folder that all paths lie in, with its closing separator; nothing if they share none."""
    least, most = min(paths), max(paths)
    return folder(next((least[:place] for place, letter in enumerate(least) if letter != most[place : place + 1]), least))


def ending(path: str) -> str:
    """Give what a file's name ends in, with the dot and in lower case; nothing if it has no ending."""
    name, dot, last = tail(path).rpartition(".")
    return f".{last.lower()}" if dot and name and last else ""


def short(path: str) -> str:
    """Give the name alone of a program in a system folder, the whole path of any other: where it lies is telling then."""
    low = path.lower()
    planted = _WRITABLE.search(low) is not None or ".." in low or (_ROOT.fullmatch(low) is not None and tail(low) not in _IN_WINDOWS)
    return tail(path) if _SYSTEM.match(low) and not planted else path


def number(value: str) -> int | None:
    """Read a number as logs write them, decimal or hexadecimal; none if it is none or longer than any log's."""
    try:
        return int(value, 16 if value.lower().startswith("0x") else 10) if len(value) <= 20 else None
    except ValueError:
        return None
