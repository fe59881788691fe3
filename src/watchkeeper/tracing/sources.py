"""Which logs tracing reads, and when. Owns the lists alone; fetching stands in `neighbourhood.py`."""

from watchkeeper.model.logsource import LogSource

SYSMON, SECURITY = "Microsoft-Windows-Sysmon/Operational", "Security"


def windows(service: str, numbers: str) -> tuple[LogSource, ...]:
    """Name several kinds of events of one Windows log."""
    return tuple(LogSource(product="windows", service=service, event_type=number) for number in numbers.split())


def _zeek(*services: str) -> tuple[LogSource, ...]:
    return tuple(LogSource(product="zeek", service=service) for service in services)


def _linux(numbers: str) -> tuple[LogSource, ...]:
    return tuple(LogSource(product="linux", service="sysmon", event_type=number) for number in numbers.split())


_PROGRAMS = ("auditd", "sshd", "sudo", "su", "auth", "login", "pam", "useradd", "usermod", "userdel", "groupadd", "passwd")
STARTS = windows(SYSMON, "1") + windows(SECURITY, "4688") + _linux("1")
"""Who started whom."""
LOGONS = windows(SECURITY, "4624 4625 4648 4672 4768 4769 4776")
"""Who logged on from where."""
SKELETON = (
    STARTS
    + LOGONS
    + windows(SYSMON, "3 8 22 25 19 20 21")
    + windows(SECURITY, "5156 4697 4698 4702 4720 4728 4732 4738 1102")
    + windows("System", "7045 104")
    + windows("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "1149")
    + windows("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "21 24 25")
    + windows("Microsoft-Windows-Windows Defender/Operational", "1116 1117")
    + _linux("3")
    + tuple(LogSource(product="linux", service=service) for service in _PROGRAMS)
)
"""Read whole around an incident: few events, and each may be a link of the chain."""
MOVES = (
    windows("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational", "1149")
    + windows("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "21 24 25")
    + windows(SECURITY, "4672 4697 4698 4702 5140 5145")
    + windows("System", "7045")
    + STARTS
)
"""How a session from another host was worked: read on hosts that a logon from the chain's hosts led to, around it, and by its number."""
SHARES = windows(SECURITY, "5140 5145")
"""What was opened over the network, read where it names a session that came from elsewhere."""
HANDLES = windows(SYSMON, "10")
"""Who opened whom: by far the most events of a host, so only where they name the nearest processes of the chain."""
DETAIL = windows(SYSMON, "5 11 12 13 15 17 18 23 26") + windows(SECURITY, "4656 4663 4662 4689 5140 5145") + _linux("11 23")
"""Read only where they name a process of the chain: most events of a host are of these kinds."""
SCRIPTS = windows("Microsoft-Windows-PowerShell/Operational", "4103 4104")
"""What script engines ran; kept only where a process of the chain wrote it."""
ORIGINS = windows(SYSMON, "11 15")
"""Who wrote a program that later ran."""
CONNECTIONS = windows(SYSMON, "3") + windows(SECURITY, "5156") + _linux("3")
"""Which process talked to which address."""
FLOWS = _zeek("conn", "http", "dns", "ssl")
"""What the network saw, read only where it names an address of the chain."""
READ_BY_KIND = ("windows", "zeek")
"""Products asked for by kind of event; the records of all others are read where they name an address or an account of the chain."""
ACTS = (
    STARTS
    + LOGONS
    + windows(SYSMON, "2 3 5 8 11 13 15 17 18 19 20 21 22 23 25 26")
    + windows(
        SECURITY, "4634 4647 4662 4697 4698 4699 4700 4702 4720 4722 4723 4724 4725 4726 4728 4732 4738 4756 4771 5140 5145 5156 1102"
    )
    + windows("System", "7036 7045 104")
    + windows("Microsoft-Windows-PowerShell/Operational", "4103 4104")
    + (LogSource(product="linux"),)
)
"""What processes, sessions and accounts did, read whole to follow an attack; loaded libraries and handles are too many for that."""
