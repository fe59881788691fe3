"""Takes rights away from this process for good: what it may use, and what it may ask of the system. Owns the lists.

On Linux on x86-64 the kernel refuses it network, new processes, and opening anything to write; elsewhere only what it may use is bounded.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

_MACHINE, _X32 = 0xC000003E, 0x40000000
_SECCOMP, _FILTER, _EVERY_THREAD, _NO_NEW_PRIVILEGES = 317, 1, 1, 38
_LOAD, _EQUAL, _ATLEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_THREAD = 0x00010000
_REFUSED = (
    41, 42, 43, 44, 46, 49, 50, 53, 288, 307,  # sockets
    57, 58, 59, 62, 101, 310, 311, 322, 424, 434,  # processes, and other processes' memory
    76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 94, 133, 258, 259, 260, 263, 264, 265, 266, 268, 316,  # changing what is on the disk
    155, 161, 165, 166, 169, 272, 308, 319, 321, 425, 428, 429, 430,  # the system itself
)  # fmt: skip
_NOT_THERE = (435, 437)
"""`clone3` and `openat2`, whose arguments a filter cannot see; the C library then calls what it can."""


def bounded(memory_bytes: int) -> None:
    """Bound the address space to so many bytes beyond what it is now; no file is written, no core is dumped."""
    size = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize() if sys.platform == "linux" else 0
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size + memory_bytes, size + memory_bytes))
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(kind, (0, 0))


def more_processor_seconds(seconds: float) -> None:
    """Let this process take so much more processor time, and then end it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 2, hard))


def without_network_and_writing() -> bool:
    """Let the kernel refuse every thread of this process what a question never needs; say whether this kernel does so.

    Source: seccomp(2), BPF as in linux/filter.h.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    code = b"".join(struct.pack("HBBI", *one) for one in _program())
    text = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(text)))
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(system.syscall(_SECCOMP, _FILTER, _EVERY_THREAD, program) == 0)


def _program() -> list[tuple[int, int, int, int]]:
    program = [
        (_LOAD, 0, 0, _MACHINE_AT), (_EQUAL, 1, 0, _MACHINE), (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT), (_ATLEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE),
    ]  # fmt: skip
    for numbers, told in ((_REFUSED, _REFUSE), (_NOT_THERE, _UNKNOWN)):
        for number in numbers:
            program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, told)]
    for number, argument, bits, refused in ((2, 1, _WRITING, True), (257, 2, _WRITING, True), (56, 0, _THREAD, False)):
        yes, no = (_REFUSE, _ALLOW) if refused else (_ALLOW, _REFUSE)
        program += [
            (_EQUAL, 0, 4, number), (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),
            (_ANY_OF, 0, 1, bits), (_RETURN, 0, 0, yes), (_RETURN, 0, 0, no),
        ]  # fmt: skip
    # limits of its own it may still set, those of others not
    return [
        *program,
        (_EQUAL, 0, 3, 302),
        (_LOAD, 0, 0, _ARGUMENTS_AT),
        (_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
