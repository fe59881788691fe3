"""What it takes to block many addresses as one action with nftables: seconds and memory of doing, looking, doing again, and taking back.

Run as root on Linux: `python bench/blocking.py [--addresses 60000] [--json out.json]`; a network namespace of its own is made and removed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any

from resident import peak_rss

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.response.connectors.commands import Machine
from watchkeeper.response.connectors.nftables import NftablesPlace

WATCH = """import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "a") as file:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=file)
sys.exit(code)
"""
"""Runs a program and writes down the most memory it held, KiB: from a small process, since a child's figure begins with its parent's."""
SPARED = 1_000
"""Addresses of another job, which have to be there still at the end."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=60_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        with tempfile.NamedTemporaryFile("r") as peaks:
            print(json.dumps(measured(options.addresses, peaks)))
        return
    name = f"wkbench{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], check=False).returncode:
        sys.exit("a network namespace is needed: run it as root on Linux with iproute2 and nftables")
    try:
        words = ["ip", "netns", "exec", name, sys.executable, __file__, "--inside", "--addresses", str(options.addresses)]
        said = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)
    print(said.strip())
    if options.json:
        options.json.write_text(said, encoding="utf-8")


def measured(count: int, peaks: IO[str]) -> dict[str, Any]:
    chosen = random.Random(7).sample(  # noqa: S311 -- the same addresses each time, no secret
        range(int(ip_address("24.0.0.0")), int(ip_address("100.0.0.0"))), count + SPARED
    )
    addresses = [str(ip_address(number)) for number in chosen]
    at = Machine(before=(sys.executable, "-c", WATCH, peaks.name))
    means = NftablesPlace(name="edge", by="nftables", actions=("block_address",), at=at).means("block_address", str)
    other, bulk = _job("b" * 32, addresses[: SPARED + 10]), _job("a" * 32, addresses[SPARED:])
    means.do(other)
    figures: dict[str, Any] = {"addresses": count, "of_them_blocked_by_another_job_too": 10}
    before = kernel_kib()
    _timed(figures, "do", lambda: means.do(bulk))
    figures["kernel_mib"] = round((kernel_kib() - before) / 1024, 1)
    _timed(figures, "check", lambda: means.check(bulk))
    _timed(figures, "do_again", lambda: means.do(bulk))
    _timed(figures, "undo", lambda: means.undo(bulk) if means.undo else None)
    figures["gone"] = means.check(bulk).said
    figures["kept"] = means.check(other).said
    return figures | {"own_peak_mib": peak_rss() >> 20, "nft_peak_mib": max(map(int, peaks)) >> 10}


def _timed(figures: dict[str, Any], name: str, step: Callable[[], object]) -> None:
    began = time.perf_counter()
    said = step()
    figures[f"{name}_seconds"] = round(time.perf_counter() - began, 2)
    figures[f"{name}_said"] = getattr(said, "said", "")


def _job(key: str, addresses: list[str]) -> Job:
    targets = tuple(Entity(kind="address", value=address) for address in addresses)
    expires = datetime.now(UTC) + timedelta(hours=1)
    return Job(key=key, tenant="default", incident="", action="block_address", targets=targets, arguments={}, expires=expires)


def kernel_kib() -> int:
    """Give what the kernel holds in its caches of objects, where elements of sets live."""
    return next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text("utf-8").splitlines() if line.startswith("SUnreclaim"))


if __name__ == "__main__":
    main()
