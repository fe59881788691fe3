"""Frame: one entry of a segment and its bytes. Owns the layout and what counts as damaged; which entries there are is others' to say.

A frame is 32 bytes (mark, sequence number, lengths of what follows, keyed BLAKE2b of all the rest), then its head and its body. A reader
that meets bytes which are no whole frame looks for the next mark behind which one stands. The key is the journal's secret: what strangers
send stands in bodies, and must never pass for a frame.
"""

from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from watchkeeper.settings.secret_key import secret_key

MARK = b"WKJ1"
LAYOUT = Struct("<4sQIQ8s")
"""Mark, sequence number, bytes of the head, bytes of the body, checksum."""
MOST_HEAD_BYTES = 64 << 20
MOST_BODY_BYTES = 1 << 30


class Frame(NamedTuple):
    """One entry."""

    sequence: int
    """Number in its partition; each is greater than the one before it."""
    head: bytes
    body: bytes

    @property
    def size(self) -> int:
        """Bytes in the segment."""
        return LAYOUT.size + len(self.head) + len(self.body)


class Lengths(NamedTuple):
    """What stands before a frame's head."""

    sequence: int
    head: int
    body: int
    digest: bytes

    @property
    def size(self) -> int:
        """Bytes in the segment."""
        return LAYOUT.size + self.head + self.body


def key_of(folder: Path) -> bytes:
    """Give the secret of the journal in a folder; it is made when it is first asked for.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: the key is damaged.
    """
    return secret_key(folder / "key")


def packed(frame: Frame, key: bytes) -> bytes:
    """Give the bytes of a frame.

    Raises:
        ValueError: the head or the body is longer than a frame may hold.
    """
    if len(frame.head) > MOST_HEAD_BYTES or len(frame.body) > MOST_BODY_BYTES:
        raise ValueError(f"an entry of {len(frame.head) + len(frame.body):,} bytes is too long for the journal; send smaller batches")
    start = LAYOUT.pack(MARK, frame.sequence, len(frame.head), len(frame.body), _digest(frame, key))
    return b"".join((start, frame.head, frame.body))


def lengths(start: bytes) -> Lengths | None:
    """Read what stands before the head; none if it is no frame's."""
    if len(start) < LAYOUT.size:
        return None
    mark, sequence, head, body, digest = LAYOUT.unpack_from(start)
    if mark != MARK or head > MOST_HEAD_BYTES or body > MOST_BODY_BYTES:
        return None
    return Lengths(sequence, head, body, digest)


def unpacked(about: Lengths, rest: bytes, key: bytes) -> Frame | None:
    """Give the frame whose head and body these are; none if they are damaged, cut short or a stranger's."""
    if len(rest) < about.head + about.body:
        return None
    frame = Frame(about.sequence, rest[: about.head], rest[about.head : about.head + about.body])
    return frame if _digest(frame, key) == about.digest else None


def _digest(frame: Frame, key: bytes) -> bytes:
    found = blake2b(b"%d %d %d\0" % (frame.sequence, len(frame.head), len(frame.body)), key=key, digest_size=8)
    found.update(frame.head)
    found.update(frame.body)
    return found.digest()
