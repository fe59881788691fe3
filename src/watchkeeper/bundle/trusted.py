"""Whose bundles may be installed: public keys that a person said they trust. Owns the folder they are in."""

import os
import tempfile
from pathlib import Path

from watchkeeper.bundle.minisign import PublicKey, parse_public, public_file

_FOLDER = "trusted-keys"
_LARGEST = 4096
_MOST_KEYS = 1000


def read_key(given: str) -> PublicKey:
    """Read a public key from a file, or take the line itself.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no public key of minisign's.
    """
    path = Path(given)
    if not path.exists():
        try:
            return parse_public(given)
        except ValueError as error:
            raise ValueError(f"{given[:100]!r} is neither a file nor a public key: {error}") from error
    return _read(path)


def trusted(state: Path) -> tuple[PublicKey, ...]:
    """Give the trusted keys by name.

    Raises:
        OSError: the folder cannot be read.
        ValueError: a file in it is damaged, or there are absurdly many.
    """
    files = sorted((state / _FOLDER).glob("*.pub"))
    if len(files) > _MOST_KEYS:
        raise ValueError(f"{str(state / _FOLDER)!r} holds more than {_MOST_KEYS:,} keys; nobody trusts so many")
    return tuple(_read(path) for path in files)


def trust(state: Path, key: PublicKey) -> bool:
    """Trust a key from now on; whether that is new.

    Raises:
        OSError: the folder cannot be written.
        ValueError: another key of the same id is trusted.
    """
    path = _place(state, key.name)
    if path.exists():
        if _read(path) != key:
            raise ValueError(f"another key with the id {key.name} is trusted; if you mean to replace it, remove that one first")
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(public_file(key))
        file.flush()
        os.fsync(file.fileno())
    Path(written).replace(path)
    return True


def distrust(state: Path, name: str) -> None:
    """Trust the key of that id no longer; what it signed before stays installed.

    Raises:
        OSError: the folder cannot be written.
        ValueError: it is not trusted.
    """
    path = _place(state, name.upper())
    if len(name) != 16 or not name.isalnum() or not path.exists():
        raise ValueError(f"no key with the id {name!r} is trusted; `watchkeeper content show` lists them")
    path.unlink()


def _place(state: Path, name: str) -> Path:
    return state / _FOLDER / f"{name}.pub"


def _read(path: Path) -> PublicKey:
    with path.open("rb") as file:
        content = file.read(_LARGEST)
    try:
        return parse_public(content.decode())
    except ValueError as error:
        raise ValueError(f"{str(path)!r} is no public key of minisign's: {error}") from error
