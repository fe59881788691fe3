"""Package lists of operating systems as their tools print them: `dpkg -l`, `rpm -qa`, `winget list`. Owns the three grammars."""

import re
from collections.abc import Iterable

from watchkeeper.assets.inventory.listed import Row, Rows

_DPKG_HEAD = re.compile(rb"Desired=|\+\+\+-|[uihrp][ncHUFWti]  [^ ]{1,200} +[^ ]{1,200} +(?:all|[a-z0-9-]{2,20}) ")
_DPKG_STATE = re.compile(r"[uihrp][ncHUFWti][ R]?")
_ARCHITECTURES = frozenset(["x86_64", "noarch", "i386", "i486", "i586", "i686", "aarch64", "ppc64le", "s390x", "armv7hl", "riscv64", "src"])
_LONGEST = 2000


def is_dpkg(head: bytes) -> bool:
    """Say whether a file begins like the output of `dpkg -l`."""
    return _DPKG_HEAD.match(head) is not None


def dpkg(lines: Iterable[str]) -> Rows:
    """Yield installed packages of `dpkg -l`; what was removed and left its settings is skipped."""
    for line in lines:
        words = line[:_LONGEST].split(None, 4)
        if len(words) < 4 or not _DPKG_STATE.fullmatch(words[0]):
            if words and words[0][0] not in "|/+D":
                yield "no package line"
        elif words[0][1] in "iWt":
            yield Row(words[1].partition(":")[0], words[2], counted="deb")
        else:
            yield "not installed"


def is_rpm(head: bytes) -> bool:
    """Say whether a file begins like the output of `rpm -qa`."""
    first = [line.strip() for line in head.decode("utf-8", "replace").splitlines()[:10] if line.strip()]
    rows = [line for line in first if line.rpartition(".")[2] in _ARCHITECTURES and _rpm_row(line) is not None]
    return bool(rows) and (first[0] == rows[0] or first[0].startswith("gpg-pubkey-"))


def rpm(lines: Iterable[str]) -> Rows:
    """Yield packages of `rpm -qa`."""
    for line in lines:
        if line.strip():
            yield _rpm_row(line) or "no package line"


def _rpm_row(line: str) -> Row | None:
    """Take `name-version-release.architecture` apart from the end; a public key of the package manager's is no package."""
    text = line[:_LONGEST].strip()
    head, dot, architecture = text.rpartition(".")
    parts = (head if dot and architecture in _ARCHITECTURES else text).rsplit("-", 2)
    if len(parts) != 3 or not all(parts) or " " in text or parts[0] == "gpg-pubkey":
        return None
    return Row(parts[0], f"{parts[1]}-{parts[2]}", counted="rpm")


def is_winget(head: bytes) -> bool:
    """Say whether a file begins like the output of `winget list`."""
    return any(_columns(line) is not None for line in head.decode("utf-8", "replace").splitlines()[:10])


def winget(lines: Iterable[str]) -> Rows:
    """Yield programs of `winget list`; columns stand where its heading has them."""
    columns: tuple[int, int, int] | None = None
    for line in lines:
        if columns is None:
            columns = _columns(line)
            continue
        if not line.strip() or set(line.strip()) == {"-"}:
            continue
        text = line[:_LONGEST]
        name, version = text[: columns[0]].strip(), text[columns[1] : columns[2]].strip()
        yield Row(name, version.lstrip("<> ")) if name else "no package line"


def _columns(line: str) -> tuple[int, int, int] | None:
    """Give where id, version and what follows it begin; none if the line is no heading."""
    found = re.search(r"Name +Id +Version +(?:Available|Source)?", line[:_LONGEST].rpartition("\r")[2])
    if found is None:
        return None
    heading = line[:_LONGEST].rpartition("\r")[2]
    after = [heading.find(word) for word in ("Available", "Source") if word in heading]
    return heading.index(" Id ") + 1, heading.index(" Version") + 1, min(after, default=_LONGEST)
