"""Where the head of the audit log is kept outside the database, signed. Owns its files; what is compared with it stands in `access`.

Whoever can write the database can cut off the newest entries or write the whole log anew, and its hashes will fit. The head in this file
will not: its key stands in the folder beside it and never in the database.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from watchkeeper.model.audit import BEGINNING, Anchor, Head

_KEY_BYTES = 32
_MOST_BYTES = 4096
NOTHING = Head(number=0, hash=BEGINNING)
"""The head before the first entry."""


class AnchorFile:
    """The signed head in a folder: `audit.anchor`, its key `audit.key`, and a lock."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; nothing is made before the first entry is written."""
        self._folder = folder
        self._place = folder / "audit.anchor"
        self._key = folder / "audit.key"

    def read(self) -> Anchor | None:
        """Give the head; none if there is no file.

        Raises:
            ValueError: there is a file, and it was not signed with the key beside it.
            OSError: it cannot be read.
        """
        try:
            with self._place.open("rb") as file:
                signed = file.read(_MOST_BYTES)
            key = self._key.read_bytes()
        except FileNotFoundError:
            return None
        said, _, mac = signed.partition(b"\n")
        if not hmac.compare_digest(_mac(key, said), mac.strip()):
            raise ValueError(f"{self._place.name!r} was not signed with the key beside it")
        try:
            return Anchor.model_validate_json(said)
        except ValidationError as error:
            raise ValueError(f"{self._place.name!r} holds no head of the log") from error

    def announce(self, before: Head, after: Head) -> bool:
        """Note, before a transaction is committed, that the table goes from one head to another; say whether that fits what was noted.

        What does not fit stays as it is, so that what was cut off or changed is still found afterwards.
        """
        with self._alone():
            known = self._known(before)
            if known is None or not known.fits(before):
                return False
            self._write(Anchor(held=before, coming=after))
            return True

    def hold(self, head: Head) -> None:
        """Note that a head which was announced is in the table, unless a later one was announced since."""
        with self._alone():
            known = self._known(NOTHING)
            if known is not None and known.coming == head:
                self._write(Anchor(held=head))

    def renew(self, head: Head) -> None:
        """Take the table as it is now for whole, because a person said so."""
        with self._alone():
            self._write(Anchor(held=head))

    def _known(self, before: Head) -> Anchor | None:
        try:
            known = self.read()
        except ValueError:
            return None
        return Anchor(held=NOTHING) if known is None and before == NOTHING else known

    def _write(self, anchor: Anchor) -> None:
        said = json.dumps(anchor.model_dump(mode="json"), sort_keys=True).encode()
        _replace(self._place, said + b"\n" + _mac(self._secret(), said) + b"\n")

    def _secret(self) -> bytes:
        if not self._key.exists():
            _replace(self._key, secrets.token_bytes(_KEY_BYTES))
        return self._key.read_bytes()

    @contextmanager
    def _alone(self) -> Generator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "audit.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256).hex().encode()


def _replace(place: Path, content: bytes) -> None:
    beside = place.with_name(f".{place.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
