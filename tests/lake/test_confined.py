"""A process that gave its rights away cannot take them back: each thing is tried in one that did."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

CONFINED = "from watchkeeper.lake.confined import bounded, without_network_and_writing, more_processor_seconds\n"
on_linux = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the kernel's filter is for Linux on x86-64"
)


def _tried(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CONFINED + code], capture_output=True, text=True, check=False, timeout=60)


@on_linux
def test_network_processes_and_writing_are_refused_and_reading_is_not(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept", "utf-8")
    ways = {
        "socket": "socket.socket()",
        "in a thread": "in_thread(socket.socket)",
        "fork": "os.fork()",
        "program": "os.execv('/bin/true', ['true'])",
        "new file": f"open({str(tmp_path / 'new')!r}, 'w')",
        "same file": f"open({str(tmp_path / 'kept')!r}, 'r+')",
        "remove": f"os.unlink({str(tmp_path / 'kept')!r})",
        "rename": f"os.rename({str(tmp_path / 'kept')!r}, {str(tmp_path / 'other')!r})",
        "folder": f"os.mkdir({str(tmp_path / 'folder')!r})",
        "kill": "os.kill(os.getppid(), 0)",
        "others' limits": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    }
    code = f"""
import concurrent.futures, os, resource, socket
def in_thread(call):
    return running.submit(call).result()
running = concurrent.futures.ThreadPoolExecutor(1)
running.submit(int).result()
assert without_network_and_writing()
assert open({str(tmp_path / "kept")!r}).read() == 'kept'
for name, way in {ways!r}.items():
    try:
        eval(way)
    except PermissionError:
        print(name)
"""
    ran = _tried(code)
    assert (ran.stdout.split("\n")[:-1], ran.stderr) == (list(ways), "")
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]


@on_linux
def test_memory_is_bounded() -> None:
    ran = _tried("bounded(64 << 20)\ntry:\n    bytearray(256 << 20)\nexcept MemoryError:\n    print('bounded')")
    assert ran.stdout == "bounded\n"


def test_processor_time_is_bounded() -> None:
    ran = _tried("more_processor_seconds(-1)\nwhile True: pass")
    assert ran.returncode < 0
