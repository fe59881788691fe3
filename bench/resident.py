"""What a process of the benches holds in memory: now, and at most. Owns reading `/proc`.

What `getrusage` says begins with what the process that started it held, so that a small program begun by a large one looks large.
"""

from pathlib import Path


def rss() -> int:
    """Give the bytes that this process holds now."""
    return _status("VmRSS")


def peak_rss() -> int:
    """Give the most bytes that this process has held."""
    return _status("VmHWM")


def _status(name: str) -> int:
    return int(Path("/proc/self/status").read_text("ascii").split(f"{name}:")[1].split()[0]) * 1024
