"""What a record costs at each door: processor time of a process that serves the doors and keeps nothing, sent to over loopback.

make bench-listeners                        OTRF's Windows events, as shippers send them
python bench/listeners.py [--records N]     so many in each figure

`floor` reads the same bodies and does nothing with them: what the HTTP server alone costs.
"""

import argparse
import gzip
import http.client
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SERVED = """import socket, sys
import uvicorn
from watchkeeper.ingest.listeners import Desk, doors, keep_freed_memory
from watchkeeper.model.sender import Sender

async def accept(received):
    pass

async def floor(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})

keep_freed_memory()
sender = Sender(id="0" * 32, tenant="default", name="bench")
application = floor if sys.argv[1] == "floor" else doors(Desk(accept, lambda token: sender))
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
config = uvicorn.Config(application, http="httptools", loop="uvloop", access_log=False, lifespan="off", log_level="warning")
uvicorn.Server(config).run(sockets=[listening])
"""
WARM_UP = 3


def events(count: int) -> list[bytes]:
    """Give lines of Windows events, different ones as far as there are so many."""
    found: list[bytes] = []
    for path in sorted((DATA / "otrf").rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                found += (
                    [line.strip() for line in archive.read(name).splitlines() if line.startswith(b"{")] if name.endswith(".json") else []
                )
        if len(found) >= count:
            return found[:count]
    return found


def bodies(lines: list[bytes]) -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    """Yield each way of sending them: what it is called, the path, the body and its headers."""
    wanted = "/_bulk?filter_path=errors,items.*.error,items.*.status"
    plain = b"".join(b'{"create":{"_index":"logs"}}\n%b\n' % line for line in lines)
    named = b"".join(b'{"create":{"_index":"logs","_id":"a%d"}}\n%b\n' % one for one in enumerate(lines))
    hec = b"".join(b'{"event":%b}' % line for line in lines)
    yield "bulk", wanted, plain, {}
    yield "bulk, with ids", "/_bulk", named, {}
    yield "bulk, gzip", wanted, gzip.compress(plain, 3), {"Content-Encoding": "gzip"}
    yield "ndjson", "/ingest", b"\n".join(lines), {}
    yield "hec", "/services/collector/event", hec, {}


def measured(served: str, path: str, body: bytes, headers: dict[str, str], times: int) -> tuple[float, float]:
    """Give processor time of the server and time on the wall clock, in seconds."""
    with subprocess.Popen([sys.executable, "-c", SERVED, served], stdout=subprocess.PIPE) as server:
        port = int(server.stdout.readline()) if server.stdout else 0
        connection = http.client.HTTPConnection("127.0.0.1", port)
        used = began = 0.0
        for turn in range(WARM_UP + times):
            if turn == WARM_UP:
                used, began = _processor(server.pid), time.perf_counter()
            connection.request("POST", path, body, {"Authorization": "Bearer x", **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}: {answer.reason}")
        taken = _processor(server.pid) - used, time.perf_counter() - began
        connection.close()
        server.terminate()
    return taken


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    figures: dict[str, dict[str, float]] = {}
    for size in (500, 2_000):
        lines = events(size)
        times = max(1, chosen.records // len(lines))
        print(f"{len(lines):,} events of {sum(map(len, lines)) / len(lines):,.0f} bytes a request, {times} requests over one connection")
        for name, path, body, headers in (("floor", "/", b"\n".join(lines), {}), *bodies(lines)):
            used, wall = measured(name, path, body, headers, times)
            figure = {"us_of_processor": 1e6 * used / times / len(lines), "events_a_second": times * len(lines) / wall}
            figures[f"{name}, {size}"] = figure
            print(f"  {name:16} {figure['us_of_processor']:6.2f} µs of processor time an event {figure['events_a_second']:12,.0f} events/s")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
