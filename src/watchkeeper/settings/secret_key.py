"""A secret key in a file of the state folder. Owns making it once, whichever process is first; what it signs is others' to say."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def secret_key(path: Path) -> bytes:
    """Give the key in a file, 32 random bytes that only its owner may read; it is made when it is first asked for.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: the file holds something else.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)  # one process is first
    except FileExistsError:
        pass
    finally:
        beside.unlink(missing_ok=True)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key in {str(path)!r} is damaged: restore it, or move away what it signed and start anew")
    return key
