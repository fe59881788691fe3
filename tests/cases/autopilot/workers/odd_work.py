"""Work of all kinds for worker processes, in a module that they can import."""

import os
import signal
import time

from watchkeeper.autopilot.workers import Told, Work


def begin(word: bytes = b"") -> Work:
    def work(piece: bytes, told: Told) -> bytes:
        match piece:
            case b"die":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"leave":
                os._exit(3)
            case b"refuse":
                raise ValueError("not that piece")
            case b"sleep":
                for _ in range(400):
                    time.sleep(0.15)
                    told(7)
            case _:
                return word + piece
        return b""

    return work


def refusing() -> Work:
    raise OSError("no disk")
