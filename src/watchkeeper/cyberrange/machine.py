"""Machine: a Windows host that runs. Owns its processes and logons and what Sysmon and the audit policy record of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random

from watchkeeper.cyberrange.company import Company, Host, Person
from watchkeeper.cyberrange.journal import Journal
from watchkeeper.cyberrange.program import Program, program
from watchkeeper.cyberrange.windows import POWERSHELL, SECURITY, SYSMON, SYSTEM, moment


@dataclass(frozen=True, slots=True)
class Logon:
    """A logon session on one machine."""

    id: str
    guid: str
    user: str
    """`DOMAIN\\name` as Sysmon writes it."""
    sid: str
    session: int
    """Terminal session; 0 for services and network logons."""
    elevated: bool

    @property
    def account(self) -> str:
        """Account name without domain."""
        return self.user.rpartition("\\")[2]

    @property
    def domain(self) -> str:
        """Domain part of the user."""
        return self.user.rpartition("\\")[0]


@dataclass(frozen=True, slots=True)
class Process:
    """A process, running or ended."""

    guid: str
    pid: int
    image: str
    command: str
    directory: str
    logon: Logon
    integrity: str


@dataclass(slots=True)
class Machine:
    """One host during the day; every method records what it does, `when` is seconds since the day began."""

    host: Host
    company: Company
    journal: Journal
    rng: Random
    boot: dict[str, Process] = field(default_factory=dict[str, Process])
    """Processes that ran before the day began, by short name; the desk's `explorer` joins at logon."""
    system: Logon = field(init=False)
    """The machine's own logon session."""
    _logons: int = 0
    _processes: int = 0

    def start_up(self) -> None:
        """Make the processes that have run since before the record begins."""
        self._logons = self.rng.randrange(0x20000, 0x90000)
        self._processes = self.rng.randrange(40, 400)
        self.system = Logon("0x3e7", self._logon_guid(0x3E7), "NT AUTHORITY\\SYSTEM", "S-1-5-18", 0, elevated=True)
        before = -self.rng.uniform(20_000, 400_000)
        for name in (*_ALWAYS, *_ROLES.get(self.host.role, ())):
            user = _ACCOUNTS.get(name)
            logon = self._pool(user) if user else self.system
            entry = program(name)
            self.boot[name] = self._process(
                before, entry, entry.command.replace("<image>", entry.image), logon, "High" if user else "System"
            )

    def logon(self, person: Person | None, session: int, *, elevated: bool) -> Logon:
        """Open a logon session without recording it; `None` is the machine's own account."""
        self._logons += self.rng.randrange(0x400, 0x9000)
        user = f"{self.company.domain}\\{person.account if person else self.host.name + '$'}"
        return Logon(f"0x{self._logons:x}", self._logon_guid(self._logons), user, person.sid if person else "S-1-5-18", session, elevated)

    def start(self, when: float, what: Program, command: str, parent: Process, logon: Logon | None = None) -> Process:
        """Start a process; without a logon it runs as its parent does."""
        owner = logon or parent.logon
        integrity = ("System" if owner.id == "0x3e7" else "High" if owner.elevated else "Medium") if logon else parent.integrity
        process = self._process(when, what, command, owner, integrity)
        self.sysmon(when, 1, process, {
            "FileVersion": what.version, "Description": what.description, "Product": what.product, "Company": what.company,
            "OriginalFileName": what.original, "CommandLine": command, "CurrentDirectory": process.directory,
            "LogonGuid": owner.guid, "LogonId": owner.id, "TerminalSessionId": str(owner.session), "IntegrityLevel": integrity,
            "Hashes": hashes(what), "ParentProcessGuid": parent.guid, "ParentProcessId": str(parent.pid),
            "ParentImage": parent.image, "ParentCommandLine": parent.command, "ParentUser": parent.logon.user,
        })  # fmt: skip
        if self.host.server:
            self._audit_start(when, process, parent)
        return process

    def stop(self, when: float, process: Process) -> None:
        """End a process."""
        self.sysmon(when, 5, process, {})

    def sysmon(self, when: float, event: int, process: Process, data: Mapping[str, object]) -> None:
        """Record a Sysmon event that the process caused."""
        self.journal.windows(self.host.name, when, (SYSMON, event), {
            "RuleName": "-", "ProcessGuid": process.guid, "ProcessId": str(process.pid), "Image": process.image,
            "User": process.logon.user, **data,
        })  # fmt: skip

    def file(self, when: float, process: Process, path: str) -> None:
        """Record that a process created a file."""
        created = moment(self.journal.start, when).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        self.sysmon(when, 11, process, {"TargetFilename": path, "CreationUtcTime": created})

    def security(self, when: float, event: int, data: Mapping[str, object]) -> None:
        """Record an event of the security log."""
        self.journal.windows(self.host.name, when, (SECURITY, event), data)

    def service_control(self, when: float, event: int, data: Mapping[str, object]) -> None:
        """Record an event of the system log."""
        self.journal.windows(self.host.name, when, (SYSTEM, event), data)

    def script(self, when: float, process: Process, text: str, block: str) -> None:
        """Record a script block of a PowerShell, which writes the event itself."""
        self.journal.windows(self.host.name, when, (POWERSHELL, 4104), {
            "MessageNumber": "1", "MessageTotal": "1", "ScriptBlockText": text, "ScriptBlockId": block, "Path": "",
            "ExecutionProcessID": process.pid,
        })  # fmt: skip

    def access(self, when: float, source: Process, target: Process, granted: str, trace: str) -> None:
        """Record that one process opened another with those rights."""
        self.journal.windows(self.host.name, when, (SYSMON, 10), {
            "RuleName": "-", "SourceProcessGUID": source.guid, "SourceProcessId": str(source.pid),
            "SourceThreadId": str(4 * self.rng.randrange(300, 2500)),
            "SourceImage": source.image, "TargetProcessGUID": target.guid, "TargetProcessId": str(target.pid), "TargetImage": target.image,
            "GrantedAccess": granted, "CallTrace": trace, "SourceUser": source.logon.user, "TargetUser": target.logon.user,
        })  # fmt: skip

    def thread(self, when: float, source: Process, target: Process) -> None:
        """Record that one process started a thread in another."""
        self.journal.windows(self.host.name, when, (SYSMON, 8), {
            "RuleName": "-", "SourceProcessGuid": source.guid, "SourceProcessId": str(source.pid), "SourceImage": source.image,
            "TargetProcessGuid": target.guid, "TargetProcessId": str(target.pid), "TargetImage": target.image,
            "NewThreadId": str(4 * self.rng.randrange(300, 2500)), "StartAddress": f"0x{self.rng.getrandbits(44):016X}",
            "StartModule": "-", "StartFunction": "-", "SourceUser": source.logon.user, "TargetUser": target.logon.user,
        })  # fmt: skip

    def _pool(self, user: str) -> Logon:
        self._logons += self.rng.randrange(0x400, 0x9000)
        numbers = (self._serial(), self._logons, len(user))
        return Logon(
            f"0x{self._logons:x}", self._logon_guid(self._logons), user, "S-1-5-82-" + "-".join(map(str, numbers)), 0, elevated=True
        )

    def _process(self, when: float, what: Program, command: str, logon: Logon, integrity: str) -> Process:
        self._processes += self.rng.randrange(1, 4)
        born = int(self.journal.start.timestamp() + when)
        guid = f"{{{self._serial():08x}-{born & 0xFFFF:04x}-{born >> 16:04x}-{self._processes & 0xFFFF:04x}-{0x900:012x}}}"
        pid = 4 if what.image == "System" else 4 * self.rng.randrange(150, 4000)
        directory = "C:\\Windows\\system32\\" if logon.session == 0 else f"C:\\Users\\{logon.account}\\"
        return Process(guid, pid, what.image, command, directory, logon, integrity)

    def _audit_start(self, when: float, process: Process, parent: Process) -> None:
        logon = process.logon
        self.security(when, 4688, {
            "SubjectUserSid": logon.sid, "SubjectUserName": logon.account, "SubjectDomainName": logon.domain, "SubjectLogonId": logon.id,
            "NewProcessId": f"0x{process.pid:x}", "NewProcessName": process.image, "TokenElevationType": "%%1936",
            "ProcessId": f"0x{parent.pid:x}",
            "CommandLine": process.command, "TargetUserSid": "S-1-0-0", "TargetUserName": "-", "TargetDomainName": "-",
            "TargetLogonId": "0x0",
            "ParentProcessName": parent.image, "MandatoryLabel": _LABELS[process.integrity],
        })  # fmt: skip

    def _serial(self) -> int:
        return int(hashlib.sha256(f"{self.company.sid}/{self.host.name}".encode()).hexdigest()[:8], 16)

    def _logon_guid(self, number: int) -> str:
        low = number.to_bytes(8, "little").hex()
        boot = int(self.journal.start.timestamp()) - 200_000
        return f"{{{self._serial():08x}-{boot & 0xFFFF:04x}-{boot >> 16:04x}-{low[:4]}-{low[4:]}}}"


@dataclass(frozen=True, slots=True)
class Seat:
    """From where somebody acts: a process on a machine, under a logon."""

    machine: Machine
    process: Process
    logon: Logon


@cache
def hashes(what: Program) -> str:
    """Give a binary's hashes as Sysmon writes them; a copy under another name has the same, an unknown binary is known by its path."""
    same = what.image.lower() if what.original == "-" else f"{what.original}/{what.company}/{what.version}"
    digest = hashlib.sha512(same.encode()).hexdigest().upper()
    return f"SHA1={digest[:40]},MD5={digest[40:72]},SHA256={digest[64:128]},IMPHASH={digest[8:40]}"


_LABELS: Mapping[str, str] = {"System": "S-1-16-16384", "High": "S-1-16-12288", "Medium": "S-1-16-8192", "Low": "S-1-16-4096"}
_ALWAYS = ("system", "services", "lsass", "svchost", "dcom", "winlogon", "spooler", "defender", "agent", "wininit")
_ACCOUNTS = {"w3wp": "IIS APPPOOL\\ShopPool", "tomcat": "NT AUTHORITY\\LOCAL SERVICE", "sqlservr": "NT Service\\MSSQLSERVER"}
_ROLES: Mapping[str, tuple[str, ...]] = {
    "domain-controller": ("dnsserver",),
    "web": ("w3wp", "tomcat"),
    "database": ("sqlservr",),
    "mail": ("w3wp",),
}
