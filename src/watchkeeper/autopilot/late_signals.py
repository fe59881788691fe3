"""Late signals on their way to the keeper, in a part of the journal of their own. Owns who may write there, and what was handed on before.

Workers have a part each, of which they are the only writers; whatever is found over kept events goes here, one run at a time.
"""

import fcntl
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import pyarrow as pa

from watchkeeper.autopilot.handing import Found, Part, packed, unpacked
from watchkeeper.journal import Frames, Partition, key_of

LATE = "late"
"""Name of the part, where those of workers have a number, and of the partition that its entries speak of: itself."""
PORTION_SIGNALS = 5_000
"""Signals of one entry at most."""
REMEMBERED_SECONDS = 30 * 86_400
"""Segments stay so long after the keeper has them: another run learns from them what was found late before."""
_SEGMENT_BYTES = 8 << 20


def late_folder(journal: Path) -> Path:
    """Give the folder of the part."""
    return journal / f"signals-{LATE}"


@contextmanager
def alone(journal: Path) -> Generator[None]:
    """Be the only one who looks for late signals, until the block ends.

    Raises:
        ValueError: somebody else does.
        OSError: the folder cannot be written.
    """
    folder = late_folder(journal)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(f"kept events in {str(journal.parent)!r} are being looked at again already: wait until that ends") from error
        yield


def hand_on(journal: Path, tenant: str, signals: pa.Table, least: int) -> int:
    """Hand a tenant's late signals on to the keeper, in portions; give how many portions those were.

    `least` is the smallest number that an entry may have: the keeper passes over what it has read.

    Raises:
        OSError: the journal cannot be written; the portions before stay handed on.
    """
    with closing(Partition(late_folder(journal), key_of(journal), least, _SEGMENT_BYTES)) as part:
        portions = range(0, signals.num_rows, PORTION_SIGNALS)
        for at in portions:
            about = Part(LATE, part.next, {}, {})
            part.append([packed(about, {tenant: Found(signals.slice(at, PORTION_SIGNALS))})])
    return len(portions)


def handed_before(journal: Path, tenant: str, saved: Mapping[str, int]) -> Iterator[list[str] | None]:
    """Yield ids of a tenant's signals in the journal: all that were found late, and those of workers that are not in the store yet.

    None stands for an entry that is damaged. `saved` says up to which number the keeper has saved each partition.
    """
    for folder in sorted(journal.glob("signals-*")):
        with closing(Frames(folder, key_of(journal))) as frames:
            for frame in frames.new():
                try:
                    part, found = unpacked(frame.head, frame.body)
                except ValueError:
                    yield None
                    continue
                if tenant in found and (part.partition == LATE or part.upto > saved.get(part.partition, -1)):
                    yield cast("list[str]", found[tenant].signals.column("id").to_pylist())
