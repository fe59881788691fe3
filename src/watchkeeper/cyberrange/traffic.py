"""Traffic: connections of the company's machines, as Sysmon on them and Zeek at the gateway see them. Owns Zeek's record shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from watchkeeper.cyberrange.journal import Journal
from watchkeeper.cyberrange.machine import Seat
from watchkeeper.cyberrange.tables import named, word, words

_EPHEMERAL = (49_152, 65_535)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Site:
    """A name on the Internet with its address."""

    name: str
    address: str
    agent: str = ""
    """User agent that calls it in the clear; empty for a browser's."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection: who, to where, and how much."""

    source: str
    target: str
    port: int
    sent: int = 900
    """Payload bytes from the source."""
    received: int = 4200
    seconds: float = 0.6
    service: str = ""
    """Protocol as Zeek recognises it; empty if it does not."""
    state: str = "SF"
    protocol: str = "tcp"
    opened: int = 0
    """Source port; 0 has one drawn."""


@dataclass(slots=True)
class Gateway:
    """Sees what passes between the company's networks and the Internet."""

    journal: Journal
    rng: Random
    resolver: str
    """Address of the domain controller that answers names."""

    def flow(self, when: float, flow: Flow) -> Mapping[str, object]:
        """Record a connection if it leaves its network; give uid, addresses and ports for the protocol's own log."""
        ids = self._ids(flow)
        if _network(flow.source) == _network(flow.target):
            return ids
        history = {"SF": "ShADadFf", "S0": "S", "REJ": "Sr", "RSTO": "ShADadR"}.get(flow.state, "ShADad")
        data: dict[str, object] = {**ids, "proto": flow.protocol}
        if flow.service:
            data["service"] = flow.service
        if flow.state == "SF":
            data |= {"duration": round(flow.seconds, 6), "orig_bytes": flow.sent, "resp_bytes": flow.received}
        packets = (
            (max(1, flow.sent // 1100 + 3), max(1, flow.received // 1300 + 3)) if flow.state == "SF" else (1, int(flow.state == "REJ"))
        )
        sent, received = (flow.sent, flow.received) if flow.state == "SF" else (0, 0)
        data |= {
            "conn_state": flow.state, "local_orig": _inside(flow.source), "local_resp": _inside(flow.target), "missed_bytes": 0,
            "history": "Dd" if flow.protocol == "udp" else history,
            "orig_pkts": packets[0], "orig_ip_bytes": sent + 40 * packets[0], "resp_pkts": packets[1],
            "resp_ip_bytes": received + 40 * packets[1],
        }  # fmt: skip
        self.journal.zeek("conn", when, data)
        return ids

    def resolve(self, when: float, source: str, name: str, answer: str) -> None:
        """Record a name that was asked for; an empty answer is NXDOMAIN."""
        rtt = self.rng.uniform(0.0004, 0.03)
        ids = self.flow(when, Flow(source, self.resolver, 53, 30 + len(name), 90, rtt, "dns", "SF", "udp"))
        if _network(source) == _network(self.resolver):
            return
        self.journal.zeek("dns", when, {
            **ids, "proto": "udp", "trans_id": self.rng.randrange(65536), "rtt": round(rtt, 6),
            "query": name, "qclass": 1, "qclass_name": "C_INTERNET", "qtype": 1, "qtype_name": "A", "rcode": 0 if answer else 3,
            "rcode_name": "NOERROR" if answer else "NXDOMAIN",
            "AA": False, "TC": False, "RD": True, "RA": True, "Z": 0, "answers": [answer] if answer else [],
            "TTLs": [300.0] if answer else [], "rejected": False,
        })  # fmt: skip

    def tls(self, when: float, flow: Flow, name: str) -> None:
        """Record a TLS connection."""
        ids = self.flow(when, flow)
        self.journal.zeek("ssl", when + 0.02, {
            **ids, "version": "TLSv13", "cipher": "TLS_AES_256_GCM_SHA384", "curve": "x25519", "server_name": name,
            "resumed": self.rng.random() < 0.3, "established": True, "ssl_history": "CsiI",
        })  # fmt: skip

    def http(self, when: float, flow: Flow, request: Mapping[str, object]) -> None:
        """Record a request in the clear; `request` has method, host, uri, user_agent and status_code."""
        ids = self.flow(when, flow)
        self.journal.zeek("http", when + 0.02, {
            **ids, "trans_depth": 1, "version": "1.1", "request_body_len": flow.sent - 300 if request.get("method") != "GET" else 0,
            "response_body_len": max(0, flow.received - 250), "tags": [], **request,
        })  # fmt: skip

    def share(self, when: float, flow: Flow, *paths: str) -> None:
        """Record file shares that were mapped over one connection."""
        ids = self.flow(when, flow)
        if _network(flow.source) != _network(flow.target):
            for path in paths:
                kind = "PIPE" if path.endswith("IPC$") else "DISK"
                self.journal.zeek("smb_mapping", when + 0.01, {**ids, "path": path, "share_type": kind})

    def _ids(self, flow: Flow) -> dict[str, object]:
        uid = "C" + "".join(self.rng.choices(_LETTERS, k=17))
        port = flow.opened or opened(self.rng)
        return {"uid": uid, "id.orig_h": flow.source, "id.orig_p": port, "id.resp_h": flow.target, "id.resp_p": flow.port}


def connect(seat: Seat, flow: Flow, when: float, name: str = "-") -> None:
    """Record in Sysmon that a process opened a connection."""
    port = flow.opened or seat.machine.rng.randrange(*_EPHEMERAL)
    seat.machine.sysmon(when, 3, seat.process, {
        "Protocol": flow.protocol, "Initiated": "true", "SourceIsIpv6": "false", "SourceIp": flow.source, "SourceHostname": "-",
        "SourcePort": str(port), "SourcePortName": "-", "DestinationIsIpv6": "false", "DestinationIp": flow.target,
        "DestinationHostname": name, "DestinationPort": str(flow.port), "DestinationPortName": "-",
    })  # fmt: skip


def opened(rng: Random) -> int:
    """Draw a source port."""
    return rng.randrange(*_EPHEMERAL)


def visit(gateway: Gateway, seat: Seat, site: Site, when: float, sent: int = 1400, received: int = 9000) -> None:
    """Have a process ask for a name and talk TLS with it."""
    lookup(gateway, seat, site, when)
    seconds = 0.2 + (sent + received) / 900_000
    flow = Flow(seat.machine.host.address, site.address, 443, sent, received, seconds, "ssl", opened=opened(seat.machine.rng))
    connect(seat, flow, when + 0.08, site.name)
    gateway.tls(when + 0.08, flow, site.name)


def lookup(gateway: Gateway, seat: Seat, site: Site, when: float) -> None:
    """Have a process ask for a name."""
    seat.machine.sysmon(when, 22, seat.process, {"QueryName": site.name, "QueryStatus": "0", "QueryResults": f"::ffff:{site.address};"})
    gateway.resolve(when, seat.machine.host.address, site.name, site.address)


@cache
def known(name: str) -> Site:
    """Give a well-known site; its address depends on its name alone."""
    rng = Random(name)
    for networks in named("sites", "networks").values():
        if name.endswith(tuple(networks["names"])):
            return Site(name, f"{rng.choice(networks['prefixes'])}.{rng.randrange(1, 250)}.{rng.randrange(2, 250)}")
    return Site(name, _address(rng))


def sites(category: str) -> tuple[str, ...]:
    """Give the names of a category of sites."""
    return words("sites", category)


def stranger(rng: Random) -> Site:
    """Draw a site nobody knows."""
    labels = words("names", "labels")
    joined = rng.choice(("-", "", "-"))
    name = f"{word(rng)}{joined}{rng.choice((word(rng), rng.choice(labels)))}.{rng.choice(words('names', 'tlds'))}"
    return Site(f"{rng.choice(labels)}.{name}" if rng.random() < 0.5 else name, _address(rng))


def agent(rng: Random, kind: str) -> str:
    """Draw a user agent of that kind."""
    return rng.choice(tuple(named("sites", "agents")[kind].values()))


def _address(rng: Random) -> str:
    first = rng.choice((5, 31, 37, 45, 77, 84, 89, 94, 103, 109, 141, 146, 151, 176, 178, 185, 188, 194, 195, 212, 213))
    return f"{first}.{rng.randrange(1, 250)}.{rng.randrange(1, 250)}.{rng.randrange(2, 250)}"


def _network(address: str) -> str:
    return address.rpartition(".")[0]


def _inside(address: str) -> bool:
    return address.startswith("10.")
