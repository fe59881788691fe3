"""Real places of our own: network namespaces that nothing outside sees, and an SSH server in one; all of it ends with its test."""

import ctypes
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from watchkeeper.response.connectors.commands import Machine

_NUMBERS = count()
_NEW_NETWORK = 0x40000000


def needed(*programs: str) -> None:
    """Skip where a program is not installed, or where we may not make namespaces."""
    missing = [program for program in programs if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")]
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root and {', '.join(programs)}; apt-get install nftables iproute2 unbound openssh-server openssh-client procps")


def until(seen: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Wait for something that comes to be soon."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@dataclass(frozen=True)
class Network:
    """A network namespace with its own loopback and its own nftables."""

    name: str

    @property
    def words(self) -> tuple[str, ...]:
        """What a command begins with to run there."""
        return ("ip", "netns", "exec", self.name)

    def run(self, *words: str) -> str:
        return subprocess.run([*self.words, *words], capture_output=True, text=True, check=True).stdout

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be in it with this thread, and with what this thread starts."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/thread-self/ns/net").open() as here, Path("/run/netns", self.name).open() as there:
            assert libc.setns(there.fileno(), _NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(here.fileno(), _NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())

    def joined(self, other: "Network", mine: str, others: str) -> None:
        """Lay a wire to another one, with an address at each end."""
        near, far = f"w{next(_NUMBERS)}", f"w{next(_NUMBERS)}"
        words = f"ip link add {near} netns {self.name} type veth peer name {far} netns {other.name}"
        subprocess.run(words.split(), check=True)
        for network, link, address in ((self, near, mine), (other, far, others)):
            six = ("nodad",) if ":" in address else ()
            network.run("ip", "addr", "add", address, "dev", link, *six)
            network.run("ip", "link", "set", link, "up")


@pytest.fixture
def network() -> Generator[Callable[[], Network]]:
    """Make namespaces."""
    needed("ip")
    with ExitStack() as stack:

        def made() -> Network:
            name = f"wk{os.getpid()}n{next(_NUMBERS)}"
            subprocess.run(["ip", "netns", "add", name], check=True)
            stack.callback(subprocess.run, ["ip", "netns", "delete", name], check=True)
            found = Network(name)
            found.run("ip", "link", "set", "lo", "up")
            return found

        yield made


@contextmanager
def listening(network: Network, port: int) -> Iterator[None]:
    """Accept connections on a port of a namespace, on every address."""
    with network.entered():
        server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    with server:
        yield


def reaches(network: Network, address: str, port: int, source: str = "") -> bool:
    """Say whether a connection from a namespace is taken."""
    with network.entered():
        try:
            socket.create_connection((address, port), 0.3, (source, 0) if source else None).close()
        except OSError:
            return False
    return True


@contextmanager
def ssh_server(network: Network, folder: Path, address: str) -> Iterator[Machine]:
    """Run a server in a namespace, with keys of its own; it is reached from where its address is."""
    needed("sshd", "ssh", "ssh-keygen")
    folder.mkdir()
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    public = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"{address} {public[0]} {public[1]}\n")
    lines = (
        f"HostKey {folder / 'host'}", f"AuthorizedKeysFile {folder / 'client.pub'}", f"ListenAddress {address}", "Port 22", "PidFile none",
        "UsePAM no", "StrictModes no", "PermitRootLogin prohibit-password", "PasswordAuthentication no",
    )  # fmt: skip
    (folder / "config").write_text("\n".join(lines) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    words = [*network.words, "/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "config")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        until(lambda: "Server listening" in (folder / "log").read_text() or process.poll() is not None, "sshd does not listen")
        assert process.poll() is None, (folder / "log").read_text()
        yield Machine(host=address, user="root", identity=f"file:{folder / 'client'}", known_hosts=str(folder / "known_hosts"), seconds=10)
    finally:
        process.terminate()
        process.wait()
