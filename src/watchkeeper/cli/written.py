"""Files that a command writes. Owns that nobody ever finds half of one."""

import tempfile
from pathlib import Path


def write_whole(out: Path, content: bytes) -> None:
    """Write a file; one of that name is replaced once the new one is whole.

    Raises:
        OSError: it cannot be written.
    """
    with tempfile.NamedTemporaryFile(dir=out.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(out)
