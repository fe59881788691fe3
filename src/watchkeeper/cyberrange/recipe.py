"""Recipe: what happens on one machine, written as a list of acts in YAML. Owns the acts; when and by whom they are played is the caller's.

An act is a mapping whose first key says what happens (`start`, `file`, `registry`, ...), the others how. Acts follow the process
started last; `chain: true` makes that process the parent of the next one, otherwise the seat's process is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from watchkeeper.cyberrange import traffic, windows
from watchkeeper.cyberrange.logons import subject, task_content
from watchkeeper.cyberrange.machine import Logon, Process, Seat, hashes
from watchkeeper.cyberrange.program import Program, program
from watchkeeper.cyberrange.tables import fill, guid
from watchkeeper.cyberrange.world import World

Act = Mapping[str, object]
TRACE = "C:\\Windows\\SYSTEM32\\ntdll.dll+9f934|C:\\Windows\\System32\\KERNELBASE.dll+44a5e"


@dataclass(slots=True)
class Playing:
    """One recipe while it is played."""

    world: World
    seat: Seat
    rng: Random
    when: float
    known: dict[str, str]
    process: Process
    """The process started last."""

    @property
    def acting(self) -> Seat:
        """The seat with the process started last."""
        return Seat(self.seat.machine, self.process, self.seat.logon)

    def text(self, act: Act, key: str, default: str = "") -> str:
        """Give an act's value with its places filled."""
        return fill(str(act.get(key, default)), self.known, self.rng)


def play(world: World, seat: Seat, acts: Sequence[Act], when: float, known: Mapping[str, str] | None = None) -> Playing:
    """Play the acts from that time on; `known` fills places such as `<word>`, and what was drawn is in the result's `known`."""
    rng = seat.machine.rng
    playing = Playing(world, seat, rng, when, {**places(world, seat, rng), **(known or {})}, seat.process)
    for act in acts:
        _ACTS[next(iter(act))](playing, act)
        playing.when += float(str(act.get("pause", ""))) if "pause" in act else rng.uniform(0.02, 0.4)
    return playing


def places(world: World, seat: Seat, rng: Random) -> dict[str, str]:
    """Give the places every recipe may use: who, where, and some neighbours."""
    company = world.company
    return {
        "user": seat.logon.account if seat.logon.id != "0x3e7" else "Public",
        "sid": seat.logon.sid,
        "domain": company.domain,
        "dns": company.dns,
        "host": seat.machine.host.name,
        "ip": seat.machine.host.address,
        "dc": company.having("domain-controller")[0].name,
        "files": company.having("file-server")[0].name,
        "deploy": company.having("deployment")[0].name,
        "sql": company.having("database")[0].name,
        "backup": company.having("backup")[0].name,
        "colleague": rng.choice(company.people).account,
        "server": rng.choice([host.name for host in company.hosts if host.server and host.name != seat.machine.host.name]),
        "peer": rng.choice([host.name for host in company.having("workstation") if host.name != seat.machine.host.name]),
    }


def _start(playing: Playing, act: Act) -> None:
    what = _drawn(playing, act)
    parent = playing.process if act.get("chain") else playing.seat.process
    machine = playing.seat.machine
    playing.process = machine.start(playing.when, what, what.command, parent, _logon(playing, act))
    if not act.get("stay"):
        life = float(str(act.get("life", 0))) or playing.rng.uniform(0.2, 4.0)
        machine.stop(playing.when + life + 0.5, playing.process)


def _drawn(playing: Playing, act: Act) -> Program:
    what = program(playing.text(act, "start"))
    image = playing.text(act, "image", what.image)
    playing.known["image"] = image
    texts = [fill(text, playing.known, playing.rng) for text in (what.description, what.original, what.company, what.product, what.version)]
    return Program(image, playing.text(act, "command", what.command), *texts)


def _logon(playing: Playing, act: Act) -> Logon | None:
    if act.get("as") == "system":
        return playing.seat.machine.system
    return None


def _file(playing: Playing, act: Act) -> None:
    path = playing.text(act, "file")
    playing.seat.machine.file(playing.when, playing.process, path)


def _delete(playing: Playing, act: Act) -> None:
    path = playing.text(act, "delete")
    playing.seat.machine.sysmon(playing.when, 23, playing.process, {
        "TargetFilename": path, "Hashes": hashes(program(path)), "IsExecutable": str(path.endswith(".exe")).lower(), "Archived": "true",
    })  # fmt: skip


def _stamp(playing: Playing, act: Act) -> None:
    playing.seat.machine.sysmon(playing.when, 2, playing.process, {
        "TargetFilename": playing.text(act, "stamp"), "CreationUtcTime": f"2019-0{playing.rng.randrange(1, 9)}-14 08:12:44.000",
        "PreviousCreationUtcTime": _clock(playing),
    })  # fmt: skip


def _registry(playing: Playing, act: Act) -> None:
    target = playing.text(act, "registry").replace("HKCU", f"HKU\\{playing.seat.logon.sid}")
    playing.seat.machine.sysmon(
        playing.when,
        13,
        playing.process,
        {"EventType": "SetValue", "TargetObject": target, "Details": playing.text(act, "details", "Binary Data")},
    )


def _key(playing: Playing, act: Act) -> None:
    target = playing.text(act, "key").replace("HKCU", f"HKU\\{playing.seat.logon.sid}")
    playing.seat.machine.sysmon(
        playing.when, 12, playing.process, {"EventType": playing.text(act, "type", "CreateKey"), "TargetObject": target}
    )


def _load(playing: Playing, act: Act) -> None:
    path = playing.text(act, "load")
    signer = playing.text(act, "signer")
    playing.seat.machine.sysmon(playing.when, 7, playing.process, {
        "ImageLoaded": path, "FileVersion": playing.text(act, "version", "10.0.19041.1"),
        "Description": playing.text(act, "description", "-"),
        "Product": playing.text(act, "product", "-"), "Company": playing.text(act, "company", "-"),
        "OriginalFileName": playing.text(act, "original", "-"),
        "Hashes": hashes(program(path)), "Signed": str(bool(signer)).lower(), "Signature": signer or "-",
        "SignatureStatus": "Valid" if signer else "Unavailable",
    })  # fmt: skip


def _access(playing: Playing, act: Act) -> None:
    target = playing.seat.machine.boot[playing.text(act, "access")]
    playing.seat.machine.access(
        playing.when, playing.process, target, playing.text(act, "granted", "0x1000"), TRACE + playing.text(act, "trace")
    )


def _thread(playing: Playing, act: Act) -> None:
    boot = playing.seat.machine.boot
    target = boot.get(playing.text(act, "thread"), boot["svchost"])
    playing.seat.machine.thread(playing.when, playing.process, target)


def _pipe(playing: Playing, act: Act) -> None:
    playing.seat.machine.sysmon(playing.when, 17, playing.process, {"EventType": "CreatePipe", "PipeName": playing.text(act, "pipe")})


def _site(playing: Playing, act: Act) -> None:
    category = playing.text(act, "site")
    site = traffic.known(category if "." in category else playing.rng.choice(traffic.sites(category)))
    sent = int(str(act.get("sent", playing.rng.randrange(600, 6000))))
    traffic.visit(playing.world.gateway, playing.acting, site, playing.when, sent, playing.rng.randrange(2000, 90_000))


def _connect(playing: Playing, act: Act) -> None:
    name, _, port = playing.text(act, "connect").partition(":")
    world = playing.world
    inside = name in world.machines
    flow = traffic.Flow(
        source=playing.seat.machine.host.address,
        target=world.machines[name].host.address if inside else name,
        port=int(port),
        sent=int(str(act.get("sent", 2400))),
        received=int(str(act.get("received", 5200))),
        seconds=playing.rng.uniform(0.1, 3),
        service=playing.text(act, "service"),
        opened=traffic.opened(playing.rng),
    )
    traffic.connect(playing.acting, flow, playing.when, f"{name}.{world.company.dns}" if inside else "-")
    world.gateway.flow(playing.when, flow)


def _script(playing: Playing, act: Act) -> None:
    playing.seat.machine.script(playing.when, playing.process, playing.text(act, "script"), guid(playing.rng))


def _service(playing: Playing, act: Act) -> None:
    playing.seat.machine.service_control(playing.when, 7045, {
        "ServiceName": playing.text(act, "service"), "ImagePath": playing.text(act, "path"), "ServiceType": "user mode service",
        "StartType": playing.text(act, "type", "demand start"), "AccountName": "LocalSystem",
    })  # fmt: skip


def _state(playing: Playing, act: Act) -> None:
    playing.seat.machine.service_control(
        playing.when, 7036, {"param1": playing.text(act, "state"), "param2": playing.text(act, "now", "running")}
    )


def _task(playing: Playing, act: Act) -> None:
    values = {"TaskName": playing.text(act, "task"), "TaskContent": task_content(playing.text(act, "runs"))}
    playing.seat.machine.security(playing.when, 4698, {**subject(playing.seat.logon), **values})


def _cleared(playing: Playing, act: Act) -> None:
    channel = playing.text(act, "cleared")
    if channel == "Security":
        playing.seat.machine.security(playing.when, 1102, subject(playing.seat.logon))
    else:
        playing.seat.machine.service_control(playing.when, 104, {"Channel": channel, **subject(playing.seat.logon)})


def _security(playing: Playing, act: Act) -> None:
    values = {key: playing.text(act, key) for key in act if key not in {"security", "pause"}}
    playing.seat.machine.security(playing.when, int(str(act["security"])), {**subject(playing.seat.logon), **values})


def _sysmon(playing: Playing, act: Act) -> None:
    values = {key: playing.text(act, key) for key in act if key not in {"sysmon", "pause"}}
    playing.seat.machine.sysmon(playing.when, int(str(act["sysmon"])), playing.process, values)


def _clock(playing: Playing) -> str:
    return f"{windows.moment(playing.world.journal.start, playing.when):%Y-%m-%d %H:%M:%S}.000"


_ACTS: Mapping[str, Callable[[Playing, Act], None]] = {
    "start": _start, "file": _file, "delete": _delete, "stamp": _stamp, "registry": _registry, "key": _key, "load": _load,
    "access": _access,
    "thread": _thread, "pipe": _pipe, "site": _site, "connect": _connect, "script": _script, "service": _service, "state": _state,
    "task": _task,
    "cleared": _cleared, "security": _security, "sysmon": _sysmon,
}  # fmt: skip
