"""Remote: ways to run something on another machine, as administrators and intruders both use them. Owns what each way leaves on both ends."""

from collections.abc import Callable
from dataclasses import dataclass

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.logons import Origin
from watchkeeper.cyberrange.machine import Logon, Machine, Process
from watchkeeper.cyberrange.program import Program, program
from watchkeeper.cyberrange.traffic import Flow, connect
from watchkeeper.cyberrange.world import Seat, World


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be run elsewhere, and as whom."""

    person: Person
    command: str
    """Command line that starts on the target; empty for a desktop."""
    name: str
    """Name of the service or task it needs."""
    binary: Program
    """Binary a service needs on the target."""
    ntlm: bool = False
    """The password's hash is used instead of a ticket."""


Way = Callable[[World, Seat, Machine, Errand, float], Seat]


def by_service(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Copy a binary into ADMIN$ and start it as a service."""
    logon, origin = _enter(world, seat, target, errand, when)
    binary = errand.binary
    system = target.boot["system"]
    _touch(world, seat, target, 445, when - 0.1, "gssapi,smb", seat.machine.boot["system"])
    for share in ("ADMIN$", "IPC$"):
        flow = Flow(origin.address, target.host.address, 445, 480_000 if share == "ADMIN$" else 3000, 9000, 4.0, "gssapi,smb")
        world.gateway.share(when + 0.1, flow, f"\\\\{target.host.name}\\{share}")
        logons.open_share(target, logon, origin, share, when + 0.12)
    name = binary.image.rpartition("\\")[2]
    logons.open_file(target, logon, origin, "ADMIN$", name, when + 0.3, write=True)
    logons.open_file(target, logon, origin, "IPC$", "svcctl", when + 0.5, write=True)
    target.sysmon(when + 0.4, 11, system, {"TargetFilename": binary.image, "CreationUtcTime": "-"})
    services = target.boot["services"]
    target.sysmon(when + 0.7, 13, services, {
        "EventType": "SetValue", "TargetObject": f"HKLM\\System\\CurrentControlSet\\Services\\{errand.name}\\ImagePath", "Details": binary.image,
    })  # fmt: skip
    target.service_control(when + 0.7, 7045, {
        "ServiceName": errand.name, "ImagePath": binary.image, "ServiceType": "user mode service", "StartType": "demand start", "AccountName": "LocalSystem",
    })  # fmt: skip
    process = target.start(when + 0.9, binary, binary.command, services, target.system)
    target.service_control(when + 1.0, 7036, {"param1": errand.name, "param2": "running"})
    logons.off(target, logon, when + 60)
    return _run(target, process, errand.command, when + 1.3, target.system)


def by_wmi(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Have WMI create a process."""
    logon, _ = _enter(world, seat, target, errand, when)
    _touch(world, seat, target, 135, when - 0.2, "dce_rpc", seat.process)
    _touch(world, seat, target, 49_668, when - 0.1, "dce_rpc", seat.process)
    host = target.start(when + 0.2, program("wmiprvse"), program("wmiprvse").command, target.boot["dcom"], target.system)
    return _run(target, host, errand.command, when + 0.6, logon)


def by_winrm(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Open a PowerShell session."""
    logon, _ = _enter(world, seat, target, errand, when)
    _touch(world, seat, target, 5985, when - 0.2, "http", seat.process)
    host = target.start(when + 0.4, program("wsmprovhost"), program("wsmprovhost").command, target.boot["dcom"], logon)
    return _run(target, host, errand.command, when + 0.9, logon)


def by_task(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Register a scheduled task and run it."""
    logon, origin = _enter(world, seat, target, errand, when)
    _touch(world, seat, target, 445, when - 0.1, "gssapi,smb", seat.machine.boot["system"])
    world.gateway.share(
        when + 0.1, Flow(origin.address, target.host.address, 445, 4000, 3000, 2.0, "gssapi,smb"), f"\\\\{target.host.name}\\IPC$"
    )
    logons.open_share(target, logon, origin, "IPC$", when + 0.1)
    logons.open_file(target, logon, origin, "IPC$", "atsvc", when + 0.2, write=True)
    content = f'<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2"><Actions><Exec><Command>{errand.command}</Command></Exec></Actions></Task>'
    target.security(when + 0.4, 4698, {
        "SubjectUserSid": logon.sid, "SubjectUserName": logon.account, "SubjectDomainName": logon.domain, "SubjectLogonId": logon.id,
        "TaskName": f"\\{errand.name}", "TaskContent": content,
    })  # fmt: skip
    target.sysmon(
        when + 0.4, 11, target.boot["svchost"], {"TargetFilename": f"C:\\Windows\\System32\\Tasks\\{errand.name}", "CreationUtcTime": "-"}
    )
    return _run(target, target.boot["svchost"], errand.command, when + 1.5, target.system)


def by_desktop(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Log on through remote desktop."""
    client = seat.machine.start(when - 6, program("mstsc"), f'"{program("mstsc").image}" /v:{target.host.name}', seat.process)
    if seat.logon.account != errand.person.account:
        logons.explicitly(seat.machine, seat.logon, errand.person, f"TERMSRV/{target.host.name}", program("mstsc").image, when - 3)
    _sysmon_only(seat, client, target, 3389, when - 2)
    origin = Origin(seat.machine.host.address, seat.machine.host.name)
    logon = logons.remote_desktop(world.domain, target, errand.person, origin, when)
    userinit = target.start(when + 1, program("userinit"), program("userinit").command, target.boot["winlogon"], logon)
    explorer = target.start(when + 1.6, program("explorer"), program("explorer").command, userinit)
    target.stop(when + 20, userinit)
    return Seat(target, explorer, logon)


WAYS: tuple[Way, ...] = (by_service, by_wmi, by_winrm, by_task, by_desktop)


def _enter(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> tuple[Logon, Origin]:
    origin = Origin(seat.machine.host.address, seat.machine.host.name)
    if seat.logon.account != errand.person.account:
        logons.explicitly(seat.machine, seat.logon, errand.person, target.host.name, seat.process.image, when - 0.3)
    return logons.over_network(world.domain, target, errand.person, origin, when, ntlm=errand.ntlm), origin


def _touch(world: World, seat: Seat, target: Machine, port: int, when: float, service: str, process: Process) -> None:
    _sysmon_only(seat, process, target, port, when)
    if service != "gssapi,smb":
        world.gateway.flow(when, Flow(seat.machine.host.address, target.host.address, port, 3800, 5200, 3.0, service))


def _sysmon_only(seat: Seat, process: Process, target: Machine, port: int, when: float) -> None:
    flow = Flow(seat.machine.host.address, target.host.address, port)
    connect(seat.machine, process, flow, when, f"{target.host.name}.{target.company.dns}")


def _run(target: Machine, parent: Process, command: str, when: float, logon: Logon) -> Seat:
    if not command:
        return Seat(target, parent, logon)
    short = command.split()[0].strip('"').lower().rpartition("\\")[2].removesuffix(".exe")
    process = target.start(when, program(short), command, parent, logon)
    return Seat(target, process, logon)
