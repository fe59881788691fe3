"""Remote: ways to run something on another machine, for administrators and intruders alike. Owns what each leaves on both ends."""

from collections.abc import Callable
from dataclasses import dataclass

from watchkeeper.cyberrange import logons
from watchkeeper.cyberrange.company import Person
from watchkeeper.cyberrange.logons import Origin, Share
from watchkeeper.cyberrange.machine import Logon, Machine, Process, Seat
from watchkeeper.cyberrange.program import Program, program
from watchkeeper.cyberrange.traffic import Flow, connect, opened
from watchkeeper.cyberrange.world import World


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
    _knock(world, _kernel(seat), target, _smb(seat, target, origin), when - 0.1)
    path = f"\\\\{target.host.name}\\"
    world.gateway.share(when + 0.1, _smb(seat, target, origin), path + "IPC$", path + "ADMIN$")
    for share in ("IPC$", "ADMIN$"):
        logons.open_share(target, Share(share, logon, origin), when + 0.12)
    name = binary.image.rpartition("\\")[2]
    logons.open_file(target, Share("ADMIN$", logon, origin), name, when + 0.3, write=True)
    logons.open_file(target, Share("IPC$", logon, origin), "svcctl", when + 0.5, write=True)
    target.file(when + 0.4, system, binary.image)
    services = target.boot["services"]
    target.sysmon(when + 0.7, 13, services, {
        "EventType": "SetValue", "TargetObject": f"HKLM\\System\\CurrentControlSet\\Services\\{errand.name}\\ImagePath",
        "Details": binary.image,
    })  # fmt: skip
    target.service_control(when + 0.7, 7045, {
        "ServiceName": errand.name, "ImagePath": binary.image, "ServiceType": "user mode service", "StartType": "demand start",
        "AccountName": "LocalSystem",
    })  # fmt: skip
    process = target.start(when + 0.9, binary, binary.command, services, target.system)
    target.service_control(when + 1.0, 7036, {"param1": errand.name, "param2": "running"})
    logons.off(target, logon, when + 60)
    return _run(target, process, errand.command, when + 1.3, target.system)


def by_wmi(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Have WMI create a process."""
    logon, origin = _enter(world, seat, target, errand, when)
    _knock(world, seat, target, _to(seat, target, 135, "dce_rpc"), when - 0.2)
    _knock(world, seat, target, _to(seat, target, 49_668, "dce_rpc", origin.port), when - 0.1)
    host = target.start(when + 0.2, program("wmiprvse"), program("wmiprvse").command, target.boot["dcom"], target.system)
    return _run(target, host, errand.command, when + 0.6, logon)


def by_winrm(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Open a PowerShell session."""
    logon, origin = _enter(world, seat, target, errand, when)
    _knock(world, seat, target, _to(seat, target, 5985, "http", origin.port), when - 0.2)
    host = target.start(when + 0.4, program("wsmprovhost"), program("wsmprovhost").command, target.boot["dcom"], logon)
    return _run(target, host, errand.command, when + 0.9, logon)


def by_task(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Register a scheduled task and run it."""
    logon, origin = _enter(world, seat, target, errand, when)
    _knock(world, _kernel(seat), target, _smb(seat, target, origin), when - 0.1)
    world.gateway.share(when + 0.1, _smb(seat, target, origin), f"\\\\{target.host.name}\\IPC$")
    logons.open_share(target, Share("IPC$", logon, origin), when + 0.1)
    logons.open_file(target, Share("IPC$", logon, origin), "atsvc", when + 0.2, write=True)
    content = logons.task_content(errand.command)
    target.security(when + 0.4, 4698, {**logons.subject(logon), "TaskName": f"\\{errand.name}", "TaskContent": content})
    target.file(when + 0.4, target.boot["svchost"], f"C:\\Windows\\System32\\Tasks\\{errand.name}")
    return _run(target, target.boot["svchost"], errand.command, when + 1.5, target.system)


def by_desktop(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> Seat:
    """Log on through remote desktop."""
    client = seat.machine.start(when - 6, program("mstsc"), f'"{program("mstsc").image}" /v:{target.host.name}', seat.process)
    if seat.logon.account != errand.person.account:
        logons.explicitly(seat.machine, seat.logon, errand.person, f"TERMSRV/{target.host.name}", program("mstsc").image, when - 3)
    origin = Origin(seat.machine.host.address, seat.machine.host.name, opened(seat.machine.rng))
    flow = _to(seat, target, 3389, "rdp", origin.port)
    connect(Seat(seat.machine, client, seat.logon), flow, when - 2, f"{target.host.name}.{target.company.dns}")
    logon = logons.remote_desktop(world.domain, target, errand.person, origin, when)
    userinit = target.start(when + 1, program("userinit"), program("userinit").command, target.boot["winlogon"], logon)
    explorer = target.start(when + 1.6, program("explorer"), program("explorer").command, userinit)
    target.stop(when + 20, userinit)
    return Seat(target, explorer, logon)


WAYS: tuple[Way, ...] = (by_service, by_wmi, by_winrm, by_task, by_desktop)


def _enter(world: World, seat: Seat, target: Machine, errand: Errand, when: float) -> tuple[Logon, Origin]:
    origin = Origin(seat.machine.host.address, seat.machine.host.name, opened(seat.machine.rng))
    if seat.logon.account != errand.person.account:
        logons.explicitly(seat.machine, seat.logon, errand.person, target.host.name, seat.process.image, when - 0.3)
    return logons.over_network(world.domain, target, errand.person, origin, when, ntlm=errand.ntlm), origin


def _knock(world: World, seat: Seat, target: Machine, flow: Flow, when: float) -> None:
    connect(seat, flow, when, f"{target.host.name}.{target.company.dns}")
    if flow.service != "gssapi,smb":
        world.gateway.flow(when, flow)


def _to(seat: Seat, target: Machine, port: int, service: str, opened_at: int = 0) -> Flow:
    source = opened_at or opened(seat.machine.rng)
    return Flow(seat.machine.host.address, target.host.address, port, 3800, 5200, 3.0, service, opened=source)


def _smb(seat: Seat, target: Machine, origin: Origin) -> Flow:
    return _to(seat, target, 445, "gssapi,smb", origin.port)


def _kernel(seat: Seat) -> Seat:
    return Seat(seat.machine, seat.machine.boot["system"], seat.machine.system)


def _run(target: Machine, parent: Process, command: str, when: float, logon: Logon) -> Seat:
    if not command:
        return Seat(target, parent, logon)
    short = command.split(maxsplit=1)[0].strip('"').lower().rpartition("\\")[2].removesuffix(".exe")
    process = target.start(when, program(short), command, parent, logon)
    return Seat(target, process, logon)
