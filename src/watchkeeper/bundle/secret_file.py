"""The file of a secret key, as minisign writes it: with a password or without. Owns its bytes and its mode, not the asking for a password.

Source: minisign's documentation, "Secret key format"; libsodium, `crypto_pwhash_scryptsalsa208sha256`, for the costs.
"""

import base64
import binascii
import hashlib
import os
import secrets
import struct
from pathlib import Path

from watchkeeper.bundle.minisign import UNTRUSTED, SecretKey, new_key

_OPERATIONS, _MEMORY = 4 << 20, 128 << 20
"""Costs of a new file: scrypt with N = 2^17, r = 8, p = 1, which takes 128 MiB and well under a second."""
_MOST_MEMORY = 1 << 30
"""minisign's own files ask for this much; more is refused."""
_FILE = struct.Struct("<2s2s2s32sQQ104s")
_MOST_BYTES = 1024
_BLOCK = 8


def needs_password(path: Path) -> bool:
    """Say whether the key in a file is encrypted.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no secret key of minisign's.
    """
    return _parts(path)[1] != b"\0\0"


def read_secret(path: Path, password: str = "") -> SecretKey:
    """Read a secret key.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no secret key of minisign's, or the password is wrong.
    """
    algorithm, _, _, salt, operations, memory, body = _parts(path)
    if needs_password(path):
        body = _masked(body, password, salt, operations, memory)
    key_id, seed, point, check = body[:8], body[8:40], body[40:72], body[72:]
    key = new_key(seed, key_id)
    encrypted = needs_password(path)
    is_whole = check == _check(algorithm, body[:72]) or (not encrypted and check == bytes(32))  # minisign leaves it out without a password
    if not is_whole or key.public.point != point:
        raise ValueError(f"the password does not fit {str(path)!r}" if encrypted else f"{str(path)!r} is damaged")
    return key


def write_secret(path: Path, key: SecretKey, password: str = "") -> None:
    """Write a secret key into a new file that only its owner can read; without a password it is not encrypted.

    Raises:
        FileExistsError: there is a file already.
        OSError: it cannot be written.
    """
    body = key.public.id + key.seed + key.public.point
    body += _check(b"Ed", body)
    salt = secrets.token_bytes(32) if password else bytes(32)
    costs = (_OPERATIONS, _MEMORY) if password else (0, 0)
    if password:
        body = _masked(body, password, salt, *costs)
    content = _FILE.pack(b"Ed", b"Sc" if password else b"\0\0", b"B2", salt, *costs, body)
    said = f"{UNTRUSTED}minisign {'encrypted ' if password else ''}secret key\n{base64.b64encode(content).decode()}\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(said)
        file.flush()
        os.fsync(file.fileno())


def _parts(path: Path) -> tuple[bytes, bytes, bytes, bytes, int, int, bytes]:
    with path.open("rb") as file:
        lines = file.read(_MOST_BYTES).split(b"\n")
    try:
        content = base64.b64decode(lines[1], validate=True)
        parts = _FILE.unpack(content)
    except (IndexError, binascii.Error, struct.error) as error:
        raise ValueError(f"{str(path)!r} is no secret key of minisign's") from error
    algorithm, derivation, checksum = parts[:3]
    if (algorithm, checksum) != (b"Ed", b"B2") or derivation not in {b"Sc", b"\0\0"}:
        raise ValueError(f"{str(path)!r} is no secret key of a kind that minisign writes today")
    return parts


def _check(algorithm: bytes, body: bytes) -> bytes:
    return hashlib.blake2b(algorithm + body, digest_size=32).digest()


def _masked(body: bytes, password: str, salt: bytes, operations: int, memory: int) -> bytes:
    cost, parallel = _costs(operations, memory)
    needed = 128 * _BLOCK * (cost + parallel + 2)
    stream = hashlib.scrypt(password.encode(), salt=salt, n=cost, r=_BLOCK, p=parallel, maxmem=needed + (1 << 20), dklen=len(body))
    return bytes(one ^ other for one, other in zip(body, stream, strict=True))


def _costs(operations: int, memory: int) -> tuple[int, int]:
    """Give scrypt's N and p for libsodium's two limits."""
    if memory > _MOST_MEMORY or operations > 1 << 32:
        raise ValueError(f"the key asks for more than {_MOST_MEMORY >> 20} MiB of memory to be decrypted; make it anew with minisign -C")
    operations = max(operations, 32768)
    few = operations < memory // 32
    most = operations // (_BLOCK * 4) if few else memory // (_BLOCK * 128)
    power = next((n for n in range(1, 63) if 1 << n > most // 2), 63)
    return 1 << power, 1 if few else max(1, min(operations // 4 >> power, 0x3FFFFFFF) // _BLOCK)
