"""Values that Linux audit writes as hex: text and socket addresses. Owns decoding them; records stand in `auditd`.

Source: Linux audit project, field dictionary (type "encoded") and the kernel's `audit_log_untrustedstring`; `struct sockaddr`.
"""

import re
from ipaddress import IPv4Address, IPv6Address

from watchkeeper.model.batch import Value

ENCODED = frozenset({
    "acct", "cgroup", "cmd", "comm", "cwd", "data", "device", "dir", "exe", "file", "grp", "invalid_context", "key", "name", "ocomm",
    "path", "proctitle", "root_dir", "vm", "watch",
    "AUID", "UID", "GID", "EUID", "SUID", "FSUID", "EGID", "SGID", "FSGID", "OUID", "OGID", "ID",
})  # fmt: skip
"""Fields whose text stands in quotes, or as hex where it holds a blank, a quote or a control character."""

_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_INET, _INET6 = "0200", "0A00"


def decoded(name: str, written: str) -> Value:
    """Give the text of an encoded field that stands without quotes; what is no hex, such as `(null)` or `?`, stays as it is.

    Several keys of a rule become a list; the arguments of a process title are set apart by blanks.
    """
    if _HEX.fullmatch(written) is None:
        return written
    text = bytes.fromhex(written).decode("utf-8", "replace")
    if name == "key" and "\x01" in text:
        return text.split("\x01")
    return text.rstrip("\0").replace("\0", " ")


def socket_address(written: str) -> dict[str, str]:
    """Give family, address and port of a `saddr` of IPv4 or IPv6 under the names that auditd's enriched format uses; empty for others."""
    family, port = written[:4].upper(), written[4:8]
    try:
        if family == _INET:
            return {"saddr_fam": "inet", "laddr": str(IPv4Address(bytes.fromhex(written[8:16]))), "lport": str(int(port, 16))}
        if family == _INET6:
            return {"saddr_fam": "inet6", "laddr": str(IPv6Address(bytes.fromhex(written[16:48]))), "lport": str(int(port, 16))}
    except ValueError:
        return {}
    return {}
