"""Logons: how accounts prove who they are, on the target and on the domain controller. Owns the Security events of logons and shares."""

from dataclasses import dataclass

from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.machine import Logon, Machine
from watchkeeper.cyberrange.tables import guid
from watchkeeper.cyberrange.traffic import Flow, Gateway, opened

_RIGHTS = "\r\n\t\t\t".join(
    (
        "SeSecurityPrivilege",
        "SeBackupPrivilege",
        "SeRestorePrivilege",
        "SeTakeOwnershipPrivilege",
        "SeDebugPrivilege",
        "SeLoadDriverPrivilege",
        "SeImpersonatePrivilege",
    )
)
_NOBODY = {"SubjectUserSid": "S-1-0-0", "SubjectUserName": "-", "SubjectDomainName": "-", "SubjectLogonId": "0x0"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a logon comes from."""

    address: str
    workstation: str
    """Name the client gives; `-` if none."""
    port: int = 0
    """Source port; 0 has one drawn."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A logon that is going to fail."""

    account: str
    kind: int = 3
    """Logon type."""
    known: bool = True
    """Whether the account exists."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share opened by somebody from somewhere."""

    name: str
    logon: Logon
    origin: Origin


@dataclass(frozen=True, slots=True)
class Domain:
    """The domain controllers, which vouch for accounts."""

    controller: Machine
    gateway: Gateway


def at_desk(domain: Domain, machine: Machine, person: Person, when: float) -> Logon:
    """Log a person on at the keyboard."""
    origin = Origin(machine.host.address, machine.host.name)
    ticket(domain, person.account, origin, when - 0.4)
    service_ticket(domain, person.account, machine.host.name + "$", origin, when - 0.3)
    logon = machine.logon(person, 1, elevated=False)
    _granted(machine, logon, Origin("127.0.0.1", machine.host.name), when, kind=2)
    return logon


def elevate(machine: Machine, person: Person, when: float) -> Logon:
    """Give somebody at the keyboard a token with administrative rights, as after a consent prompt."""
    logon = machine.logon(person, 1, elevated=True)
    _granted(machine, logon, Origin("::1", machine.host.name), when, kind=2)
    return logon


def over_network(domain: Domain, machine: Machine, person: Person | None, origin: Origin, when: float, *, ntlm: bool = False) -> Logon:
    """Log an account on over the network (type 3); the caller records the connection."""
    account = person.account if person else origin.workstation + "$"
    if ntlm:
        validated(domain, account, origin, when - 0.02)
    else:
        service_ticket(domain, account, machine.host.name + "$", origin, when - 0.03)
    logon = machine.logon(person, 0, elevated=bool(person and person.admin))
    if person is None:
        logon = Logon(logon.id, logon.guid, f"{machine.company.domain}\\{account}", machine.company.sid_of(account), 0, elevated=False)
    _granted(machine, logon, origin, when, kind=3, ntlm=ntlm)
    return logon


def remote_desktop(domain: Domain, machine: Machine, person: Person, origin: Origin, when: float) -> Logon:
    """Log an account on through remote desktop (type 10) and record the connection."""
    ticket(domain, person.account, origin, when - 0.6)
    service_ticket(domain, person.account, machine.host.name + "$", origin, when - 0.4)
    domain.gateway.flow(when - 1.5, Flow(origin.address, machine.host.address, 3389, 180_000, 2_400_000, 900.0, "rdp", opened=origin.port))
    logon = machine.logon(person, machine.rng.randrange(2, 6), elevated=person.admin)
    _granted(machine, logon, origin, when, kind=10)
    return logon


def off(machine: Machine, logon: Logon, when: float, kind: int = 3) -> None:
    """End a logon session."""
    machine.security(when, 4634, {**_target(logon), "LogonType": str(kind)})


def failed(domain: Domain, machine: Machine, attempt: Attempt, origin: Origin, when: float) -> None:
    """Refuse a logon."""
    code = "0xc000006a" if attempt.known else "0xc0000064"
    remote = attempt.kind == 3
    machine.security(when, 4625, {
        **_NOBODY, "TargetUserSid": "S-1-0-0", "TargetUserName": attempt.account, "TargetDomainName": machine.company.domain,
        "Status": "0xc000006d", "FailureReason": "%%2313", "SubStatus": code, "LogonType": str(attempt.kind),
        "LogonProcessName": "NtLmSsp " if remote else "User32 ", "AuthenticationPackageName": "NTLM" if remote else "Negotiate",
        "WorkstationName": origin.workstation, "TransmittedServices": "-", "LmPackageName": "-", "KeyLength": "0",
        "ProcessId": "0x0", "ProcessName": "-", "IpAddress": origin.address, "IpPort": _port(machine, origin),
    })  # fmt: skip
    if remote:
        validated(domain, attempt.account, origin, when - 0.02, status=code)
    else:
        _refused_ticket(domain, attempt, origin, when - 0.02)


def explicitly(machine: Machine, actor: Logon, person: Person, target: str, image: str, when: float) -> None:
    """Record that somebody used another account's password (4648)."""
    machine.security(when, 4648, {
        "SubjectUserSid": actor.sid, "SubjectUserName": actor.account, "SubjectDomainName": actor.domain, "SubjectLogonId": actor.id,
        "LogonGuid": actor.guid, "TargetUserName": person.account, "TargetDomainName": machine.company.domain,
        "TargetLogonGuid": f"{{{guid(machine.rng)}}}", "TargetServerName": target, "TargetInfo": target,
        "ProcessId": f"0x{4 * machine.rng.randrange(200, 2000):x}",
        "ProcessName": image, "IpAddress": "-", "IpPort": "-",
    })  # fmt: skip


def ticket(domain: Domain, account: str, origin: Origin, when: float) -> None:
    """Give a Kerberos ticket-granting ticket (4768)."""
    company = domain.controller.company
    domain.controller.security(when, 4768, {
        "TargetUserName": account, "TargetDomainName": company.dns, "TargetSid": company.sid_of(account), "ServiceName": "krbtgt",
        "ServiceSid": f"{company.sid}-502", "TicketOptions": "0x40810010", "Status": "0x0", "TicketEncryptionType": "0x12",
        "PreAuthType": "2",
        "IpAddress": f"::ffff:{origin.address}", "IpPort": _port(domain.controller, origin), "CertIssuerName": "", "CertSerialNumber": "",
        "CertThumbprint": "",
    })  # fmt: skip
    domain.gateway.flow(when, Flow(origin.address, domain.controller.host.address, 88, 1600, 1700, 0.01, "krb_tcp"))


def service_ticket(domain: Domain, account: str, service: str, origin: Origin, when: float, *, encryption: str = "0x12") -> None:
    """Give a Kerberos service ticket (4769)."""
    company = domain.controller.company
    domain.controller.security(when, 4769, {
        "TargetUserName": f"{account}@{company.dns.upper()}", "TargetDomainName": company.dns.upper(), "ServiceName": service,
        "ServiceSid": company.sid_of(service), "TicketOptions": "0x40810000", "TicketEncryptionType": encryption,
        "IpAddress": f"::ffff:{origin.address}", "IpPort": _port(domain.controller, origin), "Status": "0x0",
        "LogonGuid": f"{{{guid(domain.controller.rng)}}}", "TransmittedServices": "-",
    })  # fmt: skip


def validated(domain: Domain, account: str, origin: Origin, when: float, *, status: str = "0x0") -> None:
    """Check an NTLM password (4776)."""
    domain.controller.security(when, 4776, {
        "PackageName": "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0", "TargetUserName": account, "Workstation": origin.workstation,
        "Status": status,
    })  # fmt: skip


def open_share(machine: Machine, share: Share, when: float) -> None:
    """Open a share (5140)."""
    machine.security(when, 5140, {**_shared(machine, share), "AccessMask": "0x1", "AccessList": "%%4416\r\n\t\t\t\t"})


def open_file(machine: Machine, share: Share, path: str, when: float, *, write: bool = False) -> None:
    """Open a file in a share (5145)."""
    mask, rights = ("0x2", "%%4417\r\n\t\t\t\t") if write else ("0x1", "%%4416\r\n\t\t\t\t")
    machine.security(when, 5145, {
        **_shared(machine, share), "RelativeTargetName": path, "AccessMask": mask, "AccessList": rights, "AccessReason": "-",
    })  # fmt: skip


def task_content(command: str) -> str:
    """Give the definition of a scheduled task that runs a command, as 4698 holds it."""
    action = f"<Actions><Exec><Command>{command}</Command></Exec></Actions>"
    return f'<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2">{action}</Task>'


def _granted(machine: Machine, logon: Logon, origin: Origin, when: float, *, kind: int, ntlm: bool = False) -> None:
    local = kind in {2, 10}
    package = "Negotiate" if local else "NTLM" if ntlm else "Kerberos"
    itself = {"SubjectUserSid": "S-1-5-18", "SubjectUserName": machine.host.name + "$", "SubjectDomainName": machine.company.domain}
    machine.security(when, 4624, {
        **(itself if local else _NOBODY), "SubjectLogonId": "0x3e7" if local else "0x0",
        **_target(logon), "LogonType": str(kind), "LogonProcessName": "User32 " if local else "NtLmSsp " if ntlm else "Kerberos",
        "AuthenticationPackageName": package, "WorkstationName": origin.workstation if local or ntlm else "-", "LogonGuid": logon.guid,
        "TransmittedServices": "-", "LmPackageName": "NTLM V2" if ntlm else "-", "KeyLength": "128" if ntlm else "0",
        "ProcessId": "0x2a4" if local else "0x0", "ProcessName": "C:\\Windows\\System32\\svchost.exe" if local else "-",
        "IpAddress": origin.address,
        "IpPort": "0" if local else _port(machine, origin), "ImpersonationLevel": "%%1833", "RestrictedAdminMode": "-",
        "TargetOutboundUserName": "-",
        "TargetOutboundDomainName": "-", "VirtualAccount": "%%1843", "TargetLinkedLogonId": "0x0",
        "ElevatedToken": "%%1842" if logon.elevated else "%%1843",
    })  # fmt: skip
    if logon.elevated:
        machine.security(when + 0.001, 4672, {**subject(logon), "PrivilegeList": _RIGHTS})


def _refused_ticket(domain: Domain, attempt: Attempt, origin: Origin, when: float) -> None:
    company = domain.controller.company
    domain.controller.security(when, 4771, {
        "TargetUserName": attempt.account, "TargetSid": company.sid_of(attempt.account), "ServiceName": f"krbtgt/{company.domain}",
        "TicketOptions": "0x40810010", "Status": "0x18" if attempt.known else "0x6", "PreAuthType": "2",
        "IpAddress": f"::ffff:{origin.address}", "IpPort": _port(domain.controller, origin), "CertIssuerName": "", "CertSerialNumber": "",
        "CertThumbprint": "",
    })  # fmt: skip


def subject(logon: Logon) -> dict[str, str]:
    """Give the fields that say who acts."""
    return {"SubjectUserSid": logon.sid, "SubjectUserName": logon.account, "SubjectDomainName": logon.domain, "SubjectLogonId": logon.id}


def _target(logon: Logon) -> dict[str, str]:
    return {"TargetUserSid": logon.sid, "TargetUserName": logon.account, "TargetDomainName": logon.domain, "TargetLogonId": logon.id}


def _shared(machine: Machine, share: Share) -> dict[str, str]:
    path = {"IPC$": "", "ADMIN$": "\\??\\C:\\Windows", "C$": "\\??\\C:\\"}.get(share.name, f"\\??\\D:\\Shares\\{share.name}")
    return {
        **subject(share.logon), "ObjectType": "File", "IpAddress": share.origin.address, "IpPort": _port(machine, share.origin),
        "ShareName": f"\\\\*\\{share.name}", "ShareLocalPath": path,
    }  # fmt: skip


def _port(machine: Machine, origin: Origin) -> str:
    return str(origin.port or opened(machine.rng))
